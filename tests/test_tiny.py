"""The whole stack in a few seconds: tensors, derivatives, a network that learns, nothing saved."""

import numpy as np

import lampas
from lampas import nn
from lampas.nn import functional


def test_tensors():
    tensor = lampas.arange(6, dtype=lampas.float32).view(2, 3)
    assert (tensor + 1).tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    assert (tensor @ tensor.t()).tolist() == [[5.0, 14.0], [14.0, 50.0]]
    assert tensor[:, 1:].sum().item() == 12.0
    values, indices = tensor.max(1)
    assert (values.tolist(), indices.tolist()) == ([2.0, 5.0], [2, 2])
    assert np.array_equal(tensor.numpy(), np.arange(6, dtype=np.float32).reshape(2, 3))
    assert repr(lampas.tensor([1.0, 2.5])) == "tensor([1.0000, 2.5000])"


def test_derivatives():
    input = lampas.tensor([1.0, 2.0, 3.0], requires_grad=True)
    (input * input * input).sum().backward()
    assert input.grad.tolist() == [3.0, 12.0, 27.0]
    (first,) = lampas.autograd.grad((input * input * input).sum(), input, create_graph=True)
    (second,) = lampas.autograd.grad(first.sum(), input)
    assert second.tolist() == [6.0, 12.0, 18.0]


def test_transforms():
    from lampas.func import grad, jvp, vmap

    examples = lampas.arange(6.0).view(3, 2)
    per_example = vmap(grad(lambda example: (example * example).sum()))(examples)
    assert per_example.tolist() == (2 * examples).tolist()
    _, tangent = jvp(lambda example: example * example, (examples,), (lampas.ones(3, 2),))
    assert tangent.tolist() == (2 * examples).tolist()


def test_convolution_and_dropout():
    lampas.manual_seed(0)
    layer = nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.Dropout(0.5), nn.Flatten())
    output = layer(lampas.ones(4, 3, 12, 12))
    assert tuple(output.shape) == (4, 6 * 8 * 8)
    output.sum().backward()
    assert tuple(layer[0].weight.grad.shape) == (6, 3, 5, 5)


def test_a_network_learns_to_tell_three_clouds_apart():
    lampas.manual_seed(0)
    centres = lampas.tensor([[2.0, 0.0], [-2.0, 2.0], [-2.0, -2.0]])
    target = lampas.arange(3).view(1, 3).expand(200, 3).reshape(-1)
    input = centres[target] + lampas.randn(600, 2)
    network = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3), nn.LogSoftmax(1))
    optimizer = lampas.optim.SGD(network.parameters(), lr=0.2, momentum=0.9)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = functional.nll_loss(network(input), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    accuracy = (network(input).argmax(1) == target).float().mean().item()
    assert losses[-1] < 0.2 < losses[0]
    assert accuracy > 0.93
