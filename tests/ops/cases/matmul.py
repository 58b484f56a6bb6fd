"""Products of matrices and vectors."""

import numpy as np

from ops.case import OpCase
from ops.sample import COMPLEX, INTEGERS, REAL_FLOATS, Sample

PRODUCT_DTYPES = REAL_FLOATS + INTEGERS[1:] + COMPLEX


def products(*shapes, large=()):
    def samples(values):
        for each in shapes:
            yield Sample(*(values.tensor(*shape) for shape in each))
        if values.dtype in ("float32", "float64"):
            for each in large:
                yield Sample(*(values.tensor(*shape) for shape in each)).large()

    return samples


def wrong(*shapes):
    def samples(values):
        for each in shapes:
            yield Sample(*(values.tensor(*shape) for shape in each))
        yield Sample(values.tensor(2, 2))
        yield Sample(values.tensor(2, 2), "text")
        yield Sample(values.tensor(2, 2), values.indices(3, 2, 2))

    return samples


def addmm_samples(values):
    yield Sample(values.tensor(3, 5), values.tensor(3, 4), values.tensor(4, 5))
    yield Sample(values.tensor(5), values.tensor(3, 4), values.tensor(4, 5))
    yield Sample(values.tensor(3, 1), values.tensor(3, 4), values.tensor(4, 5), beta=2, alpha=3)
    yield Sample(values.tensor(), values.tensor(3, 4), values.tensor(4, 5))
    yield Sample(values.tensor(5), values.tensor(0, 4), values.tensor(4, 5))
    yield Sample(values.tensor(5), values.tensor(3, 0), values.tensor(0, 5))
    if values.is_floating:
        yield Sample(
            values.numbers([np.nan, np.inf]), values.tensor(3, 4), values.tensor(4, 2), beta=0
        ).special()
    if values.dtype in ("float32", "float64"):
        yield Sample(values.tensor(70), values.tensor(65, 131), values.tensor(131, 70)).large()


def wrong_addmm(values):
    yield Sample(values.tensor(5), values.tensor(3, 4), values.tensor(3, 5))
    yield Sample(values.tensor(4), values.tensor(3, 4), values.tensor(4, 5))
    yield Sample(values.tensor(5), values.tensor(4), values.tensor(4, 5))
    yield Sample(values.tensor(5), values.tensor(3, 4))
    yield Sample(values.indices(3, 5), values.tensor(3, 4), values.tensor(4, 5))


def linear(input, weight, bias=None):
    output = input @ weight.T
    return output if bias is None else output + bias


def linear_samples(values):
    yield Sample(values.tensor(3, 4), values.tensor(5, 4), values.tensor(5))
    yield Sample(values.tensor(3, 4), values.tensor(5, 4))
    yield Sample(values.tensor(4), values.tensor(5, 4), values.tensor(5))
    yield Sample(values.tensor(2, 3, 4), values.tensor(5, 4), values.tensor(5))
    yield Sample(values.tensor(2, 3, 4), values.tensor(5, 4), None)
    yield Sample(values.tensor(0, 4), values.tensor(5, 4), values.tensor(5))
    yield Sample(values.tensor(4), values.tensor(4))
    if values.dtype in ("float32", "float64"):
        yield Sample(values.tensor(64, 200), values.tensor(128, 200), values.tensor(128)).large()


def wrong_linear(values):
    yield Sample(values.tensor(3, 4), values.tensor(5, 3), values.tensor(5))
    yield Sample(values.tensor(3, 4), values.tensor(5, 3))
    yield Sample(values.tensor(3, 4), values.tensor(5, 4), values.tensor(4))
    yield Sample(values.tensor(2, 3, 4), values.tensor(5, 3), values.tensor(5))
    yield Sample(values.indices(5, 3, 4), values.tensor(5, 4), values.tensor(5))
    yield Sample(values.indices(5, 3, 4), values.tensor(5, 4))
    yield Sample(values.tensor(3, 4))
    yield Sample(values.tensor(3, 4), "text")


RANKS = [
    ((4,), (4,)),
    ((3, 4), (4, 5)),
    ((4,), (4, 5)),
    ((3, 4), (4,)),
    ((2, 3, 4), (2, 4, 5)),
    ((2, 3, 4), (4, 5)),
    ((3, 4), (2, 4, 5)),
    ((2, 1, 3, 4), (3, 4, 5)),
    ((2, 3, 4), (4,)),
    ((4,), (2, 4, 5)),
    ((0, 4), (4, 5)),
    ((3, 0), (0, 5)),
    ((2, 0, 4), (4, 5)),
]
LARGE = [((65, 131), (131, 70)), ((3, 700), (700, 90)), ((200, 3), (3, 200))]


def row(name, samples, reference, errors, forms="function method out", **properties):
    return OpCase(
        name, samples, reference, forms, dtypes=PRODUCT_DTYPES, errors=errors, tolerance=30, **properties
    )


CASES = [
    row(
        "mm",
        products(
            ((3, 4), (4, 5)),
            ((1, 1), (1, 1)),
            ((0, 4), (4, 5)),
            ((3, 0), (0, 5)),
            ((17, 9), (9, 33)),
            large=LARGE,
        ),
        np.matmul,
        wrong(((3, 4), (3, 4)), ((4,), (4, 3)), ((2, 3, 4), (4, 5))),
    ),
    row(
        "bmm",
        products(
            ((2, 3, 4), (2, 4, 5)),
            ((0, 3, 4), (0, 4, 5)),
            ((2, 3, 0), (2, 0, 5)),
            large=[((7, 65, 31), (7, 31, 70))],
        ),
        np.matmul,
        wrong(((2, 3, 4), (3, 4, 5)), ((2, 3, 4), (2, 3, 5)), ((3, 4), (4, 5))),
    ),
    row(
        "matmul",
        products(*RANKS, large=LARGE),
        np.matmul,
        wrong(((3, 4), (3, 4)), ((), (3,)), ((3,), (4,)), ((2, 3, 4), (3, 4, 5)), ((2, 3, 4), (3,))),
    ),
    row(
        "mv",
        products(((3, 4), (4,)), ((0, 4), (4,)), ((3, 0), (0,))),
        np.matmul,
        wrong(((3, 4), (3,)), ((4,), (4,))),
    ),
    row(
        "dot",
        products(((4,), (4,)), ((0,), (0,)), ((37,), (37,))),
        np.dot,
        wrong(((3,), (4,)), ((3, 4), (4,))),
    ),
    row(
        "addmm",
        addmm_samples,
        lambda input, mat1, mat2, beta=1, alpha=1: (beta * input if beta else 0) + alpha * (mat1 @ mat2),
        wrong_addmm,
        "function method in_place out",
    ),
    OpCase(
        "linear",
        linear_samples,
        linear,
        "function out",
        function="nn.functional.linear",
        dtypes=REAL_FLOATS + COMPLEX,
        errors=wrong_linear,
        tolerance=30,
    ),
]
