"""PyTorch's switches for cuDNN. They can be set and read, and change nothing: there is no GPU."""

import contextlib

enabled = True
benchmark = False
benchmark_limit = None
deterministic = False
allow_tf32 = True


def is_available():
    """Return whether cuDNN can be used: False."""
    return False


def version():
    """Return the version of cuDNN: None, there is none."""
    return


def is_acceptable(tensor):
    """Return whether cuDNN can work on a tensor: False."""
    return False


def set_flags(_enabled=None, _benchmark=None, _benchmark_limit=None, _deterministic=None, _allow_tf32=None):
    """Set the switches that are not None, and return all as they were before."""
    before = (enabled, benchmark, benchmark_limit, deterministic, allow_tf32)
    given = {
        "enabled": _enabled,
        "benchmark": _benchmark,
        "benchmark_limit": _benchmark_limit,
        "deterministic": _deterministic,
        "allow_tf32": _allow_tf32,
    }
    globals().update((name, value) for name, value in given.items() if value is not None)
    return before


@contextlib.contextmanager
def flags(enabled=False, benchmark=False, benchmark_limit=10, deterministic=False, allow_tf32=True):
    """Set the switches within a block.

    Example:
        >>> with lampas.backends.cudnn.flags(enabled=False, deterministic=True):
        ...     print(lampas.backends.cudnn.deterministic)
        True
    """
    before = set_flags(enabled, benchmark, benchmark_limit, deterministic, allow_tf32)
    try:
        yield
    finally:
        names = ("enabled", "benchmark", "benchmark_limit", "deterministic", "allow_tf32")
        globals().update(zip(names, before, strict=True))
