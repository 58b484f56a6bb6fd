"""Stand-ins for the documents' data sets where those cannot be downloaded; also what the tests run on.

CIFAR-10 is replaced by coloured stripes, one direction and colour for each class, MNIST by the digits of the
package. Real files are used wherever they lie in place already.
"""

import colorsys
import gzip
import pathlib
import pickle
import urllib.error
import urllib.request

import numpy

from lampas.data import Digits
from lampas.vision.datasets import CIFAR10, MNIST
from lampas.vision.datasets.download import file_md5

CIFAR10_ROOTS = ("CIFAR10", "data")  # where documents 0 and 4 look
MNIST_ROOT = "~/.pytorch/MNIST_data"  # where document 2 looks
CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
FIRST_TEST_LABELS = [3, 8, 8, 0]  # those of the real test set, which document 0 prints
MARKER = "MADE_UP.txt"


def striped_pictures(labels, seed):
    """Return noisy striped pictures, uint8 of shape (N, 3 * 32 * 32), one pattern for each of ten labels."""
    random = numpy.random.default_rng(seed)
    row, column = numpy.mgrid[0:32, 0:32] / 32
    patterns = []
    for label in range(10):
        angle = numpy.pi * label / 10
        wave = numpy.sin(2 * numpy.pi * 3 * (numpy.cos(angle) * row + numpy.sin(angle) * column))
        colour = numpy.array(colorsys.hsv_to_rgb(label / 10, 0.6, 1.0)).reshape(3, 1, 1)
        patterns.append(110 + 60 * wave * colour)
    pictures = numpy.stack(patterns)[labels]
    pictures = pictures + random.normal(0, 40, pictures.shape)
    return pictures.clip(0, 255).astype(numpy.uint8).reshape(len(labels), -1)


def _write(path, contents):
    path.write_bytes(pickle.dumps(contents, protocol=4))


def make_cifar10(root, training_size=8000, test_size=1000):
    """Write made pictures in CIFAR-10's format below `root`, marked as made up."""
    folder = pathlib.Path(root) / CIFAR10.base_folder
    folder.mkdir(parents=True)
    random = numpy.random.default_rng(0)
    for seed, (name, _) in enumerate([*CIFAR10.train_list, *CIFAR10.test_list]):
        is_test = name == "test_batch"
        labels = random.integers(0, 10, test_size if is_test else training_size // 5)
        if is_test:
            labels[: len(FIRST_TEST_LABELS)] = FIRST_TEST_LABELS
        _write(folder / name, {"data": striped_pictures(labels, seed), "labels": labels.tolist()})
    _write(folder / CIFAR10.meta["filename"], {"label_names": CLASSES})
    (folder / MARKER).write_text("Stripes made by sample_data.py: not CIFAR-10.\n")


def accept_made_cifar10(root, dataset=CIFAR10):
    """Let CIFAR10, ours or torchvision's, take the made files below `root` for the right ones."""
    folder = pathlib.Path(root) / dataset.base_folder
    for group in (dataset.train_list, dataset.test_list):
        group[:] = [[name, file_md5(folder / name)] for name, _ in group]
    dataset.meta = {**dataset.meta, "md5": file_md5(folder / dataset.meta["filename"])}


def make_mnist(root):
    """Write the package's digits as the extracted files of MNIST below `root`."""
    folder = pathlib.Path(root).expanduser() / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for name, _ in MNIST.resources:
        packed = pathlib.Path(Digits().raw_folder) / name
        (folder / name.removesuffix(".gz")).write_bytes(gzip.decompress(packed.read_bytes()))


def can_download(url):
    """Return whether a server answers within five seconds."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=5):
            return True
    except (OSError, urllib.error.URLError):
        return False


def fill_in(network=True, dataset=CIFAR10):
    """Put stand-ins where the documents look for data, unless real files are there or can be downloaded."""
    for root in CIFAR10_ROOTS:
        folder = pathlib.Path(root) / CIFAR10.base_folder
        if not folder.exists():
            if network and can_download(CIFAR10.url):
                continue
            print(f"CIFAR-10 cannot be downloaded here: {folder} gets made pictures instead")
            make_cifar10(root)
        if (folder / MARKER).exists():
            accept_made_cifar10(root, dataset)
    if not (pathlib.Path(MNIST_ROOT).expanduser() / "MNIST" / "raw").exists():
        if not (network and can_download(MNIST.mirrors[0] + MNIST.resources[0][0])):
            print(f"MNIST cannot be downloaded here: {MNIST_ROOT} gets the package's digits instead")
            make_mnist(MNIST_ROOT)


if __name__ == "__main__":
    fill_in()
