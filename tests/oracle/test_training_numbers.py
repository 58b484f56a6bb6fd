"""From the same seed, the documents' networks give PyTorch's loss at each of 100 training steps."""

import numpy
import pytest
import torch

import lampas

STEPS = 100


def _lenet(framework, channels):
    nn = framework.nn
    return nn.Sequential(
        *(nn.Conv2d(channels, 6, 5), nn.ReLU(), nn.MaxPool2d((2, 2))),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(16 * 5 * 5, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU()),
        nn.Linear(84, 10),
    )


def lenet_of_colours(framework):
    """Document 0's network with its batches of four colour pictures."""
    model = _lenet(framework, 3)
    batch = (framework.randn(4, 3, 32, 32), framework.randint(0, 10, (4,)))
    optimizer = framework.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    return model, framework.nn.CrossEntropyLoss(), optimizer, batch


def lenet_of_digits(framework):
    """Document 1's network and learning rate, on batches of 64."""
    model = _lenet(framework, 1)
    batch = (framework.randn(64, 1, 32, 32), framework.randint(0, 10, (64,)))
    optimizer = framework.optim.SGD(model.parameters(), lr=0.01)
    return model, framework.nn.CrossEntropyLoss(), optimizer, batch


def multilayer_perceptron(framework):
    """Document 2's network, in training for real."""
    nn = framework.nn
    model = nn.Sequential(
        *(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)),
        nn.LogSoftmax(dim=1),
    )
    batch = (framework.randn(64, 784), framework.randint(0, 10, (64,)))
    return model, nn.NLLLoss(), framework.optim.SGD(model.parameters(), lr=0.003), batch


def two_layers(framework):
    """Document 3's network with Adam."""
    nn = framework.nn
    model = nn.Sequential(nn.Linear(1000, 100), nn.ReLU(), nn.Linear(100, 10))
    batch = (framework.randn(64, 1000), framework.randn(64, 10))
    return model, nn.MSELoss(reduction="sum"), framework.optim.Adam(model.parameters(), lr=1e-4), batch


NETWORKS = [lenet_of_colours, lenet_of_digits, multilayer_perceptron, two_layers]


def losses(network, framework, dtype):
    """Return the loss of each step."""
    framework.manual_seed(0)
    before = framework.get_default_dtype()
    framework.set_default_dtype(getattr(framework, dtype))
    try:
        model, criterion, optimizer, (input, target) = network(framework)
    finally:
        framework.set_default_dtype(before)
    found = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = criterion(model(input), target)
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


@pytest.fixture
def with_threads():
    """A function that gives PyTorch's losses with a number of threads."""
    before = torch.get_num_threads()

    def run(network, dtype, threads):
        torch.set_num_threads(threads)
        return losses(network, torch, dtype)

    yield run
    torch.set_num_threads(before)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.__name__)
def test_double_precision(network, with_threads):
    theirs = with_threads(network, "float64", 1)
    ours = losses(network, lampas, "float64")
    assert theirs[-1] < theirs[0]  # it learns
    assert ours == pytest.approx(theirs, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.__name__)
def test_single_precision(network, with_threads):
    one, two = with_threads(network, "float32", 1), with_threads(network, "float32", 2)
    ours = losses(network, lampas, "float32")
    assert ours[:2] == pytest.approx(one[:2], rel=1e-4, abs=1e-4)
    own_difference = 0.0
    for step in range(2, STEPS):
        # PyTorch's own difference so far; what float32 cannot tell apart counts as no difference.
        resolution = float(numpy.spacing(numpy.float32(one[step])))
        own_difference = max(own_difference, abs(one[step] - two[step]), resolution)
        assert abs(ours[step] - one[step]) <= 3 * own_difference, step
