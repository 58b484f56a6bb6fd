"""The accelerator of this machine, which there is none of: everything runs on the CPU."""

__all__ = ["current_accelerator", "device_count", "is_available", "synchronize"]


def is_available():
    """Return whether there is an accelerator: False."""
    return False


def device_count():
    """Return how many accelerators there are: 0."""
    return 0


def current_accelerator(check_available=False):
    """Return the device of the accelerator: None, there is none."""
    return


def synchronize(device=None):
    """Raise RuntimeError: there is no accelerator to wait for."""
    raise RuntimeError("Cannot access accelerator device when none is available.")
