"""Ops that keep every intermediate result along a dim."""

import numpy as np

from ops.case import OpCase
from ops.sample import ALL_DTYPES, ORDERED, REAL_FLOATS, Sample


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


def cumprod_samples(values):
    yield Sample(values.nonzero(4, 3), 0)
    yield Sample(values.nonzero(2, 3, 4), -1)
    yield Sample(values.nonzero(), 0)
    yield Sample(values.nonzero(0, 3), 0)
    yield Sample(values.numbers([[1, 0, 2, 3], [0, 2, 0, 1]]), 1)


def cumprod(input, dim):
    if input.ndim == 0:
        return input if input.dtype.kind in "fc" else input.astype(np.int64)
    return np.cumprod(input, axis=dim, dtype=None if input.dtype.kind in "fc" else np.int64)


def logarithm_samples(values):
    yield from (sample for sample in samples(values) if sample.inputs()[0].values.size)
    yield Sample(values.tensor(0, 3), 0)
    if values.is_floating:
        yield Sample(values.numbers([-np.inf, 1.0, 50.0, -np.inf]), 0).special()
        yield Sample(values.numbers([0.0, np.inf, 1.0, np.inf, np.nan, 1.0]), 0).special()


def logcumsumexp(input, dim):
    return input if input.ndim == 0 else np.log(np.cumsum(np.exp(input), axis=dim))


def extreme_samples(values):
    draw = values.tensor if values.is_bool else values.distinct
    yield Sample(draw(4, 5), 0)
    yield Sample(draw(2, 5, 3), 1)
    yield Sample(draw(), 0)
    yield Sample(draw(0, 3), 0)
    if values.is_floating:
        yield Sample(values.numbers([1.0, 3.0, 3.0, np.nan, 4.0, np.nan, np.inf]), 0).special()
    else:
        yield Sample(values.numbers([1, 0, 1, 0, 1]), 0)


def running_extreme(accumulate):
    def reference(input, dim):
        if input.ndim == 0:
            return input, np.zeros((), dtype=np.int64)
        values = accumulate(input, axis=dim)
        places = np.moveaxis(
            np.broadcast_to(np.arange(input.shape[dim]), np.moveaxis(input, dim, -1).shape), -1, dim
        )
        reached = np.where(input == values, places, -1)
        return values, np.maximum.accumulate(reached, axis=dim) if input.size else reached

    return reference


def line_row(name, samples, reference, dtypes, **properties):
    return OpCase(
        name, samples, reference, "function method out", dtypes=dtypes, errors=wrong_arguments, **properties
    )


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
    OpCase(
        "cumprod",
        cumprod_samples,
        cumprod,
        "function method in_place out",
        dtypes=ALL_DTYPES,
        errors=wrong_arguments,
        tolerance=4,
    ),
    line_row(
        "logcumsumexp",
        logarithm_samples,
        logcumsumexp,
        REAL_FLOATS,
        tolerance=4,
        covers=("_exponential_sums", "_reverse_exponential_sums"),
    ),
    line_row("cummax", extreme_samples, running_extreme(np.maximum.accumulate), ORDERED),
    line_row("cummin", extreme_samples, running_extreme(np.minimum.accumulate), ORDERED),
]
