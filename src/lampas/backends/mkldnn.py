"""Whether Intel's oneDNN is used: it is not, the kernels are Lampas' own."""

enabled = False
deterministic = False
allow_tf32 = True


def is_available():
    """Return whether Intel's oneDNN is used: False."""
    return False
