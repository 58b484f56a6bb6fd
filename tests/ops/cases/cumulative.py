"""Ops that keep every intermediate result along a dim."""

import numpy as np

from ops.case import OpCase
from ops.sample import ALL_DTYPES, Sample


def samples(values):
    yield Sample(values.tensor(4, 5), 0)
    yield Sample(values.tensor(4, 5), -1)
    yield Sample(values.tensor(2, 3, 4), 1)
    yield Sample(values.tensor(), 0)
    yield Sample(values.tensor(0, 3), 0)
    yield Sample(values.tensor(3, 0), 0)


def wrong_arguments(values):
    yield Sample(values.tensor(2, 2), 2)
    yield Sample(values.tensor(2, 2))
    yield Sample(values.tensor(2, 2), "text")


def cumsum(input, dim):
    if input.ndim == 0:
        return input if input.dtype.kind in "fc" else input.astype(np.int64)
    return np.cumsum(input, axis=dim, dtype=None if input.dtype.kind in "fc" else np.int64)


CASES = [
    OpCase(
        "cumsum",
        samples,
        cumsum,
        "function method in_place out",
        dtypes=ALL_DTYPES,
        errors=wrong_arguments,
        covers=("_reverse_cumsum",),
    ),
]
