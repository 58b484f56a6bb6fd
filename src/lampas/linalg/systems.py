"""Inverses, determinants and solutions of linear systems.

Values come from NumPy's LAPACK. Derivatives: M. Giles, "An extended collection of matrix derivative results
for forward and reverse mode algorithmic differentiation" (2008); of the pseudo-inverse: G. Golub and
V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose variables
separate" (1973).
"""

from lampas import _core
from lampas.argument_checks import fail_type
from lampas.arrays import array_of, tensor_of
from lampas.linalg.factorizations import check_system, lu_of_array
from lampas.linalg.matrices import (
    check_matrix,
    check_square,
    define,
    raise_first,
    scalar_type,
    written,
)
from lampas.linalg.spectra import eigh, svdvals


def _info_tensor(infos, device):
    return tensor_of(infos, _core.int32, device)


def _inverse_of(array, infos):
    """Invert each matrix; one that is singular gives zeros."""
    import numpy as np

    if not infos.any():
        return np.linalg.inv(array)
    regular = np.where((infos != 0)[..., None, None], np.eye(array.shape[-1], dtype=array.dtype), array)
    return np.where((infos != 0)[..., None, None], 0, np.linalg.inv(regular))


def _inv_ex(A, checked_by):
    """Invert square matrices; `info` is the first zero pivot, refused where the function says its name."""
    array = array_of(A)
    infos = lu_of_array(array)[2]
    raise_first(checked_by, infos, _singular)
    return tensor_of(_inverse_of(array, infos), A.dtype, A.device), _info_tensor(infos, A.device)


def _keep_inverse(ctx, inputs, output):
    ctx.save_for_backward(output[0])
    ctx.mark_non_differentiable(output[1])


def _inv_backward(ctx, grad, _):
    (inverse,) = ctx.saved_tensors
    return -(inverse.mH @ grad @ inverse.mH), None


_inv_op = define(
    "_linalg_inv_ex(Tensor A, str checked_by) -> (Tensor inverse, Tensor info)",
    _inv_ex,
    _keep_inverse,
    _inv_backward,
    "LinalgInvExBackward0",
)


def _singular(place):
    return (
        f"The diagonal element {place} is zero, the inversion could not be completed because the input "
        "matrix is singular."
    )


def inv_ex(A, *, check_errors=False, out=None):
    """Invert square matrices and say which are singular.

    Returns (inverse, info); `info` is 0, or where elimination met a zero, counted from 1.

    Example:
        >>> lampas.linalg.inv_ex(lampas.tensor([[4.0]])).inverse
        tensor([[0.2500]])
    """
    from lampas.return_types import linalg_inv_ex

    check_square(A, "linalg.inv")
    return written(linalg_inv_ex(_inv_op(A, "linalg.inv_ex" if check_errors else "")), out)


def inv(A, *, out=None):
    """Invert square matrices.

    Args:
        A (Tensor): (…, n, n).

    Raises LinAlgError for a singular matrix.

    Example:
        >>> lampas.linalg.inv(lampas.tensor([[2.0, 0.0], [0.0, 4.0]]))
        tensor([[0.5000, 0.0000],
                [0.0000, 0.2500]])
    """
    check_square(A, "linalg.inv")
    return written(_inv_op(A, "linalg.inv")[0], out)


def _solve_ex(A, B, left, checked_by):
    """Solve A X = B or X A = B; a singular matrix is refused where the function says its name."""
    import numpy as np

    matrix, right = array_of(A), array_of(B)
    if not left:
        matrix, right = np.swapaxes(matrix, -1, -2), np.swapaxes(right, -1, -2)
    infos = lu_of_array(matrix)[2]
    raise_first(checked_by, infos, _no_solution)
    if infos.any():
        matrix = np.where((infos != 0)[..., None, None], np.eye(matrix.shape[-1], dtype=matrix.dtype), matrix)
    solution = np.linalg.solve(matrix, right)
    solution = solution if left else np.swapaxes(solution, -1, -2)
    return tensor_of(solution, B.dtype, B.device), _info_tensor(infos, A.device)


def _keep_solution(ctx, inputs, output):
    ctx.left = inputs[2]
    ctx.save_for_backward(inputs[0], output[0])
    ctx.mark_non_differentiable(output[1])


def _solve_backward(ctx, grad, _):
    A, X = ctx.saved_tensors
    of_B = _solve_op(A.mH, grad, ctx.left, "")[0]
    return (-(of_B @ X.mH) if ctx.left else -(X.mH @ of_B)), of_B, None, None


_solve_op = define(
    "_linalg_solve_ex(Tensor A, Tensor B, bool left, str checked_by) -> (Tensor result, Tensor info)",
    _solve_ex,
    _keep_solution,
    _solve_backward,
    "LinalgSolveExBackward0",
)


def _solved(A, B, left, function, checked_by):
    check_square(A, function)
    if not isinstance(B, _core.Tensor):
        fail_type("linalg_solve", "B", "Tensor", B, position=2)
    is_vector = B.dim() == 1 or (A.dim() - 1 == B.dim() and B.shape == A.shape[:-1])
    right = B.unsqueeze(-1) if is_vector else B
    if is_vector and not left:
        raise RuntimeError(
            f"{function}: Vector broadcasting of the left hand side is not supported for left=False. In this "
            "case linalg.solve is equivalent to B / A.squeeze(-1)"
        )
    check_system(A, right, left, function)
    result, info = _solve_op(A, right, left, checked_by)
    return (result.squeeze(-1) if is_vector else result), info


def solve_ex(A, B, *, left=True, check_errors=False, out=None):
    """Solve A X = B and say which matrices are singular; see `solve`.

    Example:
        >>> lampas.linalg.solve_ex(lampas.tensor([[2.0]]), lampas.tensor([[4.0]])).result
        tensor([[2.]])
    """
    from lampas.return_types import linalg_solve_ex

    checked_by = "torch.linalg.solve_ex" if check_errors else ""
    return written(linalg_solve_ex(_solved(A, B, left, "linalg.solve", checked_by)), out)


def _no_solution(place):
    return "The solver failed because the input matrix is singular."


def solve(A, B, *, left=True, out=None):
    """Solve A X = B, or X A = B where `left` is False.

    Args:
        A (Tensor): (…, n, n).
        B (Tensor): (…, n, k), or vectors (…, n).
        left (bool): whether A stands on the left.

    Raises LinAlgError for a singular matrix.

    Example:
        >>> lampas.linalg.solve(lampas.tensor([[2.0, 0.0], [0.0, 4.0]]), lampas.tensor([2.0, 2.0]))
        tensor([1.0000, 0.5000])
    """
    return written(_solved(A, B, left, "linalg.solve", "torch.linalg.solve")[0], out)


# ---- determinants


def _det(A):
    """Take determinants."""
    import numpy as np

    return tensor_of(np.linalg.det(array_of(A)), A.dtype, A.device)


def _keep_input(ctx, inputs, output):
    ctx.save_for_backward(inputs[0], *(output if isinstance(output, tuple) else (output,)))


def _det_backward(ctx, grad):
    A, _ = ctx.saved_tensors
    return grad.unsqueeze(-1).unsqueeze(-1) * _cofactor_op(A)


def _cofactor(A):
    """Take the conjugated cofactors: the derivative of the determinant, for singular matrices too."""
    import numpy as np

    U, S, Vh = np.linalg.svd(array_of(A))
    size = S.shape[-1]
    others = np.broadcast_to(S[..., None, :], (*S.shape, size)).copy()
    others[..., np.arange(size), np.arange(size)] = 1
    turn = (np.linalg.det(U) * np.linalg.det(Vh)).conj()[..., None, None]
    return tensor_of(turn * ((U * others.prod(-1)[..., None, :]) @ Vh), A.dtype, A.device)


def _cofactor_backward(ctx, grad):
    # C = conj(det A) A^-H, for a matrix that has an inverse.
    A, C = ctx.saved_tensors
    inverse = inv(A).mH
    first = (grad.mH @ inverse).diagonal(0, -2, -1).sum(-1).unsqueeze(-1).unsqueeze(-1) * C
    return first - C @ grad.mH @ inverse


_det_op = define("_linalg_det(Tensor A) -> Tensor", _det, _keep_input, _det_backward, "LinalgDetBackward0")
_cofactor_op = define("_linalg_cofactor(Tensor A) -> Tensor", _cofactor, _keep_input, _cofactor_backward)


def det(A, *, out=None):
    """Take the determinants of square matrices.

    Example:
        >>> lampas.linalg.det(lampas.tensor([[2.0, 1.0], [0.0, 3.0]]))
        tensor(6.)
    """
    check_square(A, "linalg.det")
    return written(_det_op(A), out)


def _slogdet(A):
    """Take signs and logarithms of determinants."""
    import numpy as np

    sign, logarithm = np.linalg.slogdet(array_of(A))
    real = {_core.complex64: _core.float32, _core.complex128: _core.float64}.get(A.dtype, A.dtype)
    return tensor_of(sign, A.dtype, A.device), tensor_of(logarithm, real, A.device)


def _slogdet_backward(ctx, of_sign, of_logarithm):
    A, sign, _ = ctx.saved_tensors
    factor = of_logarithm.to(A.dtype)
    if A.is_complex():
        factor = factor - (of_sign.conj() * sign).imag * 1j
    return factor.unsqueeze(-1).unsqueeze(-1) * inv(A).mH


_slogdet_op = define(
    "_linalg_slogdet(Tensor A) -> (Tensor sign, Tensor logabsdet)",
    _slogdet,
    _keep_input,
    _slogdet_backward,
    "LinalgSlogdetBackward0",
)


def slogdet(A, *, out=None):
    """Take the sign and the logarithm of the absolute value of determinants.

    Example:
        >>> lampas.linalg.slogdet(lampas.tensor([[-1.0]]))
        torch.return_types.linalg_slogdet(
        sign=tensor(-1.),
        logabsdet=tensor(0.))
    """
    from lampas.return_types import linalg_slogdet

    check_square(A, "linalg.slogdet")
    return written(linalg_slogdet(_slogdet_op(A)), out)


def logdet(input):
    """Take the logarithm of determinants; NaN where one is negative.

    Example:
        >>> lampas.logdet(lampas.tensor([[1.0]]))
        tensor(0.)
    """
    check_square(input, "logdet")
    sign, logarithm = _slogdet_op(input)
    if input.is_complex():
        return logarithm + sign.log()
    return _core.where(sign == -1.0, _core.full((), float("nan"), dtype=input.dtype), logarithm)


# ---- pseudo-inverses


def _pinv(A, tolerance, hermitian):
    """Take pseudo-inverses; singular values up to `tolerance` count as zero."""
    import numpy as np

    array, limit = array_of(A), array_of(tolerance)
    if hermitian:
        values, vectors = np.linalg.eigh(array)
        U, S, Vh = vectors, values, np.swapaxes(vectors, -1, -2).conj()
    else:
        U, S, Vh = np.linalg.svd(array, full_matrices=False)
    kept = np.abs(S) > limit[..., None]
    inverted = np.where(kept, 1 / np.where(kept, S, 1), 0)
    result = (np.swapaxes(Vh, -1, -2).conj() * inverted[..., None, :]) @ np.swapaxes(U, -1, -2).conj()
    return tensor_of(result, A.dtype, A.device)


def _keep_pinv(ctx, inputs, output):
    ctx.save_for_backward(inputs[0], output)


def _pinv_backward(ctx, grad):
    A, P = ctx.saved_tensors
    rows, columns = A.shape[-2:]
    if rows <= columns:
        K = grad.mH @ P
        KP = K @ P.mH
        result = -((P @ K).mH) + KP - (A @ P) @ KP + (P.mH @ P) @ (grad.mH - K @ A)
    else:
        K = P @ grad.mH
        PK = P.mH @ K
        result = -((K @ P).mH) + (grad.mH - A @ K) @ P @ P.mH + PK - (PK @ P) @ A
    return result, None, None


_pinv_op = define(
    "_linalg_pinv(Tensor A, Tensor tolerance, bool hermitian) -> Tensor",
    _pinv,
    _keep_pinv,
    _pinv_backward,
    "LinalgPinvBackward0",
)


def _tolerance(A, atol, rtol, hermitian):
    """The size up to which a singular value counts as zero: max(atol, rtol * the largest one)."""
    with _core_no_grad():
        if min(A.shape[-2:]) == 0:
            largest = A.real.new_zeros(A.shape[:-2]) if A.is_complex() else A.new_zeros(A.shape[:-2])
        else:
            values = eigh(A).eigenvalues.abs() if hermitian else svdvals(A)
            largest = values.amax(-1)
        epsilon = 1.1920928955078125e-07 if largest.dtype == _core.float32 else 2.220446049250313e-16
        if rtol is None:
            is_given = (atol > 0) if isinstance(atol, _core.Tensor) else atol is not None and atol > 0
            standard = epsilon * max(A.shape[-2:])
            if isinstance(is_given, _core.Tensor):
                rtol = _core.where(is_given, _core.zeros(()), _core.full((), standard)).to(largest.dtype)
            else:
                rtol = 0.0 if is_given else standard
        relative = largest * rtol
        absolute = atol if isinstance(atol, _core.Tensor) else largest.new_full((), atol or 0.0)
        return _core.maximum(relative, absolute.to(relative.dtype))


def _core_no_grad():
    from lampas.autograd.grad_mode import no_grad

    return no_grad()


def pinv(A, rcond=None, hermitian=False, *, atol=None, rtol=None, out=None):
    """Take the pseudo-inverses of matrices.

    Args:
        A (Tensor): (…, m, n).
        atol, rtol: singular values up to max(atol, rtol * the largest) count as zero. By default rtol is
            max(m, n) times the precision of the dtype, or 0 where `atol` is given.
        hermitian (bool): whether A is Hermitian, which is then used.

    Example:
        >>> lampas.linalg.pinv(lampas.tensor([[2.0], [0.0]]))
        tensor([[0.5000, 0.0000]])
    """
    check_matrix(A, "linalg.pinv")
    if hermitian:
        check_square(A, "linalg.pinv")
    rtol = rcond if rtol is None else rtol
    if A.numel() == 0:
        return written(A.mT.clone(), out)
    return written(_pinv_op(A, _tolerance(A, atol, rtol, hermitian), hermitian), out)


def matrix_rank(A, tol=None, hermitian=False, *, atol=None, rtol=None, out=None):
    """Count the singular values of matrices that do not count as zero.

    Args:
        A (Tensor): (…, m, n).
        tol, atol, rtol, hermitian: as for `pinv`; `tol` is the former name of an absolute tolerance.

    Example:
        >>> lampas.linalg.matrix_rank(lampas.tensor([[1.0, 0.0], [0.0, 0.0]]))
        tensor(1)
    """
    check_matrix(A, "linalg.matrix_rank")
    if hermitian:
        check_square(A, "linalg.matrix_rank")
    if tol is not None:
        atol, rtol = tol, 0.0
    if A.numel() == 0:
        return written(_core.zeros(A.shape[:-2], dtype=_core.int64, device=A.device), out)
    values = eigh(A).eigenvalues.abs() if hermitian else svdvals(A)
    limit = _tolerance(A, atol, rtol, hermitian).unsqueeze(-1)
    return written((values.detach() > limit).sum(-1), out)


def lstsq(A, B, rcond=None, *, driver=None):
    """Find X that makes the norm of A X - B least.

    Args:
        A (Tensor): (…, m, n).
        B (Tensor): (…, m, k), or vectors (…, m).
        rcond (float): singular values up to rcond times the largest count as zero.
        driver (str): "gelsy", "gels", "gelsd" or "gelss": a choice of algorithm, of which there is one here.

    Returns (solution, residuals, rank, singular_values). Residuals are there where m > n and A has full rank.

    Example:
        >>> lampas.linalg.lstsq(lampas.tensor([[1.0], [0.0]]), lampas.tensor([[3.0], [4.0]])).solution
        tensor([[3.]])
    """
    from lampas.return_types import linalg_lstsq

    check_matrix(A, "torch.linalg.lstsq", "input")
    if B.dtype != A.dtype:
        raise RuntimeError(
            "torch.linalg.lstsq: Expected input and other to have the same dtype, but got input's dtype "
            f"{scalar_type(A)} and other's dtype {scalar_type(B)}"
        )
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(
            "torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss), but "
            f"got {driver}"
        )
    is_vector = B.dim() == A.dim() - 1
    right = B.unsqueeze(-1) if is_vector else B
    if right.shape[-2] != A.shape[-2]:
        raise RuntimeError("torch.linalg.lstsq: input.size(-2) should match other.size(-2)")
    rows, columns = A.shape[-2:]
    solution = pinv(A, rtol=rcond) @ right
    with _core_no_grad():
        nothing = A.new_empty(0)
        rank = _core.empty(0, dtype=_core.int64) if driver == "gels" else matrix_rank(A, rtol=rcond)
        values = svdvals(A) if driver in ("gelsd", "gelss") else nothing
    residuals = nothing
    if rows > columns and driver != "gelsy" and (driver == "gels" or bool((rank == columns).all())):
        difference = A @ solution - right
        residuals = (difference * difference.conj()).sum(-2)
        residuals = residuals.real if residuals.is_complex() else residuals
    return linalg_lstsq((solution.squeeze(-1) if is_vector else solution, residuals, rank, values))


def tensorinv(A, ind=2, *, out=None):
    """Invert a tensor seen as a matrix: its first `ind` dims as rows, the rest as columns.

    Example:
        >>> lampas.linalg.tensorinv(lampas.eye(4).reshape(4, 2, 2), ind=1).shape
        torch.Size([2, 2, 4])
    """
    if ind <= 0:
        raise RuntimeError("Expected a strictly positive integer for 'ind'")
    rows, columns = A.shape[:ind], A.shape[ind:]
    count = columns.numel()
    if rows.numel() != count:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), "
            f"but got {count} != {rows.numel()}"
        )
    return written(inv(A.reshape(rows.numel(), count)).reshape((*columns, *rows)), out)


def tensorsolve(A, B, dims=None, *, out=None):
    """Solve for X whose product with A over all of X's dims is B.

    Example:
        >>> lampas.linalg.tensorsolve(2 * lampas.eye(4).reshape(2, 2, 4), lampas.ones(2, 2))
        tensor([0.5000, 0.5000, 0.5000, 0.5000])
    """
    if dims is not None:
        A = A.movedim(tuple(dims), tuple(range(A.dim() - len(dims), A.dim())))
    shape = A.shape[B.dim() :]
    if shape.numel() != B.numel():
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == "
            f"prod(self.shape[:other.ndim]), but got {shape.numel()} != {B.numel()}"
        )
    return written(solve(A.reshape(B.numel(), B.numel()), B.reshape(-1)).reshape(shape), out)
