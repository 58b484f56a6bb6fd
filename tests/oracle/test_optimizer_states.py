"""State dicts go from PyTorch to Lampas and back, and the steps after that are the same."""

import pytest
import torch
from scenarios.stepping import OPTIONS

import lampas

STARTS = [[0.5, -1.0, 2.0], [[1.5, 0.25]]]
MATRICES = [[[0.5, -1.0, 2.0]], [[1.5, 0.25], [-0.5, 1.0]]]  # of Muon, which takes no others
KEYWORDS = {
    "SGD": {"lr": 0.1, "momentum": 0.9},
    "Adam": {"amsgrad": True},
    "RMSprop": {"momentum": 0.5, "centered": True},
}


def make(framework, name):
    starts = MATRICES if name == "Muon" else STARTS
    parameters = [
        framework.nn.Parameter(framework.tensor(start, dtype=framework.float64)) for start in starts
    ]
    return parameters, getattr(framework.optim, name)(parameters, **KEYWORDS.get(name, {}))


def steps(framework, parameters, optimizer, count):
    for number in range(count):
        for parameter in parameters:
            parameter.grad = (parameter.detach() * (number + 1)).cos()
        optimizer.step()


def translated(value, framework):
    """Return nested state with its tensors made anew by the other framework."""
    if isinstance(value, (torch.Tensor, lampas.Tensor)):
        dtype = getattr(framework, str(value.dtype).removeprefix("torch."))
        return framework.tensor(value.tolist(), dtype=dtype)
    if isinstance(value, dict):
        return {key: translated(each, framework) for key, each in value.items()}
    if isinstance(value, list):
        return [translated(each, framework) for each in value]
    return value


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("source, target", [(torch, lampas), (lampas, torch)], ids=["from torch", "to torch"])
def test_a_state_dict_goes_over(name, source, target):
    parameters, optimizer = make(source, name)
    steps(source, parameters, optimizer, 3)
    others, other = make(target, name)
    with target.no_grad():
        for parameter, mine in zip(others, parameters, strict=True):
            parameter.copy_(translated(mine.detach(), target))
    other.load_state_dict(translated(optimizer.state_dict(), target))
    optimizer.load_state_dict(optimizer.state_dict())  # casts numbers such as "eta" to the parameter's dtype
    steps(source, parameters, optimizer, 3)
    steps(target, others, other, 3)
    for parameter, mine in zip(others, parameters, strict=True):
        for left, right in zip(parameter.flatten().tolist(), mine.flatten().tolist(), strict=True):
            assert left == pytest.approx(right, rel=1e-12, abs=1e-12)
