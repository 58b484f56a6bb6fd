"""Draws operands, shapes and indices at random, seeded, and compares Lampas with PyTorch."""

import random

import numpy as np
import pytest
import torch
from ops.sample import ALL_DTYPES, Input, Values
from ops.tensors import assert_close, to_array, to_tensor

import lampas

OPERATIONS = ["add", "sub", "mul", "div", "maximum", "minimum", "eq", "lt", "ge"]
NUMBERS = [True, 0, 3, -2, 0.5, -1.5, 2 + 1j]
pytestmark = pytest.mark.filterwarnings("ignore:Casting complex values")


def both(input, requires_grad=False):
    """The same tensor in Lampas and in PyTorch."""
    return [to_tensor(framework, input, requires_grad=requires_grad) for framework in (lampas, torch)]


def attempt(action):
    """Return (result, None), or (None, (exception type, first line))."""
    try:
        return action(), None
    except Exception as error:
        return None, (type(error).__name__, str(error).splitlines()[0])


def assert_alike(ours, theirs, context, factor=1.0):
    """Compare results, or what was raised."""
    (our_result, our_error), (their_result, their_error) = ours, theirs
    assert our_error == their_error, context
    if their_error is None:
        assert str(our_result.dtype) == str(their_result.dtype), context
        dtype = str(their_result.dtype).removeprefix("torch.")
        assert_close(to_array(our_result), to_array(their_result), dtype, factor, context)


def draw_shapes(chance):
    """Two shapes that mostly broadcast; 0, 1 and a wrong size among them."""
    shape = [chance.choice([1, 1, 2, 3, 4, 0]) for _ in range(chance.randrange(4))]
    shapes = []
    for _ in range(2):
        kept = shape[chance.randrange(len(shape) + 1) :]
        kept = [1 if chance.random() < 0.25 else each for each in kept]
        if kept and chance.random() < 0.05:
            kept[chance.randrange(len(kept))] = 5
        shapes.append(tuple(kept))
    return shapes


@pytest.mark.parametrize("seed", range(8))
def test_random_operands_promote_and_broadcast_alike(seed):
    chance = random.Random(seed)
    for trial in range(150):
        operation = chance.choice(OPERATIONS)
        names = [chance.choice(ALL_DTYPES) for _ in range(2)]
        if "float16" in names and any(name.startswith("complex") for name in names):
            continue  # gives complex32, which Lampas does not have
        shapes = draw_shapes(chance)
        left, right = (
            both(Values(name, seed=1000 * seed + trial + place).nonzero(*shape))
            for place, (name, shape) in enumerate(zip(names, shapes, strict=True))
        )
        if chance.random() < 0.2:
            number = chance.choice(NUMBERS)
            if names[0] == "float16" and isinstance(number, complex):
                continue
            right = [number, number]
        context = f"{operation}({names[0]}{list(shapes[0])}, {names[1]}{list(shapes[1])} or {right[1]})"
        results = [
            attempt(lambda: getattr(framework, operation)(a, b))  # noqa: B023
            for framework, a, b in zip((lampas, torch), left, right, strict=True)
        ]
        if not isinstance(right[0], lampas.Tensor) and results[0][1] and results[1][1]:
            assert results[0][1][0] == results[1][1][0], context
            continue
        assert_alike(*results, context)


def draw_index(chance, shape):
    """An index of random parts for a shape; now and then out of bounds."""
    parts, remaining = [], list(shape)
    while remaining and chance.random() < 0.85:
        size = remaining[0]
        kind = chance.randrange(7)
        if kind == 0:
            parts.append(chance.randrange(-size, size) if size and chance.random() < 0.95 else size)
        elif kind in (1, 2):
            bounds = [chance.choice([None, chance.randrange(-size - 2, size + 3)]) for _ in range(2)]
            parts.append(slice(*bounds, chance.choice([None, 1, 2, 3])))
        elif kind == 3:
            parts.append(None)
            continue
        elif kind == 4 and size:
            length = chance.choice([(), (3,), (2, 3), (1,), (0,)])
            count = int(np.prod(length))
            numbers = [chance.randrange(-size, size) for _ in range(count)]
            parts.append(Input(np.array(numbers, dtype=np.int64).reshape(length), "int64"))
        elif kind == 5:
            parts.append(Input(np.array([chance.random() < 0.5 for _ in range(size)]), "bool"))
        else:
            parts.append(slice(None))
        remaining.pop(0)
    if chance.random() < 0.2:
        parts.insert(chance.randrange(len(parts) + 1), Ellipsis)
    return tuple(parts)


def index_in(framework, index):
    return tuple(to_tensor(framework, part) if isinstance(part, Input) else part for part in index)


@pytest.mark.parametrize("seed", range(8))
def test_random_indices_read_alike(seed):
    chance = random.Random(seed)
    for trial in range(150):
        shape = tuple(chance.choice([1, 2, 3, 4, 0]) for _ in range(chance.randrange(1, 5)))
        index = draw_index(chance, shape)
        ours, theirs = both(Values("float64", seed=trial).tensor(*shape), requires_grad=True)
        context = f"shape {shape}, index {index}"
        our_result = attempt(lambda: ours[index_in(lampas, index)])  # noqa: B023
        their_result = attempt(lambda: theirs[index_in(torch, index)])  # noqa: B023
        assert_alike(our_result, their_result, context)
        if their_result[1] is None:
            assert (our_result[0]._base is None) == (their_result[0]._base is None), context
            for result in (our_result[0], their_result[0]):
                (result * result).sum().backward()
            assert_close(to_array(ours.grad), to_array(theirs.grad), "float64", context=context)


@pytest.mark.parametrize("seed", range(8))
def test_random_indices_write_alike(seed):
    chance = random.Random(100 + seed)
    for trial in range(100):
        shape = tuple(chance.choice([1, 2, 3, 4, 0]) for _ in range(chance.randrange(1, 5)))
        index = draw_index(chance, shape)
        dtype = chance.choice(["float32", "int64", "bool"])
        ours, theirs = both(Values(dtype, seed=trial).tensor(*shape))
        selected = attempt(lambda: theirs[index_in(torch, index)])[0]  # noqa: B023
        if selected is not None and len({str(part) for part in index}) > 1 and has_repeats(theirs, index):
            continue  # which of several values wins is not defined
        value_shape = tuple(selected.shape) if selected is not None and chance.random() < 0.7 else ()
        values = Values(chance.choice([dtype, "float64", "int64"]), seed=trial + 1).tensor(*value_shape)
        our_value, their_value = both(values)
        context = f"shape {shape}, index {index}, value {values}"

        def write(tensor, framework, value):
            tensor[index_in(framework, index)] = value  # noqa: B023
            return tensor

        our_result = attempt(lambda: write(ours, lampas, our_value))  # noqa: B023
        their_result = attempt(lambda: write(theirs, torch, their_value))  # noqa: B023
        assert_alike(our_result, their_result, context)


def has_repeats(tensor, index):
    """Whether an index names one element twice."""
    places = torch.arange(tensor.numel()).view(tensor.shape)[index_in(torch, index)]
    return places.unique().numel() != places.numel()
