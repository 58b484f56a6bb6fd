"""Files: `save` and `load` in PyTorch's .pt format, and what `load` may make of a file."""

import contextlib
import io
import os
import pickle

from lampas import _core
from lampas.serialization import names
from lampas.serialization.archive import ArchiveReader, ArchiveWriter, broken
from lampas.serialization.atomic_file import open_for_replacing
from lampas.serialization.pickling import CheckpointPickler
from lampas.serialization.unpickling import CheckpointUnpickler
from lampas.storage import TypedStorage

__all__ = [
    "add_safe_globals",
    "clear_safe_globals",
    "default_restore_location",
    "get_safe_globals",
    "load",
    "safe_globals",
    "save",
]

DEFAULT_PROTOCOL = 2
_ZIP_BEGIN = b"PK\3\4"
_CUDA_REFUSED = (
    "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are "
    "running on a CPU-only machine, please use torch.load with map_location=torch.device('cpu') to map your "
    "storages to the CPU."
)
_safe = {}  # the names that the user allows, with their values


def _is_path(value):
    return isinstance(value, (str, os.PathLike))


def save(obj, f, pickle_module=pickle, pickle_protocol=DEFAULT_PROTOCOL, _use_new_zipfile_serialization=True):
    """Write an object to a file that `lampas.load` and `torch.load` read.

    Tensors that share memory go on sharing it. A file of that name is replaced only when the new one is
    whole and on disk: until then, and after any failure, the old one is there.

    Args:
        obj: tensors, numbers, text, containers of these, state dicts.
        f (str, os.PathLike or file): where to; a file needs `write`.
        pickle_module: Python's pickle; no other is used.
        pickle_protocol (int): the protocol of the pickle inside.

    Raises AttributeError for an `f` that cannot be written to, RuntimeError where the file cannot be made.

    Example:
        >>> import io
        >>> file = io.BytesIO()
        >>> lampas.save({"weight": lampas.ones(2)}, file)
        >>> _ = file.seek(0)
        >>> lampas.load(file)
        {'weight': tensor([1., 1.])}
    """
    if not _is_path(f) and not hasattr(f, "write"):
        raise AttributeError(
            "expected 'f' to be string, path, or a file-like object with a 'write' attribute"
        )
    if getattr(pickle_module, "__name__", None) != "pickle":
        raise ValueError("save() pickles with Python's pickle only")
    if not _use_new_zipfile_serialization:
        raise ValueError("save() writes the zip format only")
    content = io.BytesIO()
    pickler = CheckpointPickler(content, pickle_protocol)
    pickler.dump(obj)
    if not _is_path(f):
        _write_archive(f.write, "archive", content.getbuffer(), pickler.storages)
        return
    path = os.fspath(f)
    with _open_for_saving(path) as file:
        _write_archive(file.write, _archive_name(path), content.getbuffer(), pickler.storages)


@contextlib.contextmanager
def _open_for_saving(path):
    """Open a file to be replaced; what fails is PyTorch's RuntimeError."""
    target = os.path.realpath(os.fsdecode(path))
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        raise RuntimeError(f"Parent directory {folder} does not exist.")
    failure = f"File {target} cannot be opened."
    try:
        with open_for_replacing(target) as file:
            failure = f"PytorchStreamWriter failed writing file {target}."
            yield file
    except OSError as error:
        raise RuntimeError(f"{failure} {error.strerror or error}") from error


def _archive_name(path):
    name = os.path.basename(os.fsdecode(path))
    name = name.rpartition(".")[0] or name
    return name if name.isascii() else "archive"


def _write_archive(write, name, content, storages):
    archive = ArchiveWriter(write, name)
    archive.write("data.pkl", content)
    archive.write(".format_version", b"1")
    archive.write(".storage_alignment", b"64")
    archive.write("byteorder", b"little")
    for key, storage in storages.items():
        if storage.device.type == "cpu":
            storage._with_memory(lambda view, key=key: archive.write(f"data/{key}", view))
        else:
            archive.write(f"data/{key}", storage.tobytes())
    archive.close()


def load(f, map_location=None, pickle_module=None, *, weights_only=None, mmap=None, **pickle_load_args):
    """Read what `lampas.save` or `torch.save` wrote to a .pt file.

    Nothing in the file is run: names in it stand for a fixed list of tensors, containers and numbers, for
    what `add_safe_globals` adds and, with `weights_only=False`, for Module classes that the program has
    imported and Lampas' layers, by PyTorch's names too. Anything else is refused.

    Args:
        f (str, os.PathLike or file): what to read; a file needs `read`, `seek` and `tell`.
        map_location: where storages go: a device, its name, a dict of names, or a function of
            (storage, name) that returns a storage or None. By default where they came from.
        pickle_module: not used; PyTorch's argument.
        weights_only (bool): with False, whole modules are read too.
        mmap (bool): map the file, which must be a path, instead of reading it at once.

    Raises pickle.UnpicklingError for what the file may not contain and RuntimeError for a damaged archive.

    Example:
        >>> import io
        >>> file = io.BytesIO()
        >>> lampas.save(lampas.arange(3), file)
        >>> _ = file.seek(0)
        >>> lampas.load(file, map_location="cpu")
        tensor([0, 1, 2])
    """
    weights_only = weights_only is None or bool(weights_only)
    if weights_only and pickle_module is not None:
        raise RuntimeError("Can not safely load weights when explicit pickle_module is specified")
    if mmap and not _is_path(f):
        raise ValueError("f must be a file path in order to use the mmap argument")
    encoding = pickle_load_args.get("encoding", "utf-8")
    if _is_path(f):
        with open(f, "rb") as file:
            return _load(file, map_location, weights_only, bool(mmap), encoding)
    try:
        f.seek(f.tell())
    except (io.UnsupportedOperation, AttributeError) as error:
        raise type(error)(
            f"{error}. You can only torch.load from a file that is seekable. Please pre-load the data into a "
            "buffer like io.BytesIO and try to load from it instead."
        ) from None
    return _load(f, map_location, weights_only, False, encoding)


def _load(file, map_location, weights_only, mapped, encoding):
    start = file.tell()
    begin = file.read(len(_ZIP_BEGIN))
    if not begin:
        raise EOFError("Ran out of input")
    if begin != _ZIP_BEGIN:
        raise pickle.UnpicklingError(
            "Weights only load failed. The file is no zip archive: it is damaged, or PyTorch before 1.6 "
            "wrote it, whose format Lampas does not read."
        )
    archive = ArchiveReader(file, start)
    if "data.pkl" not in archive and "constants.pkl" in archive:
        raise RuntimeError("Cannot load TorchScript archives: Lampas has no TorchScript.")
    order = archive.read("byteorder") if "byteorder" in archive else b"little"
    if order not in (b"little", b"big"):
        raise ValueError("Unknown endianness type: " + order.decode("ascii", "replace"))
    storages = _StorageReader(archive, file if mapped else None, _restoring(map_location), order == b"big")
    content = archive.read("data.pkl")
    return CheckpointUnpickler(content, storages.load, weights_only, _safe, encoding).load()


class _StorageReader:
    """Gives the storages that a pickle mentions, each once."""

    def __init__(self, archive, mapped_file, restore, is_big_endian):
        self._archive = archive
        self._mapped_file = mapped_file
        self._restore = restore
        self._is_big_endian = is_big_endian
        self._known = {}

    def load(self, identifier):
        """Return the storage for ("storage", kind, key, location, number of elements)."""
        typename, kind, key, location, count = identifier
        key, location = _text(key), _text(location)
        is_untyped = kind is _core.UntypedStorage
        if _text(typename) != "storage" or not (is_untyped or isinstance(kind, names.StorageType)):
            raise pickle.UnpicklingError(f"Only persistent_load of storage is allowed, but got {typename!r}")
        if type(count) is not int or count < 0:
            raise pickle.UnpicklingError(f"a storage of {count!r} elements")
        dtype = _core.uint8 if is_untyped else kind.dtype
        if key not in self._known:
            self._known[key] = self._restore(self._read(f"data/{key}", dtype, count), location)
        storage = self._known[key]
        if is_untyped:
            return storage
        return TypedStorage(wrap_storage=storage, dtype=dtype)

    def _read(self, record, dtype, count):
        size = self._archive.size_of(record)
        if size != count * dtype.itemsize:
            raise broken(f"record {record} has {size} bytes where {count} elements of {dtype} are due")
        if self._mapped_file is not None and not self._is_big_endian:
            offset = self._archive.offset_of(record)
            return _core.UntypedStorage._from_descriptor(
                self._mapped_file.fileno(), size, offset, False, False
            )
        storage = _core.empty(size, dtype=_core.uint8).untyped_storage()
        storage._with_memory(lambda view: self._archive.read_into(record, view))
        if self._is_big_endian:
            _swap_bytes(storage, dtype)
        return storage


def _text(value):
    if isinstance(value, bytes):
        return value.decode("ascii", "replace")
    if not isinstance(value, str):
        raise pickle.UnpicklingError(f"a storage whose description holds {value!r}")
    return value


def _swap_bytes(storage, dtype):
    width = dtype.itemsize // 2 if dtype.is_complex else dtype.itemsize

    def swap(view):
        content = bytes(view)
        for place in range(width):
            view[place::width] = content[width - 1 - place :: width]

    storage._with_memory(swap)


def default_restore_location(storage, location):
    """Return a storage at the place that a name such as "cpu" stands for.

    Args:
        storage (UntypedStorage): on the CPU.
        location (str): the name.

    Raises RuntimeError for places that this machine has not.
    """
    kind = location.partition(":")[0]
    if kind == "cpu":
        return storage
    if kind == "meta":
        return _core.UntypedStorage._from_bytes(None, storage.nbytes(), _core.device("meta"))
    if kind == "cuda":
        raise RuntimeError(_CUDA_REFUSED)
    raise RuntimeError(
        "don't know how to restore data location of torch.storage.UntypedStorage (tagged with "
        f"{location}). Use map_location='cpu' to load it to the CPU."
    )


def _restoring(map_location):
    """Return the function of (storage, location) that an argument `map_location` means."""
    if map_location is None:
        return default_restore_location
    if isinstance(map_location, dict):
        return lambda storage, location: default_restore_location(
            storage, str(map_location.get(location, location))
        )
    if isinstance(map_location, (str, bytes, _core.device)):
        name = map_location.decode() if isinstance(map_location, bytes) else str(map_location)
        return lambda storage, location: default_restore_location(storage, name)

    def restore(storage, location):
        result = map_location(storage, location)
        if result is None:
            return default_restore_location(storage, location)
        result = result.untyped() if isinstance(result, TypedStorage) else result
        if not isinstance(result, _core.UntypedStorage) or result.nbytes() < storage.nbytes():
            raise TypeError("map_location must return a storage of the same size, or None")
        return result

    return restore


def add_safe_globals(safe_globals):
    """Allow classes and functions in files that `load` reads; those that the file names are called.

    Args:
        safe_globals (list): classes or functions, or pairs (class or function, its name in files).
    """
    _safe.update(_named(safe_globals))


def get_safe_globals():
    """Return the list of what `add_safe_globals` has allowed."""
    return list(_safe.values())


def clear_safe_globals():
    """Allow no more than the fixed list again."""
    _safe.clear()


class safe_globals:
    """A context in which files may hold some classes and functions more.

    Args:
        safe_globals (list): as for `add_safe_globals`.
    """

    def __init__(self, safe_globals):
        self._added = _named(safe_globals)

    def __enter__(self):
        self._before = dict(_safe)
        _safe.update(self._added)

    def __exit__(self, exception_type, exception, traceback):
        _safe.clear()
        _safe.update(self._before)


def _named(values):
    pairs = [
        value if isinstance(value, tuple) else (value, f"{value.__module__}.{value.__qualname__}")
        for value in values
    ]
    return {name: value for value, name in pairs}
