"""Eigenvalues and singular values, computed by NumPy's LAPACK.

Derivatives: M. Giles, "An extended collection of matrix derivative results for forward and reverse mode
algorithmic differentiation" (2008); for complex matrices Z. Wan and S. Zhang, arXiv:1909.02659.
"""

from lampas import _core
from lampas.arrays import array_of, tensor_of
from lampas.linalg.matrices import check_matrix, check_square, define, real_like, written

_REAL = {_core.complex64: _core.float32, _core.complex128: _core.float64}
_COMPLEX = {_core.float32: _core.complex64, _core.float64: _core.complex128}


def _differences(values):
    """values[j] - values[i], and ones on the diagonal, where nothing is divided."""
    result = values.unsqueeze(-2) - values.unsqueeze(-1)
    return result.diagonal_scatter(_core.ones_like(values), 0, -2, -1)


def _eigh(A, UPLO):
    """Take eigenvalues and eigenvectors of Hermitian matrices."""
    import numpy as np

    values, vectors = np.linalg.eigh(array_of(A), UPLO)
    return tensor_of(values, _REAL.get(A.dtype, A.dtype), A.device), tensor_of(vectors, A.dtype, A.device)


def _keep_results(ctx, inputs, output):
    ctx.dtype = inputs[0].dtype
    ctx.save_for_backward(*output)


def _eigh_backward(ctx, of_values, of_vectors):
    values, vectors = ctx.saved_tensors
    inner = (vectors.mH @ of_vectors) / _differences(values)
    inner = inner.diagonal_scatter(of_values.to(inner.dtype), 0, -2, -1)
    return vectors @ inner @ vectors.mH, None


_eigh_op = define(
    "_linalg_eigh(Tensor A, str UPLO) -> (Tensor eigenvalues, Tensor eigenvectors)",
    _eigh,
    _keep_results,
    _eigh_backward,
    "LinalgEighBackward0",
)


def _checked_triangle(UPLO):
    if UPLO not in ("L", "U", "l", "u"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return UPLO.upper()


def eigh(A, UPLO="L", *, out=None):
    """Take eigenvalues, in rising order, and eigenvectors of Hermitian matrices.

    Args:
        A (Tensor): (…, n, n).
        UPLO (str): which triangle is looked at, "L" or "U".

    Returns (eigenvalues, eigenvectors): (…, n), and (…, n, n) with a vector in each column.

    Example:
        >>> lampas.linalg.eigh(lampas.tensor([[2.0, 0.0], [0.0, 1.0]])).eigenvalues
        tensor([1., 2.])
    """
    from lampas.return_types import linalg_eigh

    check_square(A, "linalg.eigh")
    return written(linalg_eigh(_eigh_op(A, _checked_triangle(UPLO))), out)


def eigvalsh(A, UPLO="L", *, out=None):
    """Take the eigenvalues of Hermitian matrices, in rising order.

    Example:
        >>> lampas.linalg.eigvalsh(lampas.tensor([[2.0, 0.0], [0.0, 1.0]]))
        tensor([1., 2.])
    """
    check_square(A, "linalg.eigvalsh")
    return written(_eigh_op(A, _checked_triangle(UPLO))[0], out)


def _eig(A):
    """Take eigenvalues and eigenvectors of square matrices."""
    import numpy as np

    values, vectors = np.linalg.eig(array_of(A))
    dtype = _COMPLEX.get(A.dtype, A.dtype)
    return tensor_of(values, dtype, A.device), tensor_of(vectors, dtype, A.device)


def _eig_backward(ctx, of_values, of_vectors):
    values, vectors = ctx.saved_tensors
    inner = vectors.mH @ of_vectors
    real = inner.diagonal(0, -2, -1).real
    inner = (inner - vectors.mH @ (vectors * real.unsqueeze(-2))) / _differences(values).conj()
    inner = inner.diagonal_scatter(of_values, 0, -2, -1)
    from lampas.linalg.systems import solve

    return real_like(solve(vectors.mH, inner @ vectors.mH), ctx.dtype)


_eig_op = define(
    "_linalg_eig(Tensor A) -> (Tensor eigenvalues, Tensor eigenvectors)",
    _eig,
    _keep_results,
    _eig_backward,
    "LinalgEigBackward0",
)


def _check_finite(A, function):
    if not A.is_meta and not bool(_core.isfinite(A).all()):
        raise RuntimeError(f"{function}: input tensor should not contain infs or NaNs.")


def eig(A, *, out=None):
    """Take eigenvalues and eigenvectors of square matrices, as complex numbers.

    Example:
        >>> lampas.linalg.eig(lampas.tensor([[2.0]])).eigenvalues
        tensor([2.+0.j])
    """
    from lampas.return_types import linalg_eig

    check_square(A, "linalg.eig")
    _check_finite(A, "torch.linalg.eig")
    return written(linalg_eig(_eig_op(A)), out)


def eigvals(A, *, out=None):
    """Take the eigenvalues of square matrices, as complex numbers.

    Example:
        >>> lampas.linalg.eigvals(lampas.tensor([[2.0]]))
        tensor([2.+0.j])
    """
    check_square(A, "linalg.eigvals")
    _check_finite(A, "torch.linalg.eigvals")
    return written(_eig_op(A)[0], out)


def _svd(A, full_matrices):
    """Factor matrices as U diag(S) V^H."""
    import numpy as np

    array = array_of(A)
    U, S, Vh = np.linalg.svd(array, full_matrices) if array.size else _empty_svd(array, full_matrices)
    return (
        tensor_of(U, A.dtype, A.device),
        tensor_of(S, _REAL.get(A.dtype, A.dtype), A.device),
        tensor_of(Vh, A.dtype, A.device),
    )


def _empty_svd(array, full_matrices):
    import numpy as np

    *lead, rows, columns = array.shape
    left, right = (rows, columns) if full_matrices else (min(rows, columns),) * 2
    U = np.broadcast_to(np.eye(rows, left), (*lead, rows, left))
    Vh = np.broadcast_to(np.eye(right, columns), (*lead, right, columns))
    return U, np.zeros((*lead, min(rows, columns))), Vh


def _svd_backward(ctx, of_U, of_S, of_Vh):
    U, S, Vh = ctx.saved_tensors
    size = S.shape[-1]
    U, of_U, Vh, of_Vh = U[..., :size], of_U[..., :size], Vh[..., :size, :], of_Vh[..., :size, :]
    left, right = U.mH @ of_U, Vh @ of_Vh.mH
    left, right = left - left.mH, right - right.mH
    squares = _differences(S * S)
    inner = (left / squares) * S.unsqueeze(-2) + S.unsqueeze(-1) * (right / squares)
    diagonal = of_S.to(inner.dtype)
    if inner.is_complex():
        diagonal = diagonal + left.diagonal(0, -2, -1) / (2 * S)
    inner = inner.diagonal_scatter(diagonal, 0, -2, -1)
    result = U @ inner @ Vh
    if U.shape[-2] > size:
        scaled = of_U / S.unsqueeze(-2)
        result = result + (scaled - U @ (U.mH @ scaled)) @ Vh
    if Vh.shape[-1] > size:
        scaled = of_Vh / S.unsqueeze(-1)
        result = result + U @ (scaled - (scaled @ Vh.mH) @ Vh)
    return result, None


_svd_op = define(
    "_linalg_svd(Tensor A, bool full_matrices) -> (Tensor U, Tensor S, Tensor Vh)",
    _svd,
    _keep_results,
    _svd_backward,
    "LinalgSvdBackward0",
)


def svd(A, full_matrices=True, *, driver=None, out=None):
    """Factor matrices as U diag(S) V^H, with singular values in falling order.

    Args:
        A (Tensor): (…, m, n).
        full_matrices (bool): whether U and V are square; else they have min(m, n) columns.
        driver (str): a choice of PyTorch's for GPUs; must be None.

    Returns (U, S, Vh).

    Example:
        >>> lampas.linalg.svd(lampas.tensor([[3.0, 0.0], [0.0, 4.0]])).S
        tensor([4., 3.])
    """
    from lampas.return_types import linalg_svd

    check_matrix(A, "linalg.svd")
    _check_driver(driver)
    return written(linalg_svd(_svd_op(A, full_matrices)), out)


def _check_driver(driver):
    if driver is not None:
        raise RuntimeError(
            "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER "
            "backend."
        )


def svdvals(A, *, driver=None, out=None):
    """Take the singular values of matrices, in falling order.

    Example:
        >>> lampas.linalg.svdvals(lampas.tensor([[3.0, 0.0], [0.0, 4.0]]))
        tensor([4., 3.])
    """
    check_matrix(A, "linalg.svdvals")
    _check_driver(driver)
    return written(_svd_op(A, False)[1], out)
