"""Names of dtypes as PyTorch's messages have them."""

from lampas import _core

_NAMES = {
    _core.float16: "Half",
    _core.bfloat16: "BFloat16",
    _core.uint8: "Byte",
    _core.uint16: "UInt16",
    _core.uint32: "UInt32",
    _core.uint64: "UInt64",
    _core.int8: "Char",
    _core.int16: "Short",
    _core.int32: "Int",
    _core.int64: "Long",
    _core.bool: "Bool",
    _core.float32: "Float",
    _core.float64: "Double",
    _core.complex64: "ComplexFloat",
    _core.complex128: "ComplexDouble",
}


def scalar_type(tensor):
    """Return the name of a tensor's dtype: "Float" for float32."""
    return _NAMES[tensor.dtype]
