"""What comes of NumPy's arrays, buffers and DLPack, with results, errors and warnings as in PyTorch."""

import warnings

import numpy as np
import pytest
import torch

import lampas

ARRAY = np.arange(6.0).reshape(2, 3)
READ_ONLY = ARRAY.copy()
READ_ONLY.flags.writeable = False

CASES = {
    "negative strides": lambda T: T.from_numpy(ARRAY[::-1]),
    "negative strides in as_tensor": lambda T: T.as_tensor(ARRAY[:, ::-1]),
    "negative strides, copied": lambda T: T.tensor(ARRAY[:, ::-1]),
    "negative strides in asarray": lambda T: T.asarray(ARRAY[:, ::-1]),
    "negative strides of nothing": lambda T: T.from_numpy(ARRAY[:0][::-1]),
    "read-only": lambda T: T.from_numpy(READ_ONLY),
    "read-only in as_tensor": lambda T: T.as_tensor(READ_ONLY),
    "read-only in asarray": lambda T: T.asarray(READ_ONLY),
    "read-only, copied": lambda T: T.tensor(READ_ONLY),
    "broadcast": lambda T: T.from_numpy(np.broadcast_to(np.ones(1), (3,))),
    "foreign byte order": lambda T: T.from_numpy(ARRAY.astype(">f8")),
    "foreign byte order, copied": lambda T: T.tensor(ARRAY.astype(">f8")),
    "foreign byte order in as_tensor": lambda T: T.as_tensor(ARRAY.astype(">i4")),
    "byte order of bytes": lambda T: T.from_numpy(np.ones(2, ">i1")),
    "text": lambda T: T.from_numpy(np.array(["a"])),
    "objects": lambda T: T.from_numpy(np.array([1, None])),
    "objects, copied": lambda T: T.tensor(np.array([1, 2], dtype=object)),
    "dates": lambda T: T.from_numpy(np.array(["2020"], dtype="M8[D]")),
    "durations": lambda T: T.tensor(np.array([1], dtype="m8[D]")),
    "records": lambda T: T.from_numpy(np.zeros(2, dtype=[("a", "f4")])),
    "long doubles": lambda T: T.from_numpy(np.ones(2, np.longdouble)),
    "long complex": lambda T: T.from_numpy(np.ones(2, np.clongdouble)),
    "long long": lambda T: T.from_numpy(np.ones(2, np.longlong)),
    "a list": lambda T: T.from_numpy([1]),
    "None": lambda T: T.from_numpy(None),
    "no dimension": lambda T: T.from_numpy(np.array(3.0)),
    "a number": lambda T: T.from_numpy(np.float32(3)),
    "masked": lambda T: T.from_numpy(np.ma.array([1, 2], mask=[0, 1])),
    "list of arrays": lambda T: T.tensor([np.array([1, 2]), np.array([3, 4])]),
    "list of numbers": lambda T: T.as_tensor([np.float32(1), np.float64(2)]),
    "float64": lambda T: T.tensor(np.float64(3)),
    "int16": lambda T: T.tensor(np.int16(3)),
    "bool": lambda T: T.as_tensor(np.bool_(True)),
    "uint32": lambda T: T.tensor(np.uint32(7)),
    "complex128": lambda T: T.tensor(np.complex128(1j)),
    "field of a record": lambda T: T.from_numpy(np.zeros(3, dtype=[("a", "f4"), ("b", "f4")])["b"]),
    "uneven field": lambda T: T.from_numpy(np.zeros(3, dtype=[("a", "f4"), ("b", "i1")])["a"]),
    "unaligned": lambda T: T.from_numpy(np.frombuffer(bytearray(9), np.uint8)[1:].view(np.float64)),
    "numpy() with gradient": lambda T: T.ones(2, requires_grad=True).numpy(),
    "numpy(force=True) with gradient": lambda T: T.ones(2, requires_grad=True).numpy(force=True),
    "bfloat16": lambda T: T.ones(2).bfloat16().numpy(),
    "bfloat16, forced": lambda T: T.ones(2).bfloat16().numpy(force=True),
    "meta": lambda T: T.ones(2, device="meta").numpy(),
    "np.asarray with gradient": lambda T: np.asarray(T.ones(2, requires_grad=True)),
    "np.asarray as ints": lambda T: np.asarray(T.ones(2), dtype="i4"),
    "no dimension, back": lambda T: T.tensor(3.0).numpy(),
    "uint64 as list": lambda T: T.tensor([1, 2], dtype=T.uint64).tolist(),
    "array + tensor": lambda T: np.ones(2) + T.ones(2),
    "np.stack": lambda T: np.stack([T.ones(2), T.zeros(2)]),
    "tensor * np.float64": lambda T: T.ones(2) * np.float64(2),
    "np.float64 * tensor": lambda T: np.float64(2) * T.ones(2),
    "tensor == array": lambda T: T.ones(2) == np.ones(2),
    "tensor == array of another size": lambda T: T.ones(2) == np.ones(3),
    "asarray as another dtype": lambda T: T.asarray(ARRAY, dtype=T.float32, copy=False),
    "asarray of a list": lambda T: T.asarray([1.0, 2.0], copy=False),
    "asarray of bytes": lambda T: T.asarray(bytearray(b"abcd")),
    "asarray with gradient": lambda T: T.asarray(ARRAY, requires_grad=True),
    "asarray of a number": lambda T: T.asarray(3),
    "asarray of NumPy's number": lambda T: T.asarray(np.float32(2)),
    "asarray of a leaf": lambda T: T.asarray(T.ones(2, requires_grad=True)),
    "buffer": lambda T: T.frombuffer(bytearray(b"abcdefgh"), dtype=T.uint8),
    "part of a buffer": lambda T: T.frombuffer(bytearray(16), dtype=T.float32, offset=4, count=2),
    "constant buffer": lambda T: T.frombuffer(b"abcd", dtype=T.int16),
    "uneven buffer": lambda T: T.frombuffer(bytearray(7), dtype=T.float32),
    "uneven rest": lambda T: T.frombuffer(bytearray(10), dtype=T.float32, offset=2),
    "offset behind it": lambda T: T.frombuffer(bytearray(8), dtype=T.float32, offset=9),
    "negative offset": lambda T: T.frombuffer(bytearray(8), dtype=T.float32, offset=-1),
    "too many": lambda T: T.frombuffer(bytearray(8), dtype=T.float32, count=9),
    "too many after offset": lambda T: T.frombuffer(bytearray(8), dtype=T.float64, offset=1, count=1),
    "none": lambda T: T.frombuffer(bytearray(8), dtype=T.float32, count=0),
    "any negative count": lambda T: T.frombuffer(bytearray(8), dtype=T.bfloat16, count=-3),
    "empty buffer": lambda T: T.frombuffer(bytearray(0), dtype=T.float32),
    "no buffer": lambda T: T.frombuffer(3, dtype=T.float32),
    "buffer with gradient": lambda T: T.frombuffer(bytearray(8), dtype=T.float32, requires_grad=True),
    "integers with gradient": lambda T: T.frombuffer(bytearray(8), dtype=T.int32, requires_grad=True),
    "array as buffer": lambda T: T.frombuffer(ARRAY, dtype=T.float64),
    "DLPack": lambda T: T.from_dlpack(ARRAY.copy()),
    "DLPack, read-only": lambda T: T.from_dlpack(READ_ONLY),
    "DLPack to NumPy": lambda T: np.from_dlpack(T.ones(2, 3).t()),
    "DLPack with gradient": lambda T: np.from_dlpack(T.ones(2, requires_grad=True)),
    "DLPack device": lambda T: tuple(map(int, T.ones(2).__dlpack_device__())),
    "DLPack of bfloat16": lambda T: T.from_dlpack(T.ones(2).bfloat16()),
    "DLPack of bool": lambda T: T.from_dlpack(T.tensor([True])),
    "DLPack of complex": lambda T: np.from_dlpack(T.tensor([1j])),
    "DLPack of foreign byte order": lambda T: T.from_dlpack(ARRAY.astype(">f8")),
    "DLPack with a stream": lambda T: T.ones(2).__dlpack__(stream=1),
    "DLPack of a number": lambda T: T.from_dlpack(3),
    "DLPack of nothing": lambda T: T.from_dlpack(np.zeros((0, 3))),
}


def outcome(case, framework):
    """Return what a case gives: values with their layout, or the error; and the warnings."""
    framework.set_warn_always(True)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                result = case(framework)
            except Exception as error:  # noqa: BLE001 (the type is what is compared)
                result = (type(error).__name__, str(error).split("\n")[0])
    finally:
        framework.set_warn_always(False)
    if isinstance(result, framework.Tensor):
        result = (str(result.dtype), result.shape, result.stride(), result.tolist(), result.requires_grad)
    elif isinstance(result, np.ndarray):
        result = (result.dtype.str, result.shape, result.strides, result.tolist(), result.flags.writeable)
    messages = [str(warning.message).split("\n")[0].split(" (Triggered")[0] for warning in caught]
    return repr(result), set(messages)  # PyTorch looks at lists twice


@pytest.mark.parametrize("name", CASES)
def test_as_pytorch(name):
    assert outcome(CASES[name], lampas) == outcome(CASES[name], torch)


@pytest.mark.parametrize("name", ["float32", "bfloat16", "bool", "uint16", "complex128"])
def test_capsules_between_both(name):
    ours = lampas.tensor([1, 0, 2]).to(getattr(lampas, name))
    theirs = torch.from_dlpack(ours)
    assert theirs.dtype is getattr(torch, name) and theirs.data_ptr() == ours.data_ptr()
    back = lampas.from_dlpack(theirs)
    assert back.dtype is ours.dtype and back.data_ptr() == ours.data_ptr() and back.tolist() == ours.tolist()
