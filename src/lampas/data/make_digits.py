"""Makes the files of Digits from MNIST: python -m lampas.data.make_digits FOLDER_THAT_HOLDS_MNIST."""

import os
import sys

import numpy

from lampas.vision.datasets import MNIST
from lampas.vision.datasets.idx import write_idx

TRAIN_PER_CLASS = 1000
TEST_PER_CLASS = 250


def first_of_each_class(targets, per_class):
    """Return the positions, in order, of the first `per_class` samples of each class."""
    positions = [numpy.flatnonzero(targets == each)[:per_class] for each in range(10)]
    return numpy.sort(numpy.concatenate(positions))


def make_digits(root, folder):
    """Write the four files to `folder`, from the MNIST files under `root`."""
    for train, prefix, per_class in [(True, "train", TRAIN_PER_CLASS), (False, "t10k", TEST_PER_CLASS)]:
        mnist = MNIST(root, train=train)
        targets = mnist.targets.numpy()
        chosen = first_of_each_class(targets, per_class)
        write_idx(os.path.join(folder, f"{prefix}-images-idx3-ubyte.gz"), mnist.data.numpy()[chosen])
        write_idx(os.path.join(folder, f"{prefix}-labels-idx1-ubyte.gz"), targets[chosen])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m lampas.data.make_digits FOLDER_THAT_HOLDS_MNIST")
    make_digits(sys.argv[1], os.path.join(os.path.dirname(__file__), "digits"))
