"""Losses of pairs of elements."""

import numpy as np

from ops.case import OpCase
from ops.sample import REAL_FLOATS, Input, Sample

REDUCTIONS = ("mean", "sum", "none")


def reduced(losses, reduction):
    return losses if reduction == "none" else getattr(np, reduction)(losses)


def constant(values):
    return Input(values.values, values.dtype, constant=True)


def pair_samples(values, **keywords):
    """Yield inputs with targets of the same shape, in every reduction."""
    for reduction in REDUCTIONS:
        yield Sample(values.tensor(3, 4), values.tensor(3, 4), reduction=reduction, **keywords)
    yield Sample(values.tensor(), values.tensor(), **keywords)
    yield Sample(values.tensor(37), values.tensor(37), **keywords)


def wrong_pairs(values):
    yield Sample(values.tensor(3, 4), values.tensor(3, 5))
    yield Sample(values.tensor(3, 4), values.tensor(3, 4), reduction="nonsense")
    yield Sample(values.tensor(3, 4))


def l1_samples(values):
    yield from pair_samples(values)
    weight = constant(values.positive(3, 4))
    for reduction in REDUCTIONS:
        yield Sample(values.tensor(3, 4), values.tensor(3, 4), reduction=reduction, weight=weight)


def smooth_l1_samples(values):
    yield from pair_samples(values)
    yield from pair_samples(values, beta=0.25)


def huber_samples(values):
    yield from pair_samples(values)
    yield from pair_samples(values, delta=0.25)


def wrong_smooth_l1(values):
    yield from wrong_pairs(values)
    yield Sample(values.tensor(3), values.tensor(3), beta=-1.0)


def wrong_huber(values):
    yield from wrong_pairs(values)
    yield Sample(values.tensor(3), values.tensor(3), delta=0.0)


def l1_loss(input, target, reduction="mean", weight=None):
    losses = np.abs(input - target)
    if weight is not None:
        losses = losses * weight
        return losses.sum() / weight.sum() if reduction == "mean" else reduced(losses, reduction)
    return reduced(losses, reduction)


def smooth_l1_loss(input, target, reduction="mean", beta=1.0):
    distance = np.abs(input - target)
    return reduced(np.where(distance < beta, 0.5 * distance**2 / beta, distance - 0.5 * beta), reduction)


def huber_loss(input, target, reduction="mean", delta=1.0):
    distance = np.abs(input - target)
    return reduced(
        np.where(distance <= delta, 0.5 * distance**2, delta * (distance - 0.5 * delta)), reduction
    )


def signs(values, *shape):
    drawn = values.tensor(*shape)
    return Input(np.where(drawn.values < 0, -1.0, 1.0), values.dtype, constant=True)


def signed_samples(values):
    """Yield inputs with targets of 1 and -1."""
    for reduction in REDUCTIONS:
        yield Sample(values.tensor(3, 4), signs(values, 3, 4), reduction=reduction)
    yield Sample(values.tensor(), signs(values))


def soft_margin_loss(input, target, reduction="mean"):
    return reduced(np.log1p(np.exp(-target * input)), reduction)


def between(values, low, high, *shape, constant=False):
    drawn = values.tensor(*shape)
    share = 0.5 + 0.5 * np.tanh(drawn.values)
    return Input(low + (high - low) * share, values.dtype, constant=constant)


def probability_samples(values):
    for reduction in REDUCTIONS:
        yield Sample(
            between(values, 0.1, 0.9, 3, 4),
            between(values, 0.1, 0.9, 3, 4, constant=True),
            reduction=reduction,
        )
        weight = constant(values.positive(4))
        yield Sample(
            between(values, 0.1, 0.9, 3, 4),
            between(values, 0.0, 1.0, 3, 4, constant=True),
            weight=weight,
            reduction=reduction,
        )
    yield Sample(between(values, 0.1, 0.9), between(values, 0.0, 1.0, constant=True))
    yield Sample(
        values.numbers([0.0, 1.0, 0.0, 1.0]), constant(values.numbers([0.0, 1.0, 1.0, 0.0]))
    ).special()


def wrong_probabilities(values):
    yield Sample(between(values, 0, 1, 3, 4), between(values, 0, 1, 3))
    yield Sample(values.numbers([0.5, 1.5]), values.numbers([0.0, 1.0]))
    yield Sample(values.numbers([0.5, -0.5]), values.numbers([0.0, 1.0]))
    yield Sample(between(values, 0, 1, 3), between(values, 0, 1, 3), reduction="nonsense")
    yield Sample(between(values, 0, 1, 3), values.indices(2, 3))


def binary_cross_entropy(input, target, weight=None, reduction="mean"):
    with np.errstate(divide="ignore"):
        losses = (target - 1) * np.maximum(np.log1p(-input), -100) - target * np.maximum(np.log(input), -100)
    return reduced(losses if weight is None else losses * weight, reduction)


def logit_samples(values):
    for reduction in REDUCTIONS:
        targets = [between(values, 0, 1, 3, 4, constant=True) for _ in range(4)]
        weight, pos_weight = constant(values.positive(3, 1)), constant(values.positive(4))
        yield Sample(values.tensor(3, 4), targets[0], reduction=reduction)
        yield Sample(values.tensor(3, 4), targets[1], weight=weight, reduction=reduction)
        yield Sample(values.tensor(3, 4), targets[2], pos_weight=pos_weight, reduction=reduction)
        yield Sample(
            values.tensor(3, 4), targets[3], weight=weight, pos_weight=pos_weight, reduction=reduction
        )
    yield Sample(values.tensor(37), between(values, 0, 1, 37))
    if values.is_floating:
        extremes = values.numbers([1000.0, -1000.0, 0.0, np.inf, -np.inf, np.nan])
        yield Sample(
            extremes, constant(values.numbers([0.0, 1.0, 0.5, 1.0, 0.0, 1.0])), reduction="none"
        ).special()


def wrong_logits(values):
    yield Sample(values.tensor(3, 4), values.tensor(4))
    yield Sample(values.tensor(3, 4), values.tensor(3, 4), values.tensor(5))
    yield Sample(values.tensor(3, 4), values.tensor(3, 4), reduction="nonsense")
    yield Sample(values.tensor(3, 4))


def binary_cross_entropy_with_logits(input, target, weight=None, pos_weight=None, reduction="mean"):
    log_weight = 1 if pos_weight is None else 1 + (pos_weight - 1) * target
    softplus_of_minus = np.log1p(np.exp(-np.abs(input))) + np.maximum(-input, 0)
    losses = (1 - target) * input + log_weight * softplus_of_minus
    return reduced(losses if weight is None else losses * weight, reduction)


def row(name, samples, reference, errors=wrong_pairs):
    """Return the row of a loss."""
    return OpCase(
        name,
        samples,
        reference,
        "function",
        function=f"nn.functional.{name}",
        dtypes=REAL_FLOATS,
        tolerance=8,
        errors=errors,
    )


CASES = [
    row("l1_loss", l1_samples, l1_loss),
    row("smooth_l1_loss", smooth_l1_samples, smooth_l1_loss, errors=wrong_smooth_l1),
    row("huber_loss", huber_samples, huber_loss, errors=wrong_huber),
    row("soft_margin_loss", signed_samples, soft_margin_loss),
    row("binary_cross_entropy", probability_samples, binary_cross_entropy, errors=wrong_probabilities),
    row(
        "binary_cross_entropy_with_logits",
        logit_samples,
        binary_cross_entropy_with_logits,
        errors=wrong_logits,
    ),
]
