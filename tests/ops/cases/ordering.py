"""Ops that order elements along a dim, or pick one of them by its rank."""

import numpy as np

from ops.case import OpCase
from ops.cases.reduction import empty_dims
from ops.sample import FLOATS, ORDERED, REAL_NUMBERS, Input, Sample

WITH_OUT = "function method out"


def draw(values, *shape):
    """Distinct numbers, so that ties do not decide."""
    return values.tensor(*shape) if values.is_bool else values.distinct(*shape)


def sort_samples(values):
    yield Sample(draw(values, 3, 4))
    yield Sample(draw(values, 3, 4), 0)
    yield Sample(draw(values, 2, 3, 4), 1, True)
    yield Sample(draw(values, 5), descending=True)
    yield Sample(draw(values))
    yield Sample(draw(values, 0, 3), 1)
    yield Sample(draw(values, 3, 0), -1)
    if values.dtype in ("float32", "float64", "int64"):
        yield Sample(draw(values, 10_000)).large()
        yield Sample(draw(values, 3, 1000), 1, True).large()
        yield Sample(draw(values, 1000, 50), 0).large()
    if values.is_floating:
        yield Sample(values.special()).special()
        yield Sample(values.special(), descending=True).special()
        yield Sample(values.numbers([0.0, -0.0, 0.0, -0.0, np.nan, -np.nan, -1.0])).special()
    elif not values.is_bool:
        yield Sample(values.tensor(1000), stable=True, descending=True)
        yield Sample(values.numbers([2, 1, 2, 1, 2, 1]), stable=True)


def order(input, dim=-1, descending=False, stable=True):
    """Indices that sort, equal elements in the order they had."""
    if input.ndim == 0:
        return np.zeros((), dtype=np.int64)
    if not descending:
        return np.argsort(input, axis=dim, kind="stable")
    turned = np.argsort(np.flip(input, dim), axis=dim, kind="stable")
    return np.flip(input.shape[dim] - 1 - turned, dim)


def sort(input, *arguments, **keywords):
    indices = order(input, *arguments, **keywords)
    if input.ndim == 0:
        return input, indices
    dim = keywords.get("dim", arguments[0] if arguments else -1)
    return np.take_along_axis(input, indices, dim), indices


def wrong_dims(values):
    yield Sample(values.tensor(2, 3), 2)
    yield Sample(values.tensor(2, 3), -3)
    yield Sample(values.tensor(), 1)
    yield Sample(values.tensor(2, 3), "text")


def topk_samples(values):
    yield Sample(draw(values, 3, 4), 2)
    yield Sample(draw(values, 5, 2), 3, 0)
    yield Sample(draw(values, 2, 5, 3), 2, 1, False)
    yield Sample(draw(values, 5), 5)
    yield Sample(draw(values, 5), k=0)
    yield Sample(draw(values), 1)
    if values.dtype in ("float32", "float64", "int64"):
        yield Sample(draw(values, 20, 1000), 3).large()
        yield Sample(draw(values, 20, 1000), 700, -1, False).large()
    if values.is_floating:
        yield Sample(values.special(), 4).special()
        yield Sample(values.special(), 4, largest=False).special()


def topk(input, k, dim=-1, largest=True):
    if input.ndim == 0:
        return input, np.zeros((), dtype=np.int64)
    indices = np.take(order(input, dim, largest), np.arange(k), axis=dim)
    return np.take_along_axis(input, indices, dim), indices


def wrong_topk(values):
    yield Sample(values.tensor(2, 3), 4)
    yield Sample(values.tensor(2, 3), -1)
    yield Sample(values.tensor(2, 3), 1, 2)
    yield Sample(values.tensor(2, 3), 0.5)


def picked(rank):
    """The element of rank `rank(size)` along a dim."""

    def reference(input, *arguments, keepdim=False):
        count, *rest = arguments if rank is None else (None, *arguments)
        dim = rest[0] if rest else -1
        keepdim = rest[1] if len(rest) > 1 else keepdim
        if input.ndim == 0:
            return input, np.zeros((), dtype=np.int64)
        place = count - 1 if rank is None else rank(input.shape[dim])
        indices = np.take(order(input, dim), [place], axis=dim)
        results = np.take_along_axis(input, indices, dim), indices
        return results if keepdim else tuple(result.squeeze(dim) for result in results)

    return reference


def kthvalue_samples(values):
    yield Sample(draw(values, 3, 4), 2)
    yield Sample(draw(values, 5, 2), 3, 0)
    yield Sample(draw(values, 2, 5, 3), 5, 1, True)
    yield Sample(draw(values), 1)
    if values.is_floating:
        yield Sample(values.special(), 14).special()


def wrong_ranks(values):
    yield Sample(values.tensor(2, 3), 0)
    yield Sample(values.tensor(2, 3), 4)
    yield Sample(values.tensor(2, 3), 1, 2)
    yield Sample(values.tensor(2, 0), 1)


def median_samples(values):
    yield Sample(draw(values, 3, 4), 1)
    yield Sample(draw(values, 5, 2), 0)
    yield Sample(draw(values, 2, 5, 3), 1, True)
    yield Sample(draw(values), 0)
    yield Sample(draw(values, 0, 3), 1)
    if values.is_floating:
        yield Sample(values.numbers([[1.0, np.nan, 3.0, np.nan], [np.inf, 0.0, -np.inf, 2.0]]), 1).special()
        yield Sample(values.numbers([[np.nan, np.nan]]), 1).special()


def medians_of_all(values):
    for shape in [(3, 4), (5,), (), (2, 3, 4)]:
        yield Sample(draw(values, *shape))
    if values.is_floating:
        yield Sample(values.numbers([1.0, 3.0, 3.0, 7.0, 0.0])).special()
        yield Sample(values.numbers([1.0, np.nan, 3.0])).special()
        yield Sample(values.numbers([])).special()


def mode_samples(values):
    if values.is_bool:
        yield Sample(values.numbers([[True, False, True], [False, False, True]]))
        return
    for sample in (
        Sample(values.numbers([[1, 2, 2, 3], [3, 3, 1, 1], [4, 2, 3, 1]])),
        Sample(values.numbers([[1, 2, 2], [3, 2, 1]]), 0, True),
        Sample(values.numbers([5, 5, 5]), -1),
    ):
        yield sample.special() if values.is_floating else sample
    yield Sample(values.distinct(3, 4), 0)
    yield Sample(values.numbers(2))


def mode(input, dim=-1, keepdim=False):
    def of_line(line):
        found, counts = np.unique(line, return_counts=True)
        most = found[np.argmax(counts)]
        return np.array([np.flatnonzero(line == most)[-1]])

    if input.ndim == 0:
        return input, np.zeros((), dtype=np.int64)
    indices = np.apply_along_axis(of_line, dim, input)
    results = np.take_along_axis(input, indices, dim), indices
    return results if keepdim else tuple(result.squeeze(dim) for result in results)


MODES = ("linear", "lower", "higher", "midpoint", "nearest")


def shares(values, *numbers, constant=True):
    dtype = values.dtype if values.is_floating else "float32"
    return Input(np.array(numbers), dtype, constant)


def quantile_samples(values):
    for interpolation in MODES:
        yield Sample(values.distinct(3, 5), shares(values, 0.0, 0.3, 0.5, 1.0), interpolation=interpolation)
    yield Sample(values.distinct(3, 6), shares(values, 0.3, 0.7, constant=False), 1)
    yield Sample(values.distinct(2, 5, 3), shares(values, 0.25), dim=1, keepdim=True)
    yield Sample(values.distinct(5), shares(values, 0.3))
    if values.is_floating:
        missing = values.numbers([[1.0, np.nan, 3.0], [4.0, 5.0, 7.0]])
        yield Sample(missing, shares(values, 0.3, 0.5), 1).special()


def quantile_number_samples(values):
    for interpolation in MODES:
        yield Sample(values.distinct(3, 5), 0.3, 0, interpolation=interpolation)
    yield Sample(values.distinct(5), 0.5)
    yield Sample(values.distinct(2, 3), 1.0, 1, True)
    yield Sample(values.distinct(), 0.5)


def quantile(input, q, dim=None, keepdim=False, interpolation="linear"):
    axis = None if input.ndim == 0 else dim
    return np.quantile(input, q, axis=axis, keepdims=keepdim, method=interpolation)


def wrong_quantiles(values):
    yield Sample(values.tensor(2, 3), 1.5)
    yield Sample(values.tensor(2, 3), shares(values, 0.5, -0.5))
    yield Sample(values.tensor(2, 3), shares(values, [0.0, 0.5]))
    yield Sample(values.tensor(2, 3), 0.5, 2)
    yield Sample(values.tensor(0, 3), 0.5)
    yield Sample(values.tensor(2, 3), 0.5, interpolation="text")
    yield Sample(values.tensor(2, 3), values.indices(1, 2))


def row(name, samples, reference, dtypes, errors, forms=WITH_OUT, **properties):
    return OpCase(name, samples, reference, forms, dtypes=dtypes, errors=errors, **properties)


def lower_middle(size):
    return (size - 1) // 2


def median_of_all(input):
    return np.sort(input, axis=None)[lower_middle(input.size)]


def quantile_rows(name):
    return [
        row(name, quantile_samples, quantile, FLOATS, wrong_quantiles),
        row(f"{name}.scalar", quantile_number_samples, quantile, FLOATS, None, "function method"),
    ]


CASES = [
    row("sort", sort_samples, sort, ORDERED, wrong_dims),
    row("argsort", sort_samples, order, ORDERED, wrong_dims, "function method", derivatives=0),
    row(
        "msort",
        lambda values: iter([Sample(draw(values, 3, 4)), Sample(draw(values)), Sample(draw(values, 0, 2))]),
        lambda input: sort(input, 0)[0],
        ORDERED,
        None,
    ),
    row("topk", topk_samples, topk, REAL_NUMBERS, wrong_topk),
    row("kthvalue", kthvalue_samples, picked(None), REAL_NUMBERS, wrong_ranks),
    row("median", medians_of_all, median_of_all, REAL_NUMBERS, None, "function method"),
    row("median.dim", median_samples, picked(lower_middle), REAL_NUMBERS, empty_dims),
    row("nanmedian", medians_of_all, median_of_all, REAL_NUMBERS, None, "function method"),
    row("nanmedian.dim", median_samples, picked(lower_middle), REAL_NUMBERS, empty_dims),
    row("mode", mode_samples, mode, ORDERED, empty_dims),
    *quantile_rows("quantile"),
    *quantile_rows("nanquantile"),
]
