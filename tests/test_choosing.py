"""multinomial draws what PyTorch draws; one_hot marks classes; both refuse what PyTorch refuses."""

import numpy as np
import pytest

import lampas
from lampas.nn.functional import one_hot

# After manual_seed(5), for weights of rand(shape): what PyTorch 2.13 draws, and the next random number.
DRAWS = [
    ((5,), 1, False, [4], 0.5793276),
    ((3, 7), 3, False, [[0, 4, 3], [2, 6, 5], [2, 3, 5]], 0.3383952),
    ((3, 7), 4, True, [[0, 2, 4, 2], [0, 0, 6, 6], [2, 6, 6, 6]], 0.900937),
    ((2, 40), 5, True, [[24, 19, 29, 33, 19], [20, 3, 1, 21, 5]], 0.3386474),
]


@pytest.mark.parametrize(("shape", "count", "replacement", "expected", "following"), DRAWS)
def test_draws_as_recorded(shape, count, replacement, expected, following):
    lampas.manual_seed(5)
    weights = lampas.rand(shape)
    assert weights.multinomial(count, replacement).tolist() == expected
    assert lampas.rand(1).item() == pytest.approx(following, abs=1e-7)  # as many numbers were drawn


def test_frequencies_follow_the_weights():
    lampas.manual_seed(0)
    drawn = lampas.multinomial(lampas.tensor([1.0, 0.0, 3.0]), 4000, replacement=True)
    counts = lampas.bincount(drawn, minlength=3).tolist()
    assert counts[1] == 0 and counts[2] / counts[0] == pytest.approx(3, rel=0.15)


def test_without_replacement_each_is_drawn_once():
    drawn = lampas.multinomial(lampas.ones(4, 6), 6)
    assert lampas.equal(drawn.sort()[0], lampas.arange(6).expand(4, 6))


def test_out_and_generator():
    generators = [lampas.Generator().manual_seed(1) for _ in range(2)]
    weights, out = lampas.rand(3, 5), lampas.empty(0, dtype=lampas.int64)
    drawn = lampas.multinomial(weights, 2, generator=generators[0])
    assert lampas.multinomial(weights, 2, generator=generators[1], out=out) is out
    assert lampas.equal(out, drawn)


@pytest.mark.parametrize(
    ("weights", "count", "message"),
    [
        ([1, 2], 1, "only supports floating-point dtypes for input, got: Long"),
        ([1.0, -1.0], 1, "contains either `inf`, `nan` or element < 0"),
        ([float("nan"), 1.0], 1, "contains either `inf`, `nan` or element < 0"),
        ([0.0, 0.0], 1, "sum of probabilities <= 0"),
        ([1.0, 2.0], 3, "cannot sample n_sample > prob_dist.size"),
        ([1.0, 2.0], 0, "cannot sample n_sample <= 0 samples"),
        ([[[1.0]]], 1, "prob_dist must be 1 or 2 dim"),
    ],
)
def test_multinomial_refuses(weights, count, message):
    with pytest.raises(RuntimeError, match=message):
        lampas.multinomial(lampas.tensor(weights), count)


def test_one_hot():
    assert one_hot(lampas.tensor([1, 0, 2])).tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert one_hot(lampas.tensor([[1], [0]]), 3).tolist() == [[[0, 1, 0]], [[1, 0, 0]]]
    assert one_hot(lampas.empty(0, dtype=lampas.int64), 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("classes", "count", "message"),
    [
        ([-1], 3, "must be non-negative"),
        ([4], 3, "must be smaller than num_classes"),
        ([], -1, "Can not infer total number of classes"),
    ],
)
def test_one_hot_refuses(classes, count, message):
    with pytest.raises(RuntimeError, match=message):
        one_hot(lampas.tensor(classes, dtype=lampas.int64), count)


def test_one_hot_wants_int64():
    with pytest.raises(RuntimeError, match="LongTensor"):
        one_hot(lampas.tensor([1.0]))


@pytest.mark.parametrize("count", [np.int64(3), lampas.tensor(3)])
def test_numbers_of_other_kinds_count(count):
    assert one_hot(lampas.tensor([1, 0]), count).shape == (2, 3)
    assert lampas.multinomial(lampas.ones(4), count).shape == (3,)
