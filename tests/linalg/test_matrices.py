"""lampas.linalg: factors multiply to the matrix, solutions solve, derivatives are those of the values."""

import numpy as np
import pytest

import lampas
from lampas import linalg
from lampas.autograd import gradcheck, gradgradcheck


def matrix(*shape, seed=0):
    values = np.random.default_rng(seed).standard_normal(shape)
    return lampas.tensor(values, requires_grad=True)


def definite(*shape):
    values = matrix(*shape).detach()
    return (values @ values.mT + 2 * lampas.eye(shape[-1], dtype=lampas.float64)).requires_grad_()


def close(left, right):
    return lampas.allclose(left, lampas.as_tensor(right), 1e-9, 1e-9)


@pytest.mark.parametrize("shape", [(3, 3), (2, 4, 3), (2, 3, 4), (0, 2, 2), (3, 0)], ids=str)
def test_factors_multiply_to_the_matrix(shape):
    A = matrix(*shape).detach()
    P, L, U = linalg.lu(A)
    assert close(P @ L @ U, A) and L.equal(L.tril()) and U.equal(U.triu())
    Q, R = linalg.qr(A)
    assert close(Q @ R, A) and close(
        Q.mT @ Q, lampas.eye(Q.shape[-1], dtype=A.dtype).expand(Q.mT.shape[:-1] + Q.shape[-1:])
    )
    U, S, Vh = linalg.svd(A, full_matrices=False)
    assert close(U * S.unsqueeze(-2) @ Vh, A) and bool((S.diff() <= 0).all())
    P, L, U = lampas.lu_unpack(*linalg.lu_factor(A))
    assert close(P @ L @ U, A)


def test_spectra():
    A, H = matrix(2, 4, 4).detach(), definite(2, 4, 4).detach()
    values, vectors = linalg.eigh(H)
    assert close(vectors * values.unsqueeze(-2) @ vectors.mT, H) and close(linalg.eigvalsh(H), values)
    values, vectors = linalg.eig(A)
    assert close(A.to(vectors.dtype) @ vectors, vectors * values.unsqueeze(-2))
    assert linalg.eig(A.float()).eigenvalues.dtype == lampas.complex64
    L = linalg.cholesky(H)
    assert close(L @ L.mT, H) and close(linalg.cholesky(H, upper=True), L.mT)


def test_solutions_and_inverses():
    A, B = matrix(2, 3, 3).detach(), matrix(2, 3, 2, seed=1).detach()
    assert close(A @ linalg.solve(A, B), B) and close(linalg.solve(A, B.mT, left=False) @ A, B.mT)
    assert close(linalg.solve(A, B[..., 0]), linalg.solve(A, B)[..., 0])
    assert close(linalg.inv(A) @ A, lampas.eye(3, dtype=A.dtype).expand(2, 3, 3))
    upper = A.triu()
    assert close(upper @ linalg.solve_triangular(upper, B, upper=True), B)
    unit = A.tril(-1) + lampas.eye(3, dtype=A.dtype)
    assert close(unit @ linalg.solve_triangular(A, B, upper=False, unitriangular=True), B)
    factors = linalg.lu_factor(A)
    for left in (True, False):
        for adjoint in (True, False):
            right = B if left else B.mT
            X = linalg.lu_solve(*factors, right, left=left, adjoint=adjoint)
            C = A.mT if adjoint else A
            assert close(C @ X if left else X @ C, right)
    tall, right = matrix(5, 2).detach(), matrix(5, 1, seed=1).detach()
    expected, residuals, rank, _ = np.linalg.lstsq(tall.numpy(), right.numpy(), None)
    found = linalg.lstsq(tall, right)
    assert close(found.solution, expected) and close(found.residuals, residuals) and found.rank == rank
    assert close(linalg.pinv(tall), np.linalg.pinv(tall.numpy()))


def test_numbers_of_matrices():
    A = matrix(2, 3, 3).detach()
    assert close(linalg.det(A), np.linalg.det(A.numpy()))
    assert close(linalg.slogdet(A).logabsdet, np.linalg.slogdet(A.numpy())[1])
    assert close(linalg.cond(A), np.linalg.cond(A.numpy()))
    assert linalg.matrix_rank(lampas.ones(2, 3, 3)).tolist() == [1, 1]
    for order in ("fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf):
        assert close(linalg.matrix_norm(A, order), np.linalg.norm(A.numpy(), order, (-2, -1))), order
    assert close(
        linalg.matrix_exp(lampas.tensor([[0.0, 1.0], [-1.0, 0.0]], dtype=A.dtype) * 2)[0],
        np.array([np.cos(2), np.sin(2)]),
    )
    assert close(linalg.matrix_power(A, 5), np.linalg.matrix_power(A.numpy(), 5))
    assert close(linalg.matrix_power(A, -2), np.linalg.matrix_power(A.numpy(), -2))
    parts = [matrix(2, 3), matrix(3, 5), matrix(5, 1), matrix(1, 4)]
    assert close(linalg.multi_dot(parts), np.linalg.multi_dot([part.detach().numpy() for part in parts]))
    reflections, factors = lampas.geqrf(A)
    Q = linalg.householder_product(reflections, factors)
    assert close(Q @ reflections.triu(), A)
    assert close(lampas.ormqr(reflections, factors, A), Q @ A)
    assert close(lampas.ormqr(reflections, factors, A, left=False, transpose=True), A @ Q.mT)


def indefinite(*shape, hermitian=False, seed=0):
    """Matrices whose diagonals are small, so that pivots of two rows are needed."""
    A = matrix(*shape, seed=seed).detach()
    if hermitian:
        A = lampas.complex(A, matrix(*shape, seed=seed + 1).detach())
    return A + A.mH - 2 * lampas.diag_embed(A.diagonal(0, -2, -1).real).to(A.dtype)


@pytest.mark.parametrize("hermitian", [False, True])
def test_ldl_solves_indefinite_systems(hermitian):
    A, B = indefinite(2, 3, 6, 6, hermitian=hermitian), matrix(3, 6, 2, seed=3).detach()
    B = B.to(A.dtype)
    LD, pivots, info = linalg.ldl_factor_ex(A.tril(), hermitian=hermitian)
    assert bool((pivots < 0).any()) and not bool(info.any()) and LD.equal(LD.tril())
    assert close(A @ linalg.ldl_solve(LD, pivots, B, hermitian=hermitian), B.expand(2, 3, 6, 2))


def test_ldl_of_complex_symmetric_matrices_does_not_conjugate():
    A = indefinite(5, 5, hermitian=True)
    A = A + A.mT  # symmetric, not Hermitian
    A[0, 1] = A[1, 0] = 3j
    B = lampas.ones(5, 1, dtype=A.dtype)
    assert close(A @ linalg.ldl_solve(*linalg.ldl_factor(A), B), B)


def test_ldl_says_where_it_is_singular_and_has_no_derivative():
    assert linalg.ldl_factor_ex(lampas.zeros(2, 2)).info == 1
    with pytest.raises(linalg.LinAlgError, match="the block of D at 1 is zero"):
        linalg.ldl_factor(lampas.zeros(2, 2))
    with pytest.raises(NotImplementedError, match="not implemented"):
        linalg.ldl_factor(definite(3, 3)).LD.sum().backward()
    with pytest.raises(RuntimeError, match="pivots must name rows"):
        linalg.ldl_solve(lampas.eye(2), lampas.tensor([1, 9], dtype=lampas.int32), lampas.ones(2, 1))


@pytest.mark.parametrize("shape", [(9, 5), (2, 4, 8)], ids=str)
def test_a_low_rank_is_found(shape):
    A = matrix(*shape[:-1], 2).detach() @ matrix(*shape[:-2], 2, shape[-1], seed=1).detach()
    U, S, V = lampas.svd_lowrank(A, 3)
    assert close(U * S.unsqueeze(-2) @ V.mH, A) and close(S[..., :2], linalg.svdvals(A)[..., :2])
    U, S, V = lampas.pca_lowrank(A)
    centred = A - A.mean(-2, True)
    assert close(U * S.unsqueeze(-2) @ V.mH, centred)
    with pytest.raises(ValueError, match="must be non-negative integer and not greater than"):
        lampas.pca_lowrank(A, 100)


def test_the_nuclear_norm_has_its_name_at_the_top():
    A = matrix(2, 3, 3).detach()
    assert close(lampas.norm(A, "nuc", (1, 2)), np.linalg.norm(A.numpy(), "nuc", (1, 2)))
    assert lampas.norm(A[0], "nuc", keepdim=True).shape == (1, 1)
    with pytest.raises(RuntimeError, match="must be a 2-tuple"):
        lampas.norm(A, "nuc")
    with pytest.raises(RuntimeError, match="Order abc not supported"):
        lampas.norm(A[0], "abc")


def test_the_gradient_of_a_cholesky_factor_fills_both_triangles():
    # As in PyTorch: with G of A^-1, the factor's is -(A^-1 (G + G^H) A^-1) L in full.
    L = linalg.cholesky(definite(3, 3)).detach().requires_grad_()
    inverse, G = linalg.inv((L @ L.mT).detach()), matrix(3, 3, seed=2).detach()
    (lampas.cholesky_inverse(L) * G).sum().backward()
    expected = -(inverse @ (G + G.mT) @ inverse) @ L.detach()
    assert close(L.grad, expected) and bool((L.grad.triu(1) != 0).any())
    B, of_L = matrix(3, 3, seed=4), L.grad
    L.grad = None
    (lampas.cholesky_solve(lampas.eye(3, dtype=L.dtype), L) * G).sum().backward()
    assert close(L.grad, of_L)
    assert gradcheck(lambda B: lampas.cholesky_solve(B, L.detach(), upper=False), (B,))


# What is checked does not change with the signs of vectors.
DIFFERENTIABLE = {
    "cholesky": (lambda A: linalg.cholesky((A + A.mT) / 2), definite(2, 3, 3)),
    "lu": (lambda A: linalg.lu(A)[1:], matrix(2, 3, 3)),
    "wide lu": (lambda A: linalg.lu(A)[1:], matrix(2, 4)),
    "tall lu": (lambda A: linalg.lu_factor(A)[0], matrix(4, 2)),
    "qr": (linalg.qr, matrix(4, 3)),
    "wide qr": (linalg.qr, matrix(2, 3)),
    "eigh": (lambda A: (lambda r: (r[0], r[1].abs()))(linalg.eigh((A + A.mT) / 2)), matrix(3, 3)),
    "eigvals": (lambda A: linalg.eigvals(A).abs(), matrix(3, 3)),
    "eig": (lambda A: linalg.eig(A)[1].abs(), matrix(3, 3)),
    "svdvals": (linalg.svdvals, matrix(2, 3)),
    "svd": (lambda A: (lambda r: (r[0].abs(), r[1], r[2].abs()))(linalg.svd(A, False)), matrix(4, 2)),
    "inv": (linalg.inv, matrix(2, 3, 3)),
    "cholesky_inverse": (lambda A: lampas.cholesky_inverse(A.tril()).tril(), definite(3, 3)),
    "det": (linalg.det, matrix(2, 3, 3)),
    "slogdet": (lambda A: linalg.slogdet(A)[1], matrix(3, 3)),
    "pinv": (linalg.pinv, matrix(4, 3)),
    "wide pinv": (linalg.pinv, matrix(2, 3)),
    "matrix_exp": (linalg.matrix_exp, matrix(2, 3, 3)),
    "matrix_power": (lambda A: linalg.matrix_power(A, -2), matrix(3, 3)),
    "nuclear norm": (lambda A: linalg.matrix_norm(A, "nuc"), matrix(3, 2)),
    "cond": (linalg.cond, matrix(3, 3)),
    "lstsq": (lambda A: linalg.lstsq(A, matrix(4, 1, seed=3).detach()).solution, matrix(4, 2)),
}


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_derivatives(name):
    function, A = DIFFERENTIABLE[name]
    assert gradcheck(function, (A,))
    if name not in ("svd", "eig", "eigh", "cond"):  # their second derivatives divide by small differences
        assert gradgradcheck(function, (A,))


@pytest.mark.parametrize("left", [True, False])
def test_derivatives_of_solutions(left):
    A, B = matrix(3, 3), matrix(*((3, 2) if left else (2, 3)), seed=1)
    assert gradcheck(lambda A, B: linalg.solve(A, B, left=left), (A, B))
    assert gradgradcheck(lambda A, B: linalg.solve(A, B, left=left), (A, B))
    assert gradcheck(lambda A, B: linalg.solve_triangular(A, B, upper=True, left=left), (A, B))
    assert gradcheck(
        lambda A, B: linalg.solve_triangular(A, B, upper=False, left=left, unitriangular=True), (A, B)
    )


def test_the_derivative_of_the_determinant_of_a_singular_matrix():
    A = lampas.tensor([[1.0, 2.0], [2.0, 4.0]], dtype=lampas.float64, requires_grad=True)
    linalg.det(A).backward()
    assert close(A.grad, np.array([[4.0, -2.0], [-2.0, 1.0]]))


@pytest.mark.parametrize("name", ["inv", "det", "matrix_exp", "svdvals", "pinv"])
def test_transforms(name):
    function, A = getattr(linalg, name), matrix(4, 3, 3).detach()
    each = lampas.stack([function(example) for example in A])
    assert close(lampas.vmap(function)(A), each)
    direction = matrix(3, 3, seed=5).detach()
    _, moved = lampas.func.jvp(function, (A[0],), (direction,))
    step = 1e-6
    estimate = (function(A[0] + step * direction) - function(A[0] - step * direction)) / (2 * step)
    assert lampas.allclose(moved, estimate, 1e-6, 1e-6)


def test_nodes_are_named_as_pytorch_names_them():
    A = matrix(3, 3)
    names = {
        "LinalgInvExBackward0": linalg.inv(A),
        "LinalgDetBackward0": linalg.det(A),
        "LinalgSvdBackward0": linalg.svd(A)[1],
        "LinalgQrBackward0": linalg.qr(A)[0],
        "LinalgSolveExBackward0": linalg.solve(A, A),
    }
    assert all(type(result.grad_fn).__name__ == name for name, result in names.items())


def test_out_is_written():
    A, out = matrix(3, 3).detach(), lampas.empty(0, dtype=lampas.float64)
    assert linalg.inv(A, out=out) is out and out.equal(linalg.inv(A))
    with pytest.raises(RuntimeError, match="can't be cast"):
        linalg.inv(A, out=lampas.empty(0, dtype=lampas.int64))


def test_methods_are_there():
    A = definite(3, 3).detach()
    assert close(A.det(), linalg.det(A)) and close(A.inverse() @ A, lampas.eye(3, dtype=A.dtype))
    assert close(A.logdet(), A.slogdet()[1]) and close(A.matrix_power(2), A @ A)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: linalg.inv(lampas.zeros(2, 2)), "the input matrix is singular"),
        (lambda: linalg.inv(lampas.zeros(3, 2, 2)), r"\(Batch element 0\)"),
        (lambda: linalg.inv(lampas.zeros(2, 3)), "batches of square matrices, but they are 2 by 3 matrices"),
        (lambda: linalg.inv(lampas.zeros(3)), "must have at least 2 dimensions"),
        (lambda: linalg.inv(lampas.eye(2, dtype=lampas.int64)), "Expected a floating point or complex"),
        (
            lambda: linalg.inv(lampas.eye(2, dtype=lampas.float16)),
            "Low precision dtypes not supported. Got Half",
        ),
        (lambda: linalg.cholesky(-lampas.eye(2)), "leading minor of order 1 is not positive-definite"),
        (lambda: linalg.solve(lampas.eye(2), lampas.ones(3, 1)), "Incompatible shapes of A and B"),
        (lambda: linalg.solve(lampas.zeros(2, 2), lampas.ones(2, 1)), "singular"),
        (lambda: linalg.eig(lampas.full((2, 2), float("nan"))), "infs or NaNs"),
        (lambda: linalg.qr(lampas.eye(2), "text"), "unrecognized mode"),
    ],
    ids=range(11),
)
def test_what_cannot_be_done_is_said(call, message):
    with pytest.raises(RuntimeError, match=message):
        call()
