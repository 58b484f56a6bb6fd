"""Transforms of pictures as functions."""

from lampas.vision.transforms.functional.color import (
    adjust_brightness,
    adjust_contrast,
    adjust_hue,
    adjust_saturation,
    erase,
    gaussian_blur,
    rgb_to_grayscale,
    to_grayscale,
)
from lampas.vision.transforms.functional.conversion import (
    convert_image_dtype,
    normalize,
    pil_to_tensor,
    to_pil_image,
    to_tensor,
)
from lampas.vision.transforms.functional.geometry import (
    center_crop,
    crop,
    get_dimensions,
    get_image_num_channels,
    get_image_size,
    hflip,
    pad,
    resize,
    resized_crop,
    rotate,
    vflip,
)
from lampas.vision.transforms.functional.interpolation import InterpolationMode

__all__ = [
    "InterpolationMode",
    "adjust_brightness",
    "adjust_contrast",
    "adjust_hue",
    "adjust_saturation",
    "center_crop",
    "convert_image_dtype",
    "crop",
    "erase",
    "gaussian_blur",
    "get_dimensions",
    "get_image_num_channels",
    "get_image_size",
    "hflip",
    "normalize",
    "pad",
    "pil_to_tensor",
    "resize",
    "resized_crop",
    "rgb_to_grayscale",
    "rotate",
    "to_grayscale",
    "to_pil_image",
    "to_tensor",
    "vflip",
]
