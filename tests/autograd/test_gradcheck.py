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


class WrongForward(Wrong):
    """A third way to be wrong: right backwards, wrong forwards."""

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def forward(x):
        return x * 3

    @staticmethod
    def backward(ctx, grad):
        return grad * 3

    @staticmethod
    def jvp(ctx, tangent):
        return tangent * 2


class NotBatched(Wrong):
    """Right, but its backward looks at single numbers, which vmap refuses."""

    @staticmethod
    def backward(ctx, grad):
        return grad * 3 if grad.sum().item() != 7 else grad * 3


class Wavering(Wrong):
    """Its gradient is another one each time, by less than the differences can tell."""

    calls = 0

    @staticmethod
    def backward(ctx, grad):
        Wavering.calls += 1
        return grad * (3 + 1e-9 * Wavering.calls)


def product(x, y):
    return (x * y).sin(), x.sum()


def test_other_ways_to_differentiate():
    inputs = (leaf(), leaf().sum(0).detach().requires_grad_())
    assert gradcheck(product, inputs, check_forward_ad=True, check_batched_grad=True, fast_mode=True)
    assert gradgradcheck(product, inputs, check_fwd_over_rev=True, check_undefined_grad=False)
    assert gradcheck(WrongForward.apply, (leaf(),))
    with pytest.raises(GradcheckError, match="Jacobian computed with forward mode mismatch for output 0"):
        gradcheck(WrongForward.apply, (leaf(),), check_forward_ad=True)
    assert gradcheck(lampas.exp, (leaf(),), check_forward_ad=True, check_backward_ad=False)
    with pytest.raises(AssertionError, match="at least one of check_forward_ad or check_backward_ad"):
        gradcheck(lampas.exp, (leaf(),), check_backward_ad=False)


def test_gradients_of_a_batch():
    assert gradcheck(NotBatched.apply, (leaf(),))
    with pytest.raises(GradcheckError, match="While computing batched gradients, got: vmap"):
        gradcheck(NotBatched.apply, (leaf(),), check_batched_grad=True)


def test_gradients_that_waver():
    with pytest.raises(GradcheckError, match="Backward is not reentrant"):
        gradcheck(Wavering.apply, (leaf(),))
    assert gradcheck(Wavering.apply, (leaf(),), nondet_tol=1e-6)


def test_random_numbers_are_drawn_as_pytorch_does():
    lampas.manual_seed(0)
    gradgradcheck(product, (leaf().exp().detach().requires_grad_(), leaf()[0].detach().requires_grad_()))
    assert lampas.rand(1).item() == pytest.approx(0.3488934636, abs=1e-6)  # of PyTorch
