"""The data of a run: pictures for training, validation and testing."""

import os
import warnings
from typing import NamedTuple

import lampas
from lampas.data import Digits
from lampas.train.photograph import read_picture
from lampas.train.problem import Problem
from lampas.utils.data import Dataset, Subset, random_split
from lampas.vision.datasets import CIFAR10, MNIST, FashionMNIST, ImageFolder
from lampas.vision.transforms import Compose, Normalize, ToTensor

# The mean and deviation of the pixels, by channel.
_SPREAD = {
    "digits": ((0.1307,), (0.3081,)),
    "mnist": ((0.1307,), (0.3081,)),
    "fashion-mnist": ((0.2860,), (0.3530,)),
    "cifar10": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}
_STANDARD = {"mnist": MNIST, "fashion-mnist": FashionMNIST, "cifar10": CIFAR10}
NAMES = (*_SPREAD,)
_SHARE_TO_TEST = 5  # a folder without test pictures gives every fifth


class Data(NamedTuple):
    """What a run trains, validates and tests on."""

    name: str
    train: Dataset
    validation: Dataset
    test: Dataset
    shape: tuple  # channels, height and width of a picture
    classes: list  # names
    spread: tuple  # mean and deviation, by channel
    is_handwriting: bool  # bright digits on black, 28x28


class FolderOfDigits(MNIST):
    """The four idx files of MNIST's format in a folder of one's own."""

    @property
    def raw_folder(self):
        return self.root


def _transform(name):
    return Compose([ToTensor(), Normalize(*_SPREAD[name])])


def _open_standard(name, options):
    transform = _transform(name)
    if name == "digits":
        return Digits(True, transform=transform), Digits(False, transform=transform)
    return [
        _STANDARD[name](options.data_root, train, transform=transform, download=options.download)
        for train in (True, False)
    ]


def _folder_of_idx_files(path):
    """Return the folder in or below `path` that holds MNIST's files, or None."""
    for folder in ("", "raw", os.path.join("MNIST", "raw")):
        place = os.path.join(path, folder)
        if os.path.isdir(place) and any("-ubyte" in name for name in os.listdir(place)):
            return place
    return None


def _open_pictures(path, options):
    """Return the two splits of a folder with a folder of pictures for each class."""
    from lampas.vision.transforms import CenterCrop, Resize

    size = options.picture_size
    spread = _SPREAD["cifar10"]
    transform = Compose([Resize(size), CenterCrop(size), ToTensor(), Normalize(*spread)])
    parts = [os.path.join(path, part) for part in ("train", "test")]
    if all(map(os.path.isdir, parts)):
        train, test = (ImageFolder(part, transform, loader=read_picture) for part in parts)
        if train.classes != test.classes:
            raise Problem(f"--data {path}: the folders train and test do not have the same classes")
        return train, test, train.classes
    everything = ImageFolder(path, transform, loader=read_picture)
    generator = lampas.Generator()
    generator.manual_seed(options.seed)
    order = lampas.randperm(len(everything), generator=generator).tolist()
    held_out = set(order[::_SHARE_TO_TEST])
    train = Subset(everything, [i for i in range(len(everything)) if i not in held_out])
    return train, Subset(everything, sorted(held_out)), everything.classes


def _open(options):
    """Return training and test pictures, the classes' names, the spread, and whether it is handwriting."""
    name = options.data
    if name in NAMES:
        train, test = _open_standard(name, options)
        return (
            train,
            test,
            [c.split(" - ")[0] for c in train.classes],
            _SPREAD[name],
            name in ("digits", "mnist"),
        )
    if not os.path.isdir(name):
        raise Problem(f"--data {name}: neither one of {', '.join(NAMES)}, nor is there such a folder")
    place = _folder_of_idx_files(name)
    if place is None:
        return (*_open_pictures(name, options), _SPREAD["cifar10"], False)
    train, test = (FolderOfDigits(place, part, transform=_transform("mnist")) for part in (True, False))
    count = 1 + max(int(train.targets.max()), int(test.targets.max())) if len(train) and len(test) else 0
    return train, test, [str(i) for i in range(count)], _SPREAD["mnist"], True


def load_data(options):
    """Return the run's data, with the validation pictures split off at random.

    Args:
        options (Namespace): data, data_root, download, validation, picture_size, seed.

    Raises:
        Problem: where the data is missing, corrupt or too small to be split so.
    """
    try:
        train, test, classes, spread, is_handwriting = _open(options)
    except (RuntimeError, OSError, ImportError) as error:
        reason = str(error)
        if "not found" in reason and options.data in NAMES:
            state = "not found or corrupt" if "corrupt" in reason else "not found"
            reason = f"{state} under {options.data_root}; give --download, or its folder by --data-root"
        raise Problem(f"--data {options.data}: {reason}") from error
    if len(classes) == 1:
        raise Problem(f"--data {options.data}: only one class, {classes[0]}; two at least can be told apart")
    held_out = round(len(train) * options.validation)
    if len(train) - held_out < 1 or len(test) < 1:
        raise Problem(f"--data {options.data}: too few pictures ({len(train)} to train, {len(test)} to test)")
    shape = tuple(_first_picture(train, options).shape)
    if tuple(_first_picture(test, options).shape) != shape:
        raise Problem(f"--data {options.data}: pictures to train and to test are of different sizes")
    generator = lampas.Generator()
    generator.manual_seed(options.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no pictures to validate with may be what the user wants
        kept, validation = random_split(train, [len(train) - held_out, held_out], generator=generator)
    return Data(
        options.data, kept, validation, test, shape, classes, spread, is_handwriting and shape[0] == 1
    )


def _first_picture(dataset, options):
    try:
        return dataset[0][0]
    except (RuntimeError, OSError, ImportError, ValueError) as error:
        raise Problem(f"--data {options.data}: {error}") from error
