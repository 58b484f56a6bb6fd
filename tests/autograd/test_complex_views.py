"""Gradients through views of complex numbers as real ones."""

import pytest

import lampas


def test_the_gradient_of_pairs_is_a_complex_number():
    numbers = lampas.tensor([1 + 2j, -3.5 - 1j], requires_grad=True)
    pairs = lampas.view_as_real(numbers)
    assert pairs.tolist() == [[1, 2], [-3.5, -1]] and pairs.data_ptr() == numbers.data_ptr()
    (pairs * lampas.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    assert numbers.grad.tolist() == [1 + 2j, 3 + 4j]


def test_the_gradient_of_complex_numbers_is_pairs():
    pairs = lampas.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    numbers = lampas.view_as_complex(pairs)
    assert numbers.tolist() == [1 + 2j, 3 + 4j] and type(numbers.grad_fn).__name__ == "ViewAsComplexBackward0"
    numbers.abs().sum().backward()
    expected = pairs.detach() / numbers.detach().abs().unsqueeze(-1)
    assert lampas.allclose(pairs.grad, expected)


def test_the_gradients_of_the_parts():
    numbers = lampas.tensor([1 + 2j, -3.5 - 1j], requires_grad=True)
    (lampas.real(numbers) * 2 + lampas.imag(numbers) ** 3).sum().backward()
    assert numbers.grad.tolist() == [2 + 12j, 2 + 3j]


def test_parts_of_a_batch():
    numbers = lampas.tensor([[1 + 2j, 3j], [4, 5 - 1j]])
    assert lampas.vmap(lampas.view_as_real)(numbers).equal(lampas.view_as_real(numbers))
    assert lampas.vmap(lampas.imag)(numbers).tolist() == [[2, 3], [0, -1]]


@pytest.mark.parametrize(
    "wrong", [lampas.zeros(3), lampas.zeros(()), lampas.zeros(2, 3), lampas.zeros(2, 2).T]
)
def test_what_is_no_row_of_pairs_is_refused(wrong):
    with pytest.raises(RuntimeError):
        lampas.view_as_complex(wrong)


def test_a_part_can_be_written_where_nothing_is_tracked():
    numbers = lampas.tensor([1 + 2j, 3 - 1j])
    lampas.real(numbers).zero_()
    assert numbers.tolist() == [2j, -1j]


def test_writing_into_the_part_of_a_tracked_tensor_is_refused():
    numbers = lampas.tensor([1 + 2j], requires_grad=True) * 1
    with pytest.raises(RuntimeError, match="multiple views"):
        lampas.view_as_real(numbers).zero_()
