"""Linear algebra, under the names of torch.linalg."""

from lampas import _core

__all__ = ["matmul"]

matmul = _core.matmul
