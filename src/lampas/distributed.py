"""Training on several processes or machines, which is not there: a program that asks goes on with one."""

__all__ = ["is_available", "is_initialized"]


def is_available():
    """Return whether processes can train together: False.

    Example:
        >>> lampas.distributed.is_available()
        False
    """
    return False


def is_initialized():
    """Return whether this process belongs to a group of processes: False."""
    return False
