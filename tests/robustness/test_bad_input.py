"""Absurd sizes, wrong devices, indices, dtypes and overlaps raise what PyTorch raises."""

import math

import pytest

import lampas

HUGE = 1 << 62


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: lampas.zeros(HUGE, HUGE), "overflow"),
        (lambda: lampas.zeros(1 << 45), "can't allocate memory: you tried to allocate 140737488355328 bytes"),
        (lambda: lampas.zeros(-1), "Dimension size must be non-negative"),
        (lambda: lampas.empty(1).expand(1 << 45).clone(), "can't allocate memory"),
        (lambda: lampas.ones(3).expand(1 << 60, 3).contiguous(), "can't allocate memory|overflow"),
        (lambda: lampas.arange(1 << 60), "can't allocate memory|overflow"),
        (
            lambda: lampas.ones(2).as_strided((1 << 40,), (1 << 40,)),
            "out of bounds for storage|Storage size calculation overflowed",
        ),
        (
            lambda: lampas.ones(1 << 16, 1).matmul(lampas.ones(1, 1).expand(1, 1 << 30)),
            "can't allocate memory",
        ),
        (lambda: lampas.eye(1 << 31), "can't allocate memory|overflow"),
        (lambda: lampas.cat([lampas.ones(1).expand(1 << 45)] * 2), "can't allocate memory"),
        (
            lambda: lampas.ones(5).index_select(0, lampas.zeros(1, dtype=lampas.int64).expand(1 << 45)),
            "allocate",
        ),
    ],
)
def test_absurd_sizes(make, message):
    with pytest.raises(RuntimeError, match=message):
        make()


@pytest.mark.parametrize("number", [HUGE, -HUGE, (1 << 63) - 1, -(1 << 63)])
def test_absurd_integers_where_a_dim_or_an_index_belongs(number):
    tensor = lampas.ones(3, 4)
    for call in (
        lambda: tensor.sum(number),
        lambda: tensor.select(0, number),
        lambda: tensor[number],
        lambda: tensor.narrow(0, number, 1),
        lambda: tensor.narrow(0, 0, number),
        lambda: tensor.transpose(0, number),
        lambda: tensor.unsqueeze(number),
        lambda: tensor.softmax(number),
        lambda: tensor.view(number),
        lambda: tensor.expand(number, 3, 4) if number < -1 else tensor.view(number),
        lambda: tensor.as_strided((2,), (number,)),
        lambda: tensor.as_strided((2,), (1,), number),
        lambda: tensor.gather(0, lampas.tensor([[number]])),
        lambda: tensor[lampas.tensor([number])],
        lambda: tensor.split([number, number], 0),
        lambda: lampas.nn.functional.nll_loss(tensor, lampas.tensor([number, 0, 0])),
    ):
        with pytest.raises((IndexError, RuntimeError, ValueError, OverflowError)):
            call()


@pytest.mark.parametrize("indices", [lampas.tril_indices, lampas.triu_indices])
def test_triangles_of_absurd_sizes(indices):
    """Rows are counted by a formula: nothing runs through 2^62 rows, no sum overflows."""
    everything = -HUGE if indices is lampas.triu_indices else HUGE
    for row, col in [(HUGE, HUGE), (HUGE, 3), (3, (1 << 63) - 1)]:
        with pytest.raises(RuntimeError, match="overflowed|can't allocate memory"):
            indices(row, col, everything)
    assert indices(HUGE, 0).shape == indices(0, HUGE).shape == (2, 0)
    assert lampas.tril_indices(HUGE, 3, 2 - HUGE).tolist() == [[HUGE - 2, HUGE - 1, HUGE - 1], [0, 0, 1]]
    assert lampas.triu_indices(HUGE, 3, 1).tolist() == [[0, 0, 1], [1, 2, 2]]


@pytest.mark.parametrize(
    "call",
    [
        lambda number: lampas.ones(5, 2).tensor_split(number),
        lambda number: lampas.nn.functional.interpolate(lampas.ones(2, 3, 4), size=number),
        lambda number: lampas.nn.functional.interpolate(lampas.ones(2, 3, 4), size=number, mode="linear"),
        lambda number: lampas.nn.functional.adaptive_avg_pool1d(lampas.ones(2, 3, 7), number),
        lambda number: lampas.nn.functional.max_pool1d(lampas.ones(3, 9), -number - 1, 2, 2),
        lambda number: lampas.nn.functional.fold(lampas.ones(7, 20), (6, 5), (2, number)),
        lambda number: lampas.mvlgamma(lampas.ones(0), number),
    ],
    ids=["tensor_split", "nearest", "linear", "adaptive_avg_pool", "max_pool", "fold", "mvlgamma"],
)
@pytest.mark.parametrize("number", [1 << 45, (1 << 63) - 1])
def test_absurd_numbers_of_places(call, number):
    """Refused at once: not counted through, and no sum or product of them overflows."""
    with pytest.raises((RuntimeError, MemoryError, ValueError)):
        call(number)


def test_strides_by_which_no_step_is_taken():
    empty = lampas.ones(3).as_strided((1 << 61, 0), (1 << 61, 1))
    assert empty[5:].shape == ((1 << 61) - 5, 0) and empty[:0].numpy().shape == (0, 0)
    assert lampas.arange(6).reshape(2, 3)[:, :: 1 << 62].tolist() == [[0], [3]]


def test_lengths_whose_sum_overflows():
    """Their sum is 4 in 64 bits; the parts would lie beyond the memory."""
    with pytest.raises(RuntimeError, match="split_with_sizes expects split_sizes to sum exactly to 4"):
        lampas.ones(4).split([HUGE, HUGE, HUGE, HUGE, 4])


@pytest.mark.parametrize("number", [1 << 64, -(1 << 64), 10**30])
def test_integers_that_no_dtype_holds(number):
    for call in (
        lambda: lampas.tensor(number),
        lambda: lampas.ones(2, dtype=lampas.int64) + number,
        lambda: lampas.zeros(number),
        lambda: lampas.ones(3)[number],
        lambda: lampas.ones(3).sum(number),
    ):
        with pytest.raises((OverflowError, RuntimeError, TypeError, IndexError, ValueError)):
            call()


def test_slices_of_any_size_are_cut():
    tensor = lampas.arange(4)
    assert tensor[-HUGE:HUGE].tolist() == [0, 1, 2, 3]
    assert tensor[:: (1 << 62)].tolist() == [0]
    assert tensor[HUGE:].tolist() == []


def test_strange_numbers_as_sizes():
    for size in (2.5, "3", None, [2, "a"], math.nan, 1j, object()):
        with pytest.raises(TypeError):
            lampas.zeros(size)


def test_wrong_devices():
    with pytest.raises(RuntimeError):
        lampas.ones(2, device="nonsense")
    with pytest.raises((RuntimeError, AssertionError)):
        lampas.ones(2, device="cuda")
    with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device"):
        lampas.ones(2) + lampas.ones(2, device="shadow")
    with pytest.raises((RuntimeError, NotImplementedError)):
        lampas.ones(2, device="meta").item()
    with pytest.raises((RuntimeError, NotImplementedError)):
        lampas.ones(2, device="meta").tolist()


def test_wrong_dtypes():
    with pytest.raises(RuntimeError, match="result type Float can't be cast to the desired output type Long"):
        lampas.ones(2, dtype=lampas.int64).add_(0.5)
    with pytest.raises(RuntimeError, match="must have the same dtype|expected .* to have the same dtype"):
        lampas.ones(2, 2).mm(lampas.ones(2, 2, dtype=lampas.float64))
    with pytest.raises(IndexError, match="tensors used as indices must be long, int, byte or bool tensors"):
        lampas.ones(2)[lampas.ones(2)]
    with pytest.raises(RuntimeError, match="nly Tensors of floating point .*dtype can require gradients"):
        lampas.ones(2, dtype=lampas.int64).requires_grad_()


def test_overlapping_targets():
    memory = lampas.zeros(6)
    with pytest.raises(
        RuntimeError, match="more than one element of the written-to tensor refers to a single"
    ):
        lampas.zeros(1).expand(3).add_(1)
    with pytest.raises(
        RuntimeError, match="some elements of the input tensor and the written-to tensor refer to"
    ):
        lampas.add(memory[:5], 1, out=memory[1:])
    with pytest.raises(
        RuntimeError, match="more than one element of the written-to tensor refers to a single"
    ):
        lampas.add(lampas.ones(3), 1, out=memory[:1].expand(3))
    with pytest.raises(
        RuntimeError, match="some elements of the input tensor and the written-to tensor refer to"
    ):
        memory[1:].add_(memory[:5])
    assert memory.tolist() == [0.0] * 6


def test_ragged_and_strange_data():
    with pytest.raises(ValueError, match="expected sequence of length 2 at dim 1"):
        lampas.tensor([[1, 2], [3]])
    with pytest.raises(ValueError, match="too many dimensions 'str'"):
        lampas.tensor(["text"])
    with pytest.raises((TypeError, RuntimeError)):
        lampas.tensor([object()])
    nested = []
    nested.append(nested)
    with pytest.raises((ValueError, RecursionError, TypeError, RuntimeError)):
        lampas.tensor(nested)


def test_a_wrong_call_in_a_long_expression_frees_what_was_made():
    weight = lampas.ones(100, 100, requires_grad=True)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            ((weight @ weight).relu() * 2) @ lampas.ones(99)


def test_deep_nesting_does_not_overflow_the_stack():
    data = 1.0
    for _ in range(100_000):
        data = [data]
    with pytest.raises((ValueError, RecursionError, RuntimeError)):
        lampas.tensor(data)


@pytest.mark.parametrize(
    ("call", "result"),
    [
        (lambda: lampas.polygamma(1 << 62, lampas.tensor(2.0)), math.nan),  # infinity times 0
        (lambda: lampas.polygamma(1, lampas.tensor(math.inf)), 0.0),
        (lambda: lampas.special.zeta(lampas.tensor(1e30), lampas.tensor(2.0)), 0.0),
        # 1 / (k + 1/4)^2 over all integers k but those beyond 1e15
        (lambda: lampas.special.zeta(lampas.tensor(2.0).double(), -1e15 + 0.25), 2 * math.pi**2),
    ],
    ids=["order", "infinity", "exponent", "shift"],
)
def test_a_series_does_not_run_for_ever(call, result):
    assert call().item() == pytest.approx(result, rel=1e-12, nan_ok=True)
