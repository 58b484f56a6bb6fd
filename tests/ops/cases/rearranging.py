"""Ops that repeat elements, put them in another order, or look at a tensor as if it were flat."""

import numpy as np

from ops.case import OpCase
from ops.cases.view import samples_of
from ops.sample import ALL_DTYPES, Input, Sample


def row(name, calls, reference, wrong_calls=(), forms="function method", **properties):
    return OpCase(
        name,
        samples_of(*calls),
        reference,
        forms,
        dtypes=ALL_DTYPES,
        errors=samples_of(*wrong_calls),
        **properties,
    )


def repeat(input, *repeats):
    return np.tile(input, repeats[0] if isinstance(repeats[0], tuple) else repeats)


def tile(input, dims):
    return np.tile(input, dims)


def roll(input, shifts, dims=None):
    return np.roll(input, shifts, dims)


def repeat_interleave(input, repeats, dim=None):
    return np.repeat(input, repeats, dim)


def counted_samples(values):
    yield Sample(values.tensor(3, 2), values.at(1, 0, 2), 0)
    yield Sample(values.tensor(3, 2), values.at(2), -1)
    yield Sample(values.tensor(2, 2), values.at(1, 2, 3, 0))
    yield Sample(values.tensor(0, 2), values.at(), 0)


def wrong_counts(values):
    yield Sample(values.tensor(3), values.at(1, 2), 0)
    yield Sample(values.tensor(3), values.at(1, -2, 1), 0)
    yield Sample(values.tensor(3), values.tensor(3), 0)


def put(input, index, source, accumulate=False):
    flat = np.array(input).reshape(-1)
    if accumulate:
        np.add.at(flat, index.reshape(-1), source.reshape(-1))
    else:
        flat[index.reshape(-1)] = source.reshape(-1)
    return flat.reshape(input.shape)


def put_samples(values):
    yield Sample(values.tensor(2, 3), values.at(0, -1, 3), values.tensor(3))
    yield Sample(values.tensor(2, 3), values.at(), values.tensor(0))
    if not values.is_bool:
        yield Sample(values.tensor(2, 3), values.at(0, 0, 3), values.tensor(3), True)


def wrong_puts(values):
    yield Sample(values.tensor(2, 3), values.at(0, 1), values.tensor(3))
    yield Sample(values.tensor(2, 3), values.at(0, 6), values.tensor(2))
    yield Sample(values.tensor(2, 3), values.tensor(2), values.tensor(2))
    yield Sample(values.tensor(2, 3), values.at(0), Input([1], "int32"))


def take_samples(values):
    yield Sample(values.tensor(2, 3), values.at(0, 5, -1, 0))
    yield Sample(values.tensor(2, 3), values.indices(6, 2, 2))
    yield Sample(values.tensor(), values.at(0))


def wrong_takes(values):
    yield Sample(values.tensor(2, 3), values.at(6))
    yield Sample(values.tensor(0), values.at(0))
    yield Sample(values.tensor(2), values.tensor(2))


def along_samples(values):
    yield Sample(values.tensor(2, 3), values.indices(3, 2, 2), 1)
    yield Sample(values.tensor(2, 3), values.indices(3, 1, 2), -1)
    yield Sample(values.tensor(2, 3), values.indices(6, 4))


def wrong_along(values):
    yield Sample(values.tensor(2, 3), values.indices(3, 2), 1)
    yield Sample(values.tensor(2, 3), values.tensor(2, 3), 1)


CASES = [
    row(
        "repeat",
        [((2, 3), 2, 1), ((2, 3), (2, 1, 3)), ((), 2), ((0, 2), 1, 2), ((3,), 0)],
        repeat,
        [((2, 3), 2), ((2,), -1), ((2,),)],
        "method",
    ),
    row("tile", [((2, 3), (2,)), ((2, 3), (2, 1, 3)), ((2, 3), ()), ((), (2, 2))], tile, [((2,), (-1,))]),
    row(
        "repeat_interleave.self_int",
        [((2, 3), 2), ((2, 3), 3, 1), ((2, 3), 0, 0), ((), 2), ((2, 3), 2, -2)],
        repeat_interleave,
        [((2,), -1), ((2,), 2, 1)],
    ),
    OpCase(
        "repeat_interleave.self_Tensor",
        counted_samples,
        repeat_interleave,
        dtypes=ALL_DTYPES,
        batches=False,
        errors=wrong_counts,
    ),
    OpCase(
        "repeat_interleave.Tensor",
        lambda values: iter([Sample(values.at(1, 0, 2)), Sample(values.at(0, 0)), Sample(values.at())]),
        lambda repeats: np.repeat(np.arange(len(repeats)), repeats),
        "function",
        derivatives=0,
        batches=False,
    ),
    row(
        "flip",
        [
            ((2, 3), (0,)),
            ((2, 3), (1, 0)),
            ((2, 3), (-1,)),
            ((2, 3), ()),
            ((0, 3), (0,)),
            ((2, 3, 4), (2, 0)),
        ],
        lambda input, dims: np.flip(input, dims),
        [((2, 3), (2,)), ((2, 3), (0, 0))],
    ),
    row("fliplr", [((2, 3),), ((2, 3, 2),)], np.fliplr, [((2,),)]),
    row("flipud", [((2, 3),), ((2,),)], np.flipud, [((),)]),
    row(
        "roll",
        [((2, 3), 1), ((2, 3), 1, 1), ((2, 3), (1, -4), (0, 1)), ((2, 3), (1, 1), (1, 1)), ((0, 3), 1, 0)],
        roll,
        [((2, 3), (1, 2), 0), ((2, 3), ()), ((2, 3), 1, 2), ((), 0, 0)],
    ),
    row(
        "rot90",
        [((2, 3),), ((2, 3), 2), ((2, 3), -1), ((2, 3), 4), ((2, 3, 4), 1, (1, 2)), ((2, 3, 4), 3, (2, 0))],
        lambda input, k=1, dims=(0, 1): np.rot90(input, k, dims),
        [((2,),), ((2, 3), 1, (0, 0)), ((2, 3), 1, (0, 2)), ((2, 3), 1, (0,))],
    ),
    OpCase(
        "take",
        take_samples,
        lambda input, index: np.take(input, index),
        "function method out",
        dtypes=ALL_DTYPES,
        errors=wrong_takes,
    ),
    OpCase("put", put_samples, put, "function method in_place", dtypes=ALL_DTYPES, errors=wrong_puts),
    OpCase(
        "take_along_dim",
        along_samples,
        lambda input, indices, dim=None: np.take_along_axis(input, indices, dim),
        "function method out",
        dtypes=ALL_DTYPES,
        errors=wrong_along,
    ),
    row(
        "sum_to_size",
        [((2, 3), 1, 3), ((2, 3), (3,)), ((2, 3), (2, 3)), ((2, 3), (1,)), ((2, 1, 3), (2, 1, 1))],
        lambda input, *size: sum_to_size(input, size[0] if isinstance(size[0], tuple) else size),
        [((2, 3), (2, 2)), ((3,), (1, 3))],
        "method",
    ),
]


def sum_to_size(input, size):
    added = input.ndim - len(size)
    dims = [dim for dim in range(input.ndim) if dim < added or size[dim - added] == 1]
    summed = np.sum(input, tuple(dims), keepdims=True) if dims else input
    return summed.reshape(size)
