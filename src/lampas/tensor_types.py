"""The old names of tensors by dtype: FloatTensor, LongTensor and their kin."""

from lampas import _core
from lampas._core import Tensor


class _TensorType(type):
    """A name that makes tensors of one dtype, and that such tensors are instances of."""

    dtype: _core.dtype
    _type_name: str

    def __call__(cls, *args):
        made = Tensor(*args)
        if args and isinstance(args[0], Tensor) and made.dtype is not cls.dtype:
            raise TypeError(f"expected {cls._type_name} (got {made.type()})")
        if args and isinstance(args[0], (list, tuple)) and not isinstance(args[0], _core.Size):
            return _core.tensor(args[0], dtype=cls.dtype)
        return made.to(cls.dtype)

    def __instancecheck__(cls, instance):
        return isinstance(instance, Tensor) and instance.dtype is cls.dtype

    def __repr__(cls):
        return f"<class '{cls._type_name}'>"


def _tensor_type(name, dtype):
    documentation = f"Tensors of {dtype}: `lampas.{name}([1, 2])` is `lampas.tensor([1, 2], dtype=...)`."
    return _TensorType(name, (), {"dtype": dtype, "_type_name": f"torch.{name}", "__doc__": documentation})


FloatTensor = _tensor_type("FloatTensor", _core.float32)
DoubleTensor = _tensor_type("DoubleTensor", _core.float64)
HalfTensor = _tensor_type("HalfTensor", _core.float16)
BFloat16Tensor = _tensor_type("BFloat16Tensor", _core.bfloat16)
ByteTensor = _tensor_type("ByteTensor", _core.uint8)
CharTensor = _tensor_type("CharTensor", _core.int8)
ShortTensor = _tensor_type("ShortTensor", _core.int16)
IntTensor = _tensor_type("IntTensor", _core.int32)
LongTensor = _tensor_type("LongTensor", _core.int64)
BoolTensor = _tensor_type("BoolTensor", _core.bool)
