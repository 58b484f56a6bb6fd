"""Compares layers, losses and initialisers with PyTorch: values, gradients and random draws."""

import itertools

import pytest
import torch

import lampas
from lampas import nn
from lampas.nn import functional

TORCH_FUNCTIONAL = torch.nn.functional


def to_lampas(tensor, requires_grad=False):
    result = lampas.tensor(tensor.detach().flatten().tolist(), dtype=getattr(lampas, str(tensor.dtype)[6:]))
    return result.view(tuple(tensor.shape)).requires_grad_(requires_grad)


def seeded(framework, seed, action):
    framework.manual_seed(seed)
    return action()


def assert_close(ours, theirs, tolerance=1e-6):
    assert tuple(ours.shape) == tuple(theirs.shape)
    assert str(ours.dtype) == str(theirs.dtype)
    theirs = theirs.detach()
    difference = (torch.tensor(ours.tolist(), dtype=theirs.dtype).view(theirs.shape) - theirs).abs()
    limit = tolerance * (1 + theirs.abs())
    both_nan = torch.isnan(difference) & torch.isnan(theirs)
    assert bool(((difference <= limit) | both_nan).all())


def assert_same_loss(ours, theirs, input, *args, **kwargs):
    """Compare a loss and its gradient; `args` and `kwargs` are PyTorch tensors or plain values."""

    def converted(value):
        return to_lampas(value) if isinstance(value, torch.Tensor) else value

    our_input = to_lampas(input, requires_grad=True)
    their_input = input.detach().clone().requires_grad_()
    our_loss = ours(our_input, *map(converted, args), **{k: converted(v) for k, v in kwargs.items()})
    their_loss = theirs(their_input, *args, **kwargs)
    assert_close(our_loss, their_loss)
    our_loss.sum().backward()
    their_loss.sum().backward()
    assert_close(our_input.grad, their_input.grad)


CLASS_SHAPES = [((5,), ()), ((4, 5), (4,)), ((2, 5, 3), (2, 3)), ((2, 3, 4, 2), (2, 4, 2))]


@pytest.mark.parametrize("shapes", CLASS_SHAPES, ids=str)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignored", [False, True])
def test_class_losses(shapes, reduction, weighted, ignored):
    torch.manual_seed(len(shapes[0]))
    input_shape, target_shape = shapes
    classes = input_shape[0] if len(input_shape) == 1 else input_shape[1]
    input = torch.randn(input_shape)
    target = torch.randint(0, classes, target_shape)
    options = {"reduction": reduction, "weight": torch.rand(classes) + 0.5 if weighted else None}
    if ignored and target.dim():
        options["ignore_index"] = int(target.flatten()[0])
    assert_same_loss(functional.nll_loss, TORCH_FUNCTIONAL.nll_loss, input.log_softmax(0), target, **options)
    for smoothing in [0.0, 0.2]:
        assert_same_loss(
            functional.cross_entropy,
            TORCH_FUNCTIONAL.cross_entropy,
            input,
            target,
            label_smoothing=smoothing,
            **options,
        )


@pytest.mark.parametrize("shape", [(5,), (4, 5), (2, 5, 3)])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("weighted", [False, True])
def test_cross_entropy_of_probabilities(shape, reduction, smoothing, weighted):
    torch.manual_seed(0)
    input, target = torch.randn(shape), torch.rand(shape)
    options = {"reduction": reduction, "label_smoothing": smoothing}
    options["weight"] = torch.rand(5) + 0.5 if weighted else None
    assert_same_loss(functional.cross_entropy, TORCH_FUNCTIONAL.cross_entropy, input, target, **options)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_mse_loss(reduction):
    input, target, weight = torch.randn(3, 4), torch.randn(3, 4), torch.rand(3, 4)
    for options in [{}, {"weight": weight}]:
        assert_same_loss(
            functional.mse_loss, TORCH_FUNCTIONAL.mse_loss, input, target, reduction=reduction, **options
        )
    with pytest.warns(UserWarning, match="Using a target size"):
        assert_same_loss(
            functional.mse_loss, TORCH_FUNCTIONAL.mse_loss, input, target[:, :1], reduction=reduction
        )


@pytest.mark.parametrize(
    "make, shape",
    [
        (lambda nn: nn.Linear(7, 5), (3, 7)),
        (lambda nn: nn.Linear(7, 5), (7,)),
        (lambda nn: nn.Linear(7, 5, bias=False), (2, 3, 7)),
        (lambda nn: nn.Conv2d(3, 6, 5), (2, 3, 9, 8)),
        (lambda nn: nn.Conv2d(4, 6, (3, 2), stride=2, padding=1, groups=2, bias=False), (2, 4, 9, 8)),
        (lambda nn: nn.Conv2d(3, 6, 3, padding="same"), (3, 9, 8)),
        (lambda nn: nn.Sequential(nn.Flatten(), nn.Linear(12, 4), nn.ReLU(), nn.LogSoftmax(1)), (2, 3, 4)),
        (lambda nn: nn.Sequential(nn.Unflatten(1, (2, 3)), nn.ReLU(inplace=True), nn.Softmax(-1)), (2, 6)),
        (lambda nn: nn.Sequential(nn.Identity(), nn.Dropout(0.3)), (40, 30)),
    ],
)
def test_layers(make, shape):
    """The same seed gives the same weights and dropout masks; so output and gradients agree."""
    theirs, ours = seeded(torch, 3, lambda: make(torch.nn)), seeded(lampas, 3, lambda: make(nn))
    for our_parameter, their_parameter in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert our_parameter.tolist() == their_parameter.tolist()
    input = torch.randn(shape)
    their_input = (input + 0).requires_grad_()
    our_input = to_lampas(input, requires_grad=True)
    # The +0 lets an in-place layer stand first.
    their_output = seeded(torch, 4, lambda: theirs(their_input + 0))
    our_output = seeded(lampas, 4, lambda: ours(our_input + 0))
    assert_close(our_output, their_output, 1e-5)
    (their_output * their_output).sum().backward()
    (our_output * our_output).sum().backward()
    assert_close(our_input.grad, their_input.grad, 1e-5)
    for our_parameter, their_parameter in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert_close(our_parameter.grad, their_parameter.grad, 1e-5)


INITIALIZERS = {
    "uniform_": [(), (-2.0, 3.0)],
    "normal_": [(), (2.0, 0.5)],
    "trunc_normal_": [(), (0.0, 1.0, -0.5, 0.5), (0.0, 1.0, 1.5, 3.0)],
    "constant_": [(3.5,)],
    "ones_": [()],
    "zeros_": [()],
    "eye_": [()],
    "dirac_": [(), (2,)],
    "xavier_uniform_": [(), (2.0,)],
    "xavier_normal_": [(), (2.0,)],
    "kaiming_uniform_": [(), (0.1, "fan_out"), (0, "fan_in", "relu")],
    "kaiming_normal_": [(), (0.1, "fan_out"), (0, "fan_in", "tanh")],
    "orthogonal_": [(), (2.0,)],
    "sparse_": [(0.3,), (0.9, 2.0)],
}
SHAPES = [(), (5,), (6, 4), (4, 6), (0, 4), (4, 2, 3), (6, 2, 3, 3), (3, 4, 2, 2, 2), (40, 30)]


@pytest.mark.parametrize("name", INITIALIZERS)
@pytest.mark.filterwarnings("ignore:Initializing zero-element")
def test_initializers(name):
    for args, shape in itertools.product(INITIALIZERS[name], SHAPES):
        theirs, ours = torch.zeros(shape), lampas.zeros(shape)
        try:
            seeded(torch, 11, lambda: getattr(torch.nn.init, name)(theirs, *args))  # noqa: B023
        except Exception as error:
            with pytest.raises(type(error)) as raised:
                getattr(nn.init, name)(ours, *args)
            assert str(raised.value).splitlines()[0] == str(error).splitlines()[0]
            continue
        drawn_next = torch.rand(3).tolist()
        assert seeded(lampas, 11, lambda: getattr(nn.init, name)(ours, *args)) is ours  # noqa: B023
        assert_close(ours, theirs, 1e-5 if name == "orthogonal_" else 1e-6)
        assert lampas.rand(3).tolist() == drawn_next  # as many numbers were drawn


def test_initializers_take_a_generator():
    ours = nn.init.normal_(lampas.zeros(5), generator=lampas.Generator().manual_seed(5))
    theirs = torch.nn.init.normal_(torch.zeros(5), generator=torch.Generator().manual_seed(5))
    assert_close(ours, theirs)


@pytest.mark.parametrize("slope", [None, 0.2, 1, True, "much"])
@pytest.mark.parametrize("name", ["linear", "conv2d", "tanh", "relu", "leaky_relu", "selu", "cubed"])
def test_gain(name, slope):
    try:
        expected = torch.nn.init.calculate_gain(name, slope)
    except ValueError as error:
        with pytest.raises(ValueError) as raised:
            nn.init.calculate_gain(name, slope)
        assert str(raised.value) == str(error)
    else:
        assert nn.init.calculate_gain(name, slope) == expected
