"""Transforms that move pixels: resizing, padding, cropping, flipping, rotating; of PIL images and of tensors.

A tensor's last three dimensions are (channels, height, width); there may be more in front.
"""

import math
import numbers
import warnings

import lampas
from lampas import Tensor
from lampas.vision.transforms.functional.conversion import is_pil_image
from lampas.vision.transforms.functional.interpolation import (
    InterpolationMode,
    interpolation_mode,
    pillow_number,
)


def check_picture(img):
    """Whether this is a tensor, after the check that it is a picture at all.

    Raises:
        TypeError: for what is neither a PIL image nor a tensor of two dimensions or more.
    """
    if isinstance(img, Tensor):
        if img.dim() < 2:
            raise TypeError("Tensor is not a torch image.")
        return True
    if not is_pil_image(img):
        raise TypeError(f"img should be PIL Image. Got {type(img)}")
    return False


def get_dimensions(img):
    """Return [channels, height, width] of a picture."""
    if check_picture(img):
        return [1 if img.dim() == 2 else img.size(-3), img.size(-2), img.size(-1)]
    width, height = img.size
    return [len(img.getbands()), height, width]


def get_image_size(img):
    """Return [width, height] of a picture."""
    _, height, width = get_dimensions(img)
    return [width, height]


def get_image_num_channels(img):
    """Return the number of channels of a picture."""
    return get_dimensions(img)[0]


def hflip(img):
    """Return a picture mirrored left to right.

    Example:
        >>> hflip(lampas.tensor([[[1, 2, 3]]]))
        tensor([[[3, 2, 1]]])
    """
    if check_picture(img):
        return img.flip(-1)
    return img.transpose(0)  # FLIP_LEFT_RIGHT


def vflip(img):
    """Return a picture mirrored top to bottom."""
    if check_picture(img):
        return img.flip(-2)
    return img.transpose(1)  # FLIP_TOP_BOTTOM


def four_paddings(padding):
    """Return (left, top, right, bottom) of a number, or of a list of one, two or four of them."""
    if isinstance(padding, numbers.Real):
        padding = [padding]
    if len(padding) not in (1, 2, 4):
        raise ValueError(
            f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(padding)} element tuple"
        )
    return tuple(padding) * (4 // len(padding))


def fill_of_channels(fill, channels):
    """Return one number for each channel of a number or a sequence of numbers."""
    if isinstance(fill, numbers.Real) or fill is None:
        return (fill or 0,) * channels
    if len(fill) == 1:
        return tuple(fill) * channels
    if len(fill) != channels:
        raise ValueError(
            "The number of elements in 'fill' does not match the number of channels of the image "
            f"({len(fill)} != {channels})"
        )
    return tuple(fill)


def _pil_fill(fill, img):
    """Return a fill as Pillow takes it."""
    if isinstance(fill, str):
        return fill
    filled = fill_of_channels(fill, len(img.getbands()))
    if img.mode != "F":
        filled = tuple(int(number) for number in filled)
    return filled[0] if len(filled) == 1 else filled


def _pad_pil(img, sides, fill, padding_mode):
    import numpy
    from PIL import Image, ImageOps

    left, top, right, bottom = sides
    if padding_mode == "constant":
        return ImageOps.expand(img, border=tuple(sides), fill=_pil_fill(fill, img))
    cropped = [-min(side, 0) for side in sides]
    if any(cropped):
        img = img.crop((cropped[0], cropped[1], img.width - cropped[2], img.height - cropped[3]))
        left, top, right, bottom = (max(side, 0) for side in sides)
    array = numpy.asarray(img)
    widths = [(top, bottom), (left, right), (0, 0)][: array.ndim]
    padded = Image.fromarray(numpy.pad(array, widths, mode=padding_mode))
    if img.mode == "P":
        padded.putpalette(img.getpalette())
    return padded


def _padded_index(size, before, behind, padding_mode):
    """Return which row or column stands at each place after padding."""
    import numpy

    index = numpy.arange(size)[max(-before, 0) : size - max(-behind, 0)]
    return lampas.from_numpy(numpy.pad(index, (max(before, 0), max(behind, 0)), mode=padding_mode))


def _pad_tensor(img, sides, fill, padding_mode):
    left, top, right, bottom = sides
    height, width = img.shape[-2:]
    if padding_mode != "constant":
        rows = _padded_index(height, top, bottom, padding_mode)
        columns = _padded_index(width, left, right, padding_mode)
        return img.index_select(-2, rows).index_select(-1, columns)
    padded = img.new_full((*img.shape[:-2], height + top + bottom, width + left + right), fill)
    kept = img[..., max(-top, 0) : height - max(-bottom, 0), max(-left, 0) : width - max(-right, 0)]
    top, left = max(top, 0), max(left, 0)
    padded[..., top : top + kept.size(-2), left : left + kept.size(-1)] = kept
    return padded


def check_padding(padding, fill, padding_mode):
    """Raise the errors of wrong padding arguments."""
    if not isinstance(padding, (numbers.Real, tuple, list)):
        raise TypeError("Got inappropriate padding arg")
    if not isinstance(fill, (numbers.Real, str, tuple, list)):
        raise TypeError("Got inappropriate fill arg")
    if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
        raise ValueError("Padding mode should be either constant, edge, reflect or symmetric")
    four_paddings(padding)


def pad(img, padding, fill=0, padding_mode="constant"):
    """Return a picture with more pixels around it, or, for negative numbers, fewer.

    Args:
        img (PIL image or Tensor): the picture.
        padding (int or sequence): on all sides; or (left and right, top and bottom); or
            (left, top, right, bottom).
        fill (number or tuple): of constant padding; a tuple, one number a channel, for PIL images only.
        padding_mode (str): "constant", "edge" (repeat the last pixel), "reflect" (mirror without the last
            pixel) or "symmetric" (mirror with it).

    Example:
        >>> pad(lampas.ones(1, 1, 1), [1, 0], fill=2)
        tensor([[[2., 1., 2.]]])
    """
    is_tensor = check_picture(img)
    check_padding(padding, fill, padding_mode)
    sides = four_paddings(padding)
    if not is_tensor:
        return _pad_pil(img, sides, fill, padding_mode)
    if not isinstance(fill, numbers.Real):
        raise TypeError("Got inappropriate fill arg")
    return _pad_tensor(img, sides, fill, padding_mode)


def crop(img, top, left, height, width):
    """Return a part of a picture; what lies outside of it is zero.

    Example:
        >>> crop(lampas.arange(6).view(1, 2, 3), 1, 1, 1, 3)
        tensor([[[4, 5, 0]]])
    """
    if not check_picture(img):
        return img.crop((left, top, left + width, top + height))
    old_height, old_width = img.shape[-2:]
    bottom, right = top + height, left + width
    if left >= 0 and top >= 0 and right <= old_width and bottom <= old_height:
        return img[..., top:bottom, left:right]
    return _pad_tensor(img, (-left, -top, right - old_width, bottom - old_height), 0, "constant")


def _height_and_width(size):
    """Return (height, width) of a number or a sequence of one or two."""
    if isinstance(size, numbers.Real):
        return math.trunc(size), math.trunc(size)
    return (size[0], size[0]) if len(size) == 1 else tuple(size)


def center_crop(img, output_size):
    """Return the middle of a picture; a smaller picture is padded with zeros.

    Args:
        img (PIL image or Tensor): the picture.
        output_size (int or sequence): (height, width), or one number for both.
    """
    crop_height, crop_width = _height_and_width(output_size)
    _, height, width = get_dimensions(img)
    if crop_width > width or crop_height > height:
        missing_width, missing_height = max(crop_width - width, 0), max(crop_height - height, 0)
        sides = (
            missing_width // 2,
            missing_height // 2,
            (missing_width + 1) // 2,
            (missing_height + 1) // 2,
        )
        img = pad(img, sides, fill=0)
        _, height, width = get_dimensions(img)
        if (crop_width, crop_height) == (width, height):
            return img
    top = round((height - crop_height) / 2)
    left = round((width - crop_width) / 2)
    return crop(img, top, left, crop_height, crop_width)


def _resized_size(height, width, size, max_size):
    """Return the [height, width] that a picture gets by `resize`."""
    if len(size) == 2:
        return list(size)
    short, long = (width, height) if width <= height else (height, width)
    new_short, new_long = size[0], int(size[0] * long / short)
    if max_size is not None:
        if max_size <= size[0]:
            raise ValueError(
                f"max_size = {max_size} must be strictly greater than the requested size for the smaller "
                f"edge size = {size}"
            )
        if new_long > max_size:
            new_short, new_long = int(max_size * new_short / new_long), max_size
    return [new_long, new_short] if width <= height else [new_short, new_long]


def as_floats(img):
    """Return a tensor of at least four dimensions in floating point, and a function that undoes both."""
    dtype, dims = img.dtype, img.dim()
    floats = img if img.is_floating_point() else img.to(lampas.float32)
    for _ in range(4 - dims):
        floats = floats.unsqueeze(0)

    def undo(result):
        for _ in range(4 - dims):
            result = result.squeeze(0)
        return result.to(dtype) if dtype.is_floating_point else result.round().to(dtype)

    return floats, undo


def _resize_tensor(img, size, mode, antialias):
    import lampas.nn.functional as F

    if mode in (InterpolationMode.BOX, InterpolationMode.HAMMING, InterpolationMode.LANCZOS):
        raise ValueError("This interpolation mode is unsupported with Tensor input")
    is_smooth = mode in (InterpolationMode.BILINEAR, InterpolationMode.BICUBIC)
    options = {"align_corners": False, "antialias": antialias} if is_smooth else {}
    floats, undo = as_floats(img)
    leading = floats.shape[:-3]
    floats = floats.reshape(-1, *floats.shape[-3:])
    resized = F.interpolate(floats, size=size, mode=mode.value, **options)
    resized = resized.reshape(*leading, *resized.shape[-3:])
    if mode is InterpolationMode.BICUBIC and img.dtype == lampas.uint8:
        resized = resized.clamp(0, 255)
    return undo(resized)


def resize(img, size, interpolation=InterpolationMode.BILINEAR, max_size=None, antialias=True):
    """Return a picture in another size.

    Args:
        img (PIL image or Tensor): the picture.
        size (int or sequence): (height, width); one number is for the shorter side, the other one follows.
        interpolation (InterpolationMode): PIL images take every mode, tensors nearest, nearest-exact,
            bilinear and bicubic.
        max_size (int): the longer side may not be longer; only where `size` is one number.
        antialias (bool): average over the pixels that one pixel replaces; PIL images always do.

    Raises:
        ValueError: for a wrong number of sizes, or a `max_size` that does not fit.
    """
    mode = interpolation_mode(interpolation)
    if isinstance(size, (list, tuple)):
        if len(size) not in (1, 2):
            raise ValueError(
                f"Size must be an int or a 1 or 2 element tuple/list, not a {len(size)} element tuple/list"
            )
        if max_size is not None and len(size) != 1:
            raise ValueError(
                "max_size should only be passed if size specifies the length of the smaller edge, "
                "i.e. size should be an int or a sequence of length 1 in torchscript mode."
            )
    else:
        size = [size]
    _, height, width = get_dimensions(img)
    new_size = _resized_size(height, width, size, max_size)
    if new_size == [height, width]:
        return img
    if isinstance(img, Tensor):
        return _resize_tensor(img, new_size, mode, antialias)
    if antialias is False:
        warnings.warn(
            "Anti-alias option is always applied for PIL Image input. Argument antialias is ignored.",
            stacklevel=2,
        )
    return img.resize((new_size[1], new_size[0]), pillow_number(mode))


def resized_crop(
    img, top, left, height, width, size, interpolation=InterpolationMode.BILINEAR, antialias=True
):
    """Return a part of a picture in another size; see `crop` and `resize`."""
    return resize(crop(img, top, left, height, width), size, interpolation, antialias=antialias)


def _rotated_size(angle, height, width):
    """Return the (height, width) of the smallest picture that holds a rotated one."""
    if angle % 90 == 0:
        return (height, width) if angle % 180 == 0 else (width, height)
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    corners = [(x * width / 2, y * height / 2) for x, y in ((-1, -1), (-1, 1), (1, 1), (1, -1))]

    def extent(places, old_extent):
        # Less than a ten-thousandth of a pixel is a rounding error.
        low, high = (math.trunc((end + old_extent / 2) * 1e4) / 1e4 for end in (min(places), max(places)))
        return math.ceil(high) - math.floor(low)

    return (
        extent([x * sine + y * cosine for x, y in corners], height),
        extent([x * cosine - y * sine for x, y in corners], width),
    )


def _turned_places(angle, size, new_size, center):
    """Return the (columns, rows) of the old picture that the pixels of the turned one come from."""
    import numpy

    (height, width), (new_height, new_width) = size, new_size
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    center_x, center_y = (0, 0) if center is None else (center[0] - width / 2, center[1] - height / 2)
    # Counted from the middle of the picture to the middle of each pixel.
    x = numpy.arange(new_width) + 0.5 - new_width / 2 - center_x
    y = (numpy.arange(new_height) + 0.5 - new_height / 2 - center_y)[:, None]
    return (
        (x * cosine - y * sine + center_x + width / 2 - 0.5).astype(numpy.float32),
        (x * sine + y * cosine + center_y + height / 2 - 0.5).astype(numpy.float32),
    )


def _pixels_at(img, columns, rows):
    """Return the pixels at whole places, zero outside, and which of them are inside, as 0 or 1."""
    height, width = img.shape[-2:]
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    flat = lampas.from_numpy((rows.clip(0, height - 1) * width + columns.clip(0, width - 1)).reshape(-1))
    pixels = img.reshape(*img.shape[:-2], -1).index_select(-1, flat)
    inside = lampas.from_numpy(inside).to(img.dtype)
    return pixels.view(*img.shape[:-2], *inside.shape) * inside, inside


def _rotate_tensor(img, angle, mode, expand, center, fill):
    import numpy

    if mode not in (InterpolationMode.NEAREST, InterpolationMode.BILINEAR):
        raise ValueError(f"Interpolation mode '{mode.value}' is unsupported with Tensor input")
    size = tuple(img.shape[-2:])
    new_size = _rotated_size(angle, *size) if expand else size
    columns, rows = _turned_places(angle, size, new_size, center)
    fills = None
    if fill is not None:
        fills = lampas.tensor(fill_of_channels(fill, get_image_num_channels(img))).view(-1, 1, 1)
    if mode is InterpolationMode.NEAREST:
        pixels, inside = _pixels_at(img, numpy.rint(columns).astype(int), numpy.rint(rows).astype(int))
        return pixels if fills is None else lampas.where(inside == 1, pixels, fills.to(img.dtype))
    floats, undo = as_floats(img)
    left, top = numpy.floor(columns), numpy.floor(rows)
    result, covered = 0, 0
    for right, bottom in ((0, 0), (1, 0), (0, 1), (1, 1)):
        pixels, inside = _pixels_at(floats, (left + right).astype(int), (top + bottom).astype(int))
        share = abs(columns - left - (1 - right)) * abs(rows - top - (1 - bottom))
        share = lampas.from_numpy(share).to(floats.dtype)
        result, covered = result + pixels * share, covered + inside * share
    if fills is not None:
        result = result * covered + (1 - covered) * fills
    return undo(result)


def rotate(img, angle, interpolation=InterpolationMode.NEAREST, expand=False, center=None, fill=None):
    """Return a picture turned counter-clockwise.

    Args:
        img (PIL image or Tensor): the picture.
        angle (float): in degrees.
        interpolation (InterpolationMode): nearest or bilinear, for PIL images bicubic too.
        expand (bool): make the picture large enough for all of the turned one.
        center (sequence): (x, y) from the upper left corner to turn around; None for the middle.
        fill (number or sequence): of the pixels that come from outside, one number or one a channel.
    """
    mode = interpolation_mode(interpolation)
    if not isinstance(angle, (int, float)):
        raise TypeError("Argument angle should be int or float")
    if center is not None and not isinstance(center, (list, tuple)):
        raise TypeError("Argument center should be a sequence")
    if check_picture(img):
        return _rotate_tensor(img, angle, mode, expand, center, fill)
    return img.rotate(angle, pillow_number(mode), expand, center, fillcolor=_pil_fill(fill, img))
