"""The order of dims in memory: of elementwise results, copies, and tensors made like others it is that of
their inputs, as in PyTorch, and random numbers are drawn in it."""

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
    "clone": (lambda: tensor(2, 3, 4, order=(2, 0, 1)).clone(), (3, 1, 6)),
    "clone closes gaps": (lambda: tensor(8, 3, order=(1, 0))[::2].clone(), (1, 4)),
    "clone in order": (
        lambda: tensor(3, 4, order=(1, 0)).clone(memory_format=lampas.contiguous_format),
        (4, 1),
    ),
    "clone with channels last": (
        lambda: tensor(2, 3, 4, 5).clone(memory_format=lampas.channels_last),
        (60, 1, 15, 3),
    ),
    "contiguous": (lambda: tensor(3, 4, order=(1, 0)).contiguous(), (4, 1)),
    "reshape": (lambda: tensor(3, 4, 5, order=(2, 0, 1)).reshape(3, 20), (20, 1)),
    "another dtype": (lambda: tensor(3, 4, order=(1, 0)).double(), (1, 3)),
    "another dtype closes gaps": (lambda: tensor(8, 3, order=(1, 0))[::2].double(), (1, 4)),
    "another dtype, in order": (
        lambda: tensor(3, 4, order=(1, 0)).to(lampas.int32, memory_format=lampas.contiguous_format),
        (4, 1),
    ),
    "zeros_like": (lambda: lampas.zeros_like(tensor(3, 4, order=(1, 0))), (1, 3)),
    "ones_like of what has gaps": (lambda: lampas.ones_like(tensor(8, 3, order=(1, 0))[::2]), (1, 4)),
    "full_like in another dtype": (
        lambda: lampas.full_like(tensor(3, 4, order=(1, 0)), 2, dtype=lampas.int64),
        (1, 3),
    ),
    "zeros_like in order": (
        lambda: lampas.zeros_like(tensor(3, 4, order=(1, 0)), memory_format=lampas.contiguous_format),
        (4, 1),
    ),
    "zeros_like with channels last": (
        lambda: lampas.zeros_like(tensor(2, 3, 4, 5), memory_format=lampas.channels_last),
        (60, 1, 15, 3),
    ),
    "empty with channels last": (
        lambda: lampas.empty(2, 3, 4, 5, memory_format=lampas.channels_last).fill_(1),
        (60, 1, 15, 3),
    ),
    "new_zeros": (lambda: tensor(3, 4, order=(1, 0)).new_zeros(3, 4), (4, 1)),
    "rand_like": (lambda: lampas.rand_like(tensor(3, 4, order=(1, 0))), (1, 3)),
    "dropout": (lambda: lampas.dropout(tensor(3, 4, order=(1, 0)), 0.5, True), (1, 3)),
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


# Each draws for a tensor of ones; of more than 16 elements, since normal numbers then come in blocks.
DRAWS = {
    "dropout": lambda x: lampas.dropout(x, 0.5, True),
    "dropout_": lambda x: lampas.dropout_(x.clone(), 0.5, True),
    "rand_like": lampas.rand_like,
    "randint_like": lambda x: lampas.randint_like(x, 100),
    "uniform_": lambda x: x.clone().uniform_(),
    "exponential_": lambda x: x.clone().exponential_(),
    "random_": lambda x: x.clone().random_(100),
}


@pytest.mark.parametrize("name", DRAWS)
def test_numbers_are_drawn_in_the_order_of_memory(name):
    lampas.manual_seed(0)
    in_order = DRAWS[name](tensor(5, 4, 3))
    lampas.manual_seed(0)
    permuted = DRAWS[name](tensor(3, 4, 5, order=(2, 1, 0)))
    assert lampas.equal(permuted, in_order.permute(2, 1, 0))
    assert not lampas.equal(permuted.reshape(-1), in_order.reshape(-1))


def test_a_tensor_in_the_wanted_order_is_not_copied():
    x = tensor(2, 3, 4, 5, order=(0, 2, 3, 1))
    assert x.contiguous(memory_format=lampas.channels_last) is x
    assert x.to(memory_format=lampas.channels_last) is x
    assert x.is_contiguous(memory_format=lampas.channels_last) and not x.is_contiguous()
