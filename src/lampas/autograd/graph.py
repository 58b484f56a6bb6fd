"""The recorded graph."""

from lampas._core import Node

__all__ = ["Node"]
