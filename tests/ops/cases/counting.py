"""Ops that tell which elements occur, how often, and where they stand among others."""

import numpy as np

from ops.case import OpCase
from ops.cases.indexing import nonzero, nonzero_samples
from ops.sample import ALL_DTYPES, FLOATS, INTEGERS, ORDERED, REAL_NUMBERS, Input, Sample

NO_DERIVATIVE = {"derivatives": 0, "batches": False}


def unique_samples(values):
    yield Sample(values.numbers([[2, 1, 3], [1, 2, 2]]))
    yield Sample(values.numbers([2, 1, 2]), True, True)
    yield Sample(values.numbers([[2, 1], [1, 2]]), return_inverse=True, return_counts=True)
    yield Sample(values.numbers([[3, 1], [2, 1], [3, 1], [2, 0]]), return_counts=True, dim=0)
    yield Sample(values.numbers([[3, 1, 3], [2, 1, 2]]), return_inverse=True, dim=1)
    yield Sample(values.tensor(2, 3, 4), dim=-1, return_inverse=True)
    yield Sample(values.tensor(0), return_inverse=True, return_counts=True)
    yield Sample(values.tensor())


def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    result = np.unique(input, False, return_inverse, return_counts, axis=dim)
    if not return_inverse:
        return result
    values, inverse, *counts = result
    return (values, inverse.reshape(input.shape if dim is None else -1), *counts)


def consecutive_samples(values):
    yield Sample(values.numbers([[1, 1, 2], [2, 3, 3]]))
    yield Sample(values.numbers([2, 2, 1, 2]), True, True)
    yield Sample(
        values.numbers([[3, 1], [3, 1], [2, 0], [3, 1]]), return_inverse=True, return_counts=True, dim=0
    )
    yield Sample(values.tensor(0), True, True)


def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    rows = input.reshape(-1, 1) if dim is None else np.moveaxis(input, dim, 0)
    flat = rows.reshape(len(rows), int(np.prod(rows.shape[1:])))
    begins = np.ones(len(rows), dtype=bool)
    begins[1:] = (flat[1:] != flat[:-1]).any(axis=1)
    inverse = np.cumsum(begins) - 1
    values = rows[begins].reshape(-1) if dim is None else np.moveaxis(rows[begins], 0, dim)
    results = [values]
    if return_inverse:
        results.append(inverse.reshape(input.shape if dim is None else -1))
    if return_counts:
        results.append(np.bincount(inverse).astype(np.int64))
    return tuple(results) if len(results) > 1 else values


def wrong_dims(values):
    yield Sample(values.tensor(2, 3), dim=2)
    yield Sample(values.tensor(2, 0), dim=0)
    yield Sample(values.tensor(), dim=0)


def bincount_samples(values):
    yield Sample(values.numbers([0, 3, 1, 3]))
    yield Sample(values.numbers([0, 3, 1]), Input(np.array([0.5, 1.5, 2.0]), "float64"))
    yield Sample(values.numbers([0, 1]), minlength=5)
    yield Sample(values.tensor(0), minlength=2)


def bincount(input, weights=None, minlength=0):
    counts = np.bincount(input, weights, minlength)
    return counts if weights is not None else counts.astype(np.int64)


def wrong_bincounts(values):
    yield Sample(values.numbers([-1]))
    yield Sample(values.numbers([[1]]))
    yield Sample(values.numbers([1]), minlength=-1)
    yield Sample(values.numbers([1]), values.numbers([1, 2]))
    yield Sample(Input([1.0], "float32"))


def histc_samples(values):
    numbers = values.numbers([1.0, 2.0, 1.0, 4.0, 3.25, -1.0])
    yield Sample(numbers, 4, 0, 3)
    yield Sample(numbers, bins=5)
    yield Sample(numbers, bins=2, min=-2, max=2)
    yield Sample(values.tensor(50), 7, -1, 1)
    yield Sample(values.numbers([1.0, 1.0]), 4)


def histc(input, bins=100, min=0, max=0):
    if min == max:
        min, max = input.min(), input.max()
    if min == max:
        min, max = min - 1, max + 1
    return np.histogram(input, bins, (min, max))[0].astype(input.dtype)


def wrong_histograms(values):
    yield Sample(values.tensor(3), 0)
    yield Sample(values.tensor(3), 3, 2, 1)
    yield Sample(values.numbers([np.inf, 1.0]), 3)
    yield Sample(values.indices(3, 3), 3)


def boundaries(values, *numbers):
    return values.numbers(np.array(numbers))


def search_samples(values):
    line = boundaries(values, 0, 2, 2, 5)
    wanted = values.numbers([[1, 2, 6], [5, 0, 3]])
    yield Sample(line, wanted)
    yield Sample(line, wanted, right=True)
    yield Sample(line, wanted, side="right", out_int32=True)
    yield Sample(values.numbers([[0, 1, 2], [3, 4, 5]]), wanted)
    yield Sample(values.numbers([5, 0, 2]), wanted, sorter=values.at(1, 2, 0))
    yield Sample(line, 3)
    yield Sample(values.tensor(0), wanted)


def searchsorted(sorted_sequence, input, right=False, side=None, out_int32=False, sorter=None):
    side = side or ("right" if right else "left")
    dtype = np.int32 if out_int32 else np.int64
    if sorted_sequence.ndim == 1:
        return np.asarray(np.searchsorted(sorted_sequence, input, side, sorter)).astype(dtype)
    return np.array(
        [np.searchsorted(*pair, side) for pair in zip(sorted_sequence, input, strict=True)], dtype
    )


def wrong_searches(values):
    yield Sample(values.tensor(2, 3), values.tensor(3, 2))
    yield Sample(values.tensor(), values.tensor(2))
    yield Sample(values.tensor(2, 3), 1)
    yield Sample(values.tensor(3), values.tensor(3), side="text")
    yield Sample(values.tensor(3), values.tensor(3), side="left", right=True)
    yield Sample(values.tensor(3), values.tensor(3), sorter=values.at(0, 1))
    yield Sample(values.tensor(3), values.tensor(3), sorter=values.at(0, 1, 3))
    yield Sample(values.tensor(3), values.tensor(3), sorter=values.tensor(3))


def bucket_samples(values):
    yield Sample(values.numbers([[1, 2, 6], [5, 0, 3]]), boundaries(values, 0, 2, 5))
    yield Sample(values.numbers([1, 2]), boundaries(values, 0, 2, 5), right=True, out_int32=True)


def bucketize(input, boundaries, **options):
    return searchsorted(boundaries, input, **options)


def wrong_buckets(values):
    yield Sample(values.tensor(3), values.tensor(2, 2))
    yield Sample(values.tensor(3), "text")


def isin_samples(values):
    yield Sample(values.numbers([[1, 2, 3], [4, 5, 6]]), values.numbers([2, 6, 9]))
    yield Sample(values.numbers([1, 2, 3]), values.numbers([[2, 1]]), invert=True)
    yield Sample(values.numbers([1, 2, 3]), 3)
    yield Sample(2, values.numbers([1, 2, 3]), assume_unique=True)
    yield Sample(values.numbers([1, 2]), values.tensor(0))


def static_samples(values):
    yield Sample(values.numbers([[0, 1], [1, 0]]), size=3)
    yield Sample(values.numbers([1, 1, 1]), size=2, fill_value=7)
    yield Sample(values.numbers([1, 0, 1]), size=0)


def nonzero_static(input, size, fill_value=-1):
    rows = np.full((size, input.ndim), fill_value, dtype=np.int64)
    found = np.argwhere(input)[:size]
    rows[: len(found)] = found
    return rows


def coordinate_samples(values):
    yield Sample(values.numbers([[0, 5, 11], [7, 3, 1]]), (3, 4))
    yield Sample(values.numbers([23, 4]), (2, 3, 4))
    yield Sample(values.numbers(3), 5)


def unravel_index(indices, shape):
    return tuple(np.asarray(each) for each in np.unravel_index(indices, shape))


def wrong_coordinates(values):
    yield Sample(values.numbers([1, 2]), (2, -3))
    yield Sample(values.numbers([1, 2]), "text")
    yield Sample(Input([1.0], "float32"), (2, 3))


CASES = [
    OpCase(
        "unravel_index",
        coordinate_samples,
        unravel_index,
        "function",
        dtypes=("int32", "int64"),
        errors=wrong_coordinates,
        derivatives=0,
    ),
    OpCase(
        "unique",
        unique_samples,
        unique,
        dtypes=ORDERED,
        errors=wrong_dims,
        covers=("_unique",),
        **NO_DERIVATIVE,
    ),
    OpCase(
        "unique_consecutive",
        consecutive_samples,
        unique_consecutive,
        dtypes=ORDERED,
        errors=wrong_dims,
        **NO_DERIVATIVE,
    ),
    OpCase("bincount", bincount_samples, bincount, dtypes=INTEGERS, errors=wrong_bincounts, **NO_DERIVATIVE),
    OpCase(
        "histc",
        histc_samples,
        histc,
        "function method out",
        dtypes=FLOATS,
        errors=wrong_histograms,
        **NO_DERIVATIVE,
    ),
    OpCase(
        "searchsorted",
        search_samples,
        searchsorted,
        "function out",
        dtypes=REAL_NUMBERS,
        errors=wrong_searches,
        derivatives=0,
    ),
    OpCase(
        "bucketize",
        bucket_samples,
        bucketize,
        "function out",
        dtypes=REAL_NUMBERS,
        errors=wrong_buckets,
        derivatives=0,
    ),
    OpCase(
        "isin",
        isin_samples,
        lambda elements, test_elements, assume_unique=False, invert=False: np.isin(
            elements, test_elements, assume_unique, invert
        ),
        "function out",
        dtypes=REAL_NUMBERS,
        derivatives=0,
    ),
    OpCase("argwhere", nonzero_samples, nonzero, dtypes=ALL_DTYPES, **NO_DERIVATIVE),
    OpCase(
        "nonzero_static",
        static_samples,
        nonzero_static,
        "function method out",
        dtypes=ALL_DTYPES,
        **NO_DERIVATIVE,
    ),
]
