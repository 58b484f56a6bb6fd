"""Whether Intel's MKL is used: it is not, the kernels are Lampas' own."""


def is_available():
    """Return whether Intel's MKL is used: False."""
    return False
