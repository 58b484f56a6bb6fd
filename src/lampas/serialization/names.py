"""What the names in .pt files stand for: dtypes, storages, classes, and the functions that rebuild objects.

Files name things as PyTorch does (`torch._utils._rebuild_tensor_v2`). Reading looks names up here and
imports nothing; of what is found, only `CALLABLE` may be called, with arguments that are checked.
"""

import collections
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING  # what pickle itself uses for protocols 0 to 2

import lampas
from lampas import _core
from lampas.nn.parameter import Parameter
from lampas.storage import STORAGE_DTYPES, TypedStorage

_SMALL_TUPLE = 64  # dimensions; more has no tensor


class DamagedFile(Exception):
    """What a pickle says makes no sense."""


def expect(condition, reason):
    """Raise DamagedFile unless the condition holds."""
    if not condition:
        raise DamagedFile(reason)


def _is_count(value):
    return type(value) is int and 0 <= value < 1 << 63


def _check_layout(size, stride):
    expect(isinstance(size, (tuple, list)) and isinstance(stride, (tuple, list)), "sizes are no tuple")
    expect(len(size) == len(stride) <= _SMALL_TUPLE, "sizes and strides of a tensor do not match")
    expect(all(map(_is_count, (*size, *stride))), "sizes or strides of a tensor are no small integers")


def _tensor_over(storage, dtype, storage_offset, size, stride, requires_grad, metadata):
    expect(isinstance(dtype, _core.dtype), "a tensor without a dtype")
    expect(isinstance(storage, _core.UntypedStorage), "a tensor without a storage")
    _check_layout(size, stride)
    expect(
        _is_count(storage_offset) and storage_offset * dtype.itemsize <= storage.nbytes(),
        "a tensor begins behind the end of its storage",
    )
    tensor = _core._tensor_over(storage, dtype, storage_offset, tuple(size), tuple(stride))
    expect(metadata is None or isinstance(metadata, dict), "the metadata of a tensor is no dict")
    if metadata and metadata.get("conj"):
        tensor = tensor.conj().clone()
    if metadata and metadata.get("neg"):
        tensor = -tensor
    return tensor.requires_grad_(bool(requires_grad))


def _rebuild_tensor_v2(
    storage, storage_offset, size, stride, requires_grad=False, backward_hooks=None, metadata=None
):
    expect(isinstance(storage, TypedStorage), "a tensor without a typed storage")
    return _tensor_over(
        storage.untyped(), storage.dtype, storage_offset, size, stride, requires_grad, metadata
    )


def _rebuild_tensor_v3(
    storage, storage_offset, size, stride, requires_grad, backward_hooks, dtype, metadata=None
):
    return _tensor_over(storage, dtype, storage_offset, size, stride, requires_grad, metadata)


def _rebuild_meta_tensor_no_storage(dtype, size, stride, requires_grad):
    expect(isinstance(dtype, _core.dtype), "a tensor without a dtype")
    _check_layout(size, stride)
    reach = sum((length - 1) * step for length, step in zip(size, stride, strict=True))
    bytes_needed = 0 if 0 in size else (reach + 1) * dtype.itemsize
    storage = _core.UntypedStorage._from_bytes(None, bytes_needed, _core.device("meta"))
    return _tensor_over(storage, dtype, 0, size, stride, requires_grad, None)


def _rebuild_parameter(data, requires_grad, backward_hooks):
    expect(isinstance(data, lampas.Tensor), "a parameter without a tensor")
    return Parameter(data, bool(requires_grad))


def _rebuild_parameter_with_state(data, requires_grad, backward_hooks, state):
    return _with_attributes(_rebuild_parameter(data, requires_grad, backward_hooks), state)


def _rebuild_from_type_v2(function, tensor_class, arguments, state):
    rebuilding = [value for name, value in CALLABLE.items() if name.startswith("torch._utils.")]
    expect(
        function in rebuilding and isinstance(arguments, tuple), "a tensor is rebuilt by no known function"
    )
    expect(isinstance(tensor_class, type) and issubclass(tensor_class, lampas.Tensor), "no class of tensors")
    tensor = function(*arguments)
    if type(tensor) is not tensor_class:
        tensor = tensor.as_subclass(tensor_class)
    return _with_attributes(tensor, state)


def _with_attributes(tensor, state):
    if isinstance(state, tuple) and len(state) == 2:  # attributes, and those of __slots__
        expect(not state[1], "a tensor with slots")
        state = state[0]
    expect(state is None or isinstance(state, dict), "the attributes of a tensor are no dict")
    vars(tensor).update(state or {})
    return tensor


def _ordered_dict(*items):
    expect(len(items) <= 1, "an OrderedDict of several arguments")
    return collections.OrderedDict(*map(_check_pairs, items))


def _counter(*counts):
    expect(len(counts) <= 1 and all(type(each) is dict for each in counts), "a Counter of no dict")
    return collections.Counter(*counts)


def _check_pairs(pairs):
    expect(isinstance(pairs, (list, tuple)), "an OrderedDict of no list")
    for pair in pairs:
        expect(isinstance(pair, (list, tuple)) and len(pair) == 2, "an OrderedDict of no pairs")
        check_hashable(pair[0])
    return pairs


def _set_of(elements=()):
    expect(isinstance(elements, (list, tuple)), "a set of no list")
    for element in elements:
        check_hashable(element)
    return set(elements)


def _frozenset_of(elements=()):
    return frozenset(_set_of(elements))


def check_hashable(value):
    """Raise DamagedFile for keys that are mutable, or nested so deeply that hashing them would not end."""
    waiting, seen = [value], 0
    while waiting:
        each = waiting.pop()
        seen += 1
        expect(seen <= 10_000, "a key that is nested too deeply")
        if isinstance(each, (tuple, frozenset)):
            waiting.extend(each)
        else:
            expect(type(each).__hash__ is not None, f"a key of type {type(each).__name__}")


def _encode(text, encoding="latin1"):
    expect(
        isinstance(text, str) and encoding in ("latin1", "latin-1"), "bytes in an encoding other than latin1"
    )
    return text.encode("latin1")


def _bytes(*content):
    expect(not content, "bytes of an argument")  # protocol 2 writes b"" so
    return b""


def _bytearray(*content):
    expect(len(content) <= 1 and all(isinstance(each, bytes) for each in content), "a bytearray of no bytes")
    return bytearray(*content)


def _complex(real, imaginary):
    expect(type(real) is float and type(imaginary) is float, "a complex number of no floats")
    return complex(real, imaginary)


def _size(elements=()):
    expect(isinstance(elements, tuple) and all(map(_is_count, elements)), "a Size of no integers")
    return _core.Size(elements)


def _device(kind, index=None):
    expect(isinstance(kind, str) and (index is None or _is_count(index)), "a device without a name")
    return _core.device(kind) if index is None else _core.device(kind, index)


def _get_layout(name):
    expect(name == "torch.strided", f"the layout {name}, which Lampas has not")
    return _core.strided


CALLABLE = {
    "torch._utils._rebuild_tensor": _rebuild_tensor_v2,
    "torch._utils._rebuild_tensor_v2": _rebuild_tensor_v2,
    "torch._utils._rebuild_tensor_v3": _rebuild_tensor_v3,
    "torch._utils._rebuild_meta_tensor_no_storage": _rebuild_meta_tensor_no_storage,
    "torch._utils._rebuild_parameter": _rebuild_parameter,
    "torch._utils._rebuild_parameter_with_state": _rebuild_parameter_with_state,
    "torch._tensor._rebuild_from_type_v2": _rebuild_from_type_v2,
    "torch.serialization._get_layout": _get_layout,
    "torch.Size": _size,
    "torch.device": _device,
    "collections.OrderedDict": _ordered_dict,
    "collections.Counter": _counter,
    "builtins.set": _set_of,
    "builtins.frozenset": _frozenset_of,
    "builtins.bytes": _bytes,
    "builtins.bytearray": _bytearray,
    "builtins.complex": _complex,
    "_codecs.encode": _encode,
}
_DTYPE_NAMES = {name: value for name, value in vars(_core).items() if isinstance(value, _core.dtype)}
_STORAGE_NAMES = {f"torch.{name}": dtype for name, dtype in STORAGE_DTYPES.items()}

# Names whose value may stand in a file without being called.
VALUES = {
    **CALLABLE,
    **{f"torch.{name}": value for name, value in _DTYPE_NAMES.items()},
    "torch.Tensor": lampas.Tensor,
    "torch.nn.parameter.Parameter": Parameter,
    "torch.storage.UntypedStorage": _core.UntypedStorage,
    "torch.UntypedStorage": _core.UntypedStorage,
}


class StorageType:
    """What `torch.FloatStorage` stands for while a file is read: the dtype of a storage."""

    def __init__(self, dtype):
        self.dtype = dtype


VALUES.update({name: StorageType(dtype) for name, dtype in _STORAGE_NAMES.items()})


def present_name(module, name):
    """Return the full name of what Python 2 and older versions of PyTorch called `module.name`."""
    module, name = NAME_MAPPING.get((module, name), (module, name))
    module = IMPORT_MAPPING.get(module, module)
    return f"{'torch._tensor' if module == 'torch.tensor' else module}.{name}"
