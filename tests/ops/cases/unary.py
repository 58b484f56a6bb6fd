"""Elementwise ops of one tensor."""

import math

import numpy as np

from ops.case import OpCase
from ops.sample import ALL_DTYPES, COMPLEX, INTEGERS, NUMBERS, ORDERED, REAL_FLOATS, REAL_NUMBERS, Sample

EVERY_FORM = "function method in_place out"
FLOATING_RESULT = ALL_DTYPES  # integers and bool become the default floating dtype


def unary_samples(draw):
    """Samples of an op of one tensor; draw(values, *shape) gives its values."""

    def samples(values):
        for shape in [(3, 4), (), (0, 3), (2, 1, 3), (37,)]:
            yield Sample(draw(values, *shape))
        if values.is_floating:
            yield Sample(values.special()).special()
        if values.dtype in ("float32", "float64"):
            yield Sample(draw(values, 3, 50_000)).large()

    return samples


any_values = unary_samples(lambda values, *shape: values.tensor(*shape))
positive_values = unary_samples(lambda values, *shape: values.positive(*shape))
nonzero_values = unary_samples(lambda values, *shape: values.nonzero(*shape))


def finite_values(values):
    for shape in [(3, 4), (), (0, 3)]:
        yield Sample(values.tensor(*shape))


def wrong_arguments(values):
    yield Sample()
    yield Sample("text")
    yield Sample(values.tensor(2), values.tensor(2), values.tensor(2), values.tensor(2))
    yield Sample(values.tensor(2), nonsense=1)


def erf(input):
    return np.vectorize(math.erf, otypes=[float])(input)


def sigmoid(input):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-input))


def sign_of(input):
    """input / |input|, zero where that is zero."""
    if input.dtype.kind != "c":
        return np.sign(input.astype(np.float64))
    length = np.abs(input)
    return np.where(length == 0, 0, input / np.where(length == 0, 1, length))


def floating(function):
    """Let a function of floating point numbers take integers and truth values too."""
    return lambda input: function(input if input.dtype.kind == "c" else input.astype(np.float64))


def row(name, samples, reference, dtypes, **properties):
    return OpCase(name, samples, reference, EVERY_FORM, dtypes=dtypes, errors=wrong_arguments, **properties)


def clamp_samples(values):
    low, high = (0, 1) if values.is_integer else (-0.5, 0.75)
    if values.dtype == "uint8":
        low, high = 2, 5
    for shape in [(3, 4), (), (0, 3), (37,)]:
        yield Sample(values.tensor(*shape), low, high)
    yield Sample(values.tensor(5), low)
    yield Sample(values.tensor(5), max=high)
    yield Sample(values.tensor(5), min=high, max=low)
    if values.is_floating:
        yield Sample(values.special(), low, high).special()
        yield Sample(values.numbers([low, high, 0.0]), low, high).special()


def clamp(input, min=None, max=None):
    if min is not None:
        input = np.maximum(input, min)
    return input if max is None else np.minimum(input, max)


def clamp_tensor_samples(values):
    """Lower and upper bounds that do not cross, as tensors that broadcast."""
    low = values.tensor(3, 4)
    yield Sample(values.tensor(3, 4), low, low.with_values(low.values + 1))
    yield Sample(values.tensor(3, 4), values.tensor(4))
    yield Sample(values.tensor(3, 4), max=values.tensor(3, 1))


def one_bound(values):
    bound = 2 if values.is_integer else 0.25
    for shape in [(3, 4), (), (0, 3), (37,)]:
        yield Sample(values.tensor(*shape), bound)


def one_bound_tensor(values):
    yield Sample(values.tensor(3, 4), values.tensor(3, 4))
    yield Sample(values.tensor(3, 4), values.tensor(4))


CASES = [
    row("neg", any_values, np.negative, NUMBERS),
    row("abs", any_values, np.abs, NUMBERS),
    row("reciprocal", nonzero_values, np.reciprocal, REAL_FLOATS + COMPLEX),
    row("sqrt", positive_values, floating(np.sqrt), FLOATING_RESULT),
    row("rsqrt", positive_values, floating(lambda input: 1 / np.sqrt(input)), FLOATING_RESULT),
    row("exp", any_values, floating(np.exp), FLOATING_RESULT, tolerance=2),
    row("log", positive_values, floating(np.log), FLOATING_RESULT),
    row("tanh", any_values, floating(np.tanh), FLOATING_RESULT),
    row("sigmoid", any_values, floating(sigmoid), FLOATING_RESULT),
    row("erf", any_values, erf, REAL_FLOATS + INTEGERS),
    row("log1p", positive_values, floating(np.log1p), FLOATING_RESULT),
    row("sin", any_values, floating(np.sin), FLOATING_RESULT),
    row("cos", any_values, floating(np.cos), FLOATING_RESULT),
    OpCase(
        "relu",
        any_values,
        lambda input: np.maximum(input, 0),
        "function method in_place",
        dtypes=REAL_NUMBERS,
        errors=wrong_arguments,
        covers=("threshold_backward",),
    ),
    row("square", any_values, np.square, NUMBERS),
    row("sign", any_values, floating(np.sign), ORDERED),
    row("sgn", finite_values, sign_of, ALL_DTYPES),
    row("clamp", clamp_samples, clamp, REAL_NUMBERS),
    row("clamp.Tensor", clamp_tensor_samples, clamp, REAL_NUMBERS),
    row("clamp_min", one_bound, lambda input, min: np.maximum(input, min), REAL_NUMBERS),
    row("clamp_min.Tensor", one_bound_tensor, np.maximum, REAL_NUMBERS),
    row("clamp_max", one_bound, lambda input, max: np.minimum(input, max), REAL_NUMBERS),
    row("clamp_max.Tensor", one_bound_tensor, np.minimum, REAL_NUMBERS),
    OpCase("conj", any_values, np.conj, dtypes=NUMBERS, batches=False),
    row("conj_physical", any_values, np.conj, NUMBERS),
    OpCase("isnan", any_values, np.isnan, dtypes=ALL_DTYPES, derivatives=0, errors=wrong_arguments),
    OpCase("isinf", any_values, np.isinf, dtypes=ALL_DTYPES, derivatives=0, errors=wrong_arguments),
    OpCase("isfinite", any_values, np.isfinite, dtypes=ALL_DTYPES, derivatives=0, errors=wrong_arguments),
    row("logical_not", any_values, np.logical_not, ALL_DTYPES, derivatives=0),
    OpCase("clone", any_values, np.array, dtypes=ALL_DTYPES, errors=wrong_arguments),
]
