"""Whether the package opt_einsum is used: it is not, the kernels are Lampas' own."""


def is_available():
    """Return whether the package opt_einsum is used: False."""
    return False
