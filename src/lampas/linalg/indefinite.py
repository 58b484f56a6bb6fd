"""The LDL factorization of symmetric and Hermitian matrices that need not be definite, and its solver.

J. Bunch and L. Kaufman, "Some stable methods for calculating inertia and solving symmetric linear systems"
(1977), with results in the form of LAPACK's sytrf and hetrf for a lower triangle.
"""

import math

from lampas import _core
from lampas.arrays import array_of, tensor_of
from lampas.linalg.matrices import check_dtype, check_square, define, raise_first, scalar_type, written

_ALPHA = (1 + math.sqrt(17)) / 8  # bounds the growth of elements for pivots of one and of two rows alike


def _sizes(values):
    """What LAPACK compares complex numbers by: |re| + |im|."""
    return abs(values.real) + abs(values.imag)


def _chosen_pivot(A, k):
    """Return (the row to exchange, how many rows the pivot has); None where column k is zero."""
    column = _sizes(A[k + 1 :, k])
    largest = column.max(initial=0)
    own = _sizes(A[k, k])
    if max(own, largest) == 0 or own != own:
        return None
    if own >= _ALPHA * largest:
        return k, 1
    other = k + 1 + int(column.argmax())
    in_row = max(_sizes(A[other, k:other]).max(), _sizes(A[other + 1 :, other]).max(initial=0))
    if own >= _ALPHA * largest * (largest / in_row):
        return k, 1
    return other, 1 if _sizes(A[other, other]) >= _ALPHA * in_row else 2


def _exchange(A, first, second, start):
    """Exchange rows and columns of the square from `start` on, of which both triangles are there."""
    A[[first, second], start:] = A[[second, first], start:]
    A[start:, [first, second]] = A[start:, [second, first]]


def _factor_one(A, hermitian):
    """Overwrite a matrix, of which the lower triangle counts, by L and D; return (pivots, info)."""
    import numpy as np

    size, info, k = len(A), 0, 0
    pivots = np.arange(1, size + 1, dtype=np.int32)
    conjugate = np.conj if hermitian else np.asarray
    A[...] = np.tril(A) + conjugate(np.tril(A, -1)).T
    if hermitian:
        A.imag[np.diag_indices(size)] = 0
    while k < size:
        chosen = _chosen_pivot(A, k)
        if chosen is None:
            info = info or k + 1
            k += 1
            continue
        other, rows = chosen
        last = k + rows - 1
        if other != last:
            _exchange(A, last, other, k)
        pivots[k : k + rows] = other + 1 if rows == 1 else -(other + 1)
        pivot = A[k : k + rows, k : k + rows]
        below = A[k + rows :, k : k + rows].copy()
        factors = below / pivot if rows == 1 else below @ np.linalg.inv(pivot)
        rest = A[k + rows :, k + rows :]
        rest -= factors @ conjugate(below).T
        if hermitian:
            rest.imag[np.diag_indices(len(rest))] = 0
        A[k + rows :, k : k + rows] = factors
        k += rows
    A[...] = np.tril(A)
    return pivots, info


def _ldl_factor_ex(A, hermitian, checked_by):
    """Factor matrices as L D L^T (or L D L^H), in one matrix."""
    import numpy as np

    array = array_of(A)
    *lead, size, _ = array.shape
    factors = array.reshape((math.prod(lead), size, size)).copy()
    pivots, infos = np.zeros((len(factors), size), np.int32), np.zeros(len(factors), np.int32)
    for i, matrix in enumerate(factors):
        pivots[i], infos[i] = _factor_one(matrix, hermitian and A.is_complex())
    infos = infos.reshape(lead)
    raise_first(checked_by, infos, lambda place: f"the block of D at {place} is zero")
    return (
        tensor_of(factors.reshape(array.shape), A.dtype, A.device),
        tensor_of(pivots.reshape((*lead, size)), _core.int32, A.device),
        tensor_of(infos, _core.int32, A.device),
    )


def _keep_nothing_of_factor(ctx, inputs, output):
    ctx.mark_non_differentiable(*output[1:])


def _refuse_factor(ctx, *grads):
    raise NotImplementedError("derivative for linalg_ldl_factor_ex is not implemented")


_ldl_factor_op = define(
    "_linalg_ldl_factor_ex(Tensor A, bool hermitian, str checked_by) -> "
    "(Tensor LD, Tensor pivots, Tensor info)",
    _ldl_factor_ex,
    _keep_nothing_of_factor,
    _refuse_factor,
)


def ldl_factor_ex(A, *, hermitian=False, check_errors=False, out=None):
    """Factor symmetric or Hermitian matrices as L D L^T (or L D L^H) and say which are singular.

    Args:
        A (Tensor): (…, n, n); the lower triangle counts.
        hermitian (bool): whether complex matrices are Hermitian; else they are symmetric.
        check_errors (bool): whether to raise LinAlgError where D has a block of zero.

    Returns (LD, pivots, info): L below the blocks of D, in one matrix; the exchanges of rows in LAPACK's
    form, negative for a block of two rows; the place of the first block of D that is zero, from 1, or 0.

    Example:
        >>> lampas.linalg.ldl_factor_ex(lampas.tensor([[2.0, 4.0], [4.0, 9.0]])).pivots
        tensor([2, 2], dtype=torch.int32)
    """
    from lampas.return_types import linalg_ldl_factor_ex

    check_square(A, "torch.linalg.ldl_factor_ex")
    checked_by = "torch.linalg.ldl_factor_ex" if check_errors else ""
    return written(linalg_ldl_factor_ex(_ldl_factor_op(A, hermitian, checked_by)), out)


def ldl_factor(A, *, hermitian=False, out=None):
    """Factor symmetric or Hermitian matrices as L D L^T (or L D L^H); see `ldl_factor_ex`.

    Raises LinAlgError for a singular matrix.

    Example:
        >>> lampas.linalg.ldl_factor(lampas.tensor([[4.0, 2.0], [2.0, 3.0]])).LD
        tensor([[4.0000, 0.0000],
                [0.5000, 2.0000]])
    """
    from lampas.return_types import linalg_ldl_factor

    check_square(A, "torch.linalg.ldl_factor_ex")
    LD, pivots, _ = _ldl_factor_op(A, hermitian, "torch.linalg.ldl_factor")
    return written(linalg_ldl_factor((LD, pivots)), out)


def _blocks(pivots):
    """For each block of D in order: (its first row, how many rows, the row exchanged with its last)."""
    blocks, k = [], 0
    while k < len(pivots):
        rows = 1 if pivots[k] > 0 or k + 1 == len(pivots) else 2
        blocks.append((k, rows, abs(int(pivots[k])) - 1))
        k += rows
    return blocks


def _solved_block(D, X, conjugate):
    """Solve D Y = X for a block of one or two rows, of which the lower triangle is there."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        if len(D) == 1:
            return X / D
        (first, _), (below, second) = D
        beside = conjugate(below)
        return np.array([[second, -beside], [-below, first]]) @ X / (first * second - below * beside)


def _solve_one(LD, pivots, X, hermitian):
    """Overwrite X by the solution for one matrix: exchanges, L, D, L^T and the exchanges back."""
    import numpy as np

    conjugate = np.conj if hermitian else np.asarray
    blocks = _blocks(pivots)
    for k, rows, other in blocks:
        last, end = k + rows - 1, k + rows
        X[[last, other]] = X[[other, last]]
        X[end:] -= LD[end:, k:end] @ X[k:end]
        X[k:end] = _solved_block(LD[k:end, k:end], X[k:end], conjugate)
    for k, rows, other in reversed(blocks):
        last, end = k + rows - 1, k + rows
        X[k:end] -= conjugate(LD[end:, k:end]).T @ X[end:]
        X[[last, other]] = X[[other, last]]


def _ldl_solve(LD, pivots, B, hermitian):
    """Solve A X = B with the factors of A."""
    import numpy as np

    factors, exchanges, right = array_of(LD), array_of(pivots), array_of(B)
    lead = np.broadcast_shapes(factors.shape[:-2], right.shape[:-2])
    solution = np.broadcast_to(right, (*lead, *right.shape[-2:])).copy()
    factors = np.broadcast_to(factors, (*lead, *factors.shape[-2:]))
    exchanges = np.broadcast_to(exchanges, (*lead, exchanges.shape[-1]))
    for place in np.ndindex(*lead):
        _solve_one(factors[place], exchanges[place], solution[place], hermitian and LD.is_complex())
    return tensor_of(solution, B.dtype, B.device)


def _refuse_solution(ctx, grad):
    raise NotImplementedError("derivative for linalg_ldl_solve is not implemented")


_ldl_solve_op = define(
    "_linalg_ldl_solve(Tensor LD, Tensor pivots, Tensor B, bool hermitian) -> Tensor",
    _ldl_solve,
    lambda ctx, inputs, output: None,
    _refuse_solution,
)


def ldl_solve(LD, pivots, B, *, hermitian=False, out=None):
    """Solve A X = B with the result of `ldl_factor`.

    Args:
        LD, pivots: as `ldl_factor` gives them for A.
        B (Tensor): (…, n, k).
        hermitian (bool): as it was given to `ldl_factor`.

    Example:
        >>> factors = lampas.linalg.ldl_factor(lampas.tensor([[4.0]]))
        >>> lampas.linalg.ldl_solve(*factors, lampas.tensor([[8.0]]))
        tensor([[2.]])
    """
    function = "torch.linalg.ldl_solve"
    check_square(LD, function, "LD")
    check_dtype(LD, function)
    if B.dim() < 2:
        raise RuntimeError(f"{function}: The input tensor B must have at least 2 dimensions.")
    if B.dtype != LD.dtype:
        raise RuntimeError(
            f"Expected b and A to have the same dtype, but found b of type {scalar_type(B)} and A of type "
            f"{scalar_type(LD)} instead."
        )
    rows, columns = LD.shape[-2:]
    if B.shape[-2] != rows:
        raise RuntimeError(
            f"Incompatible matrix sizes for {function}: each A matrix is {rows} by {columns} but each b "
            f"matrix is {B.shape[-2]} by {B.shape[-1]}"
        )
    if tuple(pivots.shape) != tuple(LD.shape[:-1]):
        raise RuntimeError(
            f"{function}: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape "
            f"{list(pivots.shape)} instead"
        )
    if pivots.is_floating_point() or pivots.is_complex() or pivots.dtype is _core.bool:
        raise RuntimeError(f"{function}: Expected pivots to be integers. Got {scalar_type(pivots)}")
    if pivots.numel() and not pivots.is_meta:
        reach = pivots.abs()
        if int(reach.min()) < 1 or int(reach.max()) > rows:
            raise RuntimeError(f"{function}: pivots must name rows from 1 to {rows}")
    return written(_ldl_solve_op(LD, pivots, B, hermitian), out)
