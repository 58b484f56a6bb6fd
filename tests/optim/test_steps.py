"""The core's optimizer steps write through their arguments' memory: what does not fit is refused before."""

import pytest

import lampas
from lampas import _core, nn, optim

# Name, how many lists of state, and the options after them.
STEPS = {
    "adam_step": (3, (0.5, 0.9, 0.99, 1e-8, 0.0, False, False)),
    "rmsprop_step": (3, (0.5, 0.9, 1e-8, 0.0, 0.9, True, False)),
    "adagrad_step": (1, (0.5, 0.0, 0.0, 1e-8, False)),
    "adadelta_step": (2, (0.5, 0.9, 1e-6, 0.0, False)),
}


def tensors(shape=(3,), dtype=lampas.float32):
    return [lampas.ones(2), lampas.ones(shape, dtype=dtype)]


def counts():
    return [lampas.tensor(0.0), lampas.tensor(0.0)]


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize(
    "wrong, message",
    [
        (lambda: [lampas.ones(2)], "as many .* as parameters"),
        (lambda: tensors((4,)), "of shape"),
        (lambda: tensors(dtype=lampas.float64), "dtype float64"),
    ],
    ids=["few", "shape", "dtype"],
)
def test_refuses_what_does_not_fit(name, wrong, message):
    lists, options = STEPS[name]
    for place in range(1, lists + 2):
        arguments = [tensors() for _ in range(lists + 2)]
        arguments[place] = wrong()
        with pytest.raises(RuntimeError, match=message):
            getattr(_core, name)(*arguments, counts(), *options)
        assert [param.tolist() for param in arguments[0]] == [[1.0] * 2, [1.0] * 3]


@pytest.mark.parametrize("name", STEPS)
def test_refuses_step_numbers_that_are_none(name):
    lists, options = STEPS[name]
    for steps in ([], [lampas.tensor(0.0)], [lampas.tensor(0.0), lampas.ones(2)], [lampas.tensor(0)] * 2):
        params = tensors()
        with pytest.raises(RuntimeError, match="step number"):
            getattr(_core, name)(params, *(tensors() for _ in range(lists + 1)), steps, *options)
        assert params[0].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("name", ["Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta"])
def test_any_layout_takes_the_same_step(name):
    """A transposed parameter with a gradient laid out otherwise steps as a plain one does."""
    start, grad = lampas.arange(6.0).view(2, 3), lampas.arange(6.0).sin().view(2, 3)
    plain = nn.Parameter(start.clone())
    turned = nn.Parameter(start.t().contiguous().t())
    assert not turned.is_contiguous()
    for weight in (plain, turned):
        optimizer = getattr(optim, name)([weight])
        for _ in range(2):
            weight.grad = grad.clone()
            optimizer.step()
    assert turned.tolist() == plain.tolist() != start.tolist()


@pytest.mark.parametrize("name", ["Adam", "RMSprop", "Adagrad", "Adadelta"])
def test_parameters_of_16_bits_step(name):
    weight = nn.Parameter(lampas.ones(3, dtype=lampas.bfloat16))
    weight.grad = lampas.ones(3, dtype=lampas.bfloat16)
    getattr(optim, name)([weight], lr=100.0).step()
    assert weight.dtype == lampas.bfloat16 and max(weight.tolist()) < 1


@pytest.mark.parametrize("name", ["Adam", "RMSprop", "Adagrad", "Adadelta"])
def test_many_elements_step_as_few_do(name):
    """Threads share a large parameter; the step is counted once, not once a thread."""
    large, small = nn.Parameter(lampas.ones(200_000)), nn.Parameter(lampas.ones(1))
    optimizer = getattr(optim, name)([large, small], lr=0.5)
    for _ in range(2):
        for weight in (large, small):
            weight.grad = lampas.full_like(weight.detach(), 0.5)
        optimizer.step()
    assert large.detach().min().item() == large.detach().max().item() == small.item()
    assert optimizer.state[large]["step"].item() == 2
