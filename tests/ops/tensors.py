"""Turns sample inputs into a framework's tensors, and its tensors into NumPy arrays."""

import numpy as np

from ops.case import TOLERANCES
from ops.sample import COMPLEX, INTEGERS, REAL_FLOATS, DTypeName, Input, round_to


def dtype_name(dtype):
    """Return "float32" for a framework's dtype object."""
    return str(dtype).rsplit(".", 1)[-1]


def to_tensor(framework, value, layout="contiguous", requires_grad=False):
    """Make a tensor from an input, laid out as asked; a dtype from its name."""
    if isinstance(value, DTypeName):
        return getattr(framework, value.name)
    if value.dtype == "bfloat16":
        tensor = framework.from_numpy(value.values.astype(np.float32)).to(framework.bfloat16)
    else:
        tensor = framework.from_numpy(np.array(value.values.astype(value.dtype), order="C"))
    tensor = LAYOUTS[layout](framework, tensor)
    return tensor.requires_grad_() if requires_grad and value.differentiable else tensor


def _transposed(framework, tensor):
    """The same values with the strides in reverse order."""
    order = tuple(reversed(range(tensor.dim())))
    return tensor.permute(order).contiguous().permute(order)


def _strided(framework, tensor):
    """The same values in every second element of a larger memory, from an offset."""
    if tensor.dim() == 0:
        return framework.empty(3, dtype=tensor.dtype).copy_(tensor)[1]
    larger = framework.empty((*tensor.shape[:-1], 2 * tensor.shape[-1] + 1), dtype=tensor.dtype)
    view = larger[..., 1::2]
    view.copy_(tensor)
    return view


LAYOUTS = {
    "contiguous": lambda framework, tensor: tensor,
    "transposed": _transposed,
    "strided": _strided,
}


def build(framework, sample, layout="contiguous", requires_grad=False):
    """Return (arguments, keywords) of a sample as tensors of a framework."""
    return sample.map(lambda value: to_tensor(framework, value, layout, requires_grad))


def build_for_reference(sample):
    """Return (arguments, keywords) of a sample as NumPy arrays in double precision."""
    return sample.map(lambda value: value.values if isinstance(value, Input) else value.name)


def to_array(tensor):
    """Return a tensor's values in the widest NumPy type of their kind."""
    name = dtype_name(tensor.dtype)
    tensor = tensor.detach()
    if name == "bfloat16":
        tensor = tensor.float()
    array = tensor.numpy()
    if name in COMPLEX:
        return array.astype(np.complex128)
    if name in REAL_FLOATS:
        return array.astype(np.float64)
    return array.astype(np.int64) if name in INTEGERS else array.astype(bool)


def as_list(result):
    """Return the results of a call as a list, whether it gave one or several."""
    return list(result) if isinstance(result, (tuple, list)) else [result]


def assert_close(actual, expected, dtype, factor=1.0, context=""):
    """Compare arrays within the tolerance of a dtype; NaN equals NaN, integers wrap around."""
    actual = np.asarray(actual)
    expected = round_to(expected, dtype) if dtype in INTEGERS else np.asarray(expected)
    assert actual.shape == expected.shape, f"{context}: shape {actual.shape}, expected {expected.shape}"
    relative, absolute = TOLERANCES.get(dtype, (0.0, 0.0))
    if not np.allclose(actual, expected, relative * factor, absolute * factor, equal_nan=True):
        close = np.isclose(actual, expected, relative * factor, absolute * factor, equal_nan=True)
        place = tuple(np.argwhere(~close)[0])
        raise AssertionError(
            f"{context}: {int((~close).sum())} of {close.size} elements differ, "
            f"at {place}: {actual[place]!r}, expected {expected[place]!r}"
        )


def tensors_in(value):
    """Return the tensors in nested lists, tuples and dicts, in order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [tensor for each in value for tensor in tensors_in(each)]
    return [value] if hasattr(value, "requires_grad_") else []
