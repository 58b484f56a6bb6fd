"""autograd.Function under vmap and forward mode, where it passes the seam as the op _custom_function."""

import pytest

import lampas
from lampas.autograd import Function
from lampas.func import grad, jvp, vmap


class Cube(Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x, scale):
        return x * x * x * scale

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, ctx.scale = inputs
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return 3 * ctx.scale * x * x * grad_output, None

    @staticmethod
    def jvp(ctx, tangent, _):
        (x,) = ctx.saved_tensors
        return 3 * ctx.scale * x * x * tangent


class WithRule(Cube):
    generate_vmap_rule = False

    @staticmethod
    def vmap(info, in_dims, x, scale):
        assert info.batch_size == 2 and in_dims == (0, None)
        return WithRule.apply(x, scale), 0


def batch():
    return lampas.tensor([[1.0, 2.0], [3.0, -1.0]])


@pytest.mark.parametrize("function", [Cube, WithRule])
def test_vmap(function):
    assert vmap(lambda x: function.apply(x, 2))(batch()).tolist() == [[2.0, 16.0], [54.0, -2.0]]


@pytest.mark.parametrize("function", [Cube, WithRule])
def test_vmap_of_grad(function):
    result = vmap(grad(lambda x: function.apply(x, 2).sum()))(batch())
    assert result.tolist() == [[6.0, 24.0], [54.0, 6.0]]


def test_jvp_uses_the_functions_own():
    output, tangent = jvp(lambda x: Cube.apply(x, 1), (batch(),), (lampas.ones(2, 2),))
    assert output.tolist() == [[1.0, 8.0], [27.0, -1.0]]
    assert tangent.tolist() == [[3.0, 12.0], [27.0, 3.0]]


def test_what_is_missing_is_named():
    class NoRule(Cube):
        generate_vmap_rule = False

    class NoJvp(Cube):
        jvp = staticmethod(Function.jvp)

    class WithContext(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    with pytest.raises(
        RuntimeError, match="You tried to vmap over NoRule, but it does not have vmap support"
    ):
        vmap(lambda x: NoRule.apply(x, 1))(batch())
    with pytest.raises(NotImplementedError, match="You must implement the jvp function"):
        jvp(lambda x: NoJvp.apply(x, 1), (batch(),), (batch(),))
    with pytest.raises(RuntimeError, match="it must override the setup_context staticmethod"):
        vmap(WithContext.apply)(batch())
