"""The recorder replays a function's ops on other inputs."""

import pytest

import lampas
from lampas.func import grad, record, vmap


def network(x, weight):
    hidden = (x @ weight).relu()
    hidden[0].mul_(2)  # in place, into a view
    return hidden.log_softmax(1).sum(), hidden


def inputs(seed):
    generator = lampas.Generator().manual_seed(seed)
    return lampas.randn(3, 4, generator=generator), lampas.randn(4, 5, generator=generator)


def test_a_replay_does_what_the_function_does():
    replay = record(network)(*inputs(0))
    for seed in (0, 1, 2):
        for result, expected in zip(replay(*inputs(seed)), network(*inputs(seed)), strict=True):
            assert lampas.equal(result, expected)
    assert "mul_" in replay.ops


def test_python_does_not_run_again():
    runs = []
    replay = record(lambda x: runs.append(1) or x * 2)(lampas.ones(2))
    replay(lampas.zeros(2))
    assert runs == [1]


def test_constants_are_kept():
    shift = lampas.tensor([1.0, 2.0])
    replay = record(lambda x: (x + shift, shift))(lampas.zeros(2))
    moved, constant = replay(lampas.ones(2))
    assert moved.tolist() == [2.0, 3.0] and constant is shift


def test_a_replay_is_recorded_differentiated_and_batched():
    replay = record(lambda x: (x * x).sum())(lampas.ones(2))
    x = lampas.tensor([1.0, 3.0], requires_grad=True)
    replay(x).backward()
    assert x.grad.tolist() == [2.0, 6.0]
    assert grad(replay)(lampas.tensor([2.0, 5.0])).tolist() == [4.0, 10.0]
    assert vmap(replay)(lampas.tensor([[1.0, 2.0], [3.0, 4.0]])).tolist() == [5.0, 25.0]


def test_inputs_must_be_like_the_recorded_ones():
    replay = record(lambda x: x * 2)(lampas.ones(2))
    with pytest.raises(
        RuntimeError, match=r"input 0 was recorded with sizes \[2\] and dtype float32, but got"
    ):
        replay(lampas.ones(3))
    with pytest.raises(RuntimeError, match="expected 1 inputs, got 2"):
        replay(lampas.ones(2), lampas.ones(2))
