"""Checks that an error inside a network names the layer, what it was given and what would fit."""

import numpy
import pytest

import lampas
from lampas import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU())
        self.fc1 = nn.Linear(400, 120)
        self.layers = nn.ModuleList([nn.Linear(2, 2), nn.Linear(3, 3)])
        self.child = nn.ModuleDict({"deep": nn.Sequential(nn.Linear(5, 5))})


def note_of(action, exception=RuntimeError):
    """Return the lines of the one note that the error of `action` carries."""
    with pytest.raises(exception) as raised:
        action()
    notes = raised.value.__notes__
    assert len(notes) == 1
    return notes[0].split("\n")


def calling(module, forward):
    """Return an action that calls `module` with `forward(module)` as its forward."""
    module.forward = lambda *args: forward(module)
    return module


def test_linear_in_a_network():
    net = calling(Net(), lambda net: net.fc1(lampas.zeros(4, 576)))
    with pytest.raises(RuntimeError) as raised:
        net()
    message = "mat1 and mat2 shapes cannot be multiplied (4x576 and 400x120)"
    assert str(raised.value).splitlines()[0] == message
    assert raised.value.__notes__ == [
        "in Net.fc1: Linear(in_features=400, out_features=120, bias=True)\n"
        "  given: a tensor of shape (4, 576), dtype torch.float32\n"
        "  fits: shape (*, 400)\n"
        "  try: in_features=576"
    ]


def test_forgotten_flatten():
    lines = note_of(calling(Net(), lambda net: net.fc1(lampas.zeros(4, 16, 5, 5))))
    assert lines[-1] == "  try: input.flatten(1), which joins all dimensions but the first"


def test_convolution_with_other_channels():
    lines = note_of(calling(Net(), lambda net: net.features(lampas.zeros(4, 1, 28, 28))))
    assert lines == [
        "in Net.features.0: Conv2d(3, 6, kernel_size=(5, 5), stride=(1, 1))",
        "  given: a tensor of shape (4, 1, 28, 28), dtype torch.float32",
        "  fits: shape (3, H, W) or (N, 3, H, W)",
        "  try: in_channels=1",
    ]


def test_convolution_without_channels():
    lines = note_of(lambda: nn.Conv2d(1, 6, 5)(lampas.zeros(4, 28, 28)))
    assert lines[-1] == "  try: input.unsqueeze(1), which adds the channel dimension"


def test_batch_with_other_channels():
    lines = note_of(lambda: nn.Conv2d(1, 6, 5)(lampas.zeros(4, 3, 28, 28)))
    assert lines[-1] == "  try: in_channels=3"


@pytest.mark.parametrize(
    "layer, fits",
    [
        (nn.MaxPool1d(2), "(C, L) or (N, C, L)"),
        (nn.MaxPool2d(2), "(C, H, W) or (N, C, H, W)"),
        (nn.AvgPool2d(2), "(C, H, W) or (N, C, H, W)"),
        (nn.AdaptiveAvgPool3d(2), "(C, D, H, W) or (N, C, D, H, W)"),
    ],
    ids=repr,
)
def test_pooling_of_other_dimensions(layer, fits):
    lines = note_of(lambda: layer(lampas.zeros(3)), (RuntimeError, IndexError))
    assert lines == [
        f"in {layer}",
        "  given: a tensor of shape (3,), dtype torch.float32",
        f"  fits: shape {fits}",
    ]


def test_normalisation_of_other_channels():
    lines = note_of(lambda: nn.BatchNorm2d(6)(lampas.zeros(2, 5, 3, 3)))
    assert lines[2:] == ["  fits: shape (N, 6, ...)", "  try: num_features=5"]
    lines = note_of(lambda: nn.GroupNorm(2, 6)(lampas.zeros(2, 5, 3, 3)))
    assert lines[2:] == ["  fits: shape (N, 6, ...)"]


def test_losses_that_broadcast_warn_with_both_shapes():
    for loss in (nn.MSELoss(), nn.L1Loss()):
        with pytest.warns(UserWarning) as caught:
            loss(lampas.zeros(4, 1), lampas.zeros(4))
        message = str(caught[0].message)
        assert "target size (torch.Size([4]))" in message and "input size (torch.Size([4, 1]))" in message


def test_the_gradient_of_a_result_warns():
    result = lampas.ones(2, requires_grad=True) * 2
    with pytest.warns(
        UserWarning, match="The .grad attribute of a Tensor that is not a leaf Tensor is being"
    ):
        assert result.grad is None
    result.retain_grad()
    assert result.grad is None  # asked for: no warning


def test_other_dtype():
    lines = note_of(lambda: nn.Linear(3, 4)(lampas.zeros(2, 3, dtype=lampas.float64)))
    assert lines[2:] == [
        "  fits: dtype torch.float32",
        "  try: input.to(torch.float32), or module.to(torch.float64)",
    ]


def test_a_forgotten_batch():
    assert note_of(lambda: nn.Linear(784, 10)(lampas.zeros(28, 28)))[-1] == (
        "  try: input.flatten(), or input.view(1, -1) as a batch of one"
    )


def test_bytes_do_not_ask_for_a_layer_of_bytes():
    lines = note_of(lambda: nn.Conv2d(1, 2, 3)(lampas.zeros(1, 1, 4, 4, dtype=lampas.uint8)))
    assert lines[-1] == "  try: input.to(torch.float32)"


@pytest.mark.parametrize(
    ("value", "line"), [(numpy.ones(3), "torch.from_numpy(input)"), ([1.0, 2.0, 3.0], "torch.tensor(input)")]
)
def test_what_is_no_tensor(value, line):
    assert note_of(lambda: nn.Linear(3, 4)(value), TypeError)[-1] == f"  try: {line}"


@pytest.mark.parametrize(
    ("target", "exception", "line"),
    [
        (lampas.zeros(3), RuntimeError, "try: target.long()"),
        (lampas.zeros(3, dtype=lampas.int32), RuntimeError, "try: target.long()"),
        (lampas.zeros(3, 1, dtype=lampas.int64), RuntimeError, "try: target.squeeze(-1)"),
        (
            lampas.eye(5, dtype=lampas.int64)[:3],
            RuntimeError,
            "try: target.argmax(1), where the target holds 1 at the class and 0 elsewhere",
        ),
        (lampas.tensor([5, 1, 2]), IndexError, "try: target - 1, for these classes are counted from 1"),
        (lampas.tensor([0, 7, 2]), IndexError, "given are 0 to 7; try: a network with 8 outputs"),
        (lampas.zeros(2, dtype=lampas.int64), ValueError, None),
    ],
)
def test_targets_that_are_no_classes(target, exception, line):
    for loss in (nn.CrossEntropyLoss(), nn.NLLLoss()):
        lines = note_of(lambda loss=loss: loss(lampas.zeros(3, 5), target), exception)
        assert lines[2] == "  fits: a target of shape (3,), dtype torch.int64, from 0 to 4"
        assert lines[3:] == ([f"  {line}"] if line else [])


@pytest.mark.parametrize(
    ("loss", "input", "target", "exception", "line"),
    [
        (
            nn.BCELoss(),
            lampas.tensor([1.5]),
            lampas.ones(1),
            RuntimeError,
            "BCEWithLogitsLoss, or torch.sigmoid(input)",
        ),
        (nn.BCELoss(), lampas.zeros(3, 1), lampas.ones(3), ValueError, "target.view_as(input)"),
        (
            nn.BCELoss(),
            lampas.zeros(3),
            lampas.ones(3, dtype=lampas.int64),
            RuntimeError,
            "target.to(torch.float32)",
        ),
        (nn.BCEWithLogitsLoss(), lampas.zeros(3, 1), lampas.ones(3), ValueError, "target.view_as(input)"),
    ],
)
def test_targets_that_are_no_probabilities(loss, input, target, exception, line):
    assert note_of(lambda: loss(input, target), exception)[-1] == f"  try: {line}"


def test_indices_that_a_table_does_not_have():
    table = nn.Embedding(5, 2)
    assert note_of(lambda: table(lampas.tensor([1, 7])), IndexError)[2:] == [
        "  fits: indices from 0 to 4, dtype torch.int64 or torch.int32",
        "  given are 1 to 7; try: num_embeddings=8",
    ]
    assert note_of(lambda: table(lampas.zeros(2)))[-1] == "  try: input.long()"


def test_a_batch_of_one_cannot_be_normalised():
    lines = note_of(lambda: nn.BatchNorm1d(3)(lampas.zeros(1, 3)), ValueError)
    assert lines[-1] == "  try: drop_last=True in the DataLoader while training, module.eval() afterwards"


def test_layer_alone():
    lines = note_of(lambda: nn.Linear(3, 4)(lampas.zeros(2, 5)))
    assert lines[0] == "in Linear(in_features=3, out_features=4, bias=True)"


def test_paths_through_lists_and_dicts():
    lines = note_of(calling(Net(), lambda net: net.layers[1](lampas.zeros(2))))
    assert lines[0] == "in Net.layers.1: Linear(in_features=3, out_features=3, bias=True)"
    lines = note_of(calling(Net(), lambda net: net.child["deep"](lampas.zeros(2))))
    assert lines[0] == "in Net.child.deep.0: Linear(in_features=5, out_features=5, bias=True)"


def test_nested_networks():
    outer = nn.Sequential(nn.Identity(), calling(Net(), lambda net: net.fc1(lampas.zeros(1))))
    lines = note_of(lambda: outer(lampas.zeros(1)))
    assert lines[0] == "in Sequential.1.fc1: Linear(in_features=400, out_features=120, bias=True)"


def test_error_in_forward_itself():
    def fail(net):
        raise ValueError("mine")

    assert note_of(calling(Net(), fail), ValueError) == ["in Net", "  given: no argument"]


def test_wrong_number_of_arguments():
    lines = note_of(lambda: nn.Linear(3, 4)(1, 2, scale=lampas.zeros(2)), TypeError)
    assert lines == [
        "in Linear(in_features=3, out_features=4, bias=True)",
        "  given: 1; 2; scale=a tensor of shape (2,), dtype torch.float32",
    ]


def test_caught_and_raised_again_elsewhere():
    """A layer's error that one network handles must not pick up the path of another network later."""
    net = Net()
    with pytest.raises(RuntimeError) as raised:
        net.fc1(lampas.zeros(1))
    before = list(raised.value.__notes__)

    def raise_again(other):
        raise raised.value

    with pytest.raises(RuntimeError):
        calling(Net(), raise_again)()
    assert raised.value.__notes__ == before


def test_half_built_module():
    class HalfBuilt(nn.Module):
        def __init__(self):
            pass

        def forward(self):
            return self.missing

    with pytest.raises(AttributeError, match="no attribute 'missing'"):
        HalfBuilt()()


def test_keyboard_interrupt_passes_untouched():
    def interrupt(net):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as raised:
        calling(Net(), interrupt)()
    assert not hasattr(raised.value, "__notes__")
