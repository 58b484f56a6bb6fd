"""gradcheck and gradgradcheck find wrong derivatives and pass right ones."""

import pytest

import lampas
from lampas.autograd import Function, gradcheck, gradgradcheck
from lampas.autograd.gradcheck import GradcheckError


def leaf():
    return lampas.tensor([[0.5, -1.0], [0.25, 2.0]], dtype=lampas.float64, requires_grad=True)


class WrongTwice(Function):
    """exp, whose second derivative is wrong."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.exp()

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * x.exp().detach()


class Wrong(Function):
    @staticmethod
    def forward(ctx, x):
        return x * 3

    @staticmethod
    def backward(ctx, grad):
        return grad * 2


def test_right_derivatives_pass():
    assert gradcheck(lambda x, y: (x * y, (x / y).sum()), (leaf(), leaf()))
    assert gradgradcheck(lambda x: x.exp() * x, (leaf(),))


def test_inputs_that_are_not_contiguous():
    assert gradcheck(lampas.exp, (leaf().detach().t().requires_grad_(),))


def test_wrong_derivatives_are_found():
    with pytest.raises(GradcheckError, match="Jacobian mismatch for output 0 with respect to input 0"):
        gradcheck(Wrong.apply, (leaf(),))
    assert not gradcheck(Wrong.apply, (leaf(),), raise_exception=False)
    assert gradcheck(WrongTwice.apply, (leaf(),))
    with pytest.raises(GradcheckError):
        gradgradcheck(WrongTwice.apply, (leaf(),))


def test_some_input_must_require_a_gradient():
    with pytest.raises(ValueError, match="gradcheck expects at least one input tensor to require gradient"):
        gradcheck(lampas.exp, (leaf().detach(),))
