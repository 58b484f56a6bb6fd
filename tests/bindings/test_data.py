"""Tensors from nested data, and what goes wrong with data that change or mislead while they are read."""

import gc

import pytest

import lampas


class Index:
    """Counts as an int; looking at it may have a side effect."""

    def __init__(self, value, effect=lambda: None):
        self.value = value
        self.effect = effect

    def __index__(self):
        self.effect()
        return self.value


def test_shapes_and_dtypes():
    assert lampas.tensor([[1, 2], [3, 4]]).shape == (2, 2)
    assert lampas.tensor([[[]]]).shape == (1, 1, 0)
    assert lampas.tensor([True, 2, 3.5]).dtype is lampas.float32
    assert lampas.tensor([1, 2j]).dtype is lampas.complex64
    assert lampas.tensor((range(2), [5, 6])).tolist() == [[0, 1], [5, 6]]
    assert lampas.tensor([lampas.tensor(1.5), 2]).tolist() == [1.5, 2.0]


def test_the_default_dtype_is_followed():
    lampas.set_default_dtype(lampas.float64)
    try:
        assert lampas.tensor(1.0).dtype is lampas.float64
        assert lampas.tensor(1j).dtype is lampas.complex128
        assert lampas.zeros(1).dtype is lampas.float64
        assert lampas.Tensor([1]).dtype is lampas.float64
    finally:
        lampas.set_default_dtype(lampas.float32)


def test_integers_of_every_width_keep_their_limits():
    for name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"):
        dtype = getattr(lampas, name)
        limits = lampas.iinfo(dtype)
        assert lampas.tensor([limits.min, limits.max], dtype=dtype).tolist() == [limits.min, limits.max]
        with pytest.raises((RuntimeError, ValueError)):
            lampas.tensor([limits.max + 1], dtype=dtype)


def test_floats_beyond_the_dtype_become_infinite():
    assert lampas.tensor([1e300]).item() == float("inf")
    assert lampas.tensor(1e-50).item() == 0.0
    assert lampas.tensor([2**70], dtype=lampas.float64).item() == 2.0**70


def test_an_integer_type_of_ones_own():
    assert lampas.zeros(Index(2), 3).shape == (2, 3)
    assert lampas.ones(4).view([Index(2), 2]).shape == (2, 2)


def test_a_list_of_sizes_that_shrinks_while_it_is_read():
    sizes = [2, 2, 2]
    sizes[0] = Index(2, lambda: (sizes.clear(), gc.collect()))
    assert lampas.zeros(8).view(sizes).shape == (2, 2, 2)


def test_data_that_shrink_while_they_are_read():
    data = [1, 2, 3]
    data[0] = Index(1, lambda: (data.clear(), gc.collect()))
    with pytest.raises(RuntimeError, match="changed its length"):
        lampas.tensor(data, dtype=lampas.int64)


def test_a_sequence_that_contains_itself():
    data = []
    data.append(data)
    with pytest.raises(ValueError, match="too many dimensions 'list'"):
        lampas.tensor(data)


def test_a_sequence_that_raises():
    class Broken:
        def __len__(self):
            return 3

        def __getitem__(self, index):
            raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        lampas.tensor(Broken())


def test_lists_of_tensors_are_not_left_half_read():
    tensors = [lampas.ones(1), "text"]
    with pytest.raises(TypeError, match="expected Tensor as element 1 in argument 0, but got str"):
        lampas.cat(tensors)


def test_other_devices():
    assert lampas.tensor([1, 2], device="meta").is_meta
    with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
        lampas.tensor([1], device="cuda")


def test_the_default_device():
    lampas.set_default_device("meta")
    try:
        assert lampas.zeros(2).is_meta and lampas.tensor([1]).is_meta and lampas.Tensor(2).is_meta
        assert not lampas.zeros(2, device="cpu").is_meta
        assert lampas.get_default_device() == lampas.device("meta")
    finally:
        lampas.set_default_device(None)
    assert not lampas.zeros(2).is_meta


@pytest.mark.parametrize("size", [2**62, (2**40, 2**40), 10**15])
def test_sizes_beyond_memory(size):
    with pytest.raises(RuntimeError):
        lampas.empty(size)


def test_memory_that_cannot_be_had_reads_as_in_pytorch():
    with pytest.raises(RuntimeError, match="you tried to allocate 4000000000000000 bytes. Error code 12"):
        lampas.empty(10**15)
