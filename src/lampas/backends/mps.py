"""Apple's GPUs, for which Lampas is not built."""


def is_built():
    """Return whether this build has MPS: False."""
    return False


def is_available():
    """Return whether MPS can be used: False."""
    return False


def is_macos_or_newer(major, minor):
    """Return whether this is macOS of at least a version: False."""
    return False
