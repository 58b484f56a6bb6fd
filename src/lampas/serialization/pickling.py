"""The pickle inside a .pt file: objects by PyTorch's names, storages as references to other records."""

import functools
import pickle
import sys
from collections import OrderedDict
from typing import Any

import lampas
from lampas import _core
from lampas.nn.parameter import Parameter
from lampas.storage import STORAGE_DTYPES, TypedStorage

_STORAGE_NAME = {dtype: name for name, dtype in STORAGE_DTYPES.items()}


class Name:
    """A global that is written as a name only, so that nothing of that name needs to exist here."""

    def __init__(self, path):
        self.module, _, self.name = path.rpartition(".")

    def __call__(self):
        """Exist, because pickle calls only what is callable; nothing calls it while writing."""
        raise TypeError(f"{self.module}.{self.name} is only a name")


name_of = functools.cache(Name)  # one object a name: pickle writes the second mention as a reference


_PicklerInPython: Any = pickle._Pickler  # the one in C looks every global up where it says it is


class CheckpointPickler(_PicklerInPython):
    """Writes an object and gathers the storages that its tensors share.

    Args:
        file: where the pickle goes.
        protocol (int): pickle's protocol; PyTorch's own is 2.
    """

    def __init__(self, file, protocol):
        super().__init__(file, protocol=protocol)
        self.storages = {}  # key to storage, in the order of their records
        self._keys = {}
        self._dtypes = {}

    dispatch = dict(_PicklerInPython.dispatch)

    def _save_name(self, name):
        if self.proto >= 4:
            self.save(name.module)
            self.save(name.name)
            self.write(pickle.STACK_GLOBAL)
        else:
            self.write(pickle.GLOBAL + f"{name.module}\n{name.name}\n".encode())
        self.memoize(name)

    dispatch[Name] = _save_name

    def _save_dtype(self, dtype):
        self.save(name_of(str(dtype)))

    dispatch[_core.dtype] = _save_dtype

    def persistent_id(self, value):
        """Return what stands for a storage: its dtype, key, place and size."""
        if isinstance(value, TypedStorage):
            storage, dtype, count = value.untyped(), value.dtype, len(value)
            kind = name_of("torch." + _STORAGE_NAME[dtype])
        elif isinstance(value, _core.UntypedStorage):
            storage, dtype, count = value, _core.uint8, value.nbytes()
            kind = name_of("torch.storage.UntypedStorage")
        else:
            return None
        address = storage.data_ptr()
        if address and self._dtypes.setdefault(address, dtype) is not dtype:
            raise RuntimeError(
                "Cannot save multiple tensors or storages that view the same data as different types"
            )
        key = self._keys.setdefault(storage, str(len(self._keys)))
        self.storages[key] = storage
        return ("storage", kind, key, sys.intern(storage.device.type), count)

    def reducer_override(self, value):
        """Describe Lampas' objects as PyTorch describes its own."""
        if isinstance(value, lampas.Tensor):
            return _reduce_tensor(value)
        kind = type(value)
        if kind is _core.Size:
            return name_of("torch.Size"), (tuple(value),)
        if kind is _core.device:
            parts = (value.type,) if value.index is None else (value.type, value.index)
            return name_of("torch.device"), parts
        if kind is _core.layout:
            return name_of("torch.serialization._get_layout"), (str(value),)
        return NotImplemented


def _reduce_tensor(tensor):
    attributes = dict(vars(tensor)) or None
    if type(tensor) is Parameter:
        parts = (tensor.data, tensor.requires_grad, OrderedDict())
        if attributes:
            return name_of("torch._utils._rebuild_parameter_with_state"), (*parts, attributes)
        return name_of("torch._utils._rebuild_parameter"), parts
    function, arguments = _reduce_plain(tensor)
    if type(tensor) is lampas.Tensor and not attributes:
        return function, arguments
    rebuild = name_of("torch._tensor._rebuild_from_type_v2")
    tensor_class = name_of("torch.Tensor") if type(tensor) is lampas.Tensor else type(tensor)
    return rebuild, (function, tensor_class, arguments, attributes)


def _reduce_plain(tensor):
    layout = (tuple(tensor.size()), tensor.stride())
    if tensor.device.type == "meta":
        rebuild = name_of("torch._utils._rebuild_meta_tensor_no_storage")
        return rebuild, (tensor.dtype, *layout, tensor.requires_grad)
    storage = tensor.untyped_storage()
    place = (tensor.storage_offset(), *layout, tensor.requires_grad, OrderedDict())
    if tensor.dtype in _STORAGE_NAME:
        typed = TypedStorage(wrap_storage=storage, dtype=tensor.dtype)
        return name_of("torch._utils._rebuild_tensor_v2"), (typed, *place)
    return name_of("torch._utils._rebuild_tensor_v3"), (storage, *place, tensor.dtype)
