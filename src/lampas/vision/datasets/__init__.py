"""Data sets of pictures."""

from lampas.vision.datasets.mnist import MNIST
from lampas.vision.datasets.vision import VisionDataset

__all__ = ["MNIST", "VisionDataset"]
