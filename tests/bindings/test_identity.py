"""One Python object for one tensor: it keeps its state while the core holds the tensor, and cycles go."""

import gc
import weakref

import pytest

import lampas
from lampas import Tensor, nn


class Marked(Tensor):
    """A subclass with a dict."""


class Slotted(Tensor):
    """A subclass with a slot."""

    __slots__ = ("mark",)


def leaf_of(result):
    """Return the tensor at the graph's first leaf, asked from the graph alone."""
    return result.grad_fn.next_functions[0][0].variable


def marked_leaf(kind):
    """Make a leaf with state: a subclass's attribute or slot, or an attribute of a plain tensor."""
    if kind == "plain":
        leaf = lampas.ones(2, requires_grad=True)
    else:
        leaf = Tensor._make_subclass(Slotted if kind == "slot" else Marked, lampas.ones(2), True)
    leaf.mark = ["state"]
    return leaf


def test_one_object_while_it_lives():
    weight = lampas.ones(2, requires_grad=True)
    (weight * 2).sum().backward()
    assert weight.grad is weight.grad
    view = weight[0]
    assert view._base is weight
    assert leaf_of(weight * 2) is weight
    assert weight.add_(0) is weight if not weight.requires_grad else True


def test_in_place_methods_return_the_object():
    tensor = lampas.ones(2)
    assert tensor.add_(1) is tensor
    tensor += 1
    assert tensor.tolist() == [3.0, 3.0]


@pytest.mark.parametrize("kind", ["dict", "slot", "plain"])
def test_state_survives_a_trip_through_the_core(kind):
    leaf = marked_leaf(kind)
    address, kept = id(leaf), weakref.ref(leaf)
    result = leaf * 2
    for _ in range(3):
        del leaf
        gc.collect()
        leaf = leaf_of(result)
        assert id(leaf) == address
        assert kept() is leaf
        assert leaf.mark == ["state"]
    del leaf, result
    gc.collect()
    assert kept() is None


def test_a_weak_reference_takes_the_tensor_back_from_the_core():
    parameter = nn.Parameter(lampas.ones(2))
    kept = weakref.ref(parameter)
    result = parameter * 2
    del parameter
    again = kept()
    del result
    gc.collect()
    assert type(again) is nn.Parameter and again.requires_grad
    (again * 3).sum().backward()
    assert again.grad.tolist() == [3.0, 3.0]


def test_a_cycle_that_the_core_holds_is_not_collected():
    parameter = nn.Parameter(lampas.ones(2))
    parameter.itself = parameter
    result = parameter * 2
    kept = weakref.ref(parameter)
    del parameter
    gc.collect()
    assert kept() is not None and leaf_of(result).itself is kept()
    del result
    gc.collect()
    assert kept() is None


@pytest.mark.parametrize("make", [lambda: lampas.ones(2), lambda: lampas.ones(2).as_subclass(Marked)])
def test_cycles_through_attributes_are_collected(make):
    tensor = make()
    tensor.itself = {"tensor": tensor}
    kept = weakref.ref(tensor)
    del tensor
    gc.collect()
    assert kept() is None


def test_cycles_through_slots_are_collected():
    tensor = lampas.ones(2).as_subclass(Slotted)
    tensor.mark = [tensor]
    kept = weakref.ref(tensor)
    del tensor
    gc.collect()
    assert kept() is None


def test_cycles_through_hooks_are_collected():
    leaf = lampas.ones(2, requires_grad=True)
    leaf.register_hook(lambda grad: leaf)  # noqa: F821 -- deleted below, with the cycle
    result = leaf * 2
    result.register_hook(lambda grad, result=result: result)
    kept_leaf, kept_result = weakref.ref(leaf), weakref.ref(result)
    del leaf, result
    gc.collect()
    assert kept_leaf() is None and kept_result() is None


def test_finalizers_run_once_and_late():
    finalized = []

    class Finalized(Tensor):
        def __del__(self):
            finalized.append(tuple(self.shape))

    leaf = Tensor._make_subclass(Finalized, lampas.ones(3), True)
    result = leaf.as_subclass(Tensor) * 2
    held = leaf.grad_fn is None and result.grad_fn.next_functions[0][0]
    del leaf
    assert finalized == []
    del result, held
    gc.collect()
    assert finalized == [(3,)]


def test_a_finalizer_may_store_the_tensor():
    stored = []

    class Stored(Tensor):
        def __del__(self):
            stored.append(self)

    tensor = lampas.tensor([1.0, 2.0]).as_subclass(Stored)
    del tensor
    assert stored[0].tolist() == [1.0, 2.0]


def test_a_long_chain_of_attributes_is_freed_without_recursion():
    last = None
    for _ in range(100_000):
        tensor = lampas.ones(1)
        tensor.before = last
        last = tensor
    del tensor, last


def test_the_class_of_a_tensor_may_be_set():
    tensor = lampas.ones(2)
    tensor.__class__ = Marked
    assert type(tensor) is Marked
    tensor.mark = 1
    tensor.__class__ = Tensor
    assert tensor.mark == 1


def test_hash_and_equality_of_containers_go_by_identity():
    first, second = lampas.ones(1), lampas.ones(1)
    assert hash(first) == id(first)
    assert len({first, second, first}) == 2
    assert {first: "a"}[first] == "a"
