"""Ops under a mask give what the ops give on the elements that count alone."""

import numpy as np
import pytest

import lampas
from lampas import masked

VALUES = np.random.default_rng(0).standard_normal((3, 5))
MASK = np.array([[1, 0, 1, 1, 0], [1, 1, 1, 1, 1], [0, 0, 1, 0, 1]], dtype=bool)
FOLDS = {
    "sum": np.sum,
    "prod": np.prod,
    "amax": np.max,
    "amin": np.min,
    "mean": np.mean,
    "norm": np.linalg.norm,
    "var": lambda row: np.var(row, ddof=1),
    "std": lambda row: np.std(row, ddof=1),
    "logsumexp": lambda row: np.log(np.exp(row).sum()),
    "median": lambda row: np.sort(row)[(len(row) - 1) // 2],
}
SCALINGS = {
    "softmax": lambda row: np.exp(row) / np.exp(row).sum(),
    "softmin": lambda row: np.exp(-row) / np.exp(-row).sum(),
    "log_softmax": lambda row: row - np.log(np.exp(row).sum()),
    "cumsum": np.cumsum,
    "cumprod": np.cumprod,
}


@pytest.mark.parametrize("name", FOLDS)
def test_folds_see_the_elements_that_count(name):
    fold, reference = getattr(masked, name), FOLDS[name]
    found = fold(lampas.tensor(VALUES), dim=1, mask=lampas.tensor(MASK))
    assert np.allclose(found.numpy(), [reference(row[kept]) for row, kept in zip(VALUES, MASK, strict=True)])
    plain = fold(lampas.tensor(VALUES), dim=1)
    assert np.allclose(plain.numpy(), [reference(row) for row in VALUES])


@pytest.mark.parametrize("name", SCALINGS)
def test_scalings_see_the_elements_that_count(name):
    found = getattr(masked, name)(lampas.tensor(VALUES), 1, mask=lampas.tensor(MASK)).numpy()
    for row, kept, result in zip(VALUES, MASK, found, strict=True):
        assert np.allclose(result[kept], SCALINGS[name](row[kept]))


def test_gradients_reach_the_elements_that_count():
    values = lampas.tensor(VALUES, requires_grad=True)
    masked.mean(values, 1, mask=lampas.tensor(MASK)).sum().backward()
    assert np.allclose(values.grad.numpy(), MASK / MASK.sum(1, keepdims=True))


def test_others():
    values, mask = lampas.tensor(VALUES), lampas.tensor(MASK)
    assert masked.argmax(values, 1, mask=mask).tolist() == np.where(MASK, VALUES, -9).argmax(1).tolist()
    assert masked.argmin(values, 1, mask=mask).tolist() == np.where(MASK, VALUES, 9).argmin(1).tolist()
    scaled = masked.normalize(values, 2.0, 1, mask=mask)
    assert lampas.allclose(masked.norm(scaled, 2.0, 1, mask=mask), lampas.ones(3, dtype=values.dtype))
    assert np.allclose(masked.logaddexp(values, 2 * values).numpy(), np.logaddexp(VALUES, 2 * VALUES))
    assert masked.sum(lampas.tensor([True, True])).item() == 2


def test_wrong_calls_are_refused():
    with pytest.raises(IndexError, match="broadcastable mask"):
        masked.sum(lampas.ones(3), mask=lampas.ones(2, 3, dtype=lampas.bool))
    with pytest.raises(RuntimeError, match="appears multiple times"):
        masked.sum(lampas.ones(3, 2), (0, 0))
    with pytest.raises(ValueError, match="fully masked"):
        masked.median(lampas.tensor([1, 2]), 0, mask=lampas.tensor([False, False]))
