"""The types of named results: `lampas.return_types.max` has `values` and `indices`."""

from lampas import _core


def __getattr__(name):
    found = _core._return_type(name)
    if found is None:
        raise AttributeError(f"module 'lampas.return_types' has no attribute {name!r}")
    return found
