"""Variances, norms, and sums of something made of the elements."""

import math

import numpy as np

from ops.case import OpCase
from ops.cases.reduction import along, in_dims, wrong_dim_lists, wrong_dims
from ops.sample import ALL_DTYPES, COMPLEX, ORDERED, REAL_FLOATS, Sample

WITH_OUT = "function method out"


def spread_samples(values):
    for shape in [(3, 4), (37,), (2, 3, 4)]:
        yield Sample(values.tensor(*shape))
    for dim in (1, -1, (0, 2)):
        yield Sample(values.tensor(2, 3, 4), dim)
        yield Sample(values.tensor(2, 3, 4), dim, correction=0, keepdim=True)
    yield Sample(values.tensor(5, 4), dim=0, correction=2.5)
    if values.dtype in ("float32", "float64"):
        yield Sample(values.numbers(values.tensor(300, 500).values + 1000), 0).large()
        yield Sample(values.tensor(300, 500), 1).large()
        yield Sample(values.tensor(150_001)).large()


def unbiased_samples(values):
    yield Sample(values.tensor(3, 4), False)
    yield Sample(values.tensor(3, 4), unbiased=True)
    yield Sample(values.tensor(2, 3, 4), 1, False)
    yield Sample(values.tensor(2, 3, 4), (0, 2), True, True)


def spread(function, with_mean):
    def reference(input, dim=None, correction=1, keepdim=False):
        result = function(input, axis=dim, ddof=correction, keepdims=keepdim)
        return (result, np.mean(input, axis=dim, keepdims=keepdim)) if with_mean else result

    return reference


def unbiased_spread(function, with_mean):
    correct = spread(function, with_mean)

    def reference(input, dim=None, unbiased=True, keepdim=False):
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        return correct(input, dim, int(unbiased), keepdim)

    return reference


def wrong_spreads(values):
    yield from wrong_dims(values)
    yield Sample(values.tensor(2, 3), (0, 0))
    yield Sample(values.tensor(2, 3), 0, correction="text")


def spread_rows(name, function, with_mean):
    forms = "function method" if with_mean else WITH_OUT
    shared = {"dtypes": REAL_FLOATS + COMPLEX, "tolerance": 4}
    return [
        OpCase(name, spread_samples, spread(function, with_mean), forms, errors=wrong_spreads, **shared),
        OpCase(
            f"{name}.unbiased",
            unbiased_samples,
            unbiased_spread(function, with_mean),
            forms if with_mean else "function method",
            **shared,
        ),
    ]


def norm_samples(values):
    for order in (2, 1, 0, 3, 0.5, 1.5, float("inf"), float("-inf")):
        yield Sample(values.nonzero(2, 3), order)
        yield Sample(values.nonzero(2, 3, 4), order, (0, 2))
    yield Sample(values.nonzero(2, 3), 2, 1, True)
    yield Sample(values.nonzero(3, 4))
    yield Sample(values.nonzero())
    yield Sample(values.tensor(0, 3), 2, 0)
    if values.is_floating:
        for order in (0, 0.5, 1, 1.5, 2, 3, float("inf")):
            yield Sample(values.numbers([[0.0, 0.0], [3.0, 0.0]]), order, 1).special()


def norm(input, order=2, dim=None, keepdim=False):
    sizes = np.abs(input)
    dims = tuple(range(input.ndim)) if dim is None else dim
    if order == float("inf"):
        return sizes.max(axis=dims, keepdims=keepdim)
    if order == float("-inf"):
        return sizes.min(axis=dims, keepdims=keepdim)
    if order == 0:
        return (sizes != 0).sum(axis=dims, keepdims=keepdim).astype(sizes.dtype)
    return (sizes**order).sum(axis=dims, keepdims=keepdim) ** (1 / order)


def wrong_norms(values):
    yield Sample(values.tensor(2, 3), 2, 2)
    yield Sample(values.tensor(2, 3), 2, (0, 0))
    yield Sample(values.tensor(2, 3), "text")
    yield Sample(values.tensor(0, 3), float("inf"))
    yield Sample(values.tensor(0, 3), -1, 0)


def logsumexp_samples(values):
    yield from (
        sample for sample in in_dims(np.sum, empty=False, alone=False)(values) if sample.kind == "plain"
    )
    if values.is_floating:
        infinite = [[np.inf, 1.0, 2.0], [-np.inf, -np.inf, -np.inf], [np.nan, 1.0, 2.0], [-np.inf, 0.0, 1.0]]
        yield Sample(values.numbers(infinite), 1).special()


def logsumexp(input, dim, keepdim=False):
    dims = None if dim == () or input.ndim == 0 else dim
    return np.log(np.exp(input.astype(np.float64)).sum(axis=dims, keepdims=keepdim))


def with_nan(values):
    """Samples with a NaN here and there, where the dtype has one."""
    for sample in in_dims(np.sum, draw="positive", dtype="float64")(values):
        if sample.kind == "plain" and values.is_floating:
            numbers = sample.inputs()[0].values.copy()
            numbers.flat[::3] = np.nan
            yield sample.with_inputs([values.numbers(numbers)]).special()
        if sample.kind == "plain":
            yield sample


def means_with_nan(values):
    return (sample for sample in with_nan(values) if sample.inputs()[0].values.size)


def count_samples(values):
    for shape in [(3, 4), (), (0, 3)]:
        yield Sample(values.tensor(*shape))
    for dim in (0, -1, (0, 2)):
        yield Sample(values.tensor(2, 3, 4), dim)


def both_extremes_samples(values):
    draw = values.tensor if values.is_bool else values.distinct
    for shape in [(3, 4), (), (5,)]:
        yield Sample(draw(*shape))
    yield Sample(draw(3, 4), dim=0)
    yield Sample(draw(2, 3, 4), dim=-1, keepdim=True)
    if values.is_floating:
        yield Sample(values.numbers([[1.0, 3.0, 3.0, 1.0], [2.0, np.nan, 0.0, 1.0]]), dim=1).special()
        yield Sample(values.numbers([1.0, 3.0, 3.0, 1.0])).special()


def both_extremes(input, dim=None, keepdim=False):
    return tuple(function(input, axis=dim, keepdims=keepdim) for function in (np.min, np.max))


def wrong_extremes(values):
    yield Sample(values.tensor(0))
    yield Sample(values.tensor(0, 3), dim=0)
    yield Sample(values.tensor(2, 3), dim=2)


def renorm_samples(values):
    for order, dim, limit in [(2, 0, 1.0), (1, 1, 3), (2.5, -1, 0.5), (0.5, 0, 2.0), (math.inf, 0, 0.25)]:
        yield Sample(values.nonzero(3, 4), order, dim, limit)
    yield Sample(values.nonzero(2, 3, 2), 2, 1, 1.5)
    yield Sample(values.nonzero(2, 3), 2, 0, 1000)
    yield Sample(values.nonzero(0, 3), 2, 0, 1)


def renorm(input, p, dim, maxnorm):
    if input.size == 0:
        return input
    slices = np.moveaxis(input, dim, 0)
    flat = slices.reshape(slices.shape[0], -1)
    lengths = np.abs(flat).max(1) if p == math.inf else (np.abs(flat) ** p).sum(1) ** (1 / p)
    factors = np.where(lengths > maxnorm, maxnorm / (lengths + 1e-7), 1)
    return np.moveaxis((flat * factors[:, None]).reshape(slices.shape), 0, dim)


def wrong_renorms(values):
    yield Sample(values.tensor(3), 2, 0, 1)
    yield Sample(values.tensor(3, 2), 0, 0, 1)
    yield Sample(values.tensor(3, 2), 2, 0, -1)
    yield Sample(values.tensor(3, 2), 2, 5, 1)
    yield Sample(values.tensor(3, 2), 2j, 0, 1)
    yield Sample(values.tensor(3, 2), 2, 0, 1j)
    yield Sample(values.indices(3, 2, 2), 2, 0, 1)
    yield Sample(values.tensor(3, 2))


CASES = [
    *spread_rows("var", np.var, False),
    *spread_rows("std", np.std, False),
    *spread_rows("var_mean", np.var, True),
    *spread_rows("std_mean", np.std, True),
    OpCase(
        "linalg_vector_norm",
        norm_samples,
        norm,
        "function out",
        function="linalg.vector_norm",
        dtypes=REAL_FLOATS + COMPLEX,
        errors=wrong_norms,
        tolerance=4,
    ),
    OpCase(
        "renorm",
        renorm_samples,
        renorm,
        "function method in_place out",
        dtypes=REAL_FLOATS + COMPLEX,
        errors=wrong_renorms,
        tolerance=4,
    ),
    OpCase(
        "logsumexp", logsumexp_samples, logsumexp, WITH_OUT, dtypes=ORDERED, errors=wrong_dims, tolerance=4
    ),
    OpCase(
        "nansum",
        with_nan,
        along(np.nansum),
        WITH_OUT,
        dtypes=ORDERED,
        errors=wrong_dim_lists,
        tolerance=8,
    ),
    OpCase(
        "nanmean",
        means_with_nan,
        along(np.nanmean),
        WITH_OUT,
        errors=wrong_dim_lists,
        tolerance=4,
    ),
    OpCase(
        "count_nonzero",
        count_samples,
        lambda input, dim=None: np.asarray(np.count_nonzero(input, axis=dim)),
        dtypes=ALL_DTYPES,
        derivatives=0,
        errors=wrong_dims,
    ),
    OpCase(
        "aminmax",
        both_extremes_samples,
        both_extremes,
        WITH_OUT,
        dtypes=ORDERED,
        errors=wrong_extremes,
    ),
]
