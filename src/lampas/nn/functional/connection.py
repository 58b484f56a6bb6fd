"""Functions that connect every output with many inputs; they are ops of the core as they are."""

from lampas._core import conv2d, linear

__all__ = ["conv2d", "linear"]
