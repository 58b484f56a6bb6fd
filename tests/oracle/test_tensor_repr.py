"""Compares the printed form of some thousands of tensors with PyTorch's, character for character."""

import pytest
import torch
from print_cases import build, print_cases

import lampas
from lampas import nn
from lampas._tensor_repr import tensor_repr


@pytest.mark.parametrize("seed", range(8))
def test_prints_as_pytorch(seed):
    for case in print_cases(count=500, seed=seed):
        with lampas.printoptions(**case.options), torch._tensor_str.printoptions(**case.options):
            expected = repr(build(torch, case))
            assert tensor_repr(build(lampas, case)) == expected, case


def _results(framework):
    """Tensors whose printed form depends on more than their numbers."""
    leaf = framework.ones(2, 3, requires_grad=True)
    whole = framework.zeros(3, dtype=framework.float64, requires_grad=True)
    yield leaf
    yield whole
    yield leaf + 1
    yield (leaf * 2).sum()
    yield leaf.detach()
    yield leaf[0]
    yield (leaf + 1).view(3, 2)
    yield (leaf @ framework.ones(3, 30)).max(1)[0]
    yield framework.zeros(40, 50, requires_grad=True) + 1
    yield framework.zeros(2, 0, requires_grad=True)
    yield framework.zeros(2, 3, device="meta")
    yield framework.zeros(2, 3, device="meta", dtype=framework.int32)
    yield framework.zeros(0, device="meta")


def test_suffixes_as_pytorch():
    for ours, theirs in zip(_results(lampas), _results(torch), strict=True):
        assert tensor_repr(ours) == repr(theirs)


def test_parameter_as_pytorch():
    for shape in [(), (3,), (4, 5), (60, 50), (0, 2)]:
        for requires_grad in [True, False]:
            ours = nn.Parameter(lampas.ones(shape), requires_grad=requires_grad)
            theirs = torch.nn.Parameter(torch.ones(shape), requires_grad=requires_grad)
            assert repr(ours) == repr(theirs)


def test_default_dtype_decides_which_dtype_is_shown():
    try:
        lampas.set_default_dtype(lampas.float64)
        torch.set_default_dtype(torch.float64)
        for dtype in ["float32", "float64", "complex64", "complex128", "int64"]:
            ours = lampas.ones(2, dtype=getattr(lampas, dtype))
            assert tensor_repr(ours) == repr(torch.ones(2, dtype=getattr(torch, dtype)))
    finally:
        lampas.set_default_dtype(lampas.float32)
        torch.set_default_dtype(torch.float32)


def test_options_as_pytorch():
    for options in [{}, {"precision": 3}, {"profile": "short"}, {"profile": "full"}, {"sci_mode": True}]:
        with lampas.printoptions(**options), torch._tensor_str.printoptions(**options):
            assert lampas.get_printoptions() == torch._tensor_str.get_printoptions()
