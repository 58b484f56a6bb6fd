"""What tests of transforms share: a picture, and what a transform is about to draw."""

import numpy

import lampas


def picture(channels=3, height=7, width=10):
    """Return a tensor of random bytes."""
    values = numpy.random.default_rng(0).integers(0, 256, (channels, height, width), dtype=numpy.uint8)
    return lampas.from_numpy(values)


def replayed(function):
    """Return what `function` draws from the seed that the transform is about to start from."""
    lampas.manual_seed(4)
    result = function()
    lampas.manual_seed(4)
    return result


def draw(high):
    """Draw a whole number below `high` as PyTorch's transforms do."""
    return int(lampas.randint(0, high, size=(1,)))


def uniform(low, high):
    """Draw a number as PyTorch's transforms do."""
    return float(lampas.empty(1).uniform_(low, high))
