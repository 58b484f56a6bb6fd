"""Ops of neural networks: softmax and losses."""

import numpy as np

from ops.case import OpCase
from ops.sample import FLOATS, REAL_FLOATS, DTypeName, Input, Sample


def softmax(input, dim, dtype=None):
    shifted = input - np.max(input, axis=dim, keepdims=True) if input.size else input
    powers = np.exp(shifted)
    return powers / powers.sum(axis=dim, keepdims=True)


def log_softmax(input, dim, dtype=None):
    if not input.size:
        return input
    shifted = input - np.max(input, axis=dim, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))


def softmax_samples(values):
    for shape, dim in [
        ((3, 4), 1),
        ((3, 4), 0),
        ((2, 3, 4), -1),
        ((2, 3, 4), 1),
        ((5,), 0),
        ((0, 3), 1),
        ((), 0),
    ]:
        yield Sample(values.tensor(*shape), dim)
    yield Sample(values.tensor(3, 37), dim=-1)
    if values.dtype == "float32":
        yield Sample(values.tensor(3, 4), 1, dtype=DTypeName("float64"))
    if values.is_floating:
        yield Sample(values.numbers([[1000.0, 1000.5, -1000.0], [0.0, -np.inf, 1.0]]), 1).special()
        yield Sample(values.numbers([[np.nan, 0.0], [np.inf, 0.0], [-np.inf, -np.inf]]), 1).special()
    if values.dtype in FLOATS:
        yield Sample(values.tensor(300, 500), 1).large()
        yield Sample(values.tensor(300, 500), 0).large()


def wrong_softmax(values):
    yield Sample(values.tensor(3, 4), 2)
    yield Sample(values.tensor(3, 4), -3)
    yield Sample(values.indices(5, 3), 0)
    yield Sample(values.tensor(3, 4))
    yield Sample("text", 1)


def nll_loss_samples(values):
    for reduction in ("mean", "sum", "none"):
        yield Sample(values.tensor(4, 5), values.indices(5, 4), reduction=reduction)
        weight = Input(values.positive(5).values, values.dtype, constant=True)
        yield Sample(values.tensor(4, 5), values.at(0, 3, 3, 1), weight, reduction=reduction, ignore_index=3)
    yield Sample(values.tensor(5), values.indices(5))
    yield Sample(values.tensor(2, 5, 3), values.indices(5, 2, 3))
    yield Sample(values.tensor(2, 5, 3, 2), values.indices(5, 2, 3, 2), reduction="none")
    yield Sample(values.tensor(0, 5), values.indices(5, 0), reduction="sum")
    if values.is_floating:
        yield Sample(values.tensor(2, 5), values.at(3, 3), ignore_index=3).special()
        yield Sample(values.tensor(0, 5), values.indices(5, 0)).special()


def nll_loss(input, target, weight=None, reduction="mean", ignore_index=-100):
    if input.ndim == 1:
        return nll_loss(
            input[None], target[None], weight, "sum" if reduction == "sum" else "mean", ignore_index
        )
    weight = np.ones(input.shape[1]) if weight is None else weight
    counted = target != ignore_index
    safe = np.where(counted, target, 0)
    factors = np.where(counted, weight[safe], 0.0)
    losses = -np.take_along_axis(input, safe[:, None], 1)[:, 0] * factors
    if reduction == "none":
        return losses
    return losses.sum() if reduction == "sum" else losses.sum() / factors.sum()


def wrong_nll_loss(values):
    yield Sample(values.tensor(4, 5), values.at(0, 1, 2, 5))
    yield Sample(values.tensor(4, 5), values.at(0, 1, 2, -1))
    yield Sample(values.tensor(4, 5), values.indices(5, 3))
    yield Sample(values.tensor(4, 5), values.indices(5, 4, 1))
    yield Sample(values.tensor(4, 5), values.indices(5))
    yield Sample(values.tensor(5), values.indices(5, 2))
    yield Sample(values.tensor(4, 5, 2, 3), values.indices(5, 4, 2))
    yield Sample(values.tensor(4, 5), values.tensor(4))
    yield Sample(values.tensor(4, 5), values.indices(5, 4), values.tensor(4))
    yield Sample(values.tensor(4, 5), values.indices(5, 4), reduction="nonsense")
    yield Sample(values.tensor(), values.indices(5))


def cross_entropy(input, target, **keywords):
    return nll_loss(log_softmax(input, 0 if input.ndim == 1 else 1), target, **keywords)


def cross_entropy_samples(values):
    yield Sample(values.tensor(4, 5), values.indices(5, 4))
    yield Sample(values.tensor(4, 5), values.at(0, 3, 3, 1), reduction="sum", ignore_index=3)
    yield Sample(values.tensor(5), values.indices(5))
    yield Sample(values.tensor(2, 5, 3), values.indices(5, 2, 3), reduction="none")


def mse_loss_samples(values):
    for reduction in ("mean", "sum", "none"):
        yield Sample(values.tensor(3, 4), values.tensor(3, 4), reduction=reduction)
    yield Sample(values.tensor(), values.tensor())
    yield Sample(values.tensor(37), values.tensor(37))


def mse_loss(input, target, reduction="mean"):
    losses = (input - target) ** 2
    return losses if reduction == "none" else getattr(np, reduction)(losses)


def wrong_losses(values):
    yield Sample(values.tensor(3, 4), values.tensor(3, 5))
    yield Sample(values.tensor(3, 4), values.tensor(3, 4), reduction="nonsense")
    yield Sample(values.tensor(3, 4))


CASES = [
    OpCase(
        "softmax",
        softmax_samples,
        softmax,
        dtypes=REAL_FLOATS,
        errors=wrong_softmax,
        covers=("_softmax_backward_data",),
    ),
    OpCase(
        "log_softmax",
        softmax_samples,
        log_softmax,
        dtypes=REAL_FLOATS,
        errors=wrong_softmax,
        tolerance=2,
        covers=("_log_softmax_backward_data",),
    ),
    OpCase(
        "nll_loss",
        nll_loss_samples,
        nll_loss,
        "function",
        function="nn.functional.nll_loss",
        dtypes=REAL_FLOATS,
        errors=wrong_nll_loss,
        tolerance=2,
        covers=(
            "_nll_loss",
            "_nll_loss_backward",
        ),
    ),
    OpCase(
        "cross_entropy",
        cross_entropy_samples,
        cross_entropy,
        "function",
        function="nn.functional.cross_entropy",
        dtypes=REAL_FLOATS,
        errors=wrong_nll_loss,
        tolerance=4,
    ),
    OpCase(
        "mse_loss",
        mse_loss_samples,
        mse_loss,
        "function",
        function="nn.functional.mse_loss",
        dtypes=REAL_FLOATS,
        errors=wrong_losses,
        tolerance=8,
    ),
]
