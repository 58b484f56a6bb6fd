"""Views between complex numbers and pairs of real ones: memory, gradients, what is refused."""

import pytest

import lampas


def numbers(**options):
    return lampas.tensor([[1 + 2j, 3 - 4j], [0.5j, -2 + 0j]], dtype=lampas.complex128, **options)


def test_parts_are_views():
    z = numbers()
    assert lampas.view_as_real(z).tolist() == [[[1, 2], [3, -4]], [[0, 0.5], [-2, 0]]]
    assert z.real.tolist() == lampas.real(z).tolist() == [[1, 3], [0, -2]]
    assert z.imag.tolist() == lampas.imag(z).tolist() == [[2, -4], [0.5, 0]]
    assert z.real.dtype == lampas.float64 and z.imag.stride() == (4, 2)
    z.real.zero_()
    z.imag[0] = 7
    assert z.tolist() == [[7j, 7j], [0.5j, 0j]]


def test_views_of_transposed_and_sliced_tensors():
    z = numbers()
    assert z.t().imag.tolist() == [[2, 0.5], [-4, 0]]
    assert z[1:, 1:].real.tolist() == [[-2]]
    assert lampas.view_as_complex(lampas.view_as_real(z.t())).tolist() == z.t().tolist()
    assert lampas.view_as_complex(lampas.arange(8.0).view(2, 2, 2)[1]).tolist() == [4 + 5j, 6 + 7j]


def test_gradients_of_the_parts():
    z = numbers(requires_grad=True)
    (z.real * 2 + z.imag * 3).sum().backward()
    assert z.grad.tolist() == [[2 + 3j, 2 + 3j], [2 + 3j, 2 + 3j]]
    assert [type(node).__name__ for node in (z.real.grad_fn, z.real.grad_fn.next_functions[0][0])] == [
        "SelectBackward0",
        "ViewAsRealBackward0",
    ]
    assert lampas.autograd.gradcheck(
        lambda pairs: lampas.view_as_complex(pairs).abs(),
        (lampas.tensor([[1.0, 2.0], [3.0, -1.0]], dtype=lampas.float64, requires_grad=True),),
    )


def test_angle_of_complex_numbers():
    z = lampas.tensor([1 + 2j, 0j, -3j], dtype=lampas.complex128, requires_grad=True)
    lampas.angle(z).sum().backward()
    expected = lampas.tensor([-0.4 + 0.2j, 0j, 1 / 3 + 0j], dtype=lampas.complex128)
    assert lampas.allclose(z.grad, expected)


def test_what_is_refused():
    with pytest.raises(RuntimeError, match="imag is not implemented for tensors with non-complex dtypes"):
        lampas.imag(lampas.ones(2))
    with pytest.raises(RuntimeError, match="view_as_real is only supported for complex tensors"):
        lampas.view_as_real(lampas.ones(2))
    with pytest.raises(RuntimeError, match="Tensor must have a last dimension with stride 1"):
        lampas.view_as_complex(lampas.ones(2, 3).t())
    with pytest.raises(RuntimeError, match="Tensor must have a stride divisible by 2"):
        lampas.view_as_complex(lampas.ones(3, 3)[:, :2])
