"""Graphs, cycles and long chains give their memory back."""

import gc

import pytest

import lampas
from robustness.conftest import memory_in_use


def leaf(*shape):
    """A tensor that asks for a gradient and has been used: what the first use makes for it is there."""
    weight = lampas.ones(*shape, requires_grad=True)
    (weight + 1).sum()
    return weight


def test_dropped_graphs_give_their_memory_back():
    weight = leaf(200, 200)
    before = memory_in_use()
    for _ in range(3):
        result = (weight @ weight).relu().sum()
        assert memory_in_use() > before
        del result
    assert memory_in_use() == before


def test_a_backward_frees_what_was_saved():
    weight = leaf(200, 200)
    before = memory_in_use()
    result = weight.exp().sum()
    held = memory_in_use()
    result.backward()
    # The gradient came, the saved result went.
    assert memory_in_use() <= held
    del result
    weight.grad = None
    assert memory_in_use() == before


def test_cycles_through_hooks_are_collected():
    gc.collect()
    before = memory_in_use()
    for _ in range(5):
        weight = lampas.ones(200, 200, requires_grad=True)
        result = weight * 2

        def hook(grad, result=result):  # the tensor holds the hook, the hook the tensor
            return grad

        result.register_hook(hook)
        result.itself = result
        del weight, result, hook
    assert memory_in_use() == before


@pytest.mark.parametrize("backward", [True, False], ids=["backward", "dropped"])
def test_a_long_chain_gives_its_memory_back(backward):
    """A hundred thousand nodes: neither backward nor destruction recurses."""
    weight = leaf(1)
    before = memory_in_use()
    result = weight
    for _ in range(100_000):
        result = result + 1
    if backward:
        result.backward()
        assert weight.grad.item() == 1.0
        weight.grad = None
    del result
    assert memory_in_use() == before


def test_a_failed_op_leaves_nothing_behind():
    before = memory_in_use()
    for _ in range(10):
        with pytest.raises(RuntimeError):
            lampas.ones(500, 500) + lampas.ones(499, 500)
    assert memory_in_use() == before


def test_out_and_in_place_keep_one_memory():
    target = lampas.zeros(1000)
    address = target.data_ptr()
    before = memory_in_use()
    lampas.add(lampas.ones(1000), 1, out=target)
    target.mul_(3)
    assert target.data_ptr() == address and memory_in_use() == before
    assert target[0].item() == 6.0
