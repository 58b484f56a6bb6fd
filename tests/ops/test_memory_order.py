"""Results of elementwise ops lie in memory in the order of dims of their inputs, as PyTorch's do."""

import pytest

import lampas


def tensor(*shape, order=None):
    """A tensor whose dims lie in memory in the given order, outermost first."""
    order = order or range(len(shape))
    made = lampas.ones([shape[dim] for dim in order])
    return made.permute([list(order).index(dim) for dim in range(len(shape))])


# (result, PyTorch's strides)
CASES = {
    "transposed": (lambda: tensor(3, 4, order=(1, 0)).exp(), (1, 3)),
    "transposed twice": (lambda: tensor(3, 4, order=(1, 0)) + tensor(3, 4, order=(1, 0)), (1, 3)),
    "with a number": (lambda: 2 * tensor(3, 4, order=(1, 0)), (1, 3)),
    "compared": (lambda: tensor(3, 4, order=(1, 0)) > 0, (1, 3)),
    "the first decides": (lambda: tensor(3, 4) + tensor(3, 4, order=(1, 0)), (4, 1)),
    "the first decides, transposed": (lambda: tensor(3, 4, order=(1, 0)) + tensor(3, 4), (1, 3)),
    "channels last": (lambda: tensor(2, 3, 4, 5, order=(0, 2, 3, 1)).relu(), (60, 1, 15, 3)),
    "channels last with a bias": (
        lambda: tensor(2, 3, 4, 5, order=(0, 2, 3, 1)) + tensor(1, 3, 1, 1),
        (60, 1, 15, 3),
    ),
    "gaps are closed": (lambda: tensor(3, 8)[:, ::2].neg(), (4, 1)),
    "gaps are closed, transposed": (lambda: tensor(8, 3, order=(1, 0))[::2].neg(), (1, 4)),
    "expanded": (lambda: tensor(3, 1).expand(3, 4).neg(), (4, 1)),
    "a column and a row": (lambda: tensor(3, 1) * tensor(1, 4), (4, 1)),
    "where": (lambda: lampas.where(tensor(3, 4, order=(1, 0)) > 0, 1.0, 2.0), (1, 3)),
    "clamp": (lambda: tensor(3, 4, order=(1, 0)).clamp(0, 1), (1, 3)),
    "addcmul": (
        lambda: lampas.addcmul(*[tensor(2, 3, 4, order=(2, 0, 1)) for _ in range(3)]),
        (3, 1, 6),
    ),
    "three dims": (lambda: tensor(2, 3, 4, order=(1, 2, 0)).sigmoid(), (1, 8, 2)),
    "empty": (lambda: tensor(0, 3, order=(1, 0)).neg(), (3, 1)),
}


@pytest.mark.parametrize("name", CASES)
def test_strides_are_pytorchs(name):
    make, strides = CASES[name]
    result = make()
    assert result.stride() == strides
    assert lampas.equal(result, result.contiguous())


# A factor that lies by columns gets its gradient by columns: `linear` transposes a weight, which can keep it.
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("product", ["mm", "addmm"])
def test_gradients_of_products_lie_as_their_factors(product, order):
    left, right = tensor(2, 3, order=order), tensor(3, 4, order=order)
    left.requires_grad_()
    right.requires_grad_()
    result = lampas.mm(left, right) if product == "mm" else lampas.addmm(lampas.zeros(4), left, right)
    cotangent = lampas.arange(8.0).view(2, 4)
    of_left, of_right = lampas.autograd.grad(result, (left, right), cotangent)
    assert of_left.stride() == left.stride()
    assert of_right.stride() == right.stride()
    assert lampas.equal(of_left, cotangent @ lampas.ones(4, 3))
    assert lampas.equal(of_right, lampas.ones(3, 2) @ cotangent)


def test_gradients_flow_through_permuted_results():
    x = tensor(3, 4, order=(1, 0)).clone().requires_grad_()
    (x.t().exp() * lampas.arange(12.0).view(4, 3)).sum().backward()
    expected = lampas.arange(12.0).view(4, 3).t() * lampas.ones(3, 4).exp()
    assert lampas.allclose(x.grad, expected)
