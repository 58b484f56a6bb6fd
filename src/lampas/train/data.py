"""The data of a run: pictures for training, validation and testing."""

import os
from typing import NamedTuple

import lampas
from lampas.data import Digits
from lampas.train.problem import Problem
from lampas.utils.data import Dataset, random_split
from lampas.vision.datasets import MNIST
from lampas.vision.transforms import Compose, Normalize, ToTensor

_TRANSFORM = Compose([ToTensor(), Normalize((0.1307,), (0.3081,))])  # the mean and deviation of MNIST


class Data(NamedTuple):
    """What a run trains, validates and tests on."""

    name: str
    train: Dataset
    validation: Dataset
    test: Dataset
    picture_size: int  # pixels of one picture
    classes: int


class FolderOfDigits(MNIST):
    """The four idx files of MNIST's format in a folder of one's own."""

    @property
    def raw_folder(self):
        return self.root


def _open_split(name, options, train):
    if name == "digits":
        return Digits(train, transform=_TRANSFORM)
    if name == "mnist":
        return MNIST(options.data_root, train, transform=_TRANSFORM, download=options.download)
    return FolderOfDigits(name, train, transform=_TRANSFORM)


def _open(options):
    """Return the two splits of the data that the options name; a Problem where they cannot be read."""
    name = options.data
    if name not in ("digits", "mnist"):
        if not os.path.isdir(name):
            raise Problem(f"--data {name}: neither digits nor mnist, nor is there such a folder")
        for folder in ("", "raw", os.path.join("MNIST", "raw")):
            if os.path.isdir(os.path.join(name, folder)):
                name = os.path.join(options.data, folder)
    try:
        return _open_split(name, options, train=True), _open_split(name, options, train=False)
    except (RuntimeError, OSError) as error:
        reason = str(error)
        if reason.startswith("Dataset not found"):
            looked_in = reason[reason.index("(looked in") :]
            help_text = "give --download, or its folder by --data-root" if name == "mnist" else "see --help"
            raise Problem(f"--data {options.data}: not found {looked_in}; {help_text}") from error
        raise Problem(f"--data {options.data}: {reason}") from error


def load_data(options):
    """Return the run's data, with the validation pictures split off at random.

    Args:
        options (Namespace): data, data_root, download, validation.

    Raises:
        Problem: where the data is missing, corrupt or too small to be split so.
    """
    train, test = _open(options)
    held_out = round(len(train) * options.validation)
    if len(train) - held_out < 1 or len(test) < 1:
        raise Problem(f"--data {options.data}: too few pictures ({len(train)} to train, {len(test)} to test)")
    if train.data.shape[1:] != test.data.shape[1:]:
        raise Problem(f"--data {options.data}: pictures to train and to test are of different sizes")
    classes = 1 + max(int(train.targets.max()), int(test.targets.max()))
    picture_size = train.data.shape[1] * train.data.shape[2]
    generator = lampas.Generator()
    generator.manual_seed(options.seed)
    kept, validation = random_split(train, [len(train) - held_out, held_out], generator=generator)
    return Data(options.data, kept, validation, test, picture_size, classes)
