"""Linear algebra, under the names of torch.linalg."""

from lampas import _core

__all__ = ["matmul", "vector_norm"]

matmul = _core.matmul
vector_norm = _core.linalg_vector_norm
