"""Whether OpenMP is used: it is not, the kernels are Lampas' own."""


def is_available():
    """Return whether OpenMP is used: False."""
    return False
