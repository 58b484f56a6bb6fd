"""Compares SGD's trajectories with PyTorch's on several parameters of different shapes and dtypes."""

import itertools

import pytest
import torch

import lampas
from lampas import nn, optim

OPTIONS = [
    dict(zip(["momentum", "dampening", "weight_decay", "nesterov", "maximize"], values, strict=True))
    for values in itertools.product([0, 0.9], [0, 0.25], [0, 0.1], [False, True], [False, True])
]
LEGAL = [o for o in OPTIONS if not (o["nesterov"] and (o["momentum"] == 0 or o["dampening"] != 0))]


@pytest.mark.parametrize("options", LEGAL, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "float16"])
def test_trajectory(options, dtype):
    generator = torch.Generator().manual_seed(0)
    shapes = [(), (1,), (5, 7), (1000,)]
    theirs = [torch.randn(shape, generator=generator).to(getattr(torch, dtype)) for shape in shapes]
    ours = [
        lampas.tensor(p.flatten().tolist(), dtype=getattr(lampas, dtype)).view(tuple(p.shape)) for p in theirs
    ]
    theirs = [torch.nn.Parameter(p) for p in theirs]
    ours = [nn.Parameter(p) for p in ours]
    their_optimizer = torch.optim.SGD(theirs, lr=0.05, **options)
    our_optimizer = optim.SGD(ours, lr=0.05, **options)
    for _ in range(5):
        for our_parameter, their_parameter in zip(ours, theirs, strict=True):
            grad = torch.randn(their_parameter.shape, generator=generator).to(their_parameter.dtype)
            their_parameter.grad = grad
            our_parameter.grad = lampas.tensor(grad.flatten().tolist(), dtype=our_parameter.dtype).view(
                tuple(grad.shape)
            )
        their_optimizer.step()
        our_optimizer.step()
    # Half precision: PyTorch rounds after each of its four operations, Lampas may round once.
    steps = {"float32": 2e-6, "float64": 1e-14, "bfloat16": 0.05, "float16": 0.006}
    for our_parameter, their_parameter in zip(ours, theirs, strict=True):
        expected = their_parameter.detach().flatten().tolist()
        assert our_parameter.detach().view(len(expected)).tolist() == pytest.approx(
            expected, rel=steps[dtype], abs=steps[dtype]
        )
