"""Autocast: which ops run in which dtype, nesting, and gradients in the weights' dtype."""

import pytest

import lampas
from lampas.nn import functional as F

BATCH = lampas.ones(4, 4)


def bfloat16():
    return lampas.autocast("cpu", dtype=lampas.bfloat16)


def low():
    with bfloat16():
        return BATCH @ BATCH


@pytest.mark.parametrize(
    "name, function, dtype",
    [
        ("matmul", lambda y: BATCH @ BATCH, "bfloat16"),
        ("linear", lambda y: F.linear(BATCH, BATCH), "bfloat16"),
        ("addmm", lambda y: lampas.addmm(BATCH, BATCH, BATCH), "bfloat16"),
        ("conv2d", lambda y: F.conv2d(lampas.ones(1, 1, 4, 4), lampas.ones(1, 1, 2, 2)), "bfloat16"),
        ("float64 is left alone", lambda y: BATCH.double() @ BATCH.double(), "float64"),
        ("relu", lambda y: y.relu(), "bfloat16"),
        ("softmax", lambda y: y.softmax(0), "bfloat16"),
        ("nll_loss", lambda y: F.nll_loss(y, lampas.tensor([0, 1, 2, 3])), "float32"),
        ("mse_loss", lambda y: F.mse_loss(y, y), "float32"),
        ("l1_loss, made of other ops", lambda y: F.l1_loss(y, y), "float32"),
        ("quantile, made of other ops", lambda y: lampas.quantile(y, 0.5), "float32"),
        ("matmul of vectors", lambda y: BATCH[0] @ BATCH[0], "bfloat16"),
        ("dot is left alone", lambda y: BATCH[0].dot(BATCH[0]), "float32"),
        ("add promotes", lambda y: y + BATCH, "float32"),
        ("cat promotes", lambda y: lampas.cat([y, BATCH]), "float32"),
        ("in place", lambda y: BATCH.clone().addmm_(BATCH, BATCH), "float32"),
        ("out=", lambda y: lampas.mm(BATCH, BATCH, out=lampas.zeros(4, 4)), "float32"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_dtypes_are_those_of_pytorch(name, function, dtype):
    y = low()
    with bfloat16():
        assert function(y).dtype == getattr(lampas, dtype)


def test_the_innermost_decides():
    with bfloat16():
        with lampas.autocast("cpu", enabled=False):
            assert (BATCH @ BATCH).dtype == lampas.float32
            assert F.l1_loss(BATCH.bfloat16(), BATCH.bfloat16()).dtype == lampas.bfloat16
            assert not lampas.is_autocast_enabled("cpu")
        with lampas.autocast("cpu", dtype=lampas.float16):
            assert (BATCH @ BATCH).dtype == lampas.float16
        assert (BATCH @ BATCH).dtype == lampas.bfloat16
        assert lampas.is_autocast_enabled("cpu")
    assert (BATCH @ BATCH).dtype == lampas.float32


def test_a_weight_is_cast_once_and_gets_its_gradient_in_its_own_dtype():
    weight = lampas.ones(4, 4, dtype=lampas.float32).requires_grad_()
    casts = []

    class Counting(lampas.library.Transform):
        def process(self, op, args, kwargs):
            casts.append(op.name)
            return op(*args, **kwargs)

    with Counting(), bfloat16():
        loss = (weight @ weight + weight @ weight).sum()
    assert casts.count("_to_copy") == 1
    loss.backward()
    assert weight.grad.dtype == lampas.float32
    assert weight.grad[0].tolist() == [16.0, 16.0, 16.0, 16.0]


def test_a_weight_that_changed_is_cast_again():
    weight = lampas.ones(4, 4).requires_grad_()
    with bfloat16():
        before = (BATCH @ weight)[0, 0].item()
        with lampas.no_grad():
            weight.mul_(2)
        assert (BATCH @ weight)[0, 0].item() == 2 * before


def test_an_unknown_device_is_an_error():
    with pytest.raises(RuntimeError, match="unsupported autocast device_type"):
        lampas.autocast("toaster")
