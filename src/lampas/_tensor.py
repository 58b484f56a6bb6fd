"""Methods of Tensor that are written in Python: copying, pickling, formatting."""

from lampas import _core
from lampas._core import Tensor

Tensor.__array_priority__ = 1000  # above ndarray's, so that `array * tensor` asks the tensor

_TYPE_NAMES = {
    "FloatTensor": _core.float32,
    "DoubleTensor": _core.float64,
    "HalfTensor": _core.float16,
    "BFloat16Tensor": _core.bfloat16,
    "ByteTensor": _core.uint8,
    "CharTensor": _core.int8,
    "ShortTensor": _core.int16,
    "IntTensor": _core.int32,
    "LongTensor": _core.int64,
    "BoolTensor": _core.bool,
    "ComplexFloatTensor": _core.complex64,
    "ComplexDoubleTensor": _core.complex128,
}


def _type(self, dtype=None, non_blocking=False):
    """Return the name of the tensor's type, or the tensor converted to a type given by dtype or name.

    Example:
        >>> lampas.zeros(1).type()
        'torch.FloatTensor'
    """
    if dtype is None:
        for name, known in _TYPE_NAMES.items():
            if known is self.dtype:
                return "torch." + name
        return f"torch.{str(self.dtype).removeprefix('torch.').replace('uint', 'UInt')}Tensor"
    if isinstance(dtype, _core.dtype):
        return self.to(dtype)
    if isinstance(dtype, type):
        dtype = getattr(dtype, "_type_name", dtype.__name__)
    if not isinstance(dtype, str):
        raise TypeError("dtype must be a type, str, or dtype object")
    known = _TYPE_NAMES.get(dtype.removeprefix("torch."))
    if known is None:
        raise ValueError(f"invalid type: '{dtype}'")
    return self.to(known)


def _deepcopy(self, memo):
    if not self.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the "
            "moment.  If you were attempting to deepcopy a module, this may be because of a "
            "torch.nn.utils.weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001"
        )
    if id(self) in memo:
        return memo[id(self)]
    from copy import deepcopy

    storage = self.untyped_storage()
    if id(storage) not in memo:
        memo[id(storage)] = storage.clone()
        memo.setdefault(id(memo), []).append(storage)  # keeps its id from being used again
    copied = _rebuild_tensor(
        type(self), memo[id(storage)], self.dtype, self.storage_offset(), self.size(), self.stride(), False
    )
    memo[id(self)] = copied
    copied.requires_grad_(self.requires_grad)
    if self.grad is not None:
        copied.grad = deepcopy(self.grad, memo)
    for name, value in vars(self).items():
        copied.__dict__[name] = deepcopy(value, memo)
    return copied


def _reduce_ex(self, protocol):
    attributes = dict(vars(self)) or None
    return (
        _rebuild_tensor,
        (
            type(self),
            self.untyped_storage(),
            self.dtype,
            self.storage_offset(),
            tuple(self.size()),
            self.stride(),
            self.requires_grad,
        ),
        attributes,
    )


def _rebuild_tensor(tensor_class, storage, dtype, storage_offset, size, stride, requires_grad):
    """Make a tensor from its pickled parts."""
    tensor = _core._tensor_over(storage, dtype, storage_offset, size, stride)
    if tensor_class is not Tensor:
        return Tensor._make_subclass(tensor_class, tensor, requires_grad)
    return tensor.requires_grad_() if requires_grad else tensor


def _reduce_storage(self):
    content = None if self.device.type == "meta" else self.tobytes()
    return _core.UntypedStorage._from_bytes, (content, self.nbytes(), self.device)


def _format(self, format_spec):
    if self.dim() == 0 and not self.is_meta and type(self) is Tensor:
        return self.item().__format__(format_spec)
    return object.__format__(self, format_spec)


def _reversed(self):
    return self if self.dim() == 0 else self.flip(0)


def _new(self, *args, **kwargs):
    """Make a tensor of this dtype from sizes or data, as the old constructors do."""
    made = Tensor(*args, **kwargs)
    return made.to(dtype=self.dtype, device=self.device)


def _divide_number(self, other):
    """Divide `other` by the tensor."""
    return self.reciprocal() * other


def _dim_order(self):
    """Return the dimensions from the outermost in memory to the innermost.

    Example:
        >>> lampas.zeros(2, 3).T.dim_order()
        (1, 0)
    """
    strides = self.stride()
    return tuple(sorted(range(self.dim()), key=lambda dim: -strides[dim]))


def _nonzero(self, *, as_tuple=False):
    """Return the indices of elements that are not zero: a row for each, or one tensor a dimension.

    Args:
        as_tuple (bool): which of the two.

    Example:
        >>> lampas.tensor([[0, 1], [2, 0]]).nonzero()
        tensor([[0, 1],
                [1, 0]])
    """
    if as_tuple and self.dim() == 0:
        return (_core_nonzero(self.unsqueeze(0)).squeeze(1),)
    indices = _core_nonzero(self)
    return indices.unbind(1) if as_tuple else indices


def _from(module, name):
    """Make a method of a function of a module that is loaded on the first call."""

    def method(self, *args, **kwargs):
        from importlib import import_module

        return getattr(import_module(f"lampas.{module}"), name)(self, *args, **kwargs)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"Call `lampas.{name}` on this tensor."
    return method


def _resize_as(self, other, *, memory_format=None):
    """Give it the sizes of another tensor in the same memory, which grows where it must, and return it.

    Example:
        >>> lampas.zeros(6).resize_as_(lampas.zeros(2, 3)).shape
        torch.Size([2, 3])
    """
    return self.resize_(other.shape)


def _set(self, source=None, storage_offset=0, size=None, stride=None):
    """Make it show other memory, and return it.

    Args:
        source (Tensor or storage): whose memory; None for none.
        storage_offset (int): where the first element lies, counted in elements.
        size, stride (tuples of int): what it shows; by default all of a tensor, or a storage from end to end.

    Raises RuntimeError for a tensor of another dtype.

    Example:
        >>> tensor, other = lampas.zeros(1), lampas.tensor([1.0, 2.0])
        >>> tensor.set_(other)
        tensor([1., 2.])
    """
    if self.requires_grad and self.is_leaf and _core.is_grad_enabled():
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
    if source is None:
        self.data = self.new_empty(0)
        return self
    if isinstance(source, Tensor) and source.dtype != self.dtype:
        from lampas.dtype_names import compiler_name

        raise RuntimeError(
            f"Could not set tensor of type {compiler_name(source)} to a tensor of type {compiler_name(self)}"
        )
    if isinstance(source, Tensor) and size is None:
        self.data = source.detach()
        return self
    storage = source.untyped_storage() if hasattr(source, "untyped_storage") else source
    size = (storage.nbytes() // self.element_size() - storage_offset,) if size is None else tuple(size)
    stride = _core.empty(size, device="meta").stride() if stride is None else tuple(stride)
    self.data = _core._tensor_over(storage, self.dtype, storage_offset, size, stride)
    return self


def _torch_function(cls, func, types, args=(), kwargs=None):
    """Call a function on instances of subclasses; its results get the class. Subclasses may override this.

    Args:
        func: the function or method that was called.
        types: the classes among its arguments that take part.
        args, kwargs: its arguments.
    """
    if not all(issubclass(cls, each) for each in types):
        return NotImplemented
    with DisableTorchFunctionSubclass():
        result = func(*args, **(kwargs or {}))
    return _in_class(result, cls)


def _in_class(result, cls):
    if cls is Tensor:
        return result
    if isinstance(result, Tensor) and not isinstance(result, cls):
        return result.as_subclass(cls)
    if isinstance(result, (tuple, list)):
        return type(result)(_in_class(each, cls) for each in result)
    return result


class DisableTorchFunctionSubclass:
    """A context in which functions treat instances of subclasses as plain tensors."""

    def __enter__(self):
        self._before = _core._set_torch_function_enabled(False)

    def __exit__(self, exception_type, exception, traceback):
        _core._set_torch_function_enabled(self._before)


def _dlpack(self, *, stream=-1, max_version=None, dl_device=None, copy=None):
    """Return a DLPack capsule on the tensor's memory.

    Args:
        stream (int): None or -1; streams are a matter of GPUs.
        max_version (tuple): the DLPack version that the caller knows; before (1, 0) the old form.
        dl_device (tuple): where the caller wants it; only (1, 0), the CPU.
        copy (bool): whether the caller wants a copy; False and None share the memory.

    Raises BufferError for tensors that require gradients, or on other devices.
    """
    if self.requires_grad:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    if stream is not None and type(stream) is not int:
        raise TypeError("stream must be ``int`` or ``none``")
    if self.device.type == "cpu" and stream not in (None, -1):
        raise AssertionError("stream should be None on cpu.")
    if dl_device is not None and tuple(dl_device) != (1, 0):
        raise BufferError(f"Cannot move a tensor to the DLPack device {tuple(dl_device)}")
    tensor = self.clone() if copy else self
    return _core._to_dlpack(tensor, max_version is not None and max_version[0] >= 1, bool(copy))


def _dlpack_device(self):
    """Return DLPack's (kind of device, index): (1, 0) for the CPU."""
    if self.device.type != "cpu":
        raise BufferError(f"Cannot pack tensors on {self.device}")
    from lampas.utils.dlpack import DLDeviceType

    return DLDeviceType.kDLCPU, 0


class _LoadedOnUse:
    """A method that is a function of a module, which is imported when the method is first looked up."""

    def __init__(self, name, module):
        self.name, self.module = name, module

    def __get__(self, tensor, owner=None):
        from importlib import import_module

        function = getattr(import_module(self.module), self.name)
        setattr(Tensor, self.name, function)
        return function if tensor is None else function.__get__(tensor, owner)


for _module, _methods in {
    "lampas.linalg.former_names": "cholesky cholesky_inverse cholesky_solve det geqrf inverse logdet lu "
    "lu_solve matrix_exp matrix_power orgqr ormqr pinverse qr slogdet svd triangular_solve",
    "lampas.choosing": "multinomial",
    "lampas.differences": "corrcoef cov diff dist",
    "lampas.old_names": "coalesce col_indices crow_indices dense_dim eig indices is_coalesced lstsq resize "
    "resize_as solve sparse_dim symeig to_dense values",
    "lampas.overwriting": "apply_ fill_diagonal_ map2_ map_",
    "lampas.segments": "hash_tensor",
    "lampas.short_time_fourier": "istft stft",
}.items():
    for _method in _methods.split():
        setattr(Tensor, _method, _LoadedOnUse(_method, _module))

Tensor.__torch_function__ = classmethod(_torch_function)
_core_nonzero = Tensor.nonzero
Tensor.nonzero = _nonzero
Tensor.norm = _from("norms", "norm")
for _name in ("histogram", "unique", "unique_consecutive"):
    setattr(Tensor, _name, _from("counting", _name))
Tensor.new = _new
Tensor.dim_order = _dim_order
Tensor.resize_as_ = _resize_as
Tensor.set_ = _set
Tensor.__dlpack__ = _dlpack
Tensor.__dlpack_device__ = _dlpack_device
Tensor.__div__ = Tensor.__truediv__
Tensor.__rdiv__ = _divide_number
Tensor.__idiv__ = Tensor.__itruediv__
Tensor.type = _type
Tensor.__deepcopy__ = _deepcopy
Tensor.__reduce_ex__ = _reduce_ex
Tensor.__format__ = _format
Tensor.__reversed__ = _reversed
_core.UntypedStorage.__reduce__ = _reduce_storage
