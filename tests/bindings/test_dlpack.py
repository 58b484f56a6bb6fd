"""DLPack in both directions: shared memory, lifetimes, what cannot be exchanged; frombuffer and asarray."""

import array
import ctypes
import gc
import weakref

import numpy as np
import pytest

import lampas
from lampas.utils.dlpack import DLDeviceType, from_dlpack, to_dlpack

DTYPES = (
    "uint8 int8 int16 int32 int64 float16 float32 float64 complex64 complex128 bool bfloat16 uint16 uint32 "
    "uint64"
).split()


@pytest.mark.parametrize("name", DTYPES)
def test_every_dtype_to_itself(name):
    tensor = lampas.tensor([[1, 0], [1, 1]]).to(getattr(lampas, name))
    for taken in (lampas.from_dlpack(tensor), from_dlpack(to_dlpack(tensor))):
        assert taken.dtype is tensor.dtype and taken.tolist() == tensor.tolist()
        assert taken.data_ptr() == tensor.data_ptr()


@pytest.mark.parametrize("name", [name for name in DTYPES if name != "bfloat16"])
def test_numpy_in_both_directions(name):
    given = np.array([[1, 0], [1, 1]]).astype(name)
    tensor = lampas.from_dlpack(given)
    assert tensor.dtype is getattr(lampas, name) and tensor.tolist() == given.tolist()
    assert tensor.data_ptr() == given.ctypes.data
    back = np.from_dlpack(tensor)
    assert back.dtype == given.dtype and back.ctypes.data == tensor.data_ptr()


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1, 4), (2, 3, 4)])
def test_shapes_and_strides(shape):
    tensor = lampas.ones(shape)
    assert np.from_dlpack(tensor).shape == shape
    turned = lampas.arange(24).view(2, 3, 4).permute(2, 0, 1)[1:]
    taken = lampas.from_dlpack(turned)
    assert taken.stride() == turned.stride() and taken.tolist() == turned.tolist()
    assert np.from_dlpack(turned).strides == tuple(8 * step for step in turned.stride())


def test_writes_are_seen_on_both_sides():
    given = np.zeros(3)
    tensor = lampas.from_dlpack(given)
    tensor[1] = 5
    given[2] = 7
    assert given.tolist() == tensor.tolist() == [0, 5, 7]


def test_the_exporter_lives_as_long_as_the_tensor():
    class Exporter(np.ndarray):
        """An array whose end can be seen."""

    given = np.zeros(1000).view(Exporter)
    end = weakref.ref(given)
    tensor = lampas.from_dlpack(given)
    part = tensor[10:]
    del given, tensor
    gc.collect()
    assert part.sum().item() == 0 and end() is not None
    del part
    gc.collect()
    assert end() is None


def test_the_tensor_lives_as_long_as_the_importer():
    tensor = lampas.full((1000,), 3.0)
    taken = np.from_dlpack(tensor)
    storage_before = tensor.data_ptr()
    del tensor
    gc.collect()
    others = [lampas.zeros(1000) for _ in range(50)]  # would be given the memory, were it free
    assert taken.ctypes.data == storage_before and (taken == 3).all()
    assert all(other.data_ptr() != storage_before for other in others)


def test_a_capsule_that_nobody_takes_lets_go():
    def bytes_in_use():
        return lampas._core.memory_statistics()["bytes_in_use"]

    gc.collect()
    before = bytes_in_use()
    capsule = to_dlpack(lampas.ones(1000))
    assert bytes_in_use() >= before + 4000
    del capsule
    assert bytes_in_use() == before


def test_a_capsule_is_taken_once():
    for make in (to_dlpack, lambda tensor: tensor.__dlpack__(max_version=(1, 0))):
        capsule = make(lampas.ones(2))
        taken = from_dlpack(capsule)
        with pytest.raises(RuntimeError, match="capsules can be consumed only once"):
            from_dlpack(capsule)
        del capsule
        assert taken.tolist() == [1, 1]


def test_exported_memory_is_not_resized():
    tensor = lampas.ones(2)
    capsule = to_dlpack(tensor)
    with pytest.raises(RuntimeError, match="not resizable"):
        tensor.resize_(1000)
    del capsule


def test_copies():
    tensor = lampas.ones(2)
    assert lampas.from_dlpack(tensor, copy=True).data_ptr() != tensor.data_ptr()
    assert lampas.from_dlpack(tensor, copy=False).data_ptr() == tensor.data_ptr()
    assert lampas.from_dlpack(tensor, device="cpu").data_ptr() == tensor.data_ptr()
    assert lampas.from_dlpack(tensor, device="meta").is_meta
    with pytest.raises(ValueError, match="without copying"):
        lampas.from_dlpack(tensor, device="meta", copy=False)


def test_exporters_of_older_versions():
    class Older:
        """Knows no arguments."""

        def __dlpack__(self):
            return to_dlpack(lampas.ones(2))

    assert lampas.from_dlpack(Older(), copy=True).tolist() == [1, 1]


def test_what_cannot_be_exported():
    with pytest.raises(BufferError, match="require gradient"):
        np.from_dlpack(lampas.ones(2, requires_grad=True))
    with pytest.raises(BufferError, match="Cannot pack tensors on meta"):
        lampas.ones(2, device="meta").__dlpack__()
    with pytest.raises(AssertionError, match="stream should be None on cpu"):
        lampas.ones(2).__dlpack__(stream=1)
    with pytest.raises(TypeError, match="stream must be"):
        lampas.ones(2).__dlpack__(stream="1")
    with pytest.raises(BufferError, match="Cannot move a tensor"):
        lampas.ones(2).__dlpack__(dl_device=(2, 0))
    assert lampas.ones(2).__dlpack_device__() == (DLDeviceType.kDLCPU, 0)


class Struct(ctypes.Structure):
    """DLManagedTensor of dlpack.h."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("kind", ctypes.c_int32),
        ("index", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("sizes", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
    )


def capsule_of(struct):
    make = ctypes.pythonapi.PyCapsule_New
    make.restype, make.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    return make(ctypes.addressof(struct), b"dltensor", None)


def struct_of(values, **fields):
    data = (ctypes.c_float * len(values))(*values)
    sizes, strides = (ctypes.c_int64 * 2)(2, 2), (ctypes.c_int64 * 2)(2, 1)
    struct = Struct(ctypes.addressof(data), 1, 0, 2, 2, 32, 1, sizes, strides, 0, None, None)
    for name, value in fields.items():
        setattr(struct, name, value)
    struct.kept = (data, sizes, strides)
    return struct


def test_foreign_structs():
    struct = struct_of([0, 1, 2, 3, 4], byte_offset=4, strides=None)
    assert from_dlpack(capsule_of(struct)).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"lanes": 2}, BufferError),
        ({"bits": 24}, BufferError),
        ({"code": 9}, BufferError),
        ({"kind": 2}, BufferError),
        ({"rank": -1}, BufferError),
        ({"sizes": (ctypes.c_int64 * 2)(-1, 2)}, BufferError),
        ({"sizes": (ctypes.c_int64 * 2)(2**62, 2**62)}, RuntimeError),
        ({"sizes": (ctypes.c_int64 * 2)(2**60, 2), "strides": (ctypes.c_int64 * 2)(2**60, 1)}, BufferError),
        ({"strides": (ctypes.c_int64 * 2)(-2, 1)}, ValueError),
    ],
)
def test_foreign_structs_that_cannot_be_taken(fields, error):
    struct = struct_of([1, 2, 3, 4], **fields)
    capsule = capsule_of(struct)
    with pytest.raises(error):
        from_dlpack(capsule)


def test_what_is_no_capsule():
    for value in (3, None, object()):
        with pytest.raises(RuntimeError, match="invalid capsule"):
            from_dlpack(value)
    with pytest.raises(AssertionError, match="device and copy kwargs not supported"):
        from_dlpack(to_dlpack(lampas.ones(1)), copy=True)
    with pytest.raises(ValueError, match="negative strides"):
        lampas.from_dlpack(np.ones(3)[::-1])


# ---- buffers


def test_frombuffer_shares_memory_and_keeps_it():
    buffer = bytearray(16)
    tensor = lampas.frombuffer(buffer, dtype=lampas.float32, offset=4, count=2)
    tensor[1] = 1
    assert np.frombuffer(buffer, np.float32).tolist() == [0, 0, 1, 0]
    with pytest.raises(BufferError):
        buffer.append(1)  # bytearrays know that their memory is in use
    del tensor
    buffer.append(1)
    numbers = array.array("q", range(5))
    assert lampas.frombuffer(numbers, dtype=lampas.int64).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"offset": 9}, "offset"),
        ({"offset": -1}, "offset"),
        ({"offset": 8}, "offset"),
        ({"count": 0}, "must not be 0"),
        ({"count": 3}, "requested buffer length"),
        ({"count": 2**62}, "requested buffer length"),
        ({"offset": 1}, "multiple of element size"),
    ],
)
def test_buffers_that_do_not_hold_it(options, message):
    with pytest.raises(ValueError, match=message):
        lampas.frombuffer(bytearray(8), dtype=lampas.float32, **options)


def test_frombuffer_refuses():
    with pytest.raises(ValueError, match="both buffer length"):
        lampas.frombuffer(bytearray(), dtype=lampas.float32)
    with pytest.raises(ValueError, match="does not implement Python buffer protocol"):
        lampas.frombuffer(3, dtype=lampas.float32)
    with pytest.raises(RuntimeError, match="can require gradients"):
        lampas.frombuffer(bytearray(8), dtype=lampas.int32, requires_grad=True)


def test_asarray_shares_unless_it_cannot():
    given = np.ones(2)
    assert lampas.asarray(given, copy=False).data_ptr() == given.ctypes.data
    assert lampas.asarray(given, copy=True).data_ptr() != given.ctypes.data
    assert lampas.asarray(to_dlpack(lampas.ones(2))).tolist() == [1, 1]
    assert lampas.asarray(bytearray(b"ab"), dtype=lampas.uint8).tolist() == [97, 98]
    with pytest.raises(ValueError, match="can't alias tensor with dtype 'Double' into dtype 'Float'"):
        lampas.asarray(given, dtype=lampas.float32, copy=False)
    with pytest.raises(ValueError, match="can't alias tensor from device 'cpu' to 'meta'"):
        lampas.asarray(given, device="meta", copy=False)
    with pytest.raises(ValueError, match="can't alias arbitrary sequence"):
        lampas.asarray([1], copy=False)
    leaf = lampas.ones(2, requires_grad=True)
    assert not lampas.asarray(leaf, requires_grad=False).requires_grad and leaf.requires_grad
