"""Python's multiprocessing, in which tensors go to other processes without being copied.

Sending a tensor through a queue, a pipe or as an argument moves its memory, once, where both processes map
it: what one writes the other sees.
"""

import multiprocessing
import os
from multiprocessing import *  # noqa: F403
from multiprocessing.reduction import DupFd, ForkingPickler

from lampas import _core
from lampas.multiprocessing.spawn import (
    ProcessContext,
    ProcessExitedException,
    ProcessRaisedException,
    SpawnContext,
    spawn,
    start_processes,
)

__all__ = [  # noqa: PLE0604 (names of the standard library's module come first)
    *multiprocessing.__all__,
    "ProcessContext",
    "ProcessExitedException",
    "ProcessRaisedException",
    "SpawnContext",
    "get_all_sharing_strategies",
    "get_sharing_strategy",
    "set_sharing_strategy",
    "spawn",
    "start_processes",
]


def get_all_sharing_strategies():
    """Return the ways in which memory can be shared: by file descriptors."""
    return {"file_descriptor"}


def get_sharing_strategy():
    """Return the way in which memory is shared."""
    return "file_descriptor"


def set_sharing_strategy(new_strategy):
    """Choose the way in which memory is shared.

    Args:
        new_strategy (str): "file_descriptor"; "file_system" is accepted and means the same here.

    Raises AssertionError for other names.
    """
    if new_strategy not in ("file_descriptor", "file_system"):
        raise AssertionError(f"there is no sharing strategy {new_strategy!r}")


def _reduce_tensor(tensor):
    if tensor.requires_grad and not tensor.is_leaf:
        raise RuntimeError(
            "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not "
            "support crossing process boundaries.  If you just want to transfer the data, call detach() on "
            "the tensor before serializing (e.g., putting it on the queue)."
        )
    return tensor.__reduce_ex__(2)


def _reduce_storage(storage):
    if storage.device.type != "cpu":
        return storage.__reduce__()
    storage.share_memory_()
    return _rebuild_storage, (DupFd(storage._descriptor()), storage.nbytes())


def _rebuild_storage(duplicate, byte_count):
    """Map memory that another process shares by its descriptor."""
    descriptor = duplicate.detach()
    try:
        return _core.UntypedStorage._from_descriptor(descriptor, byte_count, 0, True, True)
    finally:
        os.close(descriptor)


ForkingPickler.register(_core.Tensor, _reduce_tensor)
ForkingPickler.register(_core.UntypedStorage, _reduce_storage)
