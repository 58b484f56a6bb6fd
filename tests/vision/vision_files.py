"""Writes small files of MNIST's and CIFAR's layouts for tests, and says where the real ones lie."""

import hashlib
import pathlib
import pickle

import numpy

from lampas.vision.datasets.idx import write_idx

SHARED_DATA = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data"


def md5_of(contents):
    """Return the md5 sum of bytes in hexadecimal."""
    return hashlib.md5(contents, usedforsecurity=False).hexdigest()


def write_small_mnist(root, count=7, name="MNIST"):
    """Write `count` random pictures each for training and testing; return the folder of the files."""
    raw = root / name / "raw"
    raw.mkdir(parents=True)
    random = numpy.random.default_rng(0)
    for prefix in ("train", "t10k"):
        write_idx(raw / f"{prefix}-images-idx3-ubyte.gz", random.integers(0, 256, (count, 28, 28)))
        write_idx(raw / f"{prefix}-labels-idx1-ubyte.gz", random.integers(0, 10, (count,)))
    return raw


def write_pickle(path, contents):
    """Write a pickle as Python 3 writes it for Python 2; return [name, md5 sum]."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(contents, protocol=2))
    return [path.name, md5_of(path.read_bytes())]


def small_cifar(base, root, count=6, labels="labels"):
    """Write files of CIFAR's layout with `count` random pictures each; return `base` with their md5 sums."""
    random = numpy.random.default_rng(0)
    folder = root / base.base_folder

    def batch(name):
        pictures = random.integers(0, 256, (count, 3072), dtype=numpy.uint8)
        return write_pickle(folder / name, {"data": pictures, labels: random.integers(0, 10, count).tolist()})

    names = [f"class {i}" for i in range(10)]
    meta_name, meta_md5 = write_pickle(folder / base.meta["filename"], {base.meta["key"]: names})

    class Small(base):
        train_list = [batch(name) for name, _ in base.train_list]
        test_list = [batch(name) for name, _ in base.test_list]
        meta = {**base.meta, "filename": meta_name, "md5": meta_md5}

    return Small
