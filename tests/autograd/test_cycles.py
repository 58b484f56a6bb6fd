"""Cycles through Python hooks and contexts of Functions are collected; nothing collected is in use."""

import gc
import weakref

import pytest

import lampas
from lampas.autograd import Function


class Token:
    """Something whose end can be seen."""


class Keeping(Function):
    """Keeps an object on its context."""

    @staticmethod
    def forward(ctx, x, kept):
        ctx.kept = kept
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2, None


def is_collected(make):
    token = Token()
    seen = weakref.ref(token)
    kept = make(token)
    del token, kept
    gc.collect()
    return seen() is None


def test_a_context_that_refers_to_its_own_result():
    def make(token):
        y = Keeping.apply(lampas.ones(2, requires_grad=True), token)
        y.grad_fn.result = y

    assert is_collected(make)


def test_a_hook_that_refers_to_its_own_tensor():
    def make(token):
        y = lampas.ones(2, requires_grad=True) * 2
        y.register_hook(lambda grad: (token, y))

    assert is_collected(make)


def test_a_hook_of_a_leaf_that_refers_to_the_leaf():
    def make(token):
        x = lampas.ones(2, requires_grad=True)
        x.register_hook(lambda grad: (token, x))

    assert is_collected(make)


def test_a_hook_deep_in_the_graph():
    def make(token):
        first = lampas.ones(2, requires_grad=True) * 2
        last = (first + 1).exp()
        first.grad_fn.register_hook(lambda inputs, outputs: (token, last))
        del first

    assert is_collected(make)


def test_a_removed_hook_lets_go():
    token = Token()
    seen = weakref.ref(token)
    x = lampas.ones(2, requires_grad=True)
    x.register_hook(lambda grad, token=token: None).remove()
    del token
    assert seen() is None


def test_what_a_living_graph_needs_is_not_collected():
    x = lampas.ones(2, requires_grad=True)
    y = Keeping.apply(x, Token())
    seen = weakref.ref(y.grad_fn.kept)
    z = (y * 3).sum()
    del y
    gc.collect()
    assert seen() is not None
    z.backward()
    assert x.grad.tolist() == [6.0, 6.0]


def test_a_hooks_graph_is_collected_after_an_error():
    def make(token):
        x = lampas.ones(2, requires_grad=True)
        y = x * 2

        def failing(grad):
            raise LookupError(token, y)

        y.register_hook(failing)
        with pytest.raises(LookupError):
            y.sum().backward()

    assert is_collected(make)
