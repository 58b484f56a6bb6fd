"""Linear algebra under the names that PyTorch has at its top level and as methods of Tensor."""

from lampas import _core
from lampas.arrays import array_of, tensor_of
from lampas.dtype_names import scalar_type
from lampas.linalg import factorizations, spectra, systems
from lampas.linalg.factorizations import lu_unpack  # noqa: F401
from lampas.linalg.matrices import SUPPORTED, check_matrix, check_square, define, written
from lampas.linalg.powers import householder_product, multi_dot, reflected
from lampas.linalg.powers import matrix_exp as _matrix_exp
from lampas.linalg.powers import matrix_power as _matrix_power
from lampas.linalg.systems import logdet  # noqa: F401


def det(input):
    """Take the determinants of square matrices, as `linalg.det` does."""
    return systems.det(input)


def slogdet(input, *, out=None):
    """Take sign and logarithm of determinants, as `linalg.slogdet` does."""
    from lampas.return_types import slogdet as named

    return written(named(systems.slogdet(input)), out)


def inverse(input, *, out=None):
    """Invert square matrices, as `linalg.inv` does."""
    return systems.inv(input, out=out)


def matrix_exp(input):
    """Take the exponentials of square matrices, as `linalg.matrix_exp` does."""
    return _matrix_exp(input)


def matrix_power(input, n, *, out=None):
    """Multiply square matrices n times, as `linalg.matrix_power` does."""
    return _matrix_power(input, n, out=out)


def pinverse(input, rcond=1e-15):
    """Take pseudo-inverses, as `linalg.pinv` does; singular values up to rcond times the largest are zero."""
    return systems.pinv(input, rtol=rcond)


def cholesky(input, upper=False, *, out=None):
    """Factor positive definite matrices, as `linalg.cholesky` does.

    Example:
        >>> lampas.cholesky(lampas.tensor([[4.0]]))
        tensor([[2.]])
    """
    check_square(input, "cholesky")
    return written(factorizations.cholesky(input, upper=upper), out)


def _cholesky_solve(input, L, upper):
    """Solve A X = input, given the Cholesky factor of A."""
    lower, raised = (L.mH, L) if upper else (L, L.mH)
    half = factorizations.solve_triangular(lower, input, upper=False)
    return factorizations.solve_triangular(raised, half, upper=True)


def _keep_cholesky_solution(ctx, inputs, output):
    ctx.upper = inputs[2]
    ctx.save_for_backward(inputs[1], output)


def _gradient_of_factor(L, of_A, upper):
    """The gradient of A = L L^H, as PyTorch has it: for all of L, with the triangle that is not looked at."""
    both = of_A + of_A.mH
    return L @ both if upper else both @ L


def _cholesky_solve_backward(ctx, grad):
    L, X = ctx.saved_tensors
    of_input = cholesky_solve(grad, L, ctx.upper)
    return of_input, _gradient_of_factor(L, -(of_input @ X.mH), ctx.upper), None


_cholesky_solve_op = define(
    "_linalg_cholesky_solve(Tensor input, Tensor L, bool upper) -> Tensor",
    _cholesky_solve,
    _keep_cholesky_solution,
    _cholesky_solve_backward,
    "CholeskySolveBackward0",
)


def cholesky_solve(input, L, upper=False, *, out=None):
    """Solve A X = input, given the Cholesky factor of A.

    Args:
        input (Tensor): (…, n, k).
        L (Tensor): (…, n, n), the factor; U = L^H where `upper`.

    Example:
        >>> lampas.cholesky_solve(lampas.tensor([[8.0]]), lampas.tensor([[2.0]]))
        tensor([[2.]])
    """
    if input.dim() < 2:
        raise RuntimeError(f"b should have at least 2 dimensions, but has {input.dim()} dimensions instead")
    if L.dim() < 2:
        raise RuntimeError(f"u should have at least 2 dimensions, but has {L.dim()} dimensions instead")
    return written(_cholesky_solve_op(input, L, upper), out)


def _cholesky_inverse(L, upper):
    """Invert A, given its Cholesky factor."""
    unit = _core.eye(L.shape[-1], dtype=L.dtype, device=L.device).expand(L.shape)
    return _cholesky_solve(unit, L, upper)


def _keep_cholesky_inverse(ctx, inputs, output):
    ctx.upper = inputs[1]
    ctx.save_for_backward(inputs[0], output)


def _cholesky_inverse_backward(ctx, grad):
    L, inverse = ctx.saved_tensors
    return _gradient_of_factor(L, -(inverse @ grad @ inverse), ctx.upper), None


_cholesky_inverse_op = define(
    "_linalg_cholesky_inverse(Tensor L, bool upper) -> Tensor",
    _cholesky_inverse,
    _keep_cholesky_inverse,
    _cholesky_inverse_backward,
    "CholeskyInverseBackward0",
)


def cholesky_inverse(L, upper=False, *, out=None):
    """Invert A, given its Cholesky factor.

    Example:
        >>> lampas.cholesky_inverse(lampas.tensor([[2.0]]))
        tensor([[0.2500]])
    """
    check_square(L, "cholesky_inverse")
    return written(_cholesky_inverse_op(L, upper), out)


def triangular_solve(input, A, upper=True, transpose=False, unitriangular=False, *, out=None):
    """Solve A X = input for triangular A; `linalg.solve_triangular` has the arguments the other way round.

    Returns (solution, a copy of A).

    Example:
        >>> lampas.triangular_solve(lampas.tensor([[4.0]]), lampas.tensor([[2.0]])).solution
        tensor([[2.]])
    """
    from lampas.return_types import triangular_solve as named

    if input.dim() < 2:
        raise RuntimeError(
            "torch.triangular_solve: Expected b to have at least 2 dimensions, but it has "
            f"{input.dim()} dimensions instead"
        )
    if A.dim() < 2:
        raise RuntimeError(
            "torch.triangular_solve: Expected A to have at least 2 dimensions, but it has "
            f"{A.dim()} dimensions instead"
        )
    matrix = A.mT if transpose else A
    solution = factorizations.solve_triangular(
        matrix, input, upper=upper != transpose, unitriangular=unitriangular
    )
    lead = solution.shape[:-2]
    return written(named((solution, A.expand(*lead, *A.shape[-2:]).clone())), out)


def qr(input, some=True, *, out=None):
    """Factor matrices as Q R, as `linalg.qr` does; `some` is its mode "reduced", else "complete".

    Example:
        >>> lampas.qr(lampas.tensor([[3.0], [4.0]])).R.abs()
        tensor([[5.]])
    """
    from lampas.return_types import qr as named

    check_matrix(input, "qr", "input")
    return written(named(factorizations.qr(input, "reduced" if some else "complete")), out)


def svd(input, some=True, compute_uv=True, *, out=None):
    """Factor matrices as U diag(S) V^H, giving V; `linalg.svd` gives V^H.

    Args:
        some (bool): whether U and V have min(m, n) columns only.
        compute_uv (bool): whether U and V are computed; else they are zeros.

    Example:
        >>> lampas.svd(lampas.tensor([[3.0, 0.0], [0.0, 4.0]])).S
        tensor([4., 3.])
    """
    from lampas.return_types import svd as named

    check_matrix(input, "linalg.svd")
    if compute_uv:
        U, S, Vh = spectra.svd(input, full_matrices=not some)
        return written(named((U, S, Vh.mH)), out)
    rows, columns = input.shape[-2:]
    S = spectra.svdvals(input)
    zeros = [input.new_zeros((*input.shape[:-2], size, size)) for size in (rows, columns)]
    return written(named((zeros[0], S, zeros[1])), out)


def lu(input, pivot=True, get_infos=False, out=None):
    """Factor matrices as P L U, with L and U in one matrix; `linalg.lu` gives them apart.

    Returns (LU, pivots), and the infos of `linalg.lu_factor_ex` where `get_infos`.
    """
    factors, pivots, infos = factorizations.lu_factor_ex(input, pivot=pivot, check_errors=not get_infos)
    results = (factors, pivots, infos) if get_infos else (factors, pivots)
    if out is None:
        return results
    return tuple(_core._into(result, out=target) for result, target in zip(results, out, strict=True))


def lu_solve(b, LU_data, LU_pivots, *, out=None):
    """Solve A X = b with the factors of A; `linalg.lu_solve` has the arguments in another order."""
    return factorizations.lu_solve(LU_data, LU_pivots, b, out=out)


def geqrf(input, *, out=None):
    """Factor matrices as Q R, Q as reflections: R in the upper triangle, vectors below, and their factors.

    Returns (a, tau), which `linalg.householder_product` and `ormqr` take.
    """
    import numpy as np

    from lampas.return_types import geqrf as named

    if input.dim() < 2:
        raise RuntimeError("torch.geqrf: input must have at least 2 dimensions.")
    if input.requires_grad and _core.is_grad_enabled():
        raise RuntimeError("the derivative for 'geqrf' is not implemented.")
    if input.dtype not in SUPPORTED:
        raise NotImplementedError(f"\"geqrf_cpu\" not implemented for '{scalar_type(input)}'")
    array = array_of(input)
    if array.size:
        vectors, factors = np.linalg.qr(array, "raw")
    else:
        lead, size = array.shape[:-2], min(array.shape[-2:])
        vectors, factors = np.zeros((*lead, *array.shape[:-3:-1])), np.zeros((*lead, size))
    result = tensor_of(np.swapaxes(vectors, -1, -2), input.dtype, input.device)
    return written(named((result, tensor_of(factors, input.dtype, input.device))), out)


def orgqr(input, tau, *, out=None):
    """Multiply reflections, as `linalg.householder_product` does."""
    return householder_product(input, tau, out=out)


def ormqr(input, tau, other, left=True, transpose=False, *, out=None):
    """Multiply a matrix by the product Q of reflections, in full size.

    Args:
        input, tau: as `geqrf` gives them.
        other (Tensor): the matrix.
        left (bool): whether Q stands on the left.
        transpose (bool): whether to take Q^H instead.
    """
    if input.dim() < 2 or other.dim() < 2:
        raise RuntimeError("torch.ormqr: input and other must have at least 2 dimensions.")
    count = tau.shape[-1]
    if other.shape[-2 if left else -1] != input.shape[-2] or count > input.shape[-1]:
        raise RuntimeError("torch.ormqr: the shapes of input, tau and other do not fit")
    # Q = H1 H2 …; on the right, other Q = (Q^H other^H)^H, with conjugated factors in the other order.
    forwards = transpose == left
    factors = tau.conj() if transpose == left else tau
    target = other if left else other.mH
    order = range(count) if forwards else reversed(range(count))
    result = reflected(input, factors, target, order)
    return written(result if left else result.mH, out)


def chain_matmul(*matrices, out=None):
    """Multiply matrices in the order that takes the fewest multiplications, as `linalg.multi_dot` does.

    Example:
        >>> lampas.chain_matmul(lampas.ones(2, 3), lampas.ones(3, 1)).shape
        torch.Size([2, 1])
    """
    if len(matrices) == 1 and isinstance(matrices[0], (list, tuple)):
        matrices = matrices[0]
    if len(matrices) == 1:
        return matrices[0]
    return multi_dot(matrices, out=out)
