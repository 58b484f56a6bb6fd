"""Checks SGD's arithmetic against its definition in plain Python floats."""

import itertools

import pytest

import lampas
from lampas import _core, nn, optim

OPTIONS = [
    {
        "momentum": momentum,
        "dampening": dampening,
        "weight_decay": decay,
        "nesterov": nesterov,
        "maximize": maximize,
    }
    for momentum, dampening, decay, nesterov, maximize in itertools.product(
        [0, 0.9], [0, 0.25], [0, 0.1], [False, True], [False, True]
    )
    if not (nesterov and (momentum == 0 or dampening != 0))
]


def defined_step(value, grad, buffer, lr, momentum, dampening, weight_decay, nesterov, maximize):
    """Return one number and its momentum buffer after a step, as Sutskever et al. (and PyTorch) define it."""
    grad = (-grad if maximize else grad) + weight_decay * value
    if momentum:
        buffer = grad if buffer is None else momentum * buffer + (1 - dampening) * grad
        grad = grad + momentum * buffer if nesterov else buffer
    return value - lr * grad, buffer


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("dtype", [lampas.float64, lampas.float32], ids=str)
def test_steps_as_defined(options, dtype):
    values = [1.5, -2.0, 0.0, 3.25]
    grads = [0.5, 1.25, -1.0, 2.0]
    parameters = [
        nn.Parameter(lampas.tensor(values, dtype=dtype)),
        nn.Parameter(lampas.tensor(values, dtype=dtype).view(2, 2)),
    ]
    optimizer = optim.SGD(parameters, lr=0.1, **options)
    buffers = [None] * 4
    for factor in [1.0, -0.5, 2.0, 0.25]:
        for parameter in parameters:
            parameter.grad = lampas.tensor([g * factor for g in grads], dtype=dtype).view(
                tuple(parameter.shape)
            )
        optimizer.step()
        stepped = [
            defined_step(value, grad * factor, buffer, 0.1, **options)
            for value, grad, buffer in zip(values, grads, buffers, strict=True)
        ]
        values, buffers = map(list, zip(*stepped, strict=True))
    tolerance = 1e-14 if dtype == lampas.float64 else 2e-6
    for parameter in parameters:
        assert parameter.detach().view(4).tolist() == pytest.approx(values, rel=tolerance, abs=tolerance)


def test_step_is_seen_by_saved_tensors():
    """The step writes in place: a backward that needs the old values must not run with the new ones."""
    weight = nn.Parameter(lampas.tensor([2.0]))
    optimizer = optim.SGD([weight], lr=0.1)
    loss = (weight * weight).sum()
    loss.backward(retain_graph=True)
    optimizer.step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_non_contiguous_parameter_and_gradient():
    weight = nn.Parameter(lampas.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).t())
    weight.grad = lampas.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).t()
    optim.SGD([weight], lr=0.5, momentum=0.9).step()
    assert weight.tolist() == [[0.5, 2.0], [1.0, 2.5], [1.5, 3.0]]


def test_learning_rate_in_a_tensor():
    weight = nn.Parameter(lampas.tensor([1.0]))
    weight.grad = lampas.ones(1)
    optim.SGD([weight], lr=lampas.tensor(0.5)).step()
    assert weight.tolist() == [0.5]


def test_learns_a_line():
    lampas.manual_seed(0)
    inputs = lampas.rand(64, 1)
    targets = inputs * 3 + 1
    model = nn.Linear(1, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    for _ in range(200):
        optimizer.zero_grad()
        difference = model(inputs) - targets
        (difference * difference).mean().backward()
        optimizer.step()
    assert model.weight.item() == pytest.approx(3, abs=1e-3)
    assert model.bias.item() == pytest.approx(1, abs=1e-3)


def two_and(shape, dtype=lampas.float32):
    """Return a tensor of two ones and one of another kind."""
    return [lampas.ones(2), lampas.ones(shape, dtype=dtype)]


@pytest.mark.parametrize(
    "params, grads, buffers, message",
    [
        (two_and(3), two_and(3)[:1], [None] * 2, "as many gradients as parameters"),
        (two_and(3), two_and(3), [None] * 3, "as many momentum buffers as parameters"),
        (two_and(3), two_and(4), [None] * 2, "has a gradient of shape"),
        (two_and(3), two_and(3), two_and(4), "has a momentum buffer of shape"),
        (two_and(3), two_and(3, lampas.float64), [None] * 2, "has a gradient of shape"),
        (two_and(3, lampas.int64), two_and(3, lampas.int64), [None] * 2, "int64"),
    ],
    ids=["few gradients", "many buffers", "shape", "buffer", "dtype", "whole numbers"],
)
def test_the_op_refuses_what_does_not_fit(params, grads, buffers, message):
    """`sgd_step` writes through its arguments' memory: it must check all of them before it changes any."""
    before = [param.tolist() for param in params]
    with pytest.raises(RuntimeError, match=message):
        _core.sgd_step(params, grads, buffers, 0.5, 0.9, 0.0, 0.0, False, False)
    assert [param.tolist() for param in params] == before


def test_the_first_buffer_is_the_gradient_but_not_its_memory():
    weight, grad = lampas.ones(2), lampas.ones(2)
    (buffer,) = _core.sgd_step([weight], [grad], [None], 0.5, 0.9, 0.0, 0.0, False, False)
    grad.zero_()
    assert buffer.tolist() == [1.0, 1.0] and weight.tolist() == [0.5, 0.5]
