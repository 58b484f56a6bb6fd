"""autograd.Function: contexts, saved tensors, marks, views, errors."""

import traceback

import pytest

import lampas
from lampas.autograd import Function
from lampas.autograd.function import InplaceFunction, once_differentiable


def leaf():
    return lampas.tensor([1.0, 2.0, 3.0], requires_grad=True)


def function(forward, backward=lambda ctx, grad: grad, **attributes):
    """Make a Function of two plain functions."""
    methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type("Made", (Function,), {**methods, **attributes})


class Exp(Function):
    @staticmethod
    def forward(ctx, x):
        result = x.exp()
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx, grad):
        (result,) = ctx.saved_tensors
        return grad * result


class Scale(Function):
    @staticmethod
    def forward(x, factor=3):
        return x * factor

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.factor = inputs[1]

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.factor, None


def test_a_saved_result_is_differentiated_twice():
    x = leaf()
    y = Exp.apply(x)
    assert type(y.grad_fn).__name__ == y.grad_fn.name() == "ExpBackward"
    (first,) = lampas.autograd.grad(y.sum(), x, create_graph=True)
    (second,) = lampas.autograd.grad(first.sum(), x)
    assert lampas.equal(second, x.detach().exp())


def test_setup_context_sees_defaults():
    x = leaf()
    Scale.apply(x).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0, 3.0]


def test_needs_input_grad_and_arguments_that_are_no_tensors():
    seen = []

    def forward(ctx, x, number, other):
        seen.append(ctx.needs_input_grad)
        return x * number

    made = function(forward, lambda ctx, grad: (grad, None, None))
    made.apply(leaf(), 3, lampas.ones(3))
    assert seen == [(True, False, False)]


def test_outputs_that_are_no_tensors_pass_through():
    grads = []
    made = function(
        lambda ctx, x: (x * 2, 5, "a", x * 3), lambda ctx, *given: grads.append(given) or given[0]
    )
    first, five, letter, _ = made.apply(leaf())
    assert (five, letter) == (5, "a")
    first.sum().backward()
    assert grads[0][1:3] == (None, None) and grads[0][3].tolist() == [0.0, 0.0, 0.0]


def test_gradients_are_not_materialized_where_that_is_asked():
    grads = []

    def forward(ctx, x):
        ctx.set_materialize_grads(False)
        return x * 2, x * 3

    function(forward, lambda ctx, *given: grads.append(given) or given[0]).apply(leaf())[0].sum().backward()
    assert grads[0][1] is None


def test_an_input_returned_as_it_is():
    x = leaf()
    y = function(lambda ctx, x: x, lambda ctx, grad: grad * 7).apply(x)
    assert y is not x and y.grad_fn is not None and x.is_leaf
    y.sum().backward()
    assert x.grad.tolist() == [7.0, 7.0, 7.0]
    with pytest.raises(RuntimeError, match="This view was created inside a custom Function"):
        y.add_(1)


def overwrite(ctx, x):
    ctx.mark_dirty(x)
    return x.add_(1)


def test_a_dirty_input_gets_the_history():
    x = leaf()
    y = x * 1
    made = function(overwrite, lambda ctx, grad: grad * 5)
    assert made.apply(y) is y
    y.sum().backward()
    assert x.grad.tolist() == [5.0, 5.0, 5.0]
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad has been used in an in-place"):
        made.apply(leaf())


def test_a_dirty_view_rewrites_its_base():
    x = leaf()
    base = x * 1
    function(overwrite, lambda ctx, grad: grad * 5).apply(base[:2])
    base.sum().backward()
    assert x.grad.tolist() == [5.0, 5.0, 1.0]


def test_dirty_tensors_are_outputs():
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x * 2

    with pytest.raises(
        RuntimeError, match="Some elements marked as dirty during the forward method were not"
    ):
        function(forward).apply(leaf() * 1)


def test_outputs_without_a_gradient():
    def forward(ctx, x):
        second = x * 3
        ctx.mark_non_differentiable(second)
        return x * 2, second

    first, second = function(forward, lambda ctx, *grads: grads[0]).apply(leaf())
    assert first.requires_grad and not second.requires_grad
    assert not function(lambda ctx, x: x.long()).apply(leaf()).requires_grad


def test_a_saved_tensor_that_was_overwritten():
    x = leaf()
    y = Exp.apply(x)
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation: .* output 0 of Exp"):
        y.sum().backward()


def test_a_second_backward_needs_the_saved_tensors():
    y = Exp.apply(leaf())
    y.sum().backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.grad_fn.saved_tensors  # noqa: B018
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.sum().backward()


def test_inplace_functions_are_functions():
    class Doubled(InplaceFunction):
        @staticmethod
        def forward(ctx, x, inplace=False):
            return ctx.mark_dirty(x) or x.mul_(2) if inplace else x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * 2, None

    x = lampas.ones(2, requires_grad=True)
    copy = x.clone()
    assert Doubled.apply(copy, True) is copy and Doubled(inplace=True).inplace
    (copy.sum() + Doubled.apply(x).sum()).backward()
    assert x.grad.tolist() == [4, 4]


def test_once_differentiable():
    made = function(lambda ctx, x: x * 2, once_differentiable(lambda ctx, grad: grad * 2))
    x, vector = leaf(), lampas.ones(3, requires_grad=True)
    (first,) = lampas.autograd.grad(made.apply(x), x, vector, create_graph=True)
    with pytest.raises(
        RuntimeError, match="trying to differentiate twice a function that was marked with @once"
    ):
        first.sum().backward()


@pytest.mark.parametrize(
    "backward, message",
    [
        (lambda ctx, grad: (grad, grad), r"incorrect number of gradients \(expected 1, got 2\)"),
        (lambda ctx, grad: 3, r"expected Variable or None \(got int\)"),
        (lambda ctx, grad: lampas.ones(7), r"got \[7\] but expected shape compatible with \[3\]"),
    ],
)
def test_what_backward_may_not_return(backward, message):
    x = leaf()
    with pytest.raises(RuntimeError, match=message):
        function(lambda ctx, x: x * 2, backward).apply(x).sum().backward()
    (x * 2).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


def test_what_is_missing_is_named():
    x = leaf()
    with pytest.raises(NotImplementedError, match="You must implement the forward function"):
        type("Empty", (Function,), {}).apply(x)
    half = type("Half", (Function,), {"forward": staticmethod(lambda ctx, x: x * 2)})
    with pytest.raises(NotImplementedError, match="You must implement either the backward or vjp method"):
        half.apply(x).sum().backward()
    with pytest.raises(
        TypeError, match="save_for_backward can only save variables, but argument 0 is of type int"
    ):
        function(lambda ctx, x: ctx.save_for_backward(3)).apply(x)
    with pytest.raises(RuntimeError, match="Legacy autograd function"):
        Exp()(x)


def test_an_exception_keeps_its_traceback():
    def failing_backward(ctx, grad):
        raise KeyError("here")

    x = leaf()
    try:
        function(lambda ctx, x: x * 2, failing_backward).apply(x).sum().backward()
    except KeyError as error:
        assert "failing_backward" in "".join(traceback.format_tb(error.__traceback__))
    else:
        pytest.fail("the exception was lost")
    assert x.grad is None
