"""Carries the drop-in into worker processes that start from nothing (spawn, forkserver); a fork has it."""

import multiprocessing.spawn
import pathlib
import runpy

_START = pathlib.Path(__file__).with_name("in_worker.py")
_own_preparation = multiprocessing.spawn.get_preparation_data


class _EnableWhenUnpickled:
    """Enables the drop-in in the process that unpickles it."""

    def __reduce__(self):
        return runpy.run_path, (str(_START),)


def _preparation_with_drop_in(name):
    data = _own_preparation(name)
    # A worker reads this before it imports the main module, which may import torch.
    return {"lampas.drop_in": _EnableWhenUnpickled(), **data}


def enable_in_workers():
    """Let every process that multiprocessing starts from now on enable the drop-in."""
    multiprocessing.spawn.get_preparation_data = _preparation_with_drop_in


def forget_workers():
    """Let processes start without the drop-in again."""
    multiprocessing.spawn.get_preparation_data = _own_preparation
