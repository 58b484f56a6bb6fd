"""The largest singular values and principal components, by random projection.

N. Halko, P. Martinsson and J. Tropp, "Finding structure with randomness: probabilistic algorithms for
constructing approximate matrix decompositions" (2009), algorithms 4.4 and 5.1.
"""

from lampas import _core
from lampas.linalg.factorizations import qr
from lampas.linalg.spectra import svd


def _basis(A, q, niter):
    """Orthonormal columns (…, m, q) that nearly span A: those of (A A^H)^niter A times random vectors."""
    directions = _core.randn(A.shape[-1], q, dtype=A.dtype, device=A.device)
    Q = qr(A @ directions).Q
    for _ in range(niter):
        Q = qr(A.mH @ Q).Q
        Q = qr(A @ Q).Q
    return Q


def svd_lowrank(A, q=6, niter=2, M=None):
    """Approximate the q largest singular values and their vectors: A is about U diag(S) V^H.

    Args:
        A (Tensor): (…, m, n).
        q (int): how many; a little more than the rank of A serves best.
        niter (int): how many rounds of refinement.
        M (Tensor, optional): what is subtracted from A first; broadcasts.

    Returns (U, S, V): (…, m, q), (…, q), (…, n, q). The projection is random: `manual_seed` repeats it.

    Example:
        >>> U, S, V = lampas.svd_lowrank(lampas.tensor([[3.0, 0.0], [0.0, 4.0]]), q=2)
        >>> S.round(decimals=3)
        tensor([4., 3.])
    """
    is_wide = A.shape[-2] < A.shape[-1]
    A = A if M is None else A - M
    tall = A.mH if is_wide else A
    Q = _basis(tall, 6 if q is None else q, 2 if niter is None else niter)
    U, S, Vh = svd(Q.mH @ tall, full_matrices=False)
    U, V = Q @ U, Vh.mH
    return (V, S, U) if is_wide else (U, S, V)


def pca_lowrank(A, q=None, center=True, niter=2):
    """Approximate the q largest principal components of the rows of A, by `svd_lowrank`.

    Args:
        A (Tensor): (…, m, n): m observations of n variables.
        q (int): how many; min(6, m, n) by default.
        center (bool): whether to subtract the mean of each variable first.
        niter (int): how many rounds of refinement.

    Returns (U, S, V): V (…, n, q) has the directions; A @ V are the observations in their terms.

    Raises ValueError for a q or niter out of range.

    Example:
        >>> U, S, V = lampas.pca_lowrank(lampas.tensor([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]), q=1)
        >>> S.round(decimals=3)
        tensor([3.1620])
    """
    least = min(A.shape[-2:])
    if q is None:
        q = min(6, least)
    elif not 0 <= q <= least:
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={least}")
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    return svd_lowrank(A, q, niter, A.mean(-2, True) if center else None)
