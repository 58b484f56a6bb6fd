"""Every test here ends with a process that works and with the memory it began with."""

import gc

import pytest

import lampas


def memory_in_use():
    gc.collect()
    return lampas._core.memory_statistics()["bytes_in_use"]


def use_everything():
    """A small training step; fails or hangs where the process was harmed."""
    input, weight = lampas.ones(64, 64), lampas.ones(64, 64, requires_grad=True)
    lampas.nn.functional.relu(input @ weight).sum().backward()
    assert weight.grad.sum().item() == 64.0**3
    assert lampas.is_grad_enabled()
    # Large enough to be split among the threads of the pool.
    assert lampas.ones(1_000_000).mul(2).sum().item() == 2_000_000


@pytest.fixture(autouse=True)
def nothing_leaks():
    """Compare the memory in use before and after a test, and use the process afterwards."""
    use_everything()
    before = memory_in_use()
    yield
    use_everything()
    assert memory_in_use() == before
