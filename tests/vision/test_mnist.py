"""Checks MNIST on small files: reading, corruption, transforms, batches; and the embedded digits."""

import gzip
import os
import pathlib
import shutil
import subprocess
import sys

import numpy
import pytest
from vision_files import SHARED_DATA, write_small_mnist

import lampas
from lampas.data import Digits
from lampas.utils.data import DataLoader
from lampas.vision.datasets import MNIST, FashionMNIST
from lampas.vision.datasets.idx import read_idx, write_idx
from lampas.vision.transforms import Compose, Normalize, ToTensor


@pytest.fixture
def small_mnist(tmp_path):
    write_small_mnist(tmp_path)
    return tmp_path


def test_reads_both_splits(small_mnist):
    train, test = MNIST(str(small_mnist)), MNIST(small_mnist, train=False)
    assert (len(train), len(test)) == (7, 7)
    assert train.data.shape == (7, 28, 28) and train.data.dtype == lampas.uint8
    assert train.targets.shape == (7,) and train.targets.dtype == lampas.int64
    assert train.data.tolist() != test.data.tolist()


def test_reads_extracted_files(small_mnist):
    compressed = MNIST(small_mnist)
    for path in (small_mnist / "MNIST" / "raw").iterdir():
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert MNIST(small_mnist).data.tolist() == compressed.data.tolist()


def test_sample_with_transforms(small_mnist):
    dataset = MNIST(small_mnist, transform=ToTensor(), target_transform=lambda target: target + 100)
    picture, target = dataset[2]
    assert picture.shape == (1, 28, 28) and picture.dtype == lampas.float32
    assert target == int(dataset.targets[2]) + 100
    pixel = int(dataset.data[2, 5, 6])
    assert float(picture[0, 5, 6]) == pytest.approx(pixel / 255, abs=1e-7)


def test_sample_without_transform_is_a_pil_image(small_mnist):
    pytest.importorskip("PIL")
    dataset = MNIST(small_mnist)
    picture, target = dataset[3]
    assert picture.size == (28, 28) and picture.mode == "L"
    assert numpy.asarray(picture).tolist() == dataset.data[3].tolist()
    assert ToTensor()(picture).tolist() == MNIST(small_mnist, transform=ToTensor())[3][0].tolist()
    assert isinstance(target, int)


def test_without_pillow_it_says_what_to_do(small_mnist, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(
        ImportError, match="install the package pillow, or pass a transform that begins with ToTensor"
    ):
        MNIST(small_mnist)[0]
    assert MNIST(small_mnist, transform=Compose([ToTensor()]))[0][0].shape == (1, 28, 28)


def test_subclass_with_its_own_getitem_goes_sample_by_sample(small_mnist):
    class Fixed(MNIST):
        raw_folder = os.path.join(small_mnist, "MNIST", "raw")

        def __getitem__(self, index):
            return lampas.zeros(2), index

    (picture, indices) = next(iter(DataLoader(Fixed(small_mnist, transform=ToTensor()), batch_size=2)))
    assert picture.shape == (2, 2) and indices.tolist() == [0, 1]


def test_printed_form(small_mnist):
    transform = Compose([ToTensor(), Normalize((0.5,), (0.5,))])
    expected = f"""Dataset MNIST
    Number of datapoints: 7
    Root location: {small_mnist}
    Split: Test
    StandardTransform
Transform: Compose(
               ToTensor()
               Normalize(mean=(0.5,), std=(0.5,))
           )"""
    assert repr(MNIST(str(small_mnist), train=False, transform=transform)) == expected


def test_classes(small_mnist):
    assert MNIST(small_mnist).class_to_idx["7 - seven"] == 7


def test_fashion_mnist(tmp_path):
    write_small_mnist(tmp_path, name="FashionMNIST")
    dataset = FashionMNIST(str(tmp_path), train=False, transform=ToTensor())
    assert dataset.classes[9] == "Ankle boot" and dataset.class_to_idx["Ankle boot"] == 9
    picture, target = dataset[6]
    assert picture.shape == (1, 28, 28) and target == int(dataset.targets[6])
    with pytest.raises(RuntimeError, match="Dataset not found"):
        MNIST(str(tmp_path))


def test_missing_files(tmp_path):
    with pytest.raises(RuntimeError, match="Dataset not found. You can use download=True to download it"):
        MNIST(tmp_path)


def overwrite(path, change):
    """Replace the contents of a compressed file by what `change` makes of them."""
    path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes()))))


@pytest.mark.parametrize(
    "change, problem",
    [
        (lambda contents: contents[:-1], "has 5503 bytes where its header, shape (7, 28, 28), says 5504"),
        (lambda contents: contents + b"x", "has 5505 bytes"),
        (lambda contents: b"\1" + contents[1:], "do not begin an idx file"),
        (lambda contents: contents[:2] + b"\7" + contents[3:], "do not begin an idx file"),
        (lambda contents: contents[:3], "do not begin an idx file"),
        (lambda contents: b"", "do not begin an idx file"),
        (lambda contents: contents[:9], "ends within the header"),
        (lambda contents: contents[:4] + b"\xff\xff\xff\xff" + contents[8:], "bytes where its header"),
        (lambda contents: b"\0\0\x08\x64" + bytes(400), "is not possible"),
        (lambda contents: b"\0\0\x08\x05" + bytes(4) + b"\x7f\xff\xff\xff" * 4, "is not possible"),
    ],
)
def test_wrong_contents_name_the_file(small_mnist, change, problem):
    path = small_mnist / "MNIST" / "raw" / "train-images-idx3-ubyte.gz"
    overwrite(path, change)
    with pytest.raises(RuntimeError) as raised:
        MNIST(small_mnist)
    assert str(raised.value).startswith(f"{path} is corrupt: ")
    assert problem in str(raised.value)
    assert str(raised.value).endswith("delete it and load the data set with download=True")


@pytest.mark.parametrize("keep", [0, 5, 100, 2000])
def test_truncated_compression_names_the_file(small_mnist, keep):
    path = small_mnist / "MNIST" / "raw" / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(RuntimeError, match="train-images-idx3-ubyte.gz is corrupt"):
        MNIST(small_mnist)


def test_damaged_compression_names_the_file(small_mnist):
    path = small_mnist / "MNIST" / "raw" / "train-labels-idx1-ubyte.gz"
    contents = bytearray(path.read_bytes())
    contents[len(contents) // 2] ^= 0xFF
    path.write_bytes(contents)
    with pytest.raises(RuntimeError, match="train-labels-idx1-ubyte.gz is corrupt"):
        MNIST(small_mnist)


def test_files_that_do_not_belong_together(small_mnist, tmp_path):
    raw = small_mnist / "MNIST" / "raw"
    write_idx(raw / "train-labels-idx1-ubyte.gz", numpy.zeros(6))
    with pytest.raises(RuntimeError, match="holds labels of shape \\(6,\\) for 7 pictures"):
        MNIST(small_mnist)
    shutil.copy(raw / "train-labels-idx1-ubyte.gz", raw / "train-images-idx3-ubyte.gz")
    with pytest.raises(RuntimeError, match="does not hold pictures, but shape \\(6,\\)"):
        MNIST(small_mnist)


@pytest.mark.parametrize(
    "code, dtype", [(8, "u1"), (9, "i1"), (11, "i2"), (12, "i4"), (13, "f4"), (14, "f8")]
)
def test_every_idx_dtype(tmp_path, code, dtype):
    values = numpy.array([[1, -2, 3], [100, 5, 6]]).astype(dtype)
    path = tmp_path / "values-idx2"
    header = bytes([0, 0, code, 2]) + numpy.array(values.shape, ">i4").tobytes()
    path.write_bytes(header + values.astype(values.dtype.newbyteorder(">")).tobytes())
    tensor = read_idx(str(path))
    assert tensor.numpy().dtype == values.dtype
    assert tensor.tolist() == values.tolist()


def test_writing_idx_is_reproducible(tmp_path):
    for name in ("a", "b"):
        write_idx(tmp_path / name, numpy.arange(6).reshape(2, 3))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_embedded_digits():
    for train, count in [(True, 1000), (False, 250)]:
        digits = Digits(train=train, transform=ToTensor())
        targets = digits.targets.tolist()
        assert [targets.count(each) for each in range(10)] == [count] * 10
        assert digits[0][0].shape == (1, 28, 28)
        mean = digits.data.to(lampas.float32).mean().item()
        assert 30 < mean < 36  # MNIST's mean is 33.3; pictures of something else would not be near


def test_embedded_digits_are_small_and_state_their_licence():
    import lampas.data

    folder = pathlib.Path(lampas.data.__file__).parent / "digits"
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 3_000_000
    licence = (folder / "LICENSE.txt").read_text()
    assert "Attribution-ShareAlike 3.0" in licence and "http://yann.lecun.com/exdb/mnist/" in licence


needs_mnist = pytest.mark.skipif(not (SHARED_DATA / "MNIST").exists(), reason=f"no MNIST under {SHARED_DATA}")


@needs_mnist
def test_real_mnist():
    train, test = MNIST(str(SHARED_DATA)), MNIST(str(SHARED_DATA), train=False)
    assert (len(train), len(test)) == (60000, 10000)
    assert train.targets[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert test.targets[:5].tolist() == [7, 2, 1, 0, 4]
    # The mean and deviation that everyone normalises MNIST by.
    pixels = train.data.numpy() / 255
    assert pixels.mean() == pytest.approx(0.1307, abs=1e-4)
    assert pixels.std() == pytest.approx(0.3081, abs=1e-4)


@needs_mnist
def test_embedded_digits_are_what_the_command_makes(tmp_path):
    import lampas.data
    from lampas.data.make_digits import make_digits

    make_digits(str(SHARED_DATA), tmp_path)
    folder = pathlib.Path(lampas.data.__file__).parent / "digits"
    for made in tmp_path.iterdir():
        # Compare what they hold: another zlib may compress to other bytes.
        assert gzip.decompress(made.read_bytes()) == gzip.decompress((folder / made.name).read_bytes())


def test_make_digits_without_argument():
    command = [sys.executable, "-m", "lampas.data.make_digits"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("usage: ")
