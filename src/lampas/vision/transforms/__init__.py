"""Transforms of pictures."""

from lampas.vision.transforms import functional
from lampas.vision.transforms.transforms import Compose, Lambda, Normalize, ToTensor

__all__ = ["Compose", "Lambda", "Normalize", "ToTensor", "functional"]
