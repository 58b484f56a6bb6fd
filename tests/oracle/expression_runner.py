"""Evaluates one line of Python in Lampas and in PyTorch, and tells how the outcomes differ.

Names a line may use: T the framework; R(*sizes) seeded values and G(*sizes) the same as leaves; I(data) a
tensor; D(f, *leaves) the result of f with its first and second gradients; seeded(f) f after manual_seed(0);
inf, nan.
"""

import warnings

import numpy as np
import torch

import lampas

TENSORS = (torch.Tensor, lampas.Tensor)
SIZES = (torch.Size, lampas.Size)
TOLERANCES = {"torch.float16": 2e-3, "torch.bfloat16": 2e-2}


def names_for(framework):
    """The names that an expression may use, bound to one framework."""

    def seeded_values(*sizes, seed=0, dtype="float32", requires_grad=False):
        count = seed + 7 * sum(sizes) + len(sizes)
        values = np.random.RandomState(count).randn(*sizes)
        if dtype.startswith("complex"):
            values = values + 1j * np.random.RandomState(count + 1).randn(*sizes)
        elif dtype == "bool":
            values = values > 0
        elif "float" not in dtype:
            values = (np.abs(values) if dtype.startswith("u") else values) * 4 // 1
        shaped = np.asarray(values).reshape(sizes)
        element_type = getattr(framework, dtype)
        if shaped.size == 0:
            tensor = framework.zeros(*sizes, dtype=element_type)
        else:
            tensor = framework.tensor(shaped.tolist(), dtype=element_type)
        return tensor.requires_grad_() if requires_grad else tensor

    def weighted_squares(tensors, wave):
        """A number that depends on every element of every tensor, each in its own way."""
        total = 0
        for position, tensor in enumerate(tensors):
            if tensor is None or not tensor.requires_grad:
                continue
            weights = wave(np.arange(tensor.numel()) + position + 1.0).reshape(tuple(tensor.shape))
            total = total + (tensor * framework.tensor(weights.tolist(), dtype=tensor.dtype) * tensor).sum()
        return total

    def differentiated(function, *inputs):
        result = function(*inputs)
        leaves = [each for each in inputs if each.requires_grad]
        several = isinstance(result, (tuple, list))
        total = weighted_squares(result if several else [result], np.cos)
        first = framework.autograd.grad([total], leaves, create_graph=True, allow_unused=True)
        total = weighted_squares(first, np.sin)
        second = [None] * len(leaves)
        if not isinstance(total, int):
            second = framework.autograd.grad([total], leaves, allow_unused=True)
        return result, [each if each is None else each.detach() for each in first], list(second)

    def seeded(function):
        framework.manual_seed(0)
        return function()

    return {
        "T": framework,
        "R": seeded_values,
        "G": lambda *sizes, **options: seeded_values(*sizes, requires_grad=True, **options),
        "I": framework.tensor,
        "D": differentiated,
        "seeded": seeded,
        "inf": float("inf"),
        "nan": float("nan"),
    }


NAMES = {framework: names_for(framework) for framework in (torch, lampas)}


def outcome(framework, expression):
    """(True, result, warnings), or (False, exception type and first line, [])."""
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = eval(expression, dict(NAMES[framework]))
    except Exception as error:
        return False, (type(error).__name__, (str(error).splitlines() or [""])[0]), []
    lines = [str(warning.message).splitlines()[0].split(" (Triggered")[0] for warning in caught]
    return True, result, lines


def values_of(tensor):
    tensor = tensor.detach()
    wide = {"torch.bfloat16": "float32"}.get(str(tensor.dtype))
    if wide:
        tensor = tensor.float()
    return np.array(tensor.resolve_conj().numpy() if isinstance(tensor, torch.Tensor) else tensor.numpy())


def facts_of(tensor):
    name = None if tensor.grad_fn is None else tensor.grad_fn.name()
    return str(tensor.dtype), tuple(tensor.shape), tensor.requires_grad, name


def difference(ours, theirs):
    """What differs between two results, or None."""
    if isinstance(ours, TENSORS) and isinstance(theirs, TENSORS):
        if facts_of(ours) != facts_of(theirs):
            return f"{facts_of(ours)} instead of {facts_of(theirs)}"
        left, right = values_of(ours), values_of(theirs)
        tolerance = TOLERANCES.get(str(theirs.dtype), 1e-4) if left.dtype.kind in "fc" else 0
        # Where large terms cancel, some last places of the largest remain.
        finite = np.abs(right[np.isfinite(right)]) if left.dtype.kind in "fc" else np.zeros(0)
        absolute = tolerance + 2e-6 * finite.max(initial=0.0)
        alike = np.allclose(left, right, rtol=tolerance, atol=absolute, equal_nan=left.dtype.kind in "fc")
        return None if alike else f"values {left} instead of {right}"
    if isinstance(ours, SIZES) and isinstance(theirs, SIZES):
        return None if tuple(ours) == tuple(theirs) else f"{ours} instead of {theirs}"
    if isinstance(ours, (tuple, list)) and isinstance(theirs, (tuple, list)):
        if len(ours) != len(theirs):
            return f"{len(ours)} results instead of {len(theirs)}"
        found = (difference(left, right) for left, right in zip(ours, theirs, strict=False))
        return next((each for each in found if each), None)
    if isinstance(ours, float) and isinstance(theirs, float):
        return None if np.isclose(ours, theirs, rtol=1e-4, equal_nan=True) else f"{ours} instead of {theirs}"
    same_type = type(ours).__name__ == type(theirs).__name__
    return None if same_type and str(ours) == str(theirs) else f"{ours!r} instead of {theirs!r}"


def compare(expression):
    """How Lampas differs from PyTorch on `expression`, or None."""
    ours, theirs = outcome(lampas, expression), outcome(torch, expression)
    if ours[0] != theirs[0] or not ours[0]:
        return None if ours[:2] == theirs[:2] else f"{ours[1]!r} instead of {theirs[1]!r}"
    found = difference(ours[1], theirs[1])
    if found or ours[2] == theirs[2]:
        return found
    return f"warnings {ours[2]} instead of {theirs[2]}"
