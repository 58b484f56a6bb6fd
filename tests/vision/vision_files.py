"""Writes small files of MNIST's layout for tests."""

import numpy

from lampas.vision.datasets.idx import write_idx


def write_small_mnist(root, count=7):
    """Write `count` random pictures each for training and testing; return the folder of the files."""
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    random = numpy.random.default_rng(0)
    for prefix in ("train", "t10k"):
        write_idx(raw / f"{prefix}-images-idx3-ubyte.gz", random.integers(0, 256, (count, 28, 28)))
        write_idx(raw / f"{prefix}-labels-idx1-ubyte.gz", random.integers(0, 10, (count,)))
    return raw
