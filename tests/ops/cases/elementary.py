"""Rounding, trigonometric and exponential functions, and tests of numbers: ops of one tensor."""

import numpy as np

from ops.case import OpCase
from ops.cases.activation import away_from_bends
from ops.cases.unary import (
    FLOATING_RESULT,
    any_values,
    floating,
    nonzero_values,
    positive_values,
    row,
    unary_samples,
    wrong_arguments,
)
from ops.sample import (
    ALL_DTYPES,
    FLOATS,
    INTEGERS,
    NUMBERS,
    ORDERED,
    REAL_FLOATS,
    REAL_NUMBERS,
    Sample,
)

# Between -0.45 and 0.45, and from 1.1 on; integers and truth values stay.
inside_one = unary_samples(lambda values, *shape: squeezed(values, values.tensor(*shape)))
above_one = unary_samples(lambda values, *shape: raised(values, values.positive(*shape)))


def is_discrete(values):
    return values.is_integer or values.is_bool


def squeezed(values, input):
    return input if is_discrete(values) else input.with_values(0.45 * np.tanh(input.values))


def raised(values, input):
    return input if is_discrete(values) else input.with_values(input.values + 0.6)


def quiet(function):
    """The function on floating point numbers, without warnings where it is not defined."""

    def apply(input):
        with np.errstate(all="ignore"):
            return floating(function)(input)

    return apply


def finite_nonzero(values):
    """Of huge numbers PyTorch's sine has no digit left; they are not compared."""
    for shape in [(3, 4), (), (0, 3)]:
        yield Sample(values.nonzero(*shape))


def decimals_samples(values):
    yield Sample(values.numbers([[0.123, 15.0, -2.71], [3.1416, -0.4, 7.0]]), decimals=2)
    yield Sample(values.numbers([123.0, -15.9, 7.1]), decimals=-1)
    yield Sample(values.tensor(0, 3), decimals=1)


def nan_to_num_samples(values):
    yield Sample(values.tensor(3, 4))
    if values.is_floating:
        numbers = values.numbers([np.nan, np.inf, -np.inf, 1.5])
        yield Sample(numbers).special()
        yield Sample(numbers, 2.0, posinf=3.0).special()
        yield Sample(numbers, neginf=-4.0).special()


def frexp_samples(values):
    for shape in [(3, 4), (), (0, 3), (37,)]:
        yield Sample(values.nonzero(*shape))


def parts_samples(values):
    yield Sample(values.tensor(3, 4), values.tensor(3, 4))
    yield Sample(values.tensor(3, 1), values.tensor(4))


def polar_samples(values):
    yield Sample(values.positive(3, 4), values.tensor(3, 4))
    yield Sample(values.positive(3, 1), values.tensor(4))


def wrong_parts(values):
    yield Sample(values.tensor(3), values.indices(3, 3))
    yield Sample(values.indices(3, 3), values.indices(3, 3))
    yield Sample(values.tensor(3), values.tensor(4))


def question(name, samples, reference, dtypes=ORDERED):
    return OpCase(
        name, samples, reference, "function method out", dtypes=dtypes, derivatives=0, errors=wrong_arguments
    )


CASES = [
    row("floor", away_from_bends, np.floor, REAL_NUMBERS),
    row("ceil", away_from_bends, np.ceil, REAL_NUMBERS),
    row("trunc", away_from_bends, np.trunc, REAL_NUMBERS),
    row("round", away_from_bends, np.round, REAL_NUMBERS),
    row(
        "round.decimals",
        decimals_samples,
        lambda input, decimals: np.round(np.float64(input), decimals),
        FLOATS,
        derivatives=1,
    ),
    row("frac", away_from_bends, lambda input: input - np.trunc(input), REAL_FLOATS),
    row("nan_to_num", nan_to_num_samples, np.array, FLOATS + INTEGERS),
    OpCase("positive", any_values, np.array, dtypes=NUMBERS, errors=wrong_arguments, view=True),
    question("signbit", any_values, np.signbit, REAL_NUMBERS),
    question("isposinf", any_values, lambda input: np.isinf(input) & (input > 0)),
    question("isneginf", any_values, lambda input: np.isinf(input) & (input < 0)),
    OpCase("isreal", any_values, np.isreal, dtypes=ALL_DTYPES, derivatives=0, errors=wrong_arguments),
    OpCase(
        "frexp",
        frexp_samples,
        np.frexp,
        "function method",
        dtypes=REAL_FLOATS,
        derivatives=1,
        errors=wrong_arguments,
    ),
    row("tan", inside_one, floating(np.tan), FLOATING_RESULT),
    row("asin", inside_one, quiet(np.arcsin), REAL_FLOATS),
    row("acos", inside_one, quiet(np.arccos), REAL_FLOATS),
    row("atan", any_values, floating(np.arctan), REAL_FLOATS + INTEGERS),
    row("sinh", inside_one, floating(np.sinh), FLOATING_RESULT),
    row("cosh", inside_one, floating(np.cosh), FLOATING_RESULT),
    row("asinh", any_values, floating(np.arcsinh), REAL_FLOATS + INTEGERS),
    row("acosh", above_one, quiet(np.arccosh), FLOATING_RESULT, tolerance=4),
    row("atanh", inside_one, quiet(np.arctanh), REAL_FLOATS),
    row("deg2rad", any_values, floating(np.deg2rad), ORDERED),
    row("rad2deg", any_values, floating(np.rad2deg), ORDERED, tolerance=4),
    OpCase(
        "angle",
        nonzero_values,
        floating(np.angle),
        "function method out",
        dtypes=ALL_DTYPES,
        errors=wrong_arguments,
    ),
    row("exp2", any_values, floating(np.exp2), REAL_FLOATS + INTEGERS),
    row("expm1", any_values, floating(np.expm1), REAL_FLOATS + INTEGERS),
    row("log2", positive_values, floating(np.log2), FLOATING_RESULT),
    row("log10", positive_values, floating(np.log10), FLOATING_RESULT),
    row("sinc", finite_nonzero, floating(np.sinc), REAL_FLOATS + INTEGERS, tolerance=4),
    OpCase(
        "complex",
        parts_samples,
        lambda real, imag: real + 1j * imag,
        "function out",
        dtypes=FLOATS,
        errors=wrong_parts,
    ),
    OpCase(
        "polar",
        polar_samples,
        lambda abs, angle: abs * np.exp(1j * angle),
        "function out",
        dtypes=FLOATS,
        errors=wrong_parts,
    ),
]
