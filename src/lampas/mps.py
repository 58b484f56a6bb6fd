"""What torch.mps answers where there is no GPU of Apple's."""

__all__ = [
    "current_allocated_memory",
    "device_count",
    "empty_cache",
    "is_available",
    "manual_seed",
    "seed",
    "synchronize",
]


def _raise_missing(action):
    raise RuntimeError(f"Cannot execute {action}() without MPS backend.")


def is_available():
    """Return whether there is such a GPU: False."""
    return False


def device_count():
    """Return how many there are: 0."""
    return 0


def manual_seed(seed):
    """Seed its generator; without one this checks the seed only."""
    int(seed)


def seed():
    """Seed its generator from the system; nothing without one."""


def synchronize():
    """Raise RuntimeError: there is no GPU to wait for."""
    _raise_missing("deviceSynchronize")


def empty_cache():
    """Raise RuntimeError: there is no memory of a GPU."""
    _raise_missing("emptyCache")


def current_allocated_memory():
    """Raise RuntimeError: there is no memory of a GPU."""
    _raise_missing("getCurrentAllocatedMemory")
