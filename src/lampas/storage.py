"""Storages seen from Python: UntypedStorage with its methods, and TypedStorage, which knows a dtype."""

from lampas import _core
from lampas._core import Tensor, UntypedStorage

STORAGE_DTYPES = {
    "FloatStorage": _core.float32,
    "DoubleStorage": _core.float64,
    "HalfStorage": _core.float16,
    "BFloat16Storage": _core.bfloat16,
    "ByteStorage": _core.uint8,
    "CharStorage": _core.int8,
    "ShortStorage": _core.int16,
    "IntStorage": _core.int32,
    "LongStorage": _core.int64,
    "BoolStorage": _core.bool,
    "ComplexFloatStorage": _core.complex64,
    "ComplexDoubleStorage": _core.complex128,
}


def elements_of(storage, dtype):
    """Return a tensor of one dimension over all whole elements of a storage."""
    count = storage.nbytes() // dtype.itemsize
    return _core._tensor_over(storage, dtype, 0, (count,), (1,))


class TypedStorage:
    """The memory of tensors, counted in elements of a dtype.

    Args:
        wrap_storage (UntypedStorage): the memory.
        dtype (dtype): what it holds.

    Example:
        >>> lampas.tensor([1.0, 2.0]).storage().tolist()
        [1.0, 2.0]
    """

    def __init__(self, *, wrap_storage, dtype):
        if not isinstance(wrap_storage, UntypedStorage):
            raise TypeError(f"Argument 'wrap_storage' must be UntypedStorage, but got {type(wrap_storage)}")
        self._untyped_storage = wrap_storage
        self.dtype = dtype

    @property
    def device(self):
        """Where the memory is."""
        return self._untyped_storage.device

    def untyped(self):
        """Return the memory without a dtype."""
        return self._untyped_storage

    def _elements(self):
        return elements_of(self._untyped_storage, self.dtype)

    def __len__(self):
        return self._untyped_storage.nbytes() // self.dtype.itemsize

    def size(self):
        """Return the number of elements."""
        return len(self)

    def nbytes(self):
        """Return the size in bytes."""
        return self._untyped_storage.nbytes()

    def element_size(self):
        """Return the bytes of one element."""
        return self.dtype.itemsize

    def data_ptr(self):
        """Return the address of the first element."""
        return self._untyped_storage.data_ptr()

    def tolist(self):
        """Return the elements as a list of numbers."""
        return self._elements().tolist()

    def __iter__(self):
        return iter(self.tolist())

    def __getitem__(self, index):
        if not isinstance(index, int):
            raise RuntimeError("slices are only supported in UntypedStorage.__getitem__")
        return self._elements()[index].item()

    def __setitem__(self, index, value):
        self._elements()[index] = value

    def fill_(self, value):
        """Set all elements to a number."""
        self._elements().fill_(value)
        return self

    def copy_(self, source, non_blocking=False):
        """Take over the elements of another storage of this size."""
        self._elements().copy_(source._elements())
        return self

    def clone(self):
        """Return another storage of the same content."""
        return TypedStorage(wrap_storage=self._untyped_storage.clone(), dtype=self.dtype)

    def cpu(self):
        """Return it on the CPU; itself where it is there."""
        return self if self.device.type == "cpu" else _typed(self._elements().cpu())

    def cuda(self, device=None, non_blocking=False):
        """Raise: this build has no CUDA."""
        return self._untyped_storage.cuda(device, non_blocking)

    def share_memory_(self):
        """Move it where other processes can share it."""
        self._untyped_storage.share_memory_()
        return self

    def is_shared(self):
        """Return whether processes share it."""
        return self._untyped_storage.is_shared()

    def __eq__(self, other):
        return isinstance(other, TypedStorage) and self._untyped_storage == other._untyped_storage

    def __hash__(self):
        return hash(self._untyped_storage)

    def __repr__(self):
        lines = "".join(f" {value}\n" for value in self.tolist())
        return (
            f"{lines}[torch.storage.TypedStorage(dtype={self.dtype}, device={self.device}) "
            f"of size {len(self)}]"
        )


def _typed(tensor):
    return TypedStorage(wrap_storage=tensor.untyped_storage(), dtype=tensor.dtype)


class _LegacyStorage(TypedStorage):
    def __init__(self, data=0):
        make = _core.empty if isinstance(data, int) else _core.tensor
        super().__init__(wrap_storage=make(data, dtype=self.dtype).untyped_storage(), dtype=self.dtype)


def _legacy_storage(name):
    documentation = f"A TypedStorage of {STORAGE_DTYPES[name]}, made from a size or a list of numbers."
    return type(name, (_LegacyStorage,), {"dtype": STORAGE_DTYPES[name], "__doc__": documentation})


globals().update((name, _legacy_storage(name)) for name in STORAGE_DTYPES)


def _storage(self):
    """Return the tensor's memory, counted in elements of its dtype."""
    return _typed(self)


def _bytes_of(storage):
    return elements_of(storage, _core.uint8)


def _get_byte(self, index):
    if isinstance(index, slice) and index.step not in (None, 1):
        raise RuntimeError(f"Trying to slice with a step of {index.step}, but only a step of 1 is supported")
    part = _bytes_of(self)[index]
    return part.clone().untyped_storage() if isinstance(index, slice) else part.item()


def _set_byte(self, index, value):
    _bytes_of(self)[index] = value


def _iterate(self):
    return iter(self.tobytes())


def _list(self):
    """Return the bytes as a list of numbers."""
    return list(self.tobytes())


def _element_size(self):
    """Return 1, the size of a byte."""
    return 1


def _copy(self, source, non_blocking=False):
    """Take over the bytes of another storage of this size."""
    _bytes_of(self).copy_(_bytes_of(source))
    return self


def _fill(self, value):
    """Set all bytes to a number."""
    _bytes_of(self).fill_(value)
    return self


def _cpu(self):
    """Return it on the CPU; itself where it is there."""
    return self if self.device.type == "cpu" else _bytes_of(self).cpu().untyped_storage()


def _cuda(self, device=None, non_blocking=False):
    """Raise: this build has no CUDA."""
    return _bytes_of(self).cuda()


def _from_file(filename, shared=False, nbytes=0):
    """Return a storage whose memory is a file.

    Args:
        filename (str): the file; with `shared` it is made, or made larger, where it has to be.
        shared (bool): whether writes reach the file.
        nbytes (int): the size in bytes.
    """
    import os

    descriptor = os.open(filename, os.O_RDWR | os.O_CREAT if shared else os.O_RDONLY, 0o666)
    try:
        if shared and os.fstat(descriptor).st_size < nbytes:
            os.ftruncate(descriptor, nbytes)
        return UntypedStorage._from_descriptor(descriptor, nbytes, 0, shared, False)
    finally:
        os.close(descriptor)


def _share_memory(self):
    """Move the tensor's memory where other processes can share it, and return it."""
    self.untyped_storage().share_memory_()
    return self


Tensor.storage = _storage
Tensor.share_memory_ = _share_memory
UntypedStorage.__getitem__ = _get_byte
UntypedStorage.__setitem__ = _set_byte
UntypedStorage.__iter__ = _iterate
UntypedStorage.tolist = _list
UntypedStorage.element_size = _element_size
UntypedStorage.copy_ = _copy
UntypedStorage.fill_ = _fill
UntypedStorage.cpu = _cpu
UntypedStorage.cuda = _cuda
UntypedStorage.from_file = staticmethod(_from_file)
