"""Elementwise ops of two or three tensors, which broadcast."""

import numpy as np

from ops.case import OpCase
from ops.cases.unary import EVERY_FORM
from ops.sample import ALL_DTYPES, COMPLEX, INTEGERS, NUMBERS, ORDERED, REAL_FLOATS, REAL_NUMBERS, Sample

BROADCASTS = [
    ((3, 4), (3, 4)),
    ((3, 4), (4,)),
    ((3, 1), (1, 4)),
    ((2, 1, 3), (4, 1)),
    ((), (2, 3)),
    ((3,), ()),
    ((), ()),
    ((0, 3), (1, 3)),
    ((41,), (41,)),
]


def broadcast_samples(draw, second=None, number=2, keywords=()):
    """Samples of an op of two tensors; `number` as the second one too, and each of `keywords`."""
    second = second or draw

    def samples(values):
        for left, right in BROADCASTS:
            yield Sample(draw(values, *left), second(values, *right))
        if number is not None and not values.is_bool:
            yield Sample(draw(values, 3, 4), number)
        for each in keywords:
            if not values.is_bool:
                yield Sample(draw(values, 3, 4), second(values, 4), **each)
        if values.is_floating:
            yield Sample(*values.special_pairs()).special()
        if values.dtype in ("float32", "float64"):
            yield Sample(draw(values, 300, 500), second(values, 300, 500)).large()
            yield Sample(draw(values, 300, 500), second(values, 300, 1)).large()

    return samples


def plain(values, *shape):
    return values.tensor(*shape)


def positive(values, *shape):
    return values.positive(*shape)


def nonzero(values, *shape):
    return values.nonzero(*shape)


def wrong_pairs(values):
    yield Sample(values.tensor(2, 3), values.tensor(2, 4))
    yield Sample(values.tensor(2, 3), values.tensor(4))
    yield Sample(values.tensor(2, 3), "text")
    yield Sample(values.tensor(2, 3))
    yield Sample(values.tensor(2, 3), None)
    yield Sample(values.tensor(2, 3), values.tensor(2, 3), nonsense=1)


def wrong_sums(values):
    yield from wrong_pairs(values)
    integers = values.indices(5, 3)
    yield Sample(integers, integers, alpha=0.5)
    yield Sample(values.mask(3), values.mask(3), alpha=2)
    yield Sample(values.mask(3), values.mask(3), alpha=0.5)


def true_divide(input, other):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(input) / other


def power(input, exponent):
    input, exponent = np.asarray(input), np.asarray(exponent)
    if input.dtype.kind == "i" and exponent.dtype.kind == "i":
        return input**exponent
    return np.power(input.astype(np.result_type(input, np.float64)), exponent)


def number_base_samples(values):
    for base in (2, 3, 1):
        exponents = values.tensor(3, 4)
        yield Sample(base, exponents.with_values(np.abs(exponents.values) % 4))
    if values.is_floating:
        yield Sample(0.5, values.tensor(5))


def pow_samples(values):
    for left, right in BROADCASTS[:5]:
        exponents = values.tensor(*right)
        if values.is_integer:
            exponents = exponents.with_values(np.abs(exponents.values) % 3)
        base = values.tensor(*left) if values.is_integer else values.positive(*left)
        if values.dtype in ("uint8", "int8"):
            base = base.with_values(base.values % 5)
        yield Sample(base, exponents)
    for exponent in (2, 3, 0, 1):
        base = values.tensor(3, 4)
        yield Sample(base.with_values(base.values % 5) if values.is_integer else base, exponent)
    if values.is_floating or values.is_complex:
        for exponent in (0.5, -0.5, -1, -2, 2.5):
            yield Sample(values.positive(5), exponent)
    if values.is_floating:
        yield Sample(*values.special_pairs()).special()


def three_tensors(values):
    yield Sample(values.tensor(3, 4), values.tensor(3, 4), values.nonzero(3, 4))
    yield Sample(values.tensor(3, 4), values.tensor(4), values.nonzero(3, 1))
    yield Sample(values.tensor(), values.tensor(2, 1), values.nonzero())
    yield Sample(values.tensor(0, 3), values.tensor(3), values.nonzero(1, 1))
    yield Sample(values.tensor(37), values.tensor(37), values.nonzero(37), value=3)


def lerp_samples(values):
    yield Sample(values.tensor(3, 4), values.tensor(3, 4), values.tensor(3, 4))
    yield Sample(values.tensor(3, 4), values.tensor(4), values.tensor(3, 1))
    yield Sample(values.tensor(2, 37), values.tensor(37), 0.3)
    yield Sample(values.tensor(2, 3), values.tensor(3), 0.8)
    yield Sample(values.tensor(0, 3), values.tensor(3), 0.8)


def row(name, samples, reference, dtypes, errors=wrong_pairs, **properties):
    return OpCase(name, samples, reference, EVERY_FORM, dtypes=dtypes, errors=errors, **properties)


pairs = broadcast_samples(plain, number=None)

CASES = [
    row(
        "add",
        broadcast_samples(plain, keywords=[{"alpha": 2}, {"alpha": -1}]),
        lambda input, other, alpha=1: np.add(input, np.multiply(other, alpha) if alpha != 1 else other),
        ALL_DTYPES,
        wrong_sums,
    ),
    row(
        "sub",
        broadcast_samples(lambda values, *shape: values.tensor(*shape), keywords=[{"alpha": 2}]),
        lambda input, other, alpha=1: np.subtract(input, np.multiply(other, alpha)),
        tuple(dtype for dtype in NUMBERS if dtype != "uint8"),
        wrong_sums,
    ),
    row("mul", broadcast_samples(plain), np.multiply, ALL_DTYPES),
    row("div", broadcast_samples(plain, nonzero), true_divide, ALL_DTYPES),
    OpCase("pow.Scalar", number_base_samples, power, "function out", dtypes=NUMBERS, tolerance=4),
    row("pow", pow_samples, power, NUMBERS, tolerance=4, covers=("pow.Tensor",)),
    OpCase("maximum", pairs, np.maximum, "function method out", dtypes=ORDERED, errors=wrong_pairs),
    OpCase("minimum", pairs, np.minimum, "function method out", dtypes=ORDERED, errors=wrong_pairs),
    row(
        "addcmul",
        three_tensors,
        lambda input, tensor1, tensor2, value=1: input + value * tensor1 * tensor2,
        NUMBERS,
        tolerance=8,
    ),
    row(
        "addcdiv",
        three_tensors,
        lambda input, tensor1, tensor2, value=1: input + value * true_divide(tensor1, tensor2),
        REAL_FLOATS + COMPLEX,
        tolerance=8,
    ),
    row(
        "lerp",
        lerp_samples,
        lambda input, end, weight: input + weight * (end - input),
        REAL_FLOATS,
        tolerance=4,
        covers=("lerp.tensor",),
    ),
    row("eq", broadcast_samples(plain), np.equal, ALL_DTYPES, derivatives=0),
    row("ne", broadcast_samples(plain), np.not_equal, ALL_DTYPES, derivatives=0),
    row("lt", broadcast_samples(plain), np.less, ORDERED, derivatives=0),
    row("le", broadcast_samples(plain), np.less_equal, ORDERED, derivatives=0),
    row("gt", broadcast_samples(plain), np.greater, ORDERED, derivatives=0),
    row("ge", broadcast_samples(plain), np.greater_equal, ORDERED, derivatives=0),
]


def where_samples(values):
    for left, right in BROADCASTS:
        yield Sample(values.mask(*left), values.tensor(*right), values.tensor(*left))
    yield Sample(values.mask(3, 1), values.tensor(4), values.tensor(2, 3, 4))


def where_number_samples(values):
    if values.is_bool:
        yield Sample(values.mask(3), values.tensor(3), True)
    else:
        yield Sample(values.mask(3), values.tensor(3), 2)
        yield Sample(values.mask(3), 2, values.tensor(3))


def wrong_where(values):
    yield Sample(values.mask(3), values.tensor(3), values.tensor(4))
    yield Sample(values.tensor(3), values.tensor(3), values.tensor(3))
    yield Sample(values.mask(3), values.tensor(3), "text")


def masked_fill_samples(values):
    number = 1 if values.is_bool else 3
    yield Sample(values.tensor(3, 4), values.mask(3, 4), number)
    yield Sample(values.tensor(3, 4), values.mask(4), number)
    yield Sample(values.tensor(3, 1), values.mask(1, 4), number)
    yield Sample(values.tensor(), values.mask(), number)
    yield Sample(values.tensor(0, 2), values.mask(2), number)
    yield Sample(values.tensor(3, 4), values.mask(3, 1), values.numbers(number))


def wrong_masks(values):
    yield Sample(values.tensor(3), values.indices(2, 3), 1)
    yield Sample(values.tensor(3), values.mask(4), 1)
    yield Sample(values.tensor(3), values.mask(3), values.tensor(2))
    yield Sample(values.indices(9, 3), values.mask(3), 0.5 + 1j)


def equal_samples(values):
    same = values.tensor(3, 4)
    yield Sample(same, same)
    yield Sample(same, values.tensor(3, 4))
    yield Sample(same, values.tensor(4))
    yield Sample(values.tensor(0), values.tensor(0))
    if values.is_floating:
        yield Sample(values.numbers([np.nan]), values.numbers([np.nan]))


def where_method_samples(values):
    yield Sample(values.tensor(3, 4), values.mask(3, 4), values.tensor(3, 4))
    yield Sample(values.tensor(4), values.mask(3, 1), values.tensor())


def where_method(input, condition, other):
    return np.where(condition, input, other)


def condition_samples(values):
    yield Sample(values.tensor(3, 4))
    yield Sample(values.mask(5))
    yield Sample(values.tensor(0, 3))


def close_samples(values):
    """Equal, near and far numbers; other tolerances; NaN."""
    base = values.tensor(3, 4)
    if values.is_bool:
        yield Sample(base, values.tensor(3, 4))
        return
    yield Sample(base, base)
    yield Sample(base, values.tensor(4))
    yield Sample(
        base, base.with_values(base.values + (1 if values.is_integer else 0.125)), rtol=0.0, atol=1.0
    )
    yield Sample(base, base.with_values(base.values * 2), 1.0, 0.0)
    yield Sample(values.tensor(0), values.tensor(0))
    if values.is_floating:
        special = values.special()
        yield Sample(special, special)
        yield Sample(special, special, equal_nan=True)


def wrong_close(values):
    yield Sample(values.tensor(2), values.tensor(3))
    yield Sample(values.tensor(2), values.indices(5, 2))
    yield Sample(values.tensor(2), values.tensor(2), rtol=-1.0)
    yield Sample(values.tensor(2), values.tensor(2), atol=-1.0)
    yield Sample(values.tensor(2), 1.0)


CASES += [
    OpCase("where", where_samples, np.where, "function out", dtypes=ALL_DTYPES, errors=wrong_where),
    OpCase("where.number", where_number_samples, np.where, "function", dtypes=ALL_DTYPES),
    OpCase("where.self", where_method_samples, where_method, "method", dtypes=ALL_DTYPES),
    OpCase(
        "where.condition",
        condition_samples,
        lambda condition: np.nonzero(condition),
        "function",
        dtypes=ALL_DTYPES,
        derivatives=0,
        batches=False,
    ),
    OpCase("max.other", pairs, np.maximum, "function method out", dtypes=ORDERED, errors=wrong_pairs),
    OpCase("min.other", pairs, np.minimum, "function method out", dtypes=ORDERED, errors=wrong_pairs),
    OpCase("isclose", close_samples, np.isclose, dtypes=ALL_DTYPES, derivatives=0, errors=wrong_close),
    OpCase(
        "allclose",
        close_samples,
        lambda *arguments, **keywords: bool(np.allclose(*arguments, **keywords)),
        dtypes=REAL_NUMBERS,
        derivatives=0,
        batches=False,
        errors=wrong_close,
    ),
    OpCase(
        "masked_fill",
        masked_fill_samples,
        lambda input, mask, value: np.where(mask, np.asarray(value).astype(input.dtype), input),
        "function method in_place",
        dtypes=ALL_DTYPES,
        errors=wrong_masks,
        covers=("masked_fill.Tensor",),
    ),
    OpCase("equal", equal_samples, np.array_equal, dtypes=ALL_DTYPES, derivatives=0, batches=False),
]


def logical(name, reference):
    samples = broadcast_samples(plain, number=None)
    return OpCase(name, samples, reference, EVERY_FORM, dtypes=ALL_DTYPES, derivatives=0, errors=wrong_pairs)


def bitwise(name, reference):
    def samples(values):
        for left, right in BROADCASTS:
            yield Sample(values.tensor(*left), values.tensor(*right))
        yield Sample(values.tensor(3, 4), True if values.is_bool else 5)

    return OpCase(
        name,
        samples,
        reference,
        EVERY_FORM,
        dtypes=(*INTEGERS, "bool"),
        derivatives=0,
        errors=wrong_pairs,
    )


CASES += [
    logical("logical_and", np.logical_and),
    logical("logical_or", np.logical_or),
    logical("logical_xor", np.logical_xor),
    bitwise("bitwise_and", np.bitwise_and),
    bitwise("bitwise_or", np.bitwise_or),
    bitwise("bitwise_xor", np.bitwise_xor),
    OpCase(
        "bitwise_not",
        lambda values: iter([Sample(values.tensor(*shape)) for shape in [(3, 4), (), (0, 3), (37,)]]),
        np.bitwise_not,
        EVERY_FORM,
        dtypes=(*INTEGERS, "bool"),
        derivatives=0,
    ),
]
