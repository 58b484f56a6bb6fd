"""Second backward, mutated saved tensors, hooks that raise, wrong gradients: an error, then work goes on."""

import gc
import weakref

import pytest

import lampas

CALLED_TWICE = "Trying to backward through the graph a second time"
MUTATED = "one of the variables needed for gradient computation has been modified by an inplace operation"


def test_second_backward():
    weight = lampas.ones(3, requires_grad=True)
    loss = (weight * weight).sum()
    loss.backward()
    with pytest.raises(RuntimeError, match=CALLED_TWICE):
        loss.backward()
    assert weight.grad.tolist() == [2.0, 2.0, 2.0]
    (weight * weight).sum().backward()
    assert weight.grad.tolist() == [4.0, 4.0, 4.0]


def test_mutated_saved_tensor():
    weight = lampas.ones(3, requires_grad=True)
    square = weight * 1
    loss = (square * square).sum()
    square.add_(1)
    with pytest.raises(RuntimeError, match=MUTATED):
        loss.backward()
    assert weight.grad is None


def test_mutated_saved_output():
    weight = lampas.ones(3, requires_grad=True)
    result = weight.exp()
    result.mul_(2)
    with pytest.raises(RuntimeError, match=MUTATED):
        result.sum().backward()


def test_mutated_through_a_view_or_the_base():
    weight = lampas.ones(2, 3, requires_grad=True)
    base = weight * 1
    row = base[0]
    loss = (base * base).sum()
    row.zero_()
    with pytest.raises(RuntimeError, match=MUTATED):
        loss.backward()


def test_hook_that_raises():
    """The exception comes out as it is; another backward works."""
    weight = lampas.ones(3, requires_grad=True)
    middle = weight * 2

    class Trouble(Exception):
        pass

    def hook(grad):
        raise Trouble("in the hook")

    handle = middle.register_hook(hook)
    for _ in range(2):
        with pytest.raises(Trouble, match="in the hook"):
            middle.sum().backward(retain_graph=True)
        assert weight.grad is None
    handle.remove()
    middle.sum().backward()
    assert weight.grad.tolist() == [2.0, 2.0, 2.0]


def test_hook_with_a_wrong_result():
    weight = lampas.ones(3, requires_grad=True)
    handle = weight.register_hook(lambda grad: "text")
    with pytest.raises((TypeError, RuntimeError)):
        weight.sum().backward()
    handle.remove()
    handle = weight.register_hook(lambda grad: lampas.ones(2))
    with pytest.raises(RuntimeError):
        weight.sum().backward()
    handle.remove()
    weight.sum().backward()
    assert weight.grad.tolist() == [1.0, 1.0, 1.0]


def test_function_that_raises_in_backward():
    class Broken(lampas.autograd.Function):
        @staticmethod
        def forward(ctx, input):
            ctx.save_for_backward(input)
            return input * 2

        @staticmethod
        def backward(ctx, grad):
            raise KeyError("nothing here")

    weight = lampas.ones(3, requires_grad=True)
    with pytest.raises(KeyError, match="nothing here"):
        Broken.apply(weight).sum().backward()
    assert weight.grad is None


def test_function_that_gives_too_many_or_wrong_gradients():
    def function_with(result):
        class Wrong(lampas.autograd.Function):
            @staticmethod
            def forward(ctx, input):
                return input * 2

            @staticmethod
            def backward(ctx, grad):
                return result(grad)

        return Wrong

    weight = lampas.ones(3, requires_grad=True)
    for result in (
        lambda grad: (grad, grad),
        lambda grad: lampas.ones(7),
        lambda grad: "text",
        lambda grad: grad.to("shadow"),
    ):
        with pytest.raises((RuntimeError, TypeError)):
            function_with(result).apply(weight).sum().backward()
        assert weight.grad is None


def test_wrong_starting_gradients():
    weight = lampas.ones(2, 3, requires_grad=True)
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for scalar outputs"):
        (weight * 2).backward()
    with pytest.raises(RuntimeError, match="Mismatch in shape: grad_output"):
        (weight * 2).backward(lampas.ones(4))
    with pytest.raises(RuntimeError, match="does not require grad and does not have a grad_fn"):
        lampas.ones(2).sum().backward()
    with pytest.raises(RuntimeError, match="appears to not have been used in the graph"):
        lampas.autograd.grad((weight * 2).sum(), lampas.ones(1, requires_grad=True))


def test_in_place_on_leaves_and_their_views():
    weight = lampas.ones(2, 3, requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place"):
        weight.add_(1)
    with pytest.raises(
        RuntimeError, match="a view of a leaf Variable that requires grad is being used in an in-pl"
    ):
        weight[0].add_(1)
    parts = (weight * 1).split(1)
    with pytest.raises(RuntimeError, match="is a view and is being modified inplace"):
        parts[0].add_(1)
    assert weight.tolist() == [[1.0] * 3] * 2


def test_error_in_the_middle_keeps_no_graph_alive():
    class Trouble(Exception):
        pass

    def hook(grad):
        raise Trouble

    weight = lampas.ones(3, requires_grad=True)
    middle = weight.exp()
    middle.register_hook(hook)
    result = (middle * middle).sum()
    with pytest.raises(Trouble):
        result.backward()
    alive = weakref.ref(middle)
    del middle, result
    gc.collect()
    assert alive() is None


def test_backward_inside_a_hook_and_inside_backward():
    weight = lampas.ones(3, requires_grad=True)
    inner = lampas.ones(2, requires_grad=True)

    def hook(grad):
        with lampas.enable_grad():
            (inner * 3).sum().backward()

    weight.register_hook(hook)
    (weight * 2).sum().backward()
    assert inner.grad.tolist() == [3.0, 3.0]
    assert weight.grad.tolist() == [2.0, 2.0, 2.0]


def test_endless_backward_inside_backward_raises():
    class Endless(lampas.autograd.Function):
        @staticmethod
        def forward(ctx, input):
            return input * 2

        @staticmethod
        def backward(ctx, grad):
            with lampas.enable_grad():
                again = Endless.apply(lampas.ones(1, requires_grad=True)).sum()
            again.backward()
            return grad

    with pytest.raises((RuntimeError, RecursionError)):
        Endless.apply(lampas.ones(1, requires_grad=True)).sum().backward()
