"""Transforms that move pixels: resizing, padding, cropping, flipping, rotating."""

import math
import numbers
import warnings
from collections.abc import Sequence

import lampas
from lampas import Tensor, nn
from lampas.vision.transforms import functional
from lampas.vision.transforms.functional import InterpolationMode
from lampas.vision.transforms.functional.geometry import check_padding, fill_of_channels
from lampas.vision.transforms.functional.interpolation import interpolation_mode


def two_sizes(size, error_msg):
    """Return (height, width) of a number or a sequence of one or two; ValueError otherwise."""
    if isinstance(size, numbers.Real):
        return math.trunc(size), math.trunc(size)
    if isinstance(size, Sequence) and len(size) == 1:
        return size[0], size[0]
    if len(size) != 2:
        raise ValueError(error_msg)
    return size


def uniform(low, high):
    """Draw one number, as PyTorch's transforms draw it."""
    return lampas.empty(1).uniform_(low, high).item()


def random_place(size, picture_size):
    """Draw (top, left) of a rectangle within a picture; both are (height, width)."""
    return tuple(
        lampas.randint(0, largest - own + 1, size=(1,)).item()
        for own, largest in zip(size, picture_size, strict=True)
    )


def random_rectangle(area, scale, log_ratio):
    """Draw a rectangle's area, a share of `area` within `scale`, and the ratio of its sides."""
    return area * uniform(*scale), lampas.exp(lampas.empty(1).uniform_(*log_ratio)).item()


def check_scale_and_ratio(scale, ratio):
    """Raise the errors of wrong ranges, and warn of those that are upside down."""
    if not isinstance(scale, Sequence):
        raise TypeError("Scale should be a sequence")
    if not isinstance(ratio, Sequence):
        raise TypeError("Ratio should be a sequence")
    if scale[0] > scale[1] or ratio[0] > ratio[1]:
        warnings.warn("Scale and ratio should be of kind (min, max)", stacklevel=3)


class Resize(nn.Module):
    """Bring a picture to a size; see `functional.resize`.

    Args:
        size (int or sequence): (height, width); one number is for the shorter side.
        interpolation (InterpolationMode): how.
        max_size (int): the longer side may not be longer; only where `size` is one number.
        antialias (bool): of tensors.
    """

    def __init__(self, size, interpolation=InterpolationMode.BILINEAR, max_size=None, antialias=True):
        super().__init__()
        if not isinstance(size, (int, Sequence)):
            raise TypeError(f"Size should be int or sequence. Got {type(size)}")
        if isinstance(size, Sequence) and len(size) not in (1, 2):
            raise ValueError("If size is a sequence, it should have 1 or 2 values")
        self.size = size
        self.max_size = max_size
        self.interpolation = interpolation_mode(interpolation)
        self.antialias = antialias

    def forward(self, img):
        return functional.resize(img, self.size, self.interpolation, self.max_size, self.antialias)

    def __repr__(self):
        return (
            f"{type(self).__name__}(size={self.size}, interpolation={self.interpolation.value}, "
            f"max_size={self.max_size}, antialias={self.antialias})"
        )


class Pad(nn.Module):
    """Add pixels around a picture; see `functional.pad`.

    Args:
        padding (int or sequence): on all sides; or (left and right, top and bottom); or
            (left, top, right, bottom).
        fill (number or tuple): of constant padding.
        padding_mode (str): "constant", "edge", "reflect" or "symmetric".
    """

    def __init__(self, padding, fill=0, padding_mode="constant"):
        super().__init__()
        check_padding(padding, fill, padding_mode)
        self.padding = padding
        self.fill = fill
        self.padding_mode = padding_mode

    def forward(self, img):
        return functional.pad(img, self.padding, self.fill, self.padding_mode)

    def __repr__(self):
        return (
            f"{type(self).__name__}(padding={self.padding}, fill={self.fill}, "
            f"padding_mode={self.padding_mode})"
        )


class CenterCrop(nn.Module):
    """Cut out the middle of a picture; see `functional.center_crop`.

    Args:
        size (int or sequence): (height, width), or one number for both.
    """

    def __init__(self, size):
        super().__init__()
        self.size = two_sizes(size, "Please provide only two dimensions (h, w) for size.")

    def forward(self, img):
        return functional.center_crop(img, self.size)

    def __repr__(self):
        return f"{type(self).__name__}(size={self.size})"


class RandomCrop(nn.Module):
    """Cut out a part of a picture at a random place.

    Args:
        size (int or sequence): (height, width), or one number for both.
        padding (int or sequence): add pixels first; None for none.
        pad_if_needed (bool): add pixels where the picture is too small.
        fill (number or tuple), padding_mode (str): of the added pixels; see `functional.pad`.

    Raises:
        ValueError: for a picture that is smaller than `size`.
    """

    def __init__(self, size, padding=None, pad_if_needed=False, fill=0, padding_mode="constant"):
        super().__init__()
        self.size = tuple(two_sizes(size, "Please provide only two dimensions (h, w) for size."))
        self.padding = padding
        self.pad_if_needed = pad_if_needed
        self.fill = fill
        self.padding_mode = padding_mode

    @staticmethod
    def get_params(img, output_size):
        """Draw (top, left, height, width) of the part."""
        _, height, width = functional.get_dimensions(img)
        new_height, new_width = output_size
        if height < new_height or width < new_width:
            raise ValueError(
                f"Required crop size {(new_height, new_width)} is larger than input image size "
                f"{(height, width)}"
            )
        if (height, width) == (new_height, new_width):
            return 0, 0, height, width
        top, left = random_place((new_height, new_width), (height, width))
        return top, left, new_height, new_width

    def forward(self, img):
        if self.padding is not None:
            img = functional.pad(img, self.padding, self.fill, self.padding_mode)
        if self.pad_if_needed:
            _, height, width = functional.get_dimensions(img)
            missing_height, missing_width = self.size[0] - height, self.size[1] - width
            if missing_width > 0:
                img = functional.pad(img, [missing_width, 0], self.fill, self.padding_mode)
            if missing_height > 0:
                img = functional.pad(img, [0, missing_height], self.fill, self.padding_mode)
        return functional.crop(img, *self.get_params(img, self.size))

    def __repr__(self):
        return f"{type(self).__name__}(size={self.size}, padding={self.padding})"


class RandomResizedCrop(nn.Module):
    """Cut out a part of random size, shape and place, and bring it to one size.

    Args:
        size (int or sequence): (height, width), or one number for both.
        scale (sequence): the smallest and largest share of the picture's area.
        ratio (sequence): the smallest and largest width / height.
        interpolation (InterpolationMode), antialias (bool): see `functional.resize`.
    """

    def __init__(
        self,
        size,
        scale=(0.08, 1.0),
        ratio=(3.0 / 4.0, 4.0 / 3.0),
        interpolation=InterpolationMode.BILINEAR,
        antialias=True,
    ):
        super().__init__()
        self.size = two_sizes(size, "Please provide only two dimensions (h, w) for size.")
        check_scale_and_ratio(scale, ratio)
        self.interpolation = interpolation_mode(interpolation)
        self.antialias = antialias
        self.scale = scale
        self.ratio = ratio

    @staticmethod
    def get_params(img, scale, ratio):
        """Draw (top, left, height, width) of the part; after ten misfits it is the middle."""
        _, height, width = functional.get_dimensions(img)
        log_ratio = lampas.log(lampas.tensor(ratio)).tolist()
        for _ in range(10):
            area, aspect = random_rectangle(height * width, scale, log_ratio)
            new_width, new_height = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
            if 0 < new_width <= width and 0 < new_height <= height:
                return *random_place((new_height, new_width), (height, width)), new_height, new_width
        new_height, new_width = height, width
        if width / height < min(ratio):
            new_height = round(width / min(ratio))
        elif width / height > max(ratio):
            new_width = round(height * max(ratio))
        return (height - new_height) // 2, (width - new_width) // 2, new_height, new_width

    def forward(self, img):
        top, left, height, width = self.get_params(img, self.scale, self.ratio)
        return functional.resized_crop(
            img, top, left, height, width, self.size, self.interpolation, self.antialias
        )

    def __repr__(self):
        scale, ratio = (tuple(round(each, 4) for each in pair) for pair in (self.scale, self.ratio))
        return (
            f"{type(self).__name__}(size={self.size}, scale={scale}, ratio={ratio}, "
            f"interpolation={self.interpolation.value}, antialias={self.antialias})"
        )


class _RandomFlip(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def __repr__(self):
        return f"{type(self).__name__}(p={self.p})"


class RandomHorizontalFlip(_RandomFlip):
    """Mirror a picture left to right with a probability.

    Args:
        p (float): the probability.
    """

    def forward(self, img):
        return functional.hflip(img) if lampas.rand(1) < self.p else img


class RandomVerticalFlip(_RandomFlip):
    """Mirror a picture top to bottom with a probability.

    Args:
        p (float): the probability.
    """

    def forward(self, img):
        return functional.vflip(img) if lampas.rand(1) < self.p else img


class RandomRotation(nn.Module):
    """Turn a picture by a random angle; see `functional.rotate`.

    Args:
        degrees (number or sequence): the smallest and largest angle, or the largest to both sides.
        interpolation, expand, center, fill: as for `functional.rotate`.
    """

    def __init__(self, degrees, interpolation=InterpolationMode.NEAREST, expand=False, center=None, fill=0):
        super().__init__()
        if isinstance(degrees, numbers.Real):
            if degrees < 0:
                raise ValueError("If degrees is a single number, it must be positive.")
            degrees = [-degrees, degrees]
        elif not isinstance(degrees, Sequence):
            raise TypeError("degrees should be a sequence of length 2.")
        if len(degrees) != 2:
            raise ValueError("degrees should be a sequence of length 2.")
        if center is not None:
            if not isinstance(center, Sequence):
                raise TypeError("center should be a sequence of length 2.")
            if len(center) != 2:
                raise ValueError("center should be a sequence of length 2.")
        if fill is not None and not isinstance(fill, (Sequence, numbers.Real)):
            raise TypeError("Fill should be either a sequence or a number.")
        self.degrees = [float(each) for each in degrees]
        self.interpolation = interpolation_mode(interpolation)
        self.expand = expand
        self.center = center
        self.fill = 0 if fill is None else fill

    @staticmethod
    def get_params(degrees):
        """Draw the angle."""
        return uniform(*degrees)

    def forward(self, img):
        fill = self.fill
        if isinstance(img, Tensor):
            fill = fill_of_channels(fill, functional.get_image_num_channels(img))
        angle = self.get_params(self.degrees)
        return functional.rotate(img, angle, self.interpolation, self.expand, self.center, fill)

    def __repr__(self):
        parts = [f"degrees={self.degrees}", f"interpolation={self.interpolation.value}"]
        parts.append(f"expand={self.expand}")
        if self.center is not None:
            parts.append(f"center={self.center}")
        parts.append(f"fill={self.fill}")
        return f"{type(self).__name__}({', '.join(parts)})"
