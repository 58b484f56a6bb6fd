"""Class indices as vectors."""

from lampas.choosing import one_hot

__all__ = ["one_hot"]
