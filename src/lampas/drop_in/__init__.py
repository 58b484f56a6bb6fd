"""Lets programs written for PyTorch run on Lampas: the names torch and torchvision, in this process only.

`python -m lampas script.py ARGS` runs a script so; `lampas.drop_in.enable()` is for a notebook's first cell.
"""

import sys

from lampas.drop_in import worker_processes
from lampas.drop_in.modules import DropInModule, TorchFinder, show_tensor_types, take_back_class_names

__all__ = ["disable", "enable", "is_enabled"]

_finder = TorchFinder()


class _Enabled:
    """What `enable` returns: as a context manager it disables what it has enabled."""

    def __init__(self, was_enabled):
        self._was_enabled = was_enabled

    def __repr__(self):
        return "<torch and torchvision stand for lampas>"

    def __enter__(self):
        return self

    def __exit__(self, exception_type, exception, traceback):
        if not self._was_enabled:
            disable()


def is_enabled():
    """Return whether `import torch` gives Lampas in this process.

    Example:
        >>> is_enabled()
        False
    """
    return _finder in sys.meta_path


def enable():
    """Make `import torch` and `import torchvision` give Lampas in this process and its workers.

    Returns a context manager that ends it; a second call changes nothing. Classes of Lampas call themselves
    `torch.…` meanwhile. A name of PyTorch that Lampas lacks can be imported and fails when it is used.

    Raises RuntimeError where PyTorch itself is imported already.

    Example:
        >>> with enable():
        ...     import torch
        ...     print(type(torch.ones(2)))
        <class 'torch.Tensor'>
    """
    was_enabled = is_enabled()
    if not was_enabled:
        for name in ("torch", "torchvision"):
            module = sys.modules.get(name)
            if module is not None and not isinstance(module, DropInModule):
                place = getattr(module, "__file__", None) or "an unknown place"
                raise RuntimeError(
                    f"{name} is imported already, from {place}: the drop-in cannot take its place. Start a "
                    "new process (in a notebook: a new kernel) and call lampas.drop_in.enable() before that."
                )
        sys.meta_path.insert(0, _finder)
        show_tensor_types()
        worker_processes.enable_in_workers()
    return _Enabled(was_enabled)


def disable():
    """Make `import torch` find PyTorch again; what was imported before keeps working.

    Example:
        >>> disable()  # nothing was enabled
    """
    if not is_enabled():
        return
    sys.meta_path.remove(_finder)
    for name in [name for name, module in sys.modules.items() if isinstance(module, DropInModule)]:
        del sys.modules[name]
    take_back_class_names()
    worker_processes.forget_workers()
