"""Data sets of pictures."""

from lampas.vision.datasets.cifar import CIFAR10, CIFAR100
from lampas.vision.datasets.fake import FakeData
from lampas.vision.datasets.folder import DatasetFolder, ImageFolder
from lampas.vision.datasets.mnist import MNIST, FashionMNIST
from lampas.vision.datasets.vision import VisionDataset

__all__ = [
    "CIFAR10",
    "CIFAR100",
    "DatasetFolder",
    "FakeData",
    "FashionMNIST",
    "ImageFolder",
    "MNIST",
    "VisionDataset",
]
