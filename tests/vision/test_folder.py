"""Checks data sets of files in folders, and random pictures."""

import pathlib

import pytest

import lampas
from lampas.utils.data import DataLoader
from lampas.vision.datasets import DatasetFolder, FakeData, ImageFolder
from lampas.vision.datasets.folder import is_image_file
from lampas.vision.transforms import ToTensor


@pytest.fixture
def pictures(tmp_path):
    """Write pictures of two classes; return their root."""
    image = pytest.importorskip("PIL.Image")
    for i, name in enumerate(["dog/b.png", "dog/a.jpg", "dog/in/c.bmp", "cat/x.PNG"]):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image.new("L", (4, 3), 10 * i).save(path)
    (tmp_path / "dog" / "notes.txt").write_text("no picture")
    (tmp_path / "file.png").write_text("no class")
    return tmp_path


def test_image_folder(pictures):
    dataset = ImageFolder(str(pictures), transform=ToTensor(), target_transform=lambda target: -target)
    assert dataset.classes == ["cat", "dog"] and dataset.class_to_idx == {"cat": 0, "dog": 1}
    names = [path[len(str(pictures)) :] for path, _ in dataset.samples]
    assert names == ["/cat/x.PNG", "/dog/a.jpg", "/dog/b.png", "/dog/in/c.bmp"]
    assert dataset.targets == [0, 1, 1, 1] and dataset.imgs is dataset.samples
    picture, target = dataset[2]
    assert picture.shape == (3, 3, 4) and target == -1 and float(picture.max()) == 0.0
    assert repr(dataset).startswith("Dataset ImageFolder\n    Number of datapoints: 4\n    Root location: ")


def test_unreadable_picture_is_named(pictures):
    from PIL import UnidentifiedImageError

    (pictures / "cat" / "x.PNG").write_bytes(b"no picture")
    with pytest.raises(UnidentifiedImageError, match="x.PNG"):
        ImageFolder(pictures)[0]


def test_truncated_picture_is_named(pictures):
    path = pictures / "dog" / "b.png"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(Exception) as raised:
        ImageFolder(pictures)[2]
    assert raised.value.__notes__ == [f"in the file {path}"]


def test_pictures_of_different_sizes_do_not_make_a_batch(pictures):
    from PIL import Image

    Image.new("RGB", (5, 5)).save(pictures / "dog" / "b.png")
    batches = iter(DataLoader(ImageFolder(pictures, transform=ToTensor()), batch_size=4))
    with pytest.raises(RuntimeError, match="stack expects each tensor to be equal size"):
        next(batches)


def test_own_loader_and_extensions(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "text.txt").write_text(name)
    dataset = DatasetFolder(
        tmp_path, loader=lambda path: pathlib.Path(path).read_text(), extensions=(".txt",)
    )
    assert [dataset[i] for i in range(2)] == [("one", 0), ("two", 1)]
    dataset = DatasetFolder(tmp_path, loader=len, is_valid_file=lambda path: "one" in path, allow_empty=True)
    assert len(dataset) == 1


def test_errors(tmp_path):
    with pytest.raises(FileNotFoundError, match="Couldn't find any class folder in"):
        ImageFolder(tmp_path)
    (tmp_path / "b").mkdir()
    (tmp_path / "a").mkdir()
    with pytest.raises(FileNotFoundError) as raised:
        ImageFolder(tmp_path)
    assert str(raised.value) == (
        "Found no valid file for the classes a, b. Supported extensions are: "
        ".jpg, .jpeg, .png, .ppm, .bmp, .pgm, .tif, .tiff, .webp"
    )
    assert len(ImageFolder(tmp_path, allow_empty=True)) == 0
    message = "Both extensions and is_valid_file cannot be None or not None at the same time"
    with pytest.raises(ValueError, match=message):
        DatasetFolder(tmp_path, len)
    with pytest.raises(FileNotFoundError):
        ImageFolder(tmp_path / "missing")


def test_is_image_file():
    assert is_image_file("a.JpEg") and not is_image_file("a.txt")


def test_fake_data():
    pytest.importorskip("PIL")
    lampas.manual_seed(0)
    dataset = FakeData(3, (3, 6, 5), num_classes=4, transform=ToTensor())
    (first, target), (again, same_target), (other, _) = dataset[0], dataset[0], dataset[1]
    assert first.shape == (3, 6, 5) and 0 <= target < 4 and target == same_target
    assert first.tolist() == again.tolist() != other.tolist()
    assert FakeData(3, (3, 6, 5), random_offset=1, transform=ToTensor())[0][0].tolist() == other.tolist()
    assert lampas.initial_seed() == 0  # its own draws leave the generator as it was
    with pytest.raises(IndexError, match="FakeData index out of range"):
        dataset[3]
