"""Data sets of pictures and transforms of them; torchvision's interface."""

from lampas.vision import datasets, transforms, utils

__all__ = ["datasets", "transforms", "utils"]
