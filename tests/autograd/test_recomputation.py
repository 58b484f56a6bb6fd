"""Checkpoints: the same gradients as without them, by a second computation under the same conditions."""

import pytest

import lampas
from lampas import nn
from lampas.utils.checkpoint import CheckpointError, checkpoint, checkpoint_sequential


def network():
    lampas.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Dropout(0.5), nn.Linear(4, 2))


def gradients(run, net, x):
    lampas.manual_seed(1)
    output = run(net, x)
    found = lampas.autograd.grad(output.square().sum(), [x, *net.parameters()])
    return [output.detach(), *found]


RUNS = {
    "not reentrant": lambda net, x: checkpoint(net, x, use_reentrant=False),
    "reentrant": lambda net, x: checkpoint(net, x, use_reentrant=True),
    "sequential": lambda net, x: checkpoint_sequential(net, 2, x, use_reentrant=False),
    "by name": lambda net, x: checkpoint(net.forward, use_reentrant=False, input=x),
    "nested": lambda net, x: checkpoint(
        lambda y: checkpoint(net, y, use_reentrant=False), x, use_reentrant=False
    ),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_gradients_are_those_without_a_checkpoint(run):
    x = lampas.arange(6.0).view(2, 3).requires_grad_()
    expected = gradients(lambda net, x: net(x), network(), x)
    for own, other in zip(gradients(run, network(), x), expected, strict=True):
        assert lampas.equal(own, other)


def test_parameters_get_gradients_where_no_argument_requires_them():
    net, x = network(), lampas.ones(2, 3)
    checkpoint(net, x, use_reentrant=False).sum().backward()
    assert all(parameter.grad is not None for parameter in net.parameters())
    with pytest.warns(UserWarning, match="None of the inputs have requires_grad=True"):
        assert not checkpoint(net, x, use_reentrant=True).requires_grad


def test_the_function_is_called_again_and_only_when_gradients_come_back():
    calls = []

    def noted(x):
        calls.append(lampas.is_autocast_enabled("cpu"))
        return x @ x

    x = lampas.ones(2, 2, requires_grad=True)
    with lampas.autocast("cpu"):
        y = checkpoint(noted, x, use_reentrant=False)
    assert calls == [True] and y.dtype == lampas.bfloat16
    y.sum().backward()
    assert calls == [True, True] and x.grad.dtype == lampas.float32


def test_structures_go_in_and_come_out():
    x, w = lampas.ones(2, requires_grad=True), lampas.full((2,), 3.0, requires_grad=True)

    def both(pair, *, scale):
        return {"product": pair[0] * pair[1] * scale, "sizes": lampas.tensor([2]), "name": "both"}

    result = checkpoint(both, [x, w], scale=2, use_reentrant=False)
    assert result["name"] == "both" and not result["sizes"].requires_grad
    result["product"].sum().backward()
    assert x.grad.tolist() == [6.0, 6.0] and w.grad.tolist() == [2.0, 2.0]


def test_gradients_of_gradients():
    x = lampas.tensor([2.0], requires_grad=True)
    y = checkpoint(lambda x: x**3, x, use_reentrant=False)
    (first,) = lampas.autograd.grad(y, x, create_graph=True)
    (second,) = lampas.autograd.grad(first, x)
    assert (first.item(), second.item()) == (12.0, 12.0)


def test_without_gradients_the_function_is_called_as_it_is():
    with lampas.no_grad():
        assert not checkpoint(
            network(), lampas.ones(2, 3, requires_grad=True), use_reentrant=False
        ).requires_grad


def test_another_second_result_is_an_error():
    sizes = iter([2, 3])
    x = lampas.ones(1, requires_grad=True)
    y = checkpoint(lambda x: x.expand(next(sizes)), x, use_reentrant=False)
    with pytest.raises(CheckpointError, match="different metadata"):
        y.sum().backward()


def test_misuse():
    x = lampas.ones(1, requires_grad=True)
    with pytest.warns(UserWarning, match="use_reentrant parameter should be passed explicitly"):
        checkpoint(lampas.exp, x)
    with pytest.raises(ValueError, match="Unexpected keyword arguments: scale"):
        checkpoint(lampas.exp, x, use_reentrant=True, scale=2)
