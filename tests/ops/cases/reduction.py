"""Ops that take one or more dims together: sums, extremes, truth."""

import numpy as np

from ops.case import OpCase
from ops.sample import (
    ALL_DTYPES,
    COMPLEX,
    NUMBERS,
    ORDERED,
    REAL_FLOATS,
    REAL_NUMBERS,
    DTypeName,
    Input,
    Sample,
)

SHAPES = [(3, 4), (), (37,), (2, 3, 4)]
INTEGER_RESULT = (*NUMBERS, "bool")


def in_dims(function, dims=(1, -1, (0, 2)), empty=True, draw="tensor", dtype=None, alone=True):
    """Samples of a reduction over everything (`alone`), over one dim and over several."""

    def samples(values):
        make = getattr(values, draw)
        if alone:
            for shape in SHAPES:
                yield Sample(make(*shape))
        for dim in dims:
            yield Sample(make(2, 3, 4), dim)
            yield Sample(make(2, 3, 4), dim, True)
        yield Sample(make(2, 3, 4), dim=0, keepdim=True)
        yield Sample(make(), 0)
        if empty:
            yield Sample(make(0, 3), 0)
            yield Sample(make(3, 0), 0)
            if alone:
                yield Sample(make(0))
        if dtype:
            yield Sample(make(2, 3), 1, dtype=DTypeName(dtype))
        if values.is_floating:
            yield Sample(Input(values.special().values.reshape(5, 3), values.dtype), 1).special()
        if values.dtype in ("float32", "float64"):
            yield Sample(make(300, 500), 0).large()
            yield Sample(make(300, 500), 1).large()
            if alone:
                yield Sample(make(150_001)).large()

    return samples


def along(function):
    """Give a NumPy reduction PyTorch's parameters."""

    def reference(input, dim=None, keepdim=False, dtype=None):
        if input.ndim == 0 and dim is not None:
            dim = None
        if dtype:
            input = input.real.astype(dtype)
        return function(input, axis=None if dim == () else dim, keepdims=keepdim)

    return reference


def wrong_dims(values):
    yield Sample(values.tensor(2, 3), 2)
    yield Sample(values.tensor(2, 3), -3)
    yield Sample(values.tensor(), 1)
    yield Sample(values.tensor(2, 3), "text")
    yield Sample(values.tensor(2, 3), 0.5)
    yield Sample(values.tensor(2, 3), nonsense=1)


def wrong_dim_lists(values):
    yield from wrong_dims(values)
    yield Sample(values.tensor(2, 3), (0, 0))
    yield Sample(values.tensor(2, 3), (0, 2))


def empty_dims(values):
    yield from wrong_dims(values)
    yield Sample(values.tensor(0, 3), 0)


def empty_tensors(values):
    yield Sample(values.tensor(0))
    yield Sample(values.tensor(2, 0))
    yield Sample("text")


def with_indices(extreme, place):
    """Values and positions along one dim; the position of the first of equal values."""

    def reference(input, dim, keepdim=False):
        if input.ndim == 0:
            return input, np.zeros((), dtype=np.int64)
        places = np.expand_dims(place(input, axis=dim), dim)
        values = np.take_along_axis(input, places, dim)
        return (values, places) if keepdim else (values.squeeze(dim), places.squeeze(dim))

    return reference


def position(function):
    def reference(input, dim=None, keepdim=False):
        if dim is None or input.ndim == 0:
            return function(input)
        return function(input, axis=dim, keepdims=keepdim)

    return reference


def extreme_samples(values):
    for shape in [(3, 4), (), (37,), (2, 3, 4)]:
        yield Sample(values.distinct(*shape) if not values.is_bool else values.tensor(*shape))
    if values.is_floating:
        yield Sample(values.numbers([1.0, 3.0, 3.0, 2.0])).special()
        yield Sample(values.numbers([1.0, np.nan, 3.0])).special()
    if values.dtype in ("float32", "float64"):
        yield Sample(values.distinct(150_001)).large()


def extreme_dim_samples(values):
    for dim, shape in [(0, (3, 4)), (1, (3, 4)), (-1, (2, 3, 4)), (1, (2, 37, 3)), (0, ())]:
        yield Sample(values.distinct(*shape), dim)
        yield Sample(values.distinct(*shape), dim=dim, keepdim=True)
    yield Sample(values.distinct(0, 3), 1)
    if values.is_floating:
        yield Sample(
            values.numbers([[1.0, np.nan, 3.0], [np.inf, 0.0, -np.inf], [-0.0, 0.0, -1.0]]), 1
        ).special()
    if values.dtype in ("float32", "float64"):
        yield Sample(values.distinct(300, 500), 0).large()
        yield Sample(values.distinct(300, 500), 1).large()


def extremes_of_dims(values):
    draw = values.tensor if values.is_bool else values.distinct
    for shape in [(3, 4), (), (2, 3, 4)]:
        yield Sample(draw(*shape))
    for dim in (0, -1, (0, 2), ()):
        yield Sample(draw(2, 3, 4), dim)
    yield Sample(draw(2, 3, 4), dim=1, keepdim=True)
    yield Sample(draw(0, 3), 1)
    if values.is_floating:
        yield Sample(values.numbers([[1.0, 3.0, 3.0], [np.nan, 0.0, 1.0]]), 1).special()


def position_samples(values):
    yield from (sample for sample in extreme_samples(values) if sample.kind != "special")
    yield from (sample for sample in extreme_dim_samples(values) if sample.kind != "special")


def prod_samples(values):
    for shape in [(3, 2), (), (5,), (0,)]:
        yield Sample(values.nonzero(*shape))
    for dim in (0, 1, -1):
        yield Sample(values.nonzero(2, 3, 2), dim)
    yield Sample(values.nonzero(2, 3), 1, True)
    yield Sample(values.nonzero(2, 0), 1)
    if values.is_floating:
        yield Sample(values.numbers([[1.0, 0.0, 2.0], [0.0, 0.0, 3.0], [4.0, 5.0, 6.0]]), 1).special()
        yield Sample(values.numbers([1.0, 0.0, 2.0])).special()


def truth_samples(values):
    for shape in SHAPES:
        yield Sample(values.tensor(*shape))
    for dim in (0, 1, -1):
        yield Sample(values.tensor(2, 3, 4), dim)
    yield Sample(values.tensor(2, 3, 4), 1, True)
    yield Sample(values.tensor(3, 0), 1)
    yield Sample(values.tensor(0))


def reduction(name, samples, reference, dtypes, errors, derivatives=2, forms="function method", **properties):
    return OpCase(
        name, samples, reference, forms, dtypes=dtypes, errors=errors, derivatives=derivatives, **properties
    )


CASES = [
    reduction(
        "sum", in_dims(np.sum, dtype="float64"), along(np.sum), INTEGER_RESULT, wrong_dim_lists, tolerance=30
    ),
    reduction(
        "mean",
        in_dims(np.mean, empty=False),
        along(np.mean),
        REAL_FLOATS + COMPLEX,
        wrong_dim_lists,
        tolerance=4,
    ),
    reduction(
        "prod", prod_samples, along(np.prod), INTEGER_RESULT, wrong_dims, tolerance=8, covers=("prod.dim",)
    ),
    reduction(
        "amax",
        extremes_of_dims,
        along(np.max),
        ORDERED,
        wrong_dim_lists,
        forms="function method out",
    ),
    reduction(
        "amin",
        extremes_of_dims,
        along(np.min),
        ORDERED,
        wrong_dim_lists,
        forms="function method out",
    ),
    reduction("max", extreme_samples, np.max, ORDERED, empty_tensors),
    reduction("min", extreme_samples, np.min, ORDERED, empty_tensors),
    reduction(
        "max.dim",
        extreme_dim_samples,
        with_indices(np.max, np.argmax),
        REAL_NUMBERS,
        empty_dims,
        forms="function method out",
    ),
    reduction(
        "min.dim",
        extreme_dim_samples,
        with_indices(np.min, np.argmin),
        REAL_NUMBERS,
        empty_dims,
        forms="function method out",
    ),
    reduction("argmax", position_samples, position(np.argmax), REAL_NUMBERS, empty_dims, derivatives=0),
    reduction("argmin", position_samples, position(np.argmin), REAL_NUMBERS, empty_dims, derivatives=0),
    reduction("any", truth_samples, along(np.any), ALL_DTYPES, wrong_dims, derivatives=0),
    reduction("all", truth_samples, along(np.all), ALL_DTYPES, wrong_dims, derivatives=0),
]
