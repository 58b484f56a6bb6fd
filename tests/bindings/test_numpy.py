"""Memory shared with NumPy, in both directions."""

import gc
import sys
import warnings

import numpy as np
import pytest

import lampas

DTYPES = {
    "float64": lampas.float64,
    "float32": lampas.float32,
    "float16": lampas.float16,
    "complex64": lampas.complex64,
    "complex128": lampas.complex128,
    "int64": lampas.int64,
    "int32": lampas.int32,
    "int16": lampas.int16,
    "int8": lampas.int8,
    "uint64": lampas.uint64,
    "uint32": lampas.uint32,
    "uint16": lampas.uint16,
    "uint8": lampas.uint8,
    "bool": lampas.bool,
}


@pytest.mark.parametrize("name", DTYPES)
def test_dtypes_there_and_back(name):
    array = np.array([[0, 1], [1, 0]]).astype(name)
    tensor = lampas.from_numpy(array)
    assert tensor.dtype is DTYPES[name]
    assert tensor.tolist() == array.tolist()
    assert tensor.numpy().dtype == array.dtype
    assert (tensor.numpy() == array).all()


def test_writes_are_seen_on_both_sides():
    array = np.zeros((2, 3), np.float32)
    tensor = lampas.from_numpy(array)
    tensor[0, 1] = 5
    array[1, 2] = 7
    assert array[0, 1] == 5 and tensor[1, 2].item() == 7
    back = tensor.numpy()
    back += 1
    assert tensor[0, 1].item() == 6
    assert back.__array_interface__["data"][0] == tensor.data_ptr()


def test_strides_are_kept():
    array = np.arange(24.0).reshape(2, 3, 4)
    tensor = lampas.from_numpy(array[:, ::2, 1:].transpose(2, 0, 1))
    assert tensor.stride() == (1, 12, 8)
    assert tensor.tolist() == array[:, ::2, 1:].transpose(2, 0, 1).tolist()
    assert (tensor.numpy() == array[:, ::2, 1:].transpose(2, 0, 1)).all()
    assert lampas.arange(6).view(2, 3).T.numpy().strides == (8, 24)


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (1, 1)])
def test_shapes_without_and_with_one_element(shape):
    array = np.ones(shape)
    assert lampas.from_numpy(array).shape == shape
    assert lampas.from_numpy(array).numpy().shape == shape
    assert lampas.ones(shape).numpy().shape == shape


def test_each_side_keeps_the_memory_alive():
    array = np.arange(1000)
    tensor = lampas.from_numpy(array)
    references = sys.getrefcount(array)
    view = tensor[10:]
    del array, tensor
    gc.collect()
    assert view[0].item() == 10
    array = view.numpy()
    del view
    gc.collect()
    assert array[0] == 10 and references >= 3


def test_shared_memory_is_not_resized():
    tensor = lampas.ones(2)
    array = tensor.numpy()
    with pytest.raises(RuntimeError, match="not resizable"):
        tensor.resize_(100)
    assert array.tolist() == [1.0, 1.0]


@pytest.fixture
def warning_always():
    lampas.set_warn_always(True)
    yield
    lampas.set_warn_always(False)


def test_read_only_arrays_warn(warning_always):
    assert lampas.is_warn_always_enabled()
    array = np.ones(2)
    array.flags.writeable = False
    with pytest.warns(UserWarning, match="not writable"):
        lampas.from_numpy(array)
    with pytest.warns(UserWarning, match="not writable"):
        lampas.as_tensor(array)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lampas.tensor(array)


def test_lists_of_arrays_warn(warning_always):
    with pytest.warns(UserWarning, match="list of numpy.ndarrays is extremely slow"):
        assert lampas.tensor([np.ones(1), np.zeros(1)]).tolist() == [[1.0], [0.0]]


def test_some_warnings_come_once():
    array = np.broadcast_to(np.ones(1), (3,))
    with warnings.catch_warnings(record=True):
        lampas.from_numpy(array)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lampas.from_numpy(array)


def test_tensor_copies_and_as_tensor_shares():
    array = np.ones(2, np.float32)
    copied, shared = lampas.tensor(array), lampas.as_tensor(array)
    array[0] = 3
    assert copied.tolist() == [1.0, 1.0] and shared.tolist() == [3.0, 1.0]
    converted = lampas.as_tensor(array, dtype=lampas.float64)
    array[1] = 9
    assert converted.tolist() == [3.0, 1.0]


def test_numpy_functions_take_tensors():
    tensor = lampas.tensor([1.0, 2.0])
    assert np.asarray(tensor).tolist() == [1.0, 2.0]
    assert np.asarray(tensor, dtype=np.int64).dtype == np.int64
    assert np.sum(tensor.numpy()) == 3.0
    assert (np.float32(2) * tensor).tolist() == [2.0, 4.0]
    assert (tensor * np.float64(2)).dtype is lampas.float32


def test_numbers_of_numpy_are_numbers():
    tensor = lampas.ones(2, 3)
    assert tensor.sum(np.int64(0)).shape == (3,)
    assert tensor.view(np.int32(3), 2).shape == (3, 2)
    assert tensor[np.int64(1)].shape == (3,)
    assert lampas.full((2,), np.float32(1.5)).tolist() == [1.5, 1.5]
    assert lampas.tensor([np.float32(1), np.float32(2)]).dtype is lampas.float32
    assert lampas.tensor(np.int8(3)).dtype is lampas.int8
    assert lampas.tensor(np.float64(3)).dtype is lampas.float64
    assert lampas.tensor([np.float32(1), np.float64(2)]).dtype is lampas.float64
    assert lampas.tensor(np.complex128(1j)).dtype is lampas.complex128


def test_comparisons_with_arrays_are_by_element():
    tensor = lampas.tensor([1.0, 2.0])
    assert (tensor == np.array([1, 3])).tolist() == [True, False]
    assert (tensor < np.array([2, 2])).tolist() == [True, False]
    with pytest.raises(RuntimeError, match="must match the size"):
        tensor == np.ones(3)  # noqa: B015
    with pytest.raises(TypeError, match="can't convert np.ndarray"):
        tensor == np.array(["a", "b"])  # noqa: B015


def test_indices_may_be_arrays():
    tensor = lampas.arange(6).view(2, 3)
    assert tensor[np.array([1, 0])].tolist() == [[3, 4, 5], [0, 1, 2]]
    assert tensor[np.array([True, False])].tolist() == [[0, 1, 2]]
