"""One value for each dimension of a line, picture or volume, where one for all of them may be given."""

import functools
from collections.abc import Iterable


def per_dimension(values, dimensions):
    """Return a tuple of `dimensions` values from one for all dimensions or one for each.

    Example:
        >>> from lampas.nn.per_dimension import per_dimension
        >>> per_dimension(3, 2), per_dimension([3, 5], 2)
        ((3, 3), (3, 5))
    """
    return tuple(values) if isinstance(values, Iterable) else (values,) * dimensions


def _ntuple(n, name="parse"):
    """Return per_dimension for `n` dimensions, under the name that programs know from PyTorch."""
    return functools.partial(per_dimension, dimensions=n)


_single, _pair, _triple, _quadruple = (_ntuple(n) for n in (1, 2, 3, 4))
