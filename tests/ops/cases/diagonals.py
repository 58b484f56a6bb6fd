"""Ops that take, place or cut along diagonals."""

import numpy as np

from ops.case import OpCase
from ops.cases.view import samples_of
from ops.sample import ALL_DTYPES, COMPLEX, INTEGERS, REAL_FLOATS, DTypeName, Sample


def row(name, calls, reference, wrong_calls=(), forms="function method", **properties):
    return OpCase(
        name,
        samples_of(*calls),
        reference,
        forms,
        **{"dtypes": ALL_DTYPES, "errors": samples_of(*wrong_calls), **properties},
    )


def diag_embed(input, offset=0, dim1=-2, dim2=-1):
    size = input.shape[-1] + abs(offset)
    result = np.zeros((*input.shape[:-1], size, size), input.dtype)
    places = np.arange(input.shape[-1])
    result[..., places + max(0, -offset), places + max(0, offset)] = input
    return np.moveaxis(result, (-2, -1), (dim1, dim2))


def block_diag(*blocks):
    blocks = [np.atleast_2d(block) for block in blocks]
    result = np.zeros(np.sum([block.shape for block in blocks], 0), np.result_type(*blocks))
    row_number = column = 0
    for block in blocks:
        result[row_number : row_number + block.shape[0], column : column + block.shape[1]] = block
        row_number, column = row_number + block.shape[0], column + block.shape[1]
    return result


def blocks(*lists):
    def samples(values):
        for shapes in lists:
            yield Sample(*(values.tensor(*shape) for shape in shapes))

    return samples


def places(take):
    return lambda row, col, offset=0, dtype=None: np.stack(take(row, offset, col))


def triangle_samples(values):
    yield Sample(3, 4)
    yield Sample(3, 4, 1)
    yield Sample(4, 3, offset=-2)
    yield Sample(0, 3)
    yield Sample(2, 2, dtype=DTypeName("int32"))


def wrong_triangles(values):
    yield Sample(-1, 2)
    yield Sample(2, -1)


MATRICES = [((3, 4),), ((3, 4), 1), ((4, 3), -2), ((2, 3, 3), -9), ((2, 3, 3), 9), ((0, 3),), ((2, 3, 0),)]

CASES = [
    row("tril", MATRICES, np.tril, [((3,),), ((),)], "function method in_place out"),
    row("triu", MATRICES, np.triu, [((3,),), ((),)], "function method in_place out"),
    OpCase(
        "tril_indices",
        triangle_samples,
        places(np.tril_indices),
        "function",
        dtypes=("int64",),
        derivatives=0,
        errors=wrong_triangles,
    ),
    OpCase(
        "triu_indices",
        triangle_samples,
        places(np.triu_indices),
        "function",
        dtypes=("int64",),
        derivatives=0,
        errors=wrong_triangles,
    ),
    row(
        "diag",
        [((3,),), ((3,), 1), ((3,), -2), ((3, 4),), ((3, 4), 1), ((3, 4), -9)],
        lambda input, diagonal=0: np.diag(input, diagonal),
        [((2, 3, 4),), ((),)],
        "function method out",
    ),
    row(
        "diag_embed",
        [((3,),), ((2, 3), 1), ((2, 3), -1, 0, 2), ((2, 3), 0, -1, 0), ((2, 0),)],
        diag_embed,
        [((3,), 0, 0, 0), ((3,), 0, 0, 2)],
    ),
    row("diagflat", [((2, 2),), ((3,), -1), ((),)], lambda input, offset=0: np.diagflat(input, offset)),
    row(
        "trace",
        [((3, 3),), ((2, 4),), ((0, 2),)],
        np.trace,
        [((3,),), ((2, 2, 2),)],
        dtypes=REAL_FLOATS[:2] + INTEGERS + COMPLEX,
    ),
    OpCase(
        "block_diag",
        blocks([(2, 3), (1, 2)], [(2,), (), (3, 1)], [(0, 2), (2, 2)], [(2, 2)]),
        block_diag,
        "function",
        dtypes=ALL_DTYPES,
        errors=blocks([(2, 2, 2)], [(2, 2), (2, 2, 2)]),
    ),
]
