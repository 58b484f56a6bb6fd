"""Turns a list of samples into one batch."""

import copy
import sys
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence

import lampas
from lampas import Tensor


def _is_numpy(value, *type_names):
    """Whether `value` is of one of NumPy's types; NumPy need not be loaded to say no."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, tuple(getattr(numpy, name) for name in type_names))


def _is_numeric_dtype(dtype):
    return dtype.kind not in "SaUO"  # bytes, text, Python objects


def _unsupported(kind):
    return TypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {kind}"
    )


def _rebuild_mapping(original, items):
    """Return a mapping of the original's kind, with its attributes kept where it can be copied."""
    try:
        if isinstance(original, MutableMapping):
            rebuilt = copy.copy(original)
            rebuilt.update(items)
            return rebuilt
        return type(original)(items)
    except TypeError:
        return items


def _rebuild_sequence(original, items):
    """Return a sequence of the original's kind; a plain tuple becomes a list, as in PyTorch."""
    if isinstance(original, tuple):
        return type(original)(*items) if hasattr(original, "_fields") else items
    try:
        if isinstance(original, MutableSequence):
            rebuilt = copy.copy(original)
            for i, item in enumerate(items):
                rebuilt[i] = item
            return rebuilt
        return type(original)(items)
    except TypeError:
        return items


def default_collate(batch):
    """Return a batch made of samples: tensors are stacked, numbers become a tensor, in containers too.

    Args:
        batch (list): samples of one structure.

    Raises:
        TypeError: for what has no place in a tensor.
        RuntimeError: for sequences of different lengths.

    Example:
        >>> default_collate([(1, {"a": 2.0}), (3, {"a": 4.0})])
        [tensor([1, 3]), {'a': tensor([2., 4.], dtype=torch.float64)}]
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return lampas.stack(list(batch))
    if isinstance(first, float):
        return lampas.tensor(batch, dtype=lampas.float64)
    if isinstance(first, int):
        return lampas.tensor(batch)
    if isinstance(first, (str, bytes)):
        return batch
    if _is_numpy(first, "ndarray"):
        if not _is_numeric_dtype(first.dtype):
            raise _unsupported(first.dtype)
        return lampas.stack([lampas.as_tensor(array) for array in batch])
    if _is_numpy(first, "bool_", "number", "object_"):
        return lampas.as_tensor(batch)
    if isinstance(first, Mapping):
        items = {key: default_collate([sample[key] for sample in batch]) for key in first}
        return _rebuild_mapping(first, items)
    if isinstance(first, Sequence):
        if not isinstance(first, tuple) or not hasattr(first, "_fields"):
            if any(len(sample) != len(first) for sample in batch):
                raise RuntimeError("each element in list of batch should be of equal size")
        return _rebuild_sequence(first, [default_collate(column) for column in zip(*batch)])  # noqa: B905
    raise _unsupported(type(first))


def default_convert(data):
    """Return a sample with its NumPy arrays turned into tensors; containers are gone through.

    Example:
        >>> default_convert({"a": [1, "text"]})
        {'a': [1, 'text']}
    """
    if isinstance(data, (Tensor, str, bytes)):
        return data
    if _is_numpy(data, "ndarray"):
        return lampas.as_tensor(data) if _is_numeric_dtype(data.dtype) else data
    if _is_numpy(data, "bool_", "number"):
        return lampas.as_tensor(data)
    if isinstance(data, Mapping):
        return _rebuild_mapping(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, Sequence):
        return _rebuild_sequence(data, [default_convert(value) for value in data])
    return data
