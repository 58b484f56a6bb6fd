"""Targets of `out=` that the call reads as well: the right values, or an error before anything changes."""

import pytest

import lampas

READ_AND_WRITTEN = (
    "some elements of the input tensor and the written-to tensor refer to a single memory location"
)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: lampas.stack([x, x], out=x), READ_AND_WRITTEN),
        (lambda x: lampas.cat([x, x], out=x), READ_AND_WRITTEN),
        (lambda x: lampas.sum(x, 0, out=x), READ_AND_WRITTEN),
        (lambda x: lampas.max(x, 0, out=(x, lampas.empty(0, dtype=lampas.int64))), READ_AND_WRITTEN),
        (lambda x: lampas.index_select(x, 0, lampas.tensor([0, 1, 1, 1]), out=x), READ_AND_WRITTEN),
        (lambda x: lampas.matmul(x, lampas.ones(3, 5), out=x), READ_AND_WRITTEN),
        (
            lambda x: lampas.add(x, lampas.ones(4, 2, 3), out=x),
            r"output with shape \[2, 3\] doesn't match the broadcast shape \[4, 2, 3\]",
        ),
    ],
)
def test_an_input_is_not_resized(call, message):
    """A kernel would read it by its new shape, beyond its memory."""
    input = lampas.arange(6.0).reshape(2, 3)
    with pytest.raises(RuntimeError, match=message):
        call(input)
    assert input.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_an_input_of_the_right_shape_is_written_after_it_is_read():
    square = lampas.tensor([[1.0, 2.0], [3.0, 4.0]])
    lampas.matmul(square, square, out=square)
    assert square.tolist() == [[7, 10], [15, 22]]
    places = lampas.tensor([2, 0, 1])
    lampas.index_select(places, 0, places, out=places)
    assert places.tolist() == [1, 2, 0]


def test_a_view_of_an_input_may_grow():
    """Its memory grows with it; the input still shows the first elements."""
    input = lampas.arange(3.0)
    with pytest.warns(UserWarning, match="was resized"):
        result = lampas.cat([input, input], out=input[:])
    assert result.tolist() == [0, 1, 2, 0, 1, 2] and input.tolist() == [0, 1, 2]


def test_several_results_of_functions_written_in_python():
    matrix = lampas.tensor([[3.0, 0.0], [4.0, 5.0]])
    q, r = lampas.empty(0), lampas.empty(0)
    result = lampas.linalg.qr(matrix, out=(q, r))
    assert result.Q is q and result.R is r
    assert (q @ r).allclose(matrix, atol=1e-5)
    with pytest.raises(ValueError):
        lampas.linalg.qr(matrix, out=(q,))
