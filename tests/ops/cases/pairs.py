"""Rarer elementwise ops of two tensors: division that rounds, angles, logarithms of sums, bits shifted."""

import numpy as np

from ops.case import OpCase
from ops.cases.binary import BROADCASTS, nonzero, plain, positive, wrong_pairs
from ops.cases.unary import EVERY_FORM
from ops.sample import FLOATS, INTEGERS, REAL_FLOATS, REAL_NUMBERS, Sample


def pairs(first, second=None, number=None):
    """Samples of two tensors that broadcast; of a tensor and `number` too."""
    second = second or first

    def samples(values):
        for left, right in BROADCASTS:
            yield Sample(first(values, *left), second(values, *right))
        if number is not None and not values.is_bool:
            yield Sample(first(values, 3, 4), number)

    return samples


def quotients(values):
    """Pairs whose quotient lies at least a tenth away from an integer; of integers any."""
    for left, right in BROADCASTS:
        divisor = nonzero(values, *right)
        if values.is_integer:
            yield Sample(plain(values, *left), divisor)
            continue
        shape = np.broadcast_shapes(left, right)
        ratio = values.random.integers(-3, 3, shape) + values.random.uniform(0.2, 0.8, shape)
        dividend = plain(values, *shape)
        yield Sample(dividend.with_values(ratio * divisor.values), divisor)
    yield Sample(nonzero(values, 3, 4), 7)


def with_mode(mode):
    def samples(values):
        for sample in quotients(values):
            yield Sample(*sample.arguments, rounding_mode=mode)

    return samples


def all_modes(values):
    for mode in ("floor", "trunc"):
        yield from with_mode(mode)(values)
    if values.is_floating:
        yield from with_mode(None)(values)


def divide(input, other, rounding_mode=None):
    quotient = np.divide(input, other)
    if rounding_mode is None:
        return quotient
    return np.floor(quotient) if rounding_mode == "floor" else np.trunc(quotient)


def far_apart(values):
    """Pairs of which neither is near the other."""
    for left, right in BROADCASTS:
        yield Sample(
            nonzero(values, *left), positive(values, *right).with_values(4 + positive(values, *right).values)
        )


def shifts(values):
    """Not negative numbers, shifted within a byte."""
    yield Sample(positive(values, 3, 4), values.numbers([0, 1, 2, 3]))
    yield Sample(positive(values, 3, 1), values.numbers([0, 1, 2]))
    yield Sample(positive(values, 3), 2)


def exponents(values):
    for shape in [(3, 4), (), (0, 3)]:
        yield Sample(nonzero(values, *shape), values.indices(5, *shape, low=-3))
    yield Sample(nonzero(values, 3, 4), values.tensor(4) if values.is_floating else values.indices(4, 4))


def steps(values):
    for left, right in BROADCASTS[:4]:
        yield Sample(
            plain(values, *left), values.nonzero(*right).with_values(8 * values.nonzero(*right).values)
        )


def at_and_around_zero(values):
    yield Sample(
        values.numbers([-1, 0, 2]) if values.dtype != "uint8" else values.numbers([1, 0, 2]),
        values.positive(3),
    )


def scaled_differences(values):
    for left, right in BROADCASTS:
        yield Sample(plain(values, *left), plain(values, *right))
    yield Sample(plain(values, 3, 4), plain(values, 4), alpha=2)
    yield Sample(plain(values, 3, 4), 5)


def row(name, samples, reference, dtypes=REAL_FLOATS, forms=EVERY_FORM, **properties):
    properties = {"errors": wrong_pairs, "tolerance": 4, **properties}
    return OpCase(name, samples, reference, forms, dtypes=dtypes, **properties)


WITHOUT_IN_PLACE = "function method out"

CASES = [
    row("div.mode", all_modes, divide, FLOATS + INTEGERS),
    row("floor_divide", quotients, np.floor_divide, INTEGERS, derivatives=0),
    row("remainder", quotients, np.remainder, FLOATS + INTEGERS),
    row("fmod", quotients, np.fmod, FLOATS + INTEGERS),
    row("gcd", pairs(plain), np.gcd, INTEGERS, derivatives=0),
    row("lcm", pairs(positive), np.lcm, INTEGERS, derivatives=0),
    row("bitwise_left_shift", shifts, np.left_shift, INTEGERS, derivatives=0),
    row("bitwise_right_shift", shifts, np.right_shift, INTEGERS, derivatives=0),
    row("atan2", pairs(nonzero), np.arctan2),
    row("hypot", pairs(nonzero), np.hypot),
    row("copysign", pairs(nonzero, number=-2), np.copysign),
    row("xlogy", pairs(nonzero, positive, number=2), lambda x, y: x * np.log(np.float64(y))),
    row(
        "special_xlog1py",
        pairs(nonzero, positive, number=2),
        lambda x, y: x * np.log1p(np.float64(y)),
        forms="function out",
        function="special.xlog1py",
    ),
    row("logaddexp", pairs(plain), np.logaddexp, forms=WITHOUT_IN_PLACE),
    row("logaddexp2", pairs(plain), np.logaddexp2, FLOATS, forms=WITHOUT_IN_PLACE),
    row("fmax", far_apart, np.fmax, REAL_NUMBERS, forms=WITHOUT_IN_PLACE),
    row("fmin", far_apart, np.fmin, REAL_NUMBERS, forms=WITHOUT_IN_PLACE),
    row("heaviside", at_and_around_zero, np.heaviside, INTEGERS, derivatives=0),
    row("nextafter", steps, lambda x, y: np.broadcast_arrays(x, y)[0], FLOATS),
    row(
        "ldexp", exponents, lambda x, y: x * np.exp2(np.float64(y)), FLOATS, forms="function method in_place"
    ),
    row("rsub", scaled_differences, lambda x, y, alpha=1: y - alpha * x, FLOATS, forms="function"),
    row(
        "float_power",
        pairs(positive, plain, number=2),
        lambda x, y: np.float_power(x, y),
        FLOATS,
        forms=WITHOUT_IN_PLACE,
        covers=("float_power_",),
    ),
]
