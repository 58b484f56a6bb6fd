"""Products of vectors and matrices that other ops are made of, and sums with such products."""

import numpy as np

from ops.case import OpCase
from ops.cases.matmul import PRODUCT_DTYPES, products, wrong
from ops.sample import ALL_DTYPES, Sample


def row(name, samples, reference, errors, forms="function method out", **properties):
    return OpCase(
        name,
        samples,
        reference,
        forms,
        **{"dtypes": PRODUCT_DTYPES, "tolerance": 30, **properties},
        errors=errors,
    )


def summed(*shapes):
    """Samples of (input, left, right), some with factors; beta=0 hides what is not a number."""

    def samples(values):
        for each in shapes:
            yield Sample(*(values.tensor(*shape) for shape in each))
            yield Sample(*(values.tensor(*shape) for shape in each), beta=2, alpha=3)
        if values.is_floating:
            full, *factors = shapes[0]
            hidden = values.numbers(np.full(full, np.nan))
            yield Sample(hidden, *(values.tensor(*shape) for shape in factors), beta=0).special()

    return samples


def sum_with(multiply):
    return lambda input, left, right, beta=1, alpha=1: beta * input + alpha * multiply(left, right)


def wrong_sums(*shapes):
    def samples(values):
        for each in shapes:
            yield Sample(*(values.tensor(*shape) for shape in each))

    return samples


def kron(input, other):
    return np.kron(input, other)


CASES = [
    row(
        "addmv",
        summed([(3,), (3, 4), (4,)], [(1,), (3, 4), (4,)], [(3,), (3, 0), (0,)]),
        sum_with(np.matmul),
        wrong_sums([(3,), (3, 4), (3,)], [(2,), (3, 4), (4,)], [(3,), (3,), (3,)]),
        "function method in_place out",
    ),
    row(
        "addr",
        summed([(3, 4), (3,), (4,)], [(4,), (3,), (4,)], [(0, 4), (0,), (4,)]),
        sum_with(np.outer),
        wrong_sums([(3, 4), (3, 1), (4,)], [(3, 4), (3,), (4, 1)], [(2, 4), (3,), (4,)]),
        "function method in_place out",
    ),
    row(
        "addbmm",
        summed([(3, 5), (2, 3, 4), (2, 4, 5)], [(5,), (2, 3, 4), (2, 4, 5)]),
        sum_with(lambda left, right: np.matmul(left, right).sum(0)),
        wrong_sums([(3, 5), (2, 3, 4), (3, 4, 5)], [(3, 5), (2, 3, 4), (2, 3, 5)]),
        "function method in_place out",
    ),
    row(
        "baddbmm",
        summed([(2, 3, 5), (2, 3, 4), (2, 4, 5)], [(5,), (2, 3, 4), (2, 4, 5)]),
        sum_with(np.matmul),
        wrong_sums([(2, 3, 5), (2, 3, 4), (3, 4, 5)], [(2, 3, 5), (2, 3, 4), (2, 3, 5)]),
        "function method in_place out",
    ),
    row("vdot", products(((4,), (4,)), ((0,), (0,))), np.vdot, wrong(((3,), (4,)), ((3, 4), (4,)))),
    row(
        "outer",
        products(((3,), (4,)), ((0,), (4,))),
        np.outer,
        wrong(((3, 4), (4,)), ((3,), (3, 4))),
        dtypes=ALL_DTYPES,
    ),
    row(
        "inner",
        products(((4,), (4,)), ((2, 4), (3, 4)), ((2, 2, 4), (4,)), ((), (3,)), ((2, 0), (3, 0))),
        np.inner,
        wrong(((3,), (4,)), ((2, 3), (3, 4))),
    ),
    row(
        "kron",
        products(((2, 3), (3, 2)), ((2,), (2, 2)), ((), (3,)), ((0, 2), (2, 2))),
        kron,
        lambda values: iter([Sample(values.tensor(2), "text")]),
        dtypes=ALL_DTYPES,
    ),
    row(
        "cross",
        lambda values: iter(
            [
                Sample(values.tensor(3), values.tensor(3), 0),
                Sample(values.tensor(2, 3), values.tensor(2, 3), 1),
                Sample(values.tensor(3, 2), values.tensor(3, 2), 0),
                Sample(values.tensor(2, 3), values.tensor(1, 3), dim=-1),
            ]
        ),
        lambda input, other, dim=-1: np.cross(*np.broadcast_arrays(input, other), axis=dim),
        wrong(((2,), (2,)), ((2, 3), (3,))),
        covers=("linalg_cross",),
    ),
]
