"""functional_call: dicts merged, weights tied, names checked, the module left as it was."""

import pytest

import lampas
from lampas import nn
from lampas.func import functional_call, grad, vmap

ROW = lampas.tensor([[1.0, 2.0]])
ONE, TWO = lampas.eye(2), 2 * lampas.eye(2)


class Tied(nn.Module):
    """Applies one weight, that has two names, twice."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 2, bias=False)
        self.second = nn.Linear(2, 2, bias=False)
        self.second.weight = self.first.weight

    def forward(self, input):
        return self.second(self.first(input))


def test_several_dicts_count_as_one():
    layer = nn.Linear(2, 2)
    result = functional_call(layer, ({"weight": TWO}, {"bias": lampas.ones(2)}), (ROW,))
    assert result.tolist() == [[3.0, 5.0]]


@pytest.mark.parametrize("name", ["first.weight", "second.weight"])
def test_a_tied_weight_is_exchanged_at_all_its_places(name):
    model = Tied()
    before = model.first.weight
    assert functional_call(model, {name: TWO}, ROW).tolist() == [[4.0, 8.0]]
    assert model.first.weight is before and model.second.weight is before


def test_weights_can_be_untied():
    model = Tied()
    result = functional_call(model, {"first.weight": TWO}, ROW, tie_weights=False)
    assert lampas.equal(result, 2 * model.first(ROW))


@pytest.mark.parametrize(
    "tensors, options, error, message",
    [
        (({"bias": ROW}, {"bias": ROW}), {}, ValueError, r"\['bias'\] appeared in multiple dictionaries"),
        (({"bias": ROW}, 1), {}, ValueError, "Expected all elements of parameter_and_buffer_dicts"),
        (1, {}, ValueError, "Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts"),
        ({"bias": 1}, {}, TypeError, "1 is not an instance of torch.Tensor"),
        ({"bias": ROW, "x": ROW}, {"strict": True}, RuntimeError, "Unexpected key\\(s\\): 'x'.\\n\\tMissing"),
        ({"no.bias": ROW}, {}, AttributeError, "Linear has no attribute `no`"),
    ],
)
def test_what_does_not_fit_is_told(tensors, options, error, message):
    layer = nn.Linear(2, 2)
    before = dict(layer.named_parameters())
    with pytest.raises(error, match=message):
        functional_call(layer, tensors, ROW, **options)
    assert all(value is before[name] for name, value in layer.named_parameters())


def test_different_tensors_for_one_tied_weight_are_refused():
    with pytest.raises(ValueError, match="got multiple values for keys"):
        functional_call(Tied(), {"first.weight": ONE, "second.weight": TWO}, ROW)


def test_other_names_are_there_for_the_call():
    model = nn.Identity()
    model.forward = lambda input: input * model.factor
    assert functional_call(model, {"factor": lampas.tensor(3.0)}, ROW).tolist() == [[3.0, 6.0]]
    assert not hasattr(model, "factor")


def test_gradients_of_each_example():
    """Parameters and buffers as the two dicts that are handed on, as torch.func's tutorials do it."""
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)).eval()
    parameters, buffers = dict(model.named_parameters()), dict(model.named_buffers())
    rows = lampas.arange(6.0).view(3, 2)

    def loss(parameters, buffers, row):
        return functional_call(model, (parameters, buffers), (row.unsqueeze(0),)).square().sum()

    found = vmap(grad(loss), in_dims=(None, None, 0))(parameters, buffers, rows)
    for place, row in enumerate(rows):
        expected = grad(loss)(parameters, buffers, row)
        for name, gradient in expected.items():
            lampas.testing.assert_close(found[name][place], gradient)
