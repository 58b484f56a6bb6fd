"""The norm of a tensor under its old name, which covers those of vectors and of matrices."""

from collections.abc import Sequence

from lampas import _core
from lampas.argument_checks import check_tensors


def norm(input, p="fro", dim=None, keepdim=False, out=None, dtype=None):
    """Return the norm of a tensor's elements, or of those of its given dimensions.

    Args:
        input (Tensor): floating point or complex.
        p: the order, a number; "fro" stands for 2, "nuc" for the sum of a matrix's singular values.
        dim (int or tuple of int, optional): the dimensions to fold; all of them when None.
        keepdim (bool): keep the folded dimensions with size 1.
        out (Tensor, optional): where to write the result.
        dtype (dtype, optional): in which to compute.

    Raises RuntimeError for an unknown p, or where "nuc" does not meet two dimensions.

    Example:
        >>> lampas.norm(lampas.tensor([3.0, 4.0]))
        tensor(5.)
    """
    check_tensors("norm", input=input)
    is_matrix_norm = isinstance(p, str) and (p != "fro" or (isinstance(dim, Sequence) and len(dim) > 2))
    if is_matrix_norm:
        from lampas.linalg import matrix_norm

        dim = range(input.dim()) if dim is None else (dim,) if isinstance(dim, int) else dim
        return matrix_norm(input, p, dim, keepdim, dtype=dtype, out=out)
    order = 2.0 if p is None or p == "fro" else p
    return _core.linalg_vector_norm(input, order, dim, keepdim, dtype=dtype, out=out)
