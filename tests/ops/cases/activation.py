"""Activation functions."""

import math

import numpy as np

from ops.case import OpCase
from ops.cases.unary import any_values, erf, sigmoid, unary_samples, wrong_arguments
from ops.sample import COMPLEX, FLOATS, REAL_FLOATS, REAL_NUMBERS, Sample


def gelu_samples(values):
    """At +infinity PyTorch's vectorised loop gives NaN where its formula gives infinity: not compared."""
    for sample in with_numbers({"approximate": "tanh"})(values):
        if sample.kind != "special":
            yield sample


def with_numbers(*settings):
    """Samples of one tensor, with the default numbers and with each of `settings`, as keywords."""

    def samples(values):
        yield from away_from_bends(values)
        for setting in settings:
            yield Sample(values.nonzero(3, 4), **setting)

    return samples


# No element lies within 0.1 of a place where an activation made of straight pieces bends.
away_from_bends = unary_samples(lambda values, *shape: bent(values.tensor(*shape)))


def bent(input):
    """Move numbers that lie near a multiple of 0.5 away from it."""
    values = input.values
    nearest = np.round(values * 2) / 2
    return input.with_values(np.where(np.abs(values - nearest) < 0.1, nearest + 0.2, values))


def softplus(input, beta=1, threshold=20):
    scaled = np.asarray(input, np.float64) * beta
    return np.where(scaled > threshold, input, np.log1p(np.exp(np.minimum(scaled, 700))) / beta)


def elu(input, alpha=1.0, scale=1.0, input_scale=1.0):
    input = np.asarray(input, np.float64)
    negative = alpha * scale * np.expm1(np.minimum(input, 0) * input_scale)
    return np.where(input > 0, input * scale, negative)


def selu(input):
    return elu(input, 1.6732632423543772, 1.0507009873554805)


def gelu(input, approximate="none"):
    input = np.asarray(input, np.float64)
    if approximate == "tanh":
        return 0.5 * input * (1 + np.tanh(math.sqrt(2 / math.pi) * (input + 0.044715 * input**3)))
    return 0.5 * input * (1 + erf(input / math.sqrt(2)))


def hard_ramp(input):
    return np.clip(np.asarray(input, np.float64) + 3, 0, 6)


def leaky_relu(input, negative_slope=0.01):
    return np.where(input > 0, input, input * np.float64(negative_slope))


def softshrink(input, lambd=0.5):
    input = np.asarray(input, np.float64)
    return np.sign(input) * np.maximum(np.abs(input) - lambd, 0)


def threshold_samples(values):
    for shape in [(3, 4), (), (0, 3), (37,)]:
        yield Sample(bent(values.tensor(*shape)) if values.is_floating else values.tensor(*shape), 1, 3)


def prelu_samples(values):
    yield Sample(values.nonzero(2, 3, 4), values.tensor(3))
    yield Sample(values.nonzero(2, 3), values.tensor(1))
    yield Sample(values.nonzero(5), values.tensor(1))
    yield Sample(values.nonzero(), values.tensor(1))
    yield Sample(values.nonzero(0, 3), values.tensor(3))


def prelu(input, weight):
    slopes = weight.reshape(-1, *[1] * (input.ndim - 2)) if weight.size > 1 else weight.reshape(())
    return np.where(input > 0, input, input * slopes)


def wrong_prelu(values):
    yield Sample(values.tensor(2, 3), values.tensor(4))
    yield Sample(values.tensor(2, 3), values.tensor(1, 3))
    yield Sample(values.tensor(2, 3), values.mask(3))
    yield Sample(values.tensor(), values.tensor(2))


def glu_samples(values):
    yield Sample(values.tensor(3, 4))
    yield Sample(values.tensor(2, 4, 3), 1)
    yield Sample(values.tensor(6), 0)
    yield Sample(values.tensor(0, 4), -1)


def glu(input, dim=-1):
    value, gate = np.split(np.asarray(input, np.float64), 2, dim)
    return value * sigmoid(gate)


def wrong_glu(values):
    yield Sample(values.tensor())
    yield Sample(values.tensor(3, 3))
    yield Sample(values.tensor(2, 2), 2)


def rrelu_samples(values):
    for shape in [(3, 4), (), (0, 3), (2, 1, 3), (37,)]:
        yield Sample(values.nonzero(*shape), 0.1, 0.4, True)
    yield Sample(values.nonzero(3, 4), 0.1, 0.4)


def wrong_rrelu(values):
    yield Sample(values.tensor(3), 0.5, 0.1)
    yield Sample(values.indices(3, 3), 0.1, 0.5, True)


def row(name, samples, reference, dtypes=REAL_FLOATS, path="", **properties):
    """An activation of `nn.functional`."""
    properties = {"errors": wrong_arguments, "tolerance": 2, **properties}
    function = f"nn.functional.{path or name}"
    return OpCase(name, samples, reference, "function", function, dtypes, **properties)


CASES = [
    row("silu", any_values, lambda input: input * sigmoid(input), REAL_FLOATS + COMPLEX),
    row("gelu", gelu_samples, gelu),
    row("mish", any_values, lambda input: input * np.tanh(np.logaddexp(0, input))),
    row("log_sigmoid", any_values, lambda input: -np.logaddexp(0, -np.float64(input)), path="logsigmoid"),
    row("softplus", with_numbers({"beta": 2}, {"beta": 0.5, "threshold": 0.25}), softplus),
    row("elu", with_numbers({"alpha": 0.5}), elu),
    row("celu", with_numbers({"alpha": 0.5}), lambda input, alpha=1: elu(input, alpha, 1, 1 / alpha)),
    row("selu", away_from_bends, selu),
    row("leaky_relu", with_numbers({"negative_slope": 0.2}), leaky_relu),
    row(
        "threshold",
        threshold_samples,
        lambda input, bound, value: np.where(input > bound, input, value),
        REAL_NUMBERS,
    ),
    row(
        "hardtanh",
        with_numbers({"min_val": -0.5, "max_val": 2.0}),
        lambda input, min_val=-1, max_val=1: np.clip(input, min_val, max_val),
    ),
    row("relu6", away_from_bends, lambda input: np.clip(input, 0, 6)),
    row("hardsigmoid", away_from_bends, lambda input: hard_ramp(input) / 6),
    row("hardswish", away_from_bends, lambda input: input * hard_ramp(input) / 6),
    OpCase(
        "hardshrink",
        with_numbers({"lambd": 1.0}),
        lambda input, lambd=0.5: np.where(np.abs(input) > lambd, input, 0),
        "function method out",
        errors=wrong_arguments,
    ),
    row("softshrink", with_numbers({"lambd": 1.0}), softshrink),
    OpCase("prelu", prelu_samples, prelu, errors=wrong_prelu, covers=("_prelu_kernel",)),
    row("glu", glu_samples, glu, errors=wrong_glu),
    OpCase(
        "rrelu",
        rrelu_samples,
        None,
        "function",
        dtypes=FLOATS,
        random=True,
        batches=False,
        errors=wrong_rrelu,
        covers=("rrelu_", "_rrelu_noise", "_rrelu_with_noise"),
    ),
]
