"""Checks of what functions written in Python are given, in the words of PyTorch's argument parser."""

import operator

from lampas._core import Tensor


def check_tensors(function, **tensors):
    """Raise TypeError for the first that is no tensor: the first arguments of `function`, in their order."""
    for position, (name, value) in enumerate(tensors.items(), 1):
        if not isinstance(value, Tensor):
            fail_type(function, name, "Tensor", value, position)


def check_type(function, name, value, kind, position=None):
    """Raise TypeError where an argument is no `kind`: int, bool or str.

    What Python takes for an index, such as a number of NumPy's, is an int; True is none.
    """
    fits = isinstance(value, kind)
    if kind is int:
        fits = not isinstance(value, bool) and _is_index(value)
    if not fits:
        fail_type(function, name, kind.__name__, value, position)


def _is_index(value):
    try:
        operator.index(value)
    except TypeError:
        return False
    return True


def fail_type(function, name, kind, value, position=None):
    """Raise the TypeError of an argument of a wrong type."""
    place = "" if position is None else f" (position {position})"
    raise TypeError(f"{function}(): argument '{name}'{place} must be {kind}, not {type(value).__name__}")


def check_elements(tensors, argument=0):
    """Raise TypeError for the first in a list, the argument of this number, that is no tensor."""
    for place, value in enumerate(tensors):
        if not isinstance(value, Tensor):
            raise TypeError(
                f"expected Tensor as element {place} in argument {argument}, but got {type(value).__name__}"
            )
