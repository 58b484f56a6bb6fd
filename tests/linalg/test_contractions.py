"""einsum, tensordot and what differences of neighbours are made of, beside NumPy's."""

import numpy as np
import pytest

import lampas
from lampas.autograd import gradcheck

RANDOM = np.random.default_rng(0)
EQUATIONS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)),
    ("ii", (3, 3)),
    ("ii->i", (3, 3)),
    ("ij->ji", (2, 3)),
    ("ij->", (2, 3)),
    ("i,j->ij", (2,), (3,)),
    ("...ij,...jk->...ik", (2, 1, 3, 4), (5, 4, 2)),
    ("...i,i->...", (2, 3), (3,)),
    ("ba,b,c", (2, 3), (2,), (4,)),
    ("abc,cd,be->ade", (2, 3, 4), (4, 5), (3, 6)),
    ("ij,ij,ij->i", (2, 3), (2, 3), (2, 3)),
    (" a b , b -> a ", (2, 3), (3,)),
]


@pytest.mark.parametrize(("equation", "shapes"), [(each[0], each[1:]) for each in EQUATIONS], ids=str)
def test_einsum_gives_what_numpy_gives(equation, shapes):
    arrays = [RANDOM.standard_normal(shape) for shape in shapes]
    operands = [lampas.tensor(array, requires_grad=True) for array in arrays]
    assert np.allclose(
        lampas.einsum(equation, *operands).detach().numpy(), np.einsum(equation.replace(" ", ""), *arrays)
    )
    assert gradcheck(lambda *tensors: lampas.einsum(equation, *tensors), operands)
    batch = [lampas.stack([operand, 2 * operand]).detach() for operand in operands]
    expected = lampas.stack([lampas.einsum(equation, *(each[i] for each in batch)) for i in (0, 1)])
    assert lampas.allclose(lampas.vmap(lambda *tensors: lampas.einsum(equation, *tensors))(*batch), expected)


def test_einsum_takes_lists_of_numbers():
    a, b = lampas.rand(2, 3), lampas.rand(3, 4)
    assert lampas.allclose(lampas.einsum(a, [0, 1], b, [1, 2], [0, 2]), a @ b)
    assert lampas.allclose(lampas.einsum(a, [..., 0], b, [0, 1]), a @ b)


@pytest.mark.parametrize(
    ("equation", "shapes", "message"),
    [
        ("ij,jk->ik", [(2, 3)], "fewer operands were provided"),
        ("ij->i", [(2, 3), (3, 4)], "more operands were provided"),
        ("ij,jk->ik", [(2, 3), (4, 5)], "does not broadcast"),
        ("ijk->i", [(2, 3)], "number of subscripts"),
        ("ij->ik", [(2, 3)], "does not appear in the equation"),
        ("ij->ii", [(2, 3)], "appears more than once"),
        ("ii->i", [(2, 3)], "is repeated for operand 0 but the sizes don't match"),
        ("i1->i", [(2, 3)], "subscripts must be in"),
    ],
)
def test_wrong_equations_are_refused(equation, shapes, message):
    with pytest.raises(RuntimeError, match=message):
        lampas.einsum(equation, *(lampas.zeros(shape) for shape in shapes))


@pytest.mark.parametrize("dims", [0, 1, 2, ([0, 2], [1, 0]), ([], [])], ids=str)
def test_tensordot_gives_what_numpy_gives(dims):
    a, b = RANDOM.standard_normal((2, 3, 3)), RANDOM.standard_normal((3, 2, 3))
    b = b if isinstance(dims, tuple) else RANDOM.standard_normal((3, 3, 2))
    found = lampas.tensordot(lampas.tensor(a), lampas.tensor(b), dims)
    assert np.allclose(found.numpy(), np.tensordot(a, b, dims))
    with pytest.raises(RuntimeError, match="contracted dimensions need to match"):
        lampas.tensordot(lampas.zeros(2, 3), lampas.zeros(2, 4), 1)


def test_differences_and_integrals():
    values, places = RANDOM.standard_normal((3, 6)), np.sort(RANDOM.standard_normal(6))
    tensor, at = lampas.tensor(values), lampas.tensor(places)
    assert np.allclose(lampas.diff(tensor, 2).numpy(), np.diff(values, 2))
    assert np.allclose(
        lampas.diff(tensor, prepend=tensor[:, :1]).numpy(), np.diff(values, prepend=values[:, :1])
    )
    assert np.allclose(lampas.trapezoid(tensor, at).numpy(), np.trapezoid(values, places))
    assert np.allclose(lampas.trapezoid(tensor, dx=0.5, dim=0).numpy(), np.trapezoid(values, dx=0.5, axis=0))
    total = lampas.cumulative_trapezoid(tensor, at)[:, -1]
    assert lampas.allclose(total, lampas.trapezoid(tensor, at))
    for order in (1, 2):
        expected = np.gradient(values, places, axis=1, edge_order=order)
        assert np.allclose(lampas.gradient(tensor, spacing=at, dim=1, edge_order=order)[0].numpy(), expected)
        for found, wanted in zip(
            lampas.gradient(tensor, edge_order=order), np.gradient(values, edge_order=order), strict=True
        ):
            assert np.allclose(found.numpy(), wanted)


def test_distances_and_covariances():
    values = RANDOM.standard_normal((4, 3))
    tensor = lampas.tensor(values, requires_grad=True)
    expected = np.linalg.norm(values[:, None] - values[None], axis=-1)
    assert np.allclose(lampas.cdist(tensor, tensor).detach().numpy(), expected)
    assert np.allclose(lampas.pdist(tensor).detach().numpy(), expected[np.triu_indices(4, 1)])
    assert gradcheck(lambda x: lampas.cdist(x, 2 * x[:2] + 1, 3.0), (tensor,)) and gradcheck(
        lampas.pdist, (tensor,)
    )
    assert np.allclose(lampas.cov(tensor).detach().numpy(), np.cov(values))
    often, weights = np.array([1, 2, 1]), np.array([0.5, 1.0, 2.0])
    found = lampas.cov(tensor, fweights=lampas.tensor(often), aweights=lampas.tensor(weights))
    assert np.allclose(found.detach().numpy(), np.cov(values, fweights=often, aweights=weights))
    assert np.allclose(lampas.corrcoef(tensor).detach().numpy(), np.corrcoef(values))
    assert gradcheck(lampas.corrcoef, (tensor,))
    assert np.allclose(lampas.vander(tensor[0], 4).detach().numpy(), np.vander(values[0], 4))
    assert lampas.dist(tensor, tensor + 2, 1).item() == pytest.approx(24)


def test_a_chain_of_matrices():
    parts = [lampas.rand(2, 3), lampas.rand(3, 4), lampas.rand(4, 2)]
    assert lampas.allclose(lampas.chain_matmul(*parts), parts[0] @ parts[1] @ parts[2])
