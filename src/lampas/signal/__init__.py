"""Signals, under the names of torch.signal."""

from lampas.signal import windows

__all__ = ["windows"]
