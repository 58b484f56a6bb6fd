"""Ops that make tensors from sizes and numbers, copy them and convert them."""

import numpy as np

from ops.case import OpCase
from ops.sample import ALL_DTYPES, DTypeName, Sample

MADE = ("float32",)  # what is made does not depend on the dtype of a sample


def calls(*arguments):
    """Samples from tuples of arguments; a dict at the end holds keywords."""

    def samples(values):
        for each in arguments:
            keywords = each[-1] if each and isinstance(each[-1], dict) else {}
            yield Sample(*(each[:-1] if keywords else each), **keywords)

    return samples


def like(*keywords):
    def samples(values):
        for shape in [(2, 3), (), (0, 2)]:
            yield Sample(values.tensor(*shape))
        for each in keywords:
            yield Sample(values.tensor(2, 3), **each)

    return samples


def sizes(size):
    return size[0] if len(size) == 1 and isinstance(size[0], (tuple, list)) else size


def arange(*bounds, dtype=None):
    return np.arange(*bounds)


def logspace(start, end, steps, base=10.0, dtype=None):
    return np.power(base, np.linspace(start, end, steps))


BOUNDS = ("Tensor_Tensor", "Tensor_Scalar", "Scalar_Tensor")  # which of start and end is a tensor


def spacer(name, arguments, reference):
    """linspace or logspace: bounds that are tensors are refused here, taken in tests/ops/test_spacing.py."""

    def errors(values):
        yield from calls((0, 1, -1), (0, 1), ("text", 1, 2), (0, 1, 2, TRUTH), (0, 1j, 2, WITH_DTYPE))(values)
        yield from calls((values.tensor(1), 2, 3), (0, values.tensor(2), 3))(values)
        yield from calls((values.tensor(), values.tensor(1, 1), 3))(values)

    return OpCase(
        name,
        calls(*arguments),
        reference,
        "function out",
        dtypes=MADE,
        derivatives=0,
        batches=False,
        errors=errors,
        covers=tuple(f"{name}.{each}" for each in BOUNDS),
    )


TRUTH = {"dtype": DTypeName("bool")}
WITH_DTYPE = {"dtype": DTypeName("int64")}
SIZES = [(2, 3), ((2, 3),), (0,), ((),), (3, WITH_DTYPE)]
WRONG_SIZES = [(-1,), ((2, -3),), ("text",), (2.5,), (), (2, {"nonsense": 1}), (1 << 62, 1 << 62), (1 << 45,)]


def maker(name, arguments, reference, wrong, forms="function out", **properties):
    return OpCase(
        name,
        calls(*arguments),
        reference,
        forms,
        dtypes=MADE,
        derivatives=0,
        batches=False,
        errors=calls(*wrong),
        **properties,
    )


def maker_like(name, reference, *keywords, **properties):
    return OpCase(
        name,
        like(*keywords),
        reference,
        "function",
        dtypes=ALL_DTYPES,
        derivatives=0,
        errors=calls((), ("text",)),
        **properties,
    )


CASES = [
    maker("empty", SIZES, lambda *size, dtype=None: np.empty(sizes(size)), WRONG_SIZES, fills=False),
    maker("zeros", SIZES, lambda *size, dtype=None: np.zeros(sizes(size)), WRONG_SIZES),
    maker("ones", SIZES, lambda *size, dtype=None: np.ones(sizes(size)), WRONG_SIZES),
    maker(
        "full",
        [((2, 3), 1.5), ((2,), 3), ((), True), ((0, 2), 1), ((2,), 3, {"dtype": DTypeName("float64")})],
        lambda size, fill_value, dtype=None: np.full(size, fill_value),
        [((-1,), 1), ((2,), "text"), ((2,),)],
    ),
    maker(
        "arange",
        [(5,), (2, 7), (1, 8, 3), (0.0, 1.0, 0.25), (5, 0, -2), (3, 3), (5.0,), (0, 5, WITH_DTYPE)],
        arange,
        [(0, 5, -1), (0, 5, 0), ("text",), (), (0.0, float("inf"), 1), (float("nan"),)],
        covers=("arange.start",),
    ),
    spacer(
        "linspace",
        [(0, 1, 5), (-2.0, 2.0, 4), (3, 3, 1), (0, 10, 0), (1, 0, 7), (0, 1j, 3), (0, 9, 4, WITH_DTYPE)],
        lambda start, end, steps, dtype=None: np.linspace(start, end, steps),
    ),
    spacer(
        "logspace",
        [(0, 1, 5), (-2.0, 2.0, 4), (3, 3, 1), (0, 10, 0), (1, 0, 7), (0, 1j, 3), (0, 9, 4, 2.0, WITH_DTYPE)],
        logspace,
    ),
    maker(
        "eye",
        [(3,), (2, 4), (3, 0), (0,), (2, WITH_DTYPE)],
        lambda rows, columns=None, dtype=None: np.eye(rows, columns),
        [(-1,), (2, -1), ("text",)],
        covers=("eye.m",),
    ),
    maker_like("empty_like", np.empty_like, WITH_DTYPE, fills=False),
    maker_like("zeros_like", np.zeros_like, {"dtype": DTypeName("int64")}),
    maker_like("ones_like", np.ones_like, {"dtype": DTypeName("bool")}),
    OpCase(
        "full_like",
        lambda values: iter(
            [Sample(values.tensor(2, 3), 1), Sample(values.tensor(), 1), Sample(values.tensor(0), 1)]
        ),
        np.full_like,
        dtypes=ALL_DTYPES,
        forms="function",
        derivatives=0,
        errors=lambda values: iter([Sample(values.tensor(2)), Sample(values.tensor(2), "text")]),
    ),
    OpCase(
        "fill",
        lambda values: iter([Sample(values.tensor(*shape), 1) for shape in [(2, 3), (), (0, 2), (37,)]]),
        np.full_like,
        "function in_place",
        dtypes=ALL_DTYPES,
        errors=lambda values: iter(
            [Sample(values.tensor(2), "text"), Sample(values.tensor(2), values.tensor(2))]
        ),
    ),
    OpCase(
        "fill.Tensor",
        lambda values: iter(
            [Sample(values.tensor(*shape), values.tensor()) for shape in [(2, 3), (), (0, 2)]]
        ),
        np.full_like,
        "function in_place",
        dtypes=ALL_DTYPES,
    ),
    OpCase(
        "zero",
        lambda values: iter([Sample(values.tensor(*shape)) for shape in [(2, 3), (), (0, 2), (37,)]]),
        np.zeros_like,
        "in_place",
        dtypes=ALL_DTYPES,
    ),
    OpCase(
        "copy",
        lambda values: iter(
            [
                Sample(values.tensor(2, 3), values.tensor(2, 3)),
                Sample(values.tensor(2, 3), values.tensor(3)),
                Sample(values.tensor(2, 3), values.tensor()),
                Sample(values.tensor(0, 3), values.tensor(1, 3)),
                Sample(values.tensor(2, 3), values.indices(5, 2, 3)),
            ]
        ),
        lambda input, src: np.broadcast_to(src, input.shape).astype(input.dtype),
        "in_place",
        dtypes=ALL_DTYPES,
        errors=lambda values: iter(
            [
                Sample(values.tensor(2, 3), values.tensor(2)),
                Sample(values.tensor(3), values.tensor(2, 3)),
                Sample(values.tensor(3), "text"),
            ]
        ),
    ),
    OpCase(
        "_to_copy",
        lambda values: iter(
            [Sample(values.tensor(2, 3), DTypeName(dtype)) for dtype in ("float64", "int64", "bool")]
        ),
        lambda input, dtype: (
            input.real.astype(dtype) if input.dtype.kind == "c" and dtype != "bool" else input.astype(dtype)
        ),
        "method",
        function="to",
        dtypes=tuple(dtype for dtype in ALL_DTYPES if not dtype.startswith("complex")),
    ),
    OpCase(
        "contiguous",
        lambda values: iter([Sample(values.tensor(*shape)) for shape in [(2, 3), (), (0, 2)]]),
        np.array,
        "method",
        dtypes=ALL_DTYPES,
        covers=("_contiguous_copy",),
    ),
]


def maker_new(name, reference, *value, **properties):
    """Rows of new_zeros and its kin: the dtype and device of a tensor, other sizes."""

    def samples(values):
        for size in [(2, 3), (), (0, 2)]:
            yield Sample(values.tensor(4), size, *value)
        yield Sample(values.tensor(4), (2,), *value, dtype=DTypeName("int64"))

    def errors(values):
        yield Sample(values.tensor(4), (-1,), *value)
        yield Sample(values.tensor(4), "text", *value)

    return OpCase(
        name,
        samples,
        lambda input, size, *value, dtype=None: reference(size, *value),
        "method",
        dtypes=ALL_DTYPES,
        derivatives=0,
        batches=False,
        errors=errors,
        **properties,
    )


CASES += [
    maker_new("new_empty", np.empty, fills=False),
    maker_new("new_zeros", np.zeros),
    maker_new("new_ones", np.ones),
    maker_new("new_full", np.full, 1),
    maker(
        "empty_strided",
        [((2, 3), (3, 1)), ((2, 3), (1, 2)), ((), ()), ((0, 2), (2, 1))],
        lambda size, stride: np.empty(size),
        [((2, 3), (1,)), ((-1,), (1,)), ((2,), (-1,)), ("text", (1,))],
        "function",
        fills=False,
    ),
    maker(
        "empty_permuted",
        [((2, 3), (1, 0)), ((), ()), ((0, 2), (0, 1))],
        lambda size, physical_layout: np.empty(size),
        [((2, 3), (0,)), ((2, 3), (0, 0)), ((2, 3), (0, 2))],
        "function",
        fills=False,
    ),
    maker("scalar_tensor", [(2,), (1.5,), (True,)], np.array, [("text",)], "function"),
    OpCase(
        "new_empty_strided",
        lambda values: iter([Sample(values.tensor(4), (2, 3), (1, 2)), Sample(values.tensor(4), (), ())]),
        lambda input, size, stride: np.empty(size),
        "method",
        dtypes=ALL_DTYPES,
        derivatives=0,
        batches=False,
        errors=lambda values: iter([Sample(values.tensor(4), (2, 3), (1,))]),
        fills=False,
    ),
]
