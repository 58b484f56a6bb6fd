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


# As a C++ compiler spells the element type; core/ops/promotion.cpp has them for the core's messages.
_COMPILER_NAMES = {
    _core.float16: "c10::Half",
    _core.bfloat16: "c10::BFloat16",
    _core.uint8: "unsigned char",
    _core.uint16: "short unsigned int",
    _core.uint32: "unsigned int",
    _core.uint64: "long unsigned int",
    _core.int8: "signed char",
    _core.int16: "short int",
    _core.int32: "int",
    _core.int64: "long int",
    _core.bool: "bool",
    _core.float32: "float",
    _core.float64: "double",
    _core.complex64: "c10::complex<float>",
    _core.complex128: "c10::complex<double>",
}


def compiler_name(tensor):
    """Return the element type's name in C++: "float" for float32."""
    return _COMPILER_NAMES[tensor.dtype]
