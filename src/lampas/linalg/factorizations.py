"""Cholesky, LU and QR factorizations, their inverses and solvers.

Values come from NumPy's LAPACK, or from loops over the columns of the whole batch where NumPy has no such
function. Derivatives: M. Giles, "An extended collection of matrix derivative results for forward and reverse
mode algorithmic differentiation" (2008); S. Walter and L. Lehmann, arXiv:1001.1654, for QR.
"""

from lampas import _core
from lampas.arrays import array_of, tensor_of
from lampas.linalg import matrices
from lampas.linalg.matrices import check_matrix, check_square, define, raise_first, written


def _infos(values, shape, device):
    import numpy as np

    return tensor_of(np.asarray(values, np.int32).reshape(tuple(shape)), _core.int32, device)


# ---- Cholesky


def _cholesky_ex(input, upper, checked_by):
    """Factor positive definite matrices as L L^H; `info` is the order of the first minor that is not."""
    import numpy as np

    array = array_of(input)
    lower = np.swapaxes(array, -1, -2).conj() if upper else array
    flat = lower.reshape((-1, *lower.shape[-2:])) if lower.size else lower.reshape((0, *lower.shape[-2:]))
    factors, infos = np.zeros_like(flat), np.zeros(int(np.prod(array.shape[:-2])), np.int32)
    try:
        factors = np.linalg.cholesky(flat)
    except np.linalg.LinAlgError:
        for i, matrix in enumerate(flat):
            factors[i], infos[i] = _cholesky_of_one(matrix)
    raise_first(checked_by, infos.reshape(array.shape[:-2]), _not_positive_definite)
    result = factors.reshape(array.shape)
    result = np.swapaxes(result, -1, -2).conj() if upper else result
    return tensor_of(result, input.dtype, input.device), _infos(infos, input.shape[:-2], input.device)


def _cholesky_of_one(matrix):
    """Return (factor, 0), or (the part that exists, the order of the minor that is not positive definite)."""
    import numpy as np

    for order in range(1, len(matrix) + 1):
        try:
            np.linalg.cholesky(matrix[:order, :order])
        except np.linalg.LinAlgError:
            return np.tril(matrix), order
    return np.linalg.cholesky(matrix), 0


def _keep_cholesky(ctx, inputs, output):
    ctx.upper = inputs[1]
    ctx.save_for_backward(output[0])
    ctx.mark_non_differentiable(output[1])


def _cholesky_backward(ctx, grad, _):
    (factor,) = ctx.saved_tensors
    lower, grad = (factor.mH, grad.mH) if ctx.upper else (factor, grad)
    inner = (lower.mH @ grad).tril()
    inner = inner - _core.diag_embed(inner.diagonal(0, -2, -1)) * 0.5
    outer = solve_triangular(lower.mH, inner, upper=True)
    outer = solve_triangular(lower, outer, upper=False, left=False)
    return (outer + outer.mH) * 0.5, None, None


_cholesky_op = define(
    "_linalg_cholesky_ex(Tensor input, bool upper, str checked_by) -> (Tensor L, Tensor info)",
    _cholesky_ex,
    _keep_cholesky,
    _cholesky_backward,
    "LinalgCholeskyExBackward0",
)


def _not_positive_definite(order):
    return (
        "The factorization could not be completed because the input is not positive-definite (the "
        f"leading minor of order {order} is not positive-definite)."
    )


def cholesky_ex(input, *, upper=False, check_errors=False, out=None):
    """Factor Hermitian positive definite matrices as L L^H and say where that failed.

    Args:
        input (Tensor): (…, n, n).
        upper (bool): whether to give U = L^H instead.
        check_errors (bool): whether to raise LinAlgError for a matrix that is not positive definite.

    Returns (L, info); `info` is 0, or the order of the first leading minor that is not positive definite.

    Example:
        >>> lampas.linalg.cholesky_ex(lampas.tensor([[4.0]])).L
        tensor([[2.]])
    """
    from lampas.return_types import linalg_cholesky_ex

    check_square(input, "linalg.cholesky_ex")
    checked_by = "linalg.cholesky_ex" if check_errors else ""
    return written(linalg_cholesky_ex(_cholesky_op(input, upper, checked_by)), out)


def cholesky(input, *, upper=False, out=None):
    """Factor Hermitian positive definite matrices as L L^H.

    Raises LinAlgError for a matrix that is not positive definite.

    Example:
        >>> lampas.linalg.cholesky(lampas.tensor([[4.0]]))
        tensor([[2.]])
    """
    check_square(input, "linalg.cholesky")
    return written(_cholesky_op(input, upper, "linalg.cholesky")[0], out)


# ---- triangular systems


def _solve_triangular(A, B, upper, left, unitriangular):
    """Solve triangular systems by substitution, one row of the whole batch after the other."""
    import numpy as np

    matrix, right = array_of(A), array_of(B)
    if not left:  # X A = B is A^T X^T = B^T
        matrix, right, upper = np.swapaxes(matrix, -1, -2), np.swapaxes(right, -1, -2), not upper
    lead = np.broadcast_shapes(matrix.shape[:-2], right.shape[:-2])
    solution = np.broadcast_to(right, lead + right.shape[-2:]).copy()
    size = matrix.shape[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        for row in range(size - 1, -1, -1) if upper else range(size):
            known = slice(row + 1, size) if upper else slice(0, row)
            solution[..., row, :] -= (matrix[..., row : row + 1, known] @ solution[..., known, :])[..., 0, :]
            if not unitriangular:
                solution[..., row, :] /= matrix[..., row, row, None]
    solution = solution if left else np.swapaxes(solution, -1, -2)
    return tensor_of(solution, B.dtype, B.device)


def _keep_triangular(ctx, inputs, output):
    ctx.options = inputs[2:]
    ctx.save_for_backward(inputs[0], output)


def _solve_triangular_backward(ctx, grad):
    upper, left, unitriangular = ctx.options
    A, X = ctx.saved_tensors
    of_B = solve_triangular(A.mH, grad, upper=not upper, left=left, unitriangular=unitriangular)
    of_A = -(of_B @ X.mH) if left else -(X.mH @ of_B)
    start = 1 if unitriangular else 0
    of_A = of_A.triu(start) if upper else of_A.tril(-start)
    return of_A, of_B, None, None, None


_triangular_op = define(
    "_linalg_solve_triangular(Tensor A, Tensor B, bool upper, bool left, bool unitriangular) -> Tensor",
    _solve_triangular,
    _keep_triangular,
    _solve_triangular_backward,
    "LinalgSolveTriangularBackward0",
)


def check_system(A, B, left, function):
    """Raise where A X = B (or X A = B) is no system of equations."""
    check_square(A, function)
    check_matrix(B, function, "B")
    if A.dtype != B.dtype:
        raise RuntimeError(
            f"{function}: Expected A and B to have the same dtype, but found A of type "
            f"{matrices.scalar_type(A)} and B of type {matrices.scalar_type(B)} instead"
        )
    if A.shape[-2] != B.shape[-2 if left else -1]:
        equation = "AX = B" if left else "XA = B"
        raise RuntimeError(
            f"{function}: Incompatible shapes of A and B for the equation {equation}"
            f" ({A.shape[-2]}x{A.shape[-1]} and {B.shape[-2]}x{B.shape[-1]})"
        )


def solve_triangular(A, B, *, upper, left=True, unitriangular=False, out=None):
    """Solve A X = B (or X A = B) for triangular A.

    Args:
        A (Tensor): (…, n, n); the other triangle is not looked at.
        B (Tensor): (…, n, k), or (…, k, n) where `left` is False.
        upper (bool): whether the upper triangle counts.
        left (bool): whether A stands on the left.
        unitriangular (bool): whether to take the diagonal as ones.

    Example:
        >>> A, B = lampas.tensor([[2.0, 1.0], [0.0, 4.0]]), lampas.tensor([[4.0], [8.0]])
        >>> lampas.linalg.solve_triangular(A, B, upper=True)
        tensor([[1.],
                [2.]])
    """
    check_system(A, B, left, "linalg.solve_triangular")
    return written(_triangular_op(A, B, upper, left, unitriangular), out)


# ---- LU


def lu_of_array(array):
    """Return (LU in one matrix, pivots from 1, the first zero pivot or 0), by elimination with row "
    "exchanges."""
    import numpy as np

    rows, columns = array.shape[-2:]
    flat = (
        array.reshape((-1, rows, columns)).copy() if array.size else array.reshape((0, rows, columns)).copy()
    )
    count = int(np.prod(array.shape[:-2]))
    if not array.size:
        flat = np.zeros((count, rows, columns), array.dtype)
    pivots = np.zeros((count, min(rows, columns)), np.int32)
    infos, batch = np.zeros(count, np.int32), np.arange(count)
    with np.errstate(divide="ignore", invalid="ignore"):
        for step in range(min(rows, columns)):
            chosen = step + np.abs(flat[:, step:, step]).argmax(1) if count else pivots[:, step]
            pivots[:, step] = chosen + 1
            upper_rows = flat[batch, step].copy()
            flat[batch, step] = flat[batch, chosen]
            flat[batch, chosen] = upper_rows
            pivot = flat[:, step, step]
            infos[(pivot == 0) & (infos == 0)] = step + 1
            factors = np.where(pivot[:, None] == 0, 0, flat[:, step + 1 :, step] / pivot[:, None])
            flat[:, step + 1 :, step] = factors
            flat[:, step + 1 :, step + 1 :] -= factors[:, :, None] * flat[:, None, step, step + 1 :]
    shape = array.shape[:-2]
    return flat.reshape(array.shape), pivots.reshape((*shape, min(rows, columns))), infos.reshape(shape)


def _lu_factor_ex(A, checked_by):
    """Factor matrices as P L U, with L and U in one matrix."""
    factors, pivots, infos = lu_of_array(array_of(A))
    raise_first(checked_by, infos, _zero_pivot)
    return (
        tensor_of(factors, A.dtype, A.device),
        tensor_of(pivots, _core.int32, A.device),
        _infos(infos, A.shape[:-2], A.device),
    )


def _keep_lu(ctx, inputs, output):
    ctx.save_for_backward(output[0], output[1])
    ctx.mark_non_differentiable(output[1], output[2])


def _lu_factor_backward(ctx, grad, *_):
    LU, pivots = ctx.saved_tensors
    size = min(LU.shape[-2:])
    of_L, of_U = grad[..., :size].tril(-1), grad[..., :size, :].triu()
    P, L, U = _unpacked(LU, pivots)
    return lu_gradient(P, L, U, of_L, of_U), None


def lu_gradient(P, L, U, of_L, of_U):
    """The gradient of A = P L U; a wide or tall A follows from its square part."""
    rows, columns = L.shape[-2], U.shape[-1]
    size = min(rows, columns)
    square_L, square_U = L[..., :size, :], U[..., :, :size]
    beside = below = None
    of_square_L, of_square_U = of_L[..., :size, :].tril(-1), of_U[..., :, :size].triu()
    if columns > size:  # U2 = L^-1 A2
        beside = solve_triangular(L.mH, of_U[..., size:], upper=True, unitriangular=True)
        of_square_L = of_square_L - (beside @ U[..., size:].mH).tril(-1)
    if rows > size:  # L2 = A2 U^-1
        below = solve_triangular(square_U.mH, of_L[..., size:, :], upper=False, left=False)
        of_square_U = of_square_U - (L[..., size:, :].mH @ below).triu()
    inner = (square_L.mH @ of_square_L).tril(-1) + (of_square_U @ square_U.mH).triu()
    inner = solve_triangular(square_U.mH, inner, upper=False, left=False)
    result = solve_triangular(square_L.mH, inner, upper=True, unitriangular=True)
    if beside is not None:
        result = _core.cat([result, beside], -1)
    if below is not None:
        result = _core.cat([result, below], -2)
    return P @ result


_lu_op = define(
    "_linalg_lu_factor_ex(Tensor A, str checked_by) -> (Tensor LU, Tensor pivots, Tensor info)",
    _lu_factor_ex,
    _keep_lu,
    _lu_factor_backward,
    "LinalgLuFactorExBackward0",
)


def _permutation(pivots, rows, dtype):
    """The matrices P of A = P L U, from row exchanges."""
    import numpy as np

    exchanges = array_of(pivots)
    count, steps = int(np.prod(exchanges.shape[:-1])), exchanges.shape[-1]
    order = np.broadcast_to(np.arange(rows), (count, rows)).copy()
    for line, row_exchanges in zip(order, exchanges.reshape(count, steps), strict=True):
        for step, pivot in enumerate(row_exchanges):
            other = max(int(pivot) - 1, 0)
            line[step], line[other] = line[other], line[step]
    order = order.reshape((*exchanges.shape[:-1], rows))
    return tensor_of(np.swapaxes(np.eye(rows)[order], -1, -2), dtype, pivots.device)


def _unpacked(LU, pivots):
    rows, columns = LU.shape[-2:]
    size = min(rows, columns)
    unit = _core.eye(rows, size, dtype=LU.dtype, device=LU.device)
    lower = LU[..., :size].tril(-1) + unit
    return _permutation(pivots, rows, LU.dtype), lower, LU[..., :size, :].triu()


def lu_factor_ex(A, *, pivot=True, check_errors=False, out=None):
    """Factor matrices as P L U and say which are singular.

    Args:
        A (Tensor): (…, m, n).
        pivot (bool): whether rows are exchanged; False is not supported.
        check_errors (bool): whether to raise LinAlgError where U has a zero on its diagonal.

    Returns (LU, pivots, info): L below the diagonal and U from it on, in one matrix; row i was exchanged with
    row pivots[i] - 1; the place of the first zero on U's diagonal, counted from 1, or 0.

    Example:
        >>> lampas.linalg.lu_factor_ex(lampas.tensor([[0.0, 2.0], [1.0, 3.0]])).pivots
        tensor([2, 2], dtype=torch.int32)
    """
    from lampas.return_types import linalg_lu_factor_ex

    check_matrix(A, "linalg.lu_factor_ex")
    _need_pivot(pivot, "linalg.lu_factor")
    return written(linalg_lu_factor_ex(_lu_op(A, "torch.linalg.lu_factor_ex" if check_errors else "")), out)


def _zero_pivot(place):
    return f"U[{place},{place}] is zero and using it on lu_solve would result in a division by zero."


def _need_pivot(pivot, function):
    if not pivot:
        raise RuntimeError(f"{function}: LU without pivoting is not implemented on the CPU")


def lu_factor(A, *, pivot=True, out=None):
    """Factor matrices as P L U; give (LU, pivots) as `lu_factor_ex` does.

    Example:
        >>> lampas.linalg.lu_factor(lampas.tensor([[0.0, 2.0], [1.0, 3.0]])).LU
        tensor([[1., 3.],
                [0., 2.]])
    """
    from lampas.return_types import linalg_lu_factor

    check_matrix(A, "linalg.lu_factor")
    _need_pivot(pivot, "linalg.lu_factor")
    LU, pivots, _ = _lu_op(A, "")
    return written(linalg_lu_factor((LU, pivots)), out)


def lu_unpack(LU_data, LU_pivots, unpack_data=True, unpack_pivots=True, *, out=None):
    """Give P, L and U of a result of `lu_factor`.

    Example:
        >>> P, L, U = lampas.lu_unpack(*lampas.linalg.lu_factor(lampas.tensor([[0.0, 2.0], [1.0, 3.0]])))
        >>> P @ L @ U
        tensor([[0., 2.],
                [1., 3.]])
    """
    from lampas.return_types import lu_unpack as named

    if unpack_pivots and LU_pivots.dtype != _core.int32:
        raise RuntimeError(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\n"
            "Note: this function is intended to be used with the output produced by torch.linalg.lu_factor"
        )
    P, L, U = _unpacked(LU_data, LU_pivots)
    nothing = LU_data.new_empty(0)
    return written(
        named((P if unpack_pivots else nothing, *((L, U) if unpack_data else (nothing, nothing)))), out
    )


def lu(A, *, pivot=True, out=None):
    """Factor matrices as P L U.

    Args:
        A (Tensor): (…, m, n).
        pivot (bool): whether rows are exchanged; False is not supported.

    Returns (P, L, U): a permutation (…, m, m), unit lower triangular (…, m, k), upper triangular (…, k, n).

    Example:
        >>> lampas.linalg.lu(lampas.tensor([[0.0, 2.0], [1.0, 3.0]])).U
        tensor([[1., 3.],
                [0., 2.]])
    """
    from lampas.return_types import linalg_lu

    check_matrix(A, "linalg.lu")
    _need_pivot(pivot, "linalg.lu")
    LU, pivots, _ = _lu_op(A, "")
    return written(linalg_lu(_unpacked(LU, pivots)), out)


def lu_solve(LU, pivots, B, *, left=True, adjoint=False, out=None):
    """Solve A X = B (or X A = B) with the result of `lu_factor`.

    Args:
        LU, pivots: as `lu_factor` gives them for A.
        B (Tensor): (…, n, k), or (…, k, n) where `left` is False.
        adjoint (bool): whether to solve with A^H instead.

    Example:
        >>> factors = lampas.linalg.lu_factor(lampas.tensor([[2.0]]))
        >>> lampas.linalg.lu_solve(*factors, lampas.tensor([[8.0]]))
        tensor([[4.]])
    """
    check_system(LU, B, left, "linalg.lu_solve")
    P, L, U = _unpacked(LU, pivots)
    if left != adjoint:  # A X = B, or X A^H = B, which is A X^H = B^H
        right = P.mT @ (B if left else B.mH)
        half = solve_triangular(L, right, upper=False, unitriangular=True)
        result = solve_triangular(U, half, upper=True)
    else:  # A^H X = B, or X A = B
        half = solve_triangular(U.mH, B if left else B.mH, upper=False)
        result = P @ solve_triangular(L.mH, half, upper=True, unitriangular=True)
    return written(result if left else result.mH, out)


# ---- QR


def _qr(A, mode):
    """Factor matrices as Q R."""
    import numpy as np

    array = array_of(A)
    rows, columns = array.shape[-2:]
    lead = array.shape[:-2]
    if mode == "r":
        return tensor_of(np.zeros(0), A.dtype, A.device), tensor_of(
            np.linalg.qr(array, "r"), A.dtype, A.device
        )
    if array.size == 0:
        inner = rows if mode == "complete" else min(rows, columns)
        Q = np.broadcast_to(np.eye(rows, inner), (*lead, rows, inner))
        R = np.zeros((*lead, inner, columns))
    else:
        Q, R = np.linalg.qr(array, mode)
    return tensor_of(Q, A.dtype, A.device), tensor_of(R, A.dtype, A.device)


def _keep_qr(ctx, inputs, output):
    ctx.mode = inputs[1]
    ctx.columns = inputs[0].shape[-1]
    ctx.save_for_backward(*output)


def _qr_backward(ctx, of_Q, of_R):
    Q, R = ctx.saved_tensors
    rows, columns = Q.shape[-2], ctx.columns
    if ctx.mode == "r":
        raise RuntimeError(
            "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use "
            "linalg.qr(A, mode='reduced') if you are going to require its gradients."
        )
    if ctx.mode == "complete" and rows > columns:
        raise RuntimeError(
            "The QR decomposition is not differentiable when mode='complete' and nrows > ncols."
        )
    size = min(rows, columns)
    beside = None
    if columns > size:  # A = [X Y], X = Q U and Y = Q V
        Y = Q @ R[..., size:]
        of_Q = of_Q + Y @ of_R[..., size:].mH
        beside = Q @ of_R[..., size:]
        R, of_R = R[..., :size], of_R[..., :size]
    inner = (of_R @ R.mH - Q.mH @ of_Q).triu()
    inner = inner + inner.mH
    diagonal = inner.diagonal(0, -2, -1).real * 0.5
    inner = inner.diagonal_scatter(diagonal.to(inner.dtype), 0, -2, -1)
    result = solve_triangular(R.mH, of_Q + Q @ inner, upper=False, left=False)
    return result if beside is None else _core.cat([result, beside], -1), None


_qr_op = define(
    "_linalg_qr(Tensor A, str mode) -> (Tensor Q, Tensor R)", _qr, _keep_qr, _qr_backward, "LinalgQrBackward0"
)


def qr(A, mode="reduced", *, out=None):
    """Factor matrices as Q R, Q with orthonormal columns and R upper triangular.

    Args:
        A (Tensor): (…, m, n).
        mode (str): "reduced" (Q is (…, m, min(m, n))), "complete" (Q is square) or "r" (Q is empty).

    Example:
        >>> lampas.linalg.qr(lampas.tensor([[3.0], [4.0]])).R.abs()
        tensor([[5.]])
    """
    from lampas.return_types import linalg_qr

    check_matrix(A, "linalg.qr")
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or "
            "'complete'"
        )
    return written(linalg_qr(_qr_op(A, mode)), out)
