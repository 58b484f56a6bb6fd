"""What torch.xpu answers where there is no GPU of Intel's."""

__all__ = ["device_count", "empty_cache", "is_available", "manual_seed", "manual_seed_all", "synchronize"]


def is_available():
    """Return whether there is such a GPU: False."""
    return False


def device_count():
    """Return how many there are: 0."""
    return 0


def manual_seed(seed):
    """Seed the current one's generator; without one this checks the seed only."""
    int(seed)


def manual_seed_all(seed):
    """Seed all generators; without one this checks the seed only."""
    int(seed)


def empty_cache():
    """Give back memory that the allocator keeps; nothing without one."""


def synchronize(device=None):
    """Raise AssertionError: there is no GPU to wait for."""
    raise AssertionError("Torch not compiled with XPU enabled")
