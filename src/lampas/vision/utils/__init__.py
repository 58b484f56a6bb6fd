"""Grids of pictures: torchvision.utils."""

from lampas.vision.utils.grid import make_grid, save_image

__all__ = ["make_grid", "save_image"]
