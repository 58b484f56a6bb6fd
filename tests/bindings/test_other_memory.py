"""Tensors that are made to show other memory: set_ and resize_as_."""

import pytest

import lampas


def test_set_shows_the_memory_of_another_tensor():
    tensor, other = lampas.zeros(1), lampas.arange(6.0).view(2, 3)
    assert tensor.set_(other) is tensor and tensor.equal(other)
    tensor[0, 0] = 9
    assert other[0, 0].item() == 9 and tensor.is_set_to(other)


def test_set_shows_part_of_a_storage():
    other = lampas.arange(6.0)
    tensor = lampas.zeros(0).set_(other.untyped_storage(), 1, (2, 2), (1, 2))
    assert tensor.tolist() == [[1, 3], [2, 4]]
    assert lampas.zeros(0).set_(other.untyped_storage()).equal(other)
    assert lampas.zeros(3).set_().numel() == 0
    with pytest.raises(RuntimeError):
        lampas.zeros(0).set_(other.untyped_storage(), 5, (2,), (1,))


def test_set_refuses_a_leaf_that_asks_for_a_gradient():
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
        lampas.zeros(1, requires_grad=True).set_(lampas.zeros(2))


def test_set_refuses_another_dtype():
    kept = lampas.zeros(2)
    with pytest.raises(RuntimeError, match="tensor of type c10::Half to a tensor of type float"):
        kept.set_(lampas.ones(2, dtype=lampas.float16))
    with pytest.raises(RuntimeError, match="of type long int to a tensor of type c10::complex<double>"):
        lampas.zeros(2, dtype=lampas.complex128).set_(lampas.ones(2, dtype=lampas.int64))
    assert kept.tolist() == [0.0, 0.0] and kept.dtype == lampas.float32


def test_resize_as_takes_the_sizes_of_another():
    tensor = lampas.arange(6.0)
    assert tensor.resize_as_(lampas.zeros(2, 2)) is tensor and tensor.tolist() == [[0, 1], [2, 3]]
    with pytest.raises(RuntimeError, match="cannot resize variables that require grad"):
        lampas.zeros(2, requires_grad=True).resize_as_(lampas.zeros(3))
