"""Checks CIFAR-10 and CIFAR-100 on small files: reading, damaged and hostile pickles; and the real one."""

import os
import pickle

import numpy
import pytest
from vision_files import SHARED_DATA, md5_of, small_cifar, write_pickle

from lampas.vision.datasets import CIFAR10, CIFAR100
from lampas.vision.datasets.array_pickle import load_arrays
from lampas.vision.transforms import ToTensor


@pytest.fixture
def small(tmp_path):
    """Return (class of a small CIFAR-10, its root)."""
    return small_cifar(CIFAR10, tmp_path), tmp_path


def test_reads_both_splits(small):
    cifar, root = small
    train, test = cifar(str(root)), cifar(root, train=False)
    assert (len(train), len(test)) == (30, 6)
    assert train.data.shape == (30, 32, 32, 3) and train.data.dtype == numpy.uint8
    assert len(train.targets) == 30 and set(train.targets) <= set(range(10))
    assert train.classes[3] == "class 3" and train.class_to_idx["class 3"] == 3


def test_planes_become_channels(small):
    cifar, root = small
    row = load_arrays(str(root / "cifar-10-batches-py" / "data_batch_2"))["data"][4]
    dataset = cifar(root, transform=ToTensor())
    picture, target = dataset[10]
    assert picture.shape == (3, 32, 32) and target == dataset.targets[10]
    assert dataset.data[10, 5, 7].tolist() == [
        row[5 * 32 + 7],
        row[1024 + 5 * 32 + 7],
        row[2048 + 5 * 32 + 7],
    ]
    assert float(picture[2, 5, 7]) == pytest.approx(row[2048 + 5 * 32 + 7] / 255, abs=1e-7)


def test_sample_without_transform_is_a_pil_image(small):
    pytest.importorskip("PIL")
    cifar, root = small
    dataset = cifar(root)
    assert dataset[3][0].mode == "RGB"
    assert numpy.asarray(dataset[3][0]).tolist() == dataset.data[3].tolist()


def test_printed_form(small):
    cifar, root = small
    expected = f"Dataset Small\n    Number of datapoints: 6\n    Root location: {root}\n    Split: Test"
    assert repr(cifar(root, train=False)) == expected


def test_cifar100(tmp_path):
    cifar = small_cifar(CIFAR100, tmp_path, labels="fine_labels")
    dataset = cifar(tmp_path)
    assert len(dataset) == 6 and len(dataset.targets) == 6


@pytest.mark.parametrize("name", ["data_batch_3", "test_batch", "batches.meta"])
def test_missing_or_changed_files(small, name):
    cifar, root = small
    path = root / "cifar-10-batches-py" / name
    contents = path.read_bytes()
    path.write_bytes(contents[:-1])
    with pytest.raises(RuntimeError) as raised:
        cifar(root)
    first, second = str(raised.value).split("\n")
    assert first == "Dataset not found or corrupted. You can use download=True to download it"
    assert second == f"{path} has another md5 sum than {md5_of(contents)}"
    path.unlink()
    with pytest.raises(RuntimeError, match="Dataset not found or corrupted.*\nthere is no .*" + name):
        cifar(root)


class Hostile:
    """Creates a folder when it is unpickled by Python's own unpickler."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_hostile_pickle_is_not_executed(tmp_path):
    trap = tmp_path / "trap"
    write_pickle(tmp_path / "file", {"data": Hostile(str(trap))})
    with pytest.raises(RuntimeError, match="file is corrupt: it asks for posix.mkdir"):
        load_arrays(str(tmp_path / "file"))
    assert not trap.exists()
    pickle.loads((tmp_path / "file").read_bytes())
    assert trap.exists()  # the trap would have worked


def test_damaged_pickles_are_errors(tmp_path):
    path = tmp_path / "file"
    write_pickle(path, {"data": numpy.arange(64, dtype=numpy.uint8).reshape(2, 32), "labels": [1, 2]})
    whole = path.read_bytes()
    random = numpy.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(whole[: random.integers(len(whole) // 2, len(whole) + 1)])
        damaged[random.integers(len(damaged))] = random.integers(256)
        path.write_bytes(damaged)
        try:
            load_arrays(str(path))
        except RuntimeError as error:
            assert str(error).startswith(f"{path} is corrupt: ")


@pytest.mark.parametrize(
    "array, problem",
    [
        (numpy.zeros((2, 2), numpy.int32), "only arrays of bytes"),
        (numpy.array([[1], "a"], object), "only arrays of bytes"),
        (numpy.asfortranarray(numpy.zeros((2, 2), numpy.uint8)), "only arrays of bytes"),
    ],
)
def test_other_arrays_are_refused(tmp_path, array, problem):
    write_pickle(tmp_path / "file", {"data": array})
    with pytest.raises(RuntimeError, match=problem):
        load_arrays(str(tmp_path / "file"))


@pytest.mark.parametrize(
    "contents, problem",
    [
        ({"labels": [1]}, "does not hold pictures and labels"),
        ({"data": numpy.zeros((2, 3072), numpy.uint8), "labels": [1]}, "of shape \\(2, 3072\\) for 1 labels"),
    ],
)
def test_contents_that_do_not_belong_together(small, contents, problem):
    cifar, root = small
    cifar.test_list = [write_pickle(root / "cifar-10-batches-py" / "test_batch", contents)]
    with pytest.raises(RuntimeError, match=problem):
        cifar(root, train=False)


@pytest.mark.skipif(
    not (SHARED_DATA / "cifar-10-batches-py").exists(), reason=f"no CIFAR-10 under {SHARED_DATA}"
)
def test_real_cifar10():
    train, test = CIFAR10(str(SHARED_DATA)), CIFAR10(str(SHARED_DATA), train=False)
    assert (len(train), len(test)) == (50000, 10000)
    assert train.classes[:4] == ["airplane", "automobile", "bird", "cat"]
    assert train.targets[:10] == [6, 9, 9, 4, 1, 1, 2, 7, 8, 3]
    assert test.targets[:4] == [3, 8, 8, 0]
    # The means that everyone normalises CIFAR-10 by.
    assert (train.data.mean((0, 1, 2)) / 255).tolist() == pytest.approx([0.4914, 0.4822, 0.4465], abs=1e-4)
