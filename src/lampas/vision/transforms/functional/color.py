"""Transforms that change the values of pixels: grey, brightness, contrast, saturation, hue, blur, erasing."""

import lampas
from lampas import Tensor
from lampas.vision.transforms.functional.conversion import (
    convert_image_dtype,
    is_pil_image,
    pil_to_tensor,
    to_pil_image,
)
from lampas.vision.transforms.functional.geometry import as_floats, check_picture, get_image_num_channels, pad

_GREY_WEIGHTS = (0.2989, 0.587, 0.114)  # of red, green and blue: ITU-R BT.601


def _check_channels(img, permitted):
    channels = get_image_num_channels(img)
    if channels not in permitted:
        raise TypeError(
            f"Input image tensor permitted channel values are {list(permitted)}, but found {channels}"
        )
    return channels


def to_grayscale(img, num_output_channels=1):
    """Return a PIL image in grey, in one channel or three equal ones."""
    if not is_pil_image(img):
        raise TypeError("Input should be PIL Image")
    if num_output_channels not in (1, 3):
        raise ValueError("num_output_channels should be either 1 or 3")
    grey = img.convert("L")
    if num_output_channels == 1:
        return grey
    from PIL import Image

    return Image.merge("RGB", [grey] * 3)


def rgb_to_grayscale(img, num_output_channels=1):
    """Return a picture in grey, in one channel or three equal ones.

    Args:
        img (PIL image or Tensor): the picture; a tensor has one or three channels.
        num_output_channels (int): 1 or 3.
    """
    if not check_picture(img):
        return to_grayscale(img, num_output_channels)
    if num_output_channels not in (1, 3):
        raise ValueError("num_output_channels should be either 1 or 3")
    if img.dim() < 3:
        raise TypeError(f"Input image tensor should have at least 3 dimensions, but found {img.dim()}")
    if _check_channels(img, (1, 3)) == 3:
        red, green, blue = (
            channel * weight for channel, weight in zip(img.unbind(-3), _GREY_WEIGHTS, strict=True)
        )
        grey = (red + green + blue).to(img.dtype).unsqueeze(-3)
    else:
        grey = img.clone()
    return grey.expand(img.shape[:-3] + (3,) + img.shape[-2:]) if num_output_channels == 3 else grey


def _check_factor(name, factor):
    if factor < 0:
        raise ValueError(f"{name} ({factor}) is not non-negative.")


def _blend(img, other, ratio):
    """Return ratio * img + (1 - ratio) * other within the range of the dtype."""
    largest = 1.0 if img.is_floating_point() else lampas.iinfo(img.dtype).max
    return (img * float(ratio) + other * (1.0 - float(ratio))).clamp(0, largest).to(img.dtype)


def _enhance(img, kind, factor):
    from PIL import ImageEnhance

    return getattr(ImageEnhance, kind)(img).enhance(factor)


def adjust_brightness(img, brightness_factor):
    """Return a picture with brightness times `brightness_factor`; 0 gives black, 1 the same.

    Example:
        >>> adjust_brightness(lampas.full((1, 1, 1), 0.25), 2.0)
        tensor([[[0.5000]]])
    """
    if not check_picture(img):
        return _enhance(img, "Brightness", brightness_factor)
    _check_factor("brightness_factor", brightness_factor)
    _check_channels(img, (1, 3))
    return _blend(img, lampas.zeros_like(img), brightness_factor)


def adjust_contrast(img, contrast_factor):
    """Return a picture with contrast times `contrast_factor`; 0 gives one grey, 1 the same."""
    if not check_picture(img):
        return _enhance(img, "Contrast", contrast_factor)
    _check_factor("contrast_factor", contrast_factor)
    grey = rgb_to_grayscale(img) if _check_channels(img, (1, 3)) == 3 else img
    dtype = img.dtype if img.is_floating_point() else lampas.float32
    return _blend(img, grey.to(dtype).mean(dim=(-3, -2, -1), keepdim=True), contrast_factor)


def adjust_saturation(img, saturation_factor):
    """Return a picture with saturation times `saturation_factor`; 0 gives grey, 1 the same."""
    if not check_picture(img):
        return _enhance(img, "Color", saturation_factor)
    _check_factor("saturation_factor", saturation_factor)
    if _check_channels(img, (1, 3)) == 1:
        return img
    return _blend(img, rgb_to_grayscale(img), saturation_factor)


def _fraction(numbers):
    """Return what is behind the point of numbers from 0 on."""
    return numbers - numbers.to(lampas.int64)


def _rgb_to_hsv(img):
    """Return hue, saturation and value, each from 0 to 1.

    Source: A. R. Smith, "Color gamut transform pairs", 1978.
    """
    red, green, blue = img.unbind(-3)
    value, lowest = img.amax(-3), img.amin(-3)
    chroma = value - lowest
    is_grey = chroma == 0
    ones = lampas.ones_like(value)
    saturation = chroma / lampas.where(is_grey, ones, value)
    divisor = lampas.where(is_grey, ones, chroma)
    # How far each colour is from the strongest one.
    red_gap, green_gap, blue_gap = ((value - colour) / divisor for colour in (red, green, blue))
    hue = lampas.where(
        value == red,
        blue_gap - green_gap,
        lampas.where(value == green, 2.0 + red_gap - blue_gap, 4.0 + green_gap - red_gap),
    )
    return _fraction(hue / 6.0 + 1.0), saturation, value


def _hsv_to_rgb(hue, saturation, value):
    """Return the picture of hue, saturation and value, each from 0 to 1."""
    sixth = (hue * 6.0).to(lampas.int64)
    part = hue * 6.0 - sixth
    low = (value * (1.0 - saturation)).clamp(0, 1)
    falling = (value * (1.0 - saturation * part)).clamp(0, 1)
    rising = (value * (1.0 - saturation * (1.0 - part))).clamp(0, 1)
    # Red, green and blue in each sixth of the circle of hues.
    sixths = [
        (value, rising, low),
        (falling, value, low),
        (low, value, rising),
        (low, falling, value),
        (rising, low, value),
        (value, low, falling),
    ]
    picture = lampas.stack(sixths[0], -3)  # also where rounding made a whole circle
    for number, colours in enumerate(sixths[1:], 1):
        picture = lampas.where((sixth == number).unsqueeze(-3), lampas.stack(colours, -3), picture)
    return picture


def _adjust_hue_of_pil(img, hue_factor):
    import numpy
    from PIL import Image

    if img.mode in ("L", "1", "I", "F"):
        return img
    hue, saturation, value = img.convert("HSV").split()
    turned = (numpy.asarray(hue).astype(numpy.int32) + int(hue_factor * 255)) % 256
    hue = Image.fromarray(turned.astype(numpy.uint8))
    return Image.merge("HSV", (hue, saturation, value)).convert(img.mode)


def adjust_hue(img, hue_factor):
    """Return a picture with its hues turned by `hue_factor` of the circle, from -0.5 to 0.5."""
    if not -0.5 <= hue_factor <= 0.5:
        raise ValueError(f"hue_factor ({hue_factor}) is not in [-0.5, 0.5].")
    if not check_picture(img):
        return _adjust_hue_of_pil(img, hue_factor)
    if _check_channels(img, (1, 3)) == 1:
        return img
    hue, saturation, value = _rgb_to_hsv(convert_image_dtype(img, lampas.float32))
    return convert_image_dtype(_hsv_to_rgb(_fraction(hue + (1.0 + hue_factor)), saturation, value), img.dtype)


def _gaussian(size, sigma, dtype):
    half = (size - 1) * 0.5
    places = lampas.linspace(-half, half, size, dtype=dtype)
    weights = lampas.exp(-0.5 * (places / sigma) * (places / sigma))
    return weights / weights.sum()


def _two_numbers(value, name, kinds):
    """Return [x, y] of a number or a sequence of one or two."""
    if isinstance(value, kinds):
        return [value, value]
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"{name} should be a number or a sequence of numbers. Got {type(value)}")
    if len(value) not in (1, 2):
        raise ValueError(f"If {name} is a sequence, its length should be 1 or 2. Got {len(value)}")
    return list(value) if len(value) == 2 else [value[0]] * 2


def _blur_tensor(img, sizes, sigmas):
    import lampas.nn.functional as F

    floats, undo = as_floats(img)
    leading, channels = floats.shape[:-3], floats.size(-3)
    floats = floats.reshape(-1, *floats.shape[-3:])
    across, down = (_gaussian(*each, floats.dtype) for each in zip(sizes, sigmas, strict=True))
    kernel = (down.unsqueeze(1) * across).expand(channels, 1, sizes[1], sizes[0])
    padded = pad(floats, [sizes[0] // 2, sizes[1] // 2], padding_mode="reflect")
    blurred = F.conv2d(padded, kernel, groups=channels)
    return undo(blurred.reshape(*leading, *blurred.shape[-3:]))


def gaussian_blur(img, kernel_size, sigma=None):
    """Return a picture in which each pixel is a Gaussian average of those around it.

    Args:
        img (PIL image or Tensor): the picture.
        kernel_size (int or sequence): pixels (across, down), odd numbers.
        sigma (float or sequence): standard deviations in pixels; None for 0.15 * kernel_size + 0.35.
    """
    sizes = _two_numbers(kernel_size, "kernel_size", int)
    for size in sizes:
        if size % 2 == 0 or size < 0:
            raise ValueError(f"kernel_size should have odd and positive integers. Got {sizes}")
    if sigma is None:
        sigma = [size * 0.15 + 0.35 for size in sizes]
    sigmas = [float(each) for each in _two_numbers(sigma, "sigma", (int, float))]
    for each in sigmas:
        if each <= 0.0:
            raise ValueError(f"sigma should have positive values. Got {sigmas}")
    if check_picture(img):
        return _blur_tensor(img, sizes, sigmas)
    return to_pil_image(_blur_tensor(pil_to_tensor(img), sizes, sigmas), mode=img.mode)


def erase(img, i, j, h, w, v, inplace=False):
    """Return a picture, a tensor, with a rectangle overwritten.

    Args:
        img (Tensor): of shape (..., channels, height, width).
        i, j, h, w (int): the rectangle's top, left, height and width.
        v (Tensor or number): what it becomes.
        inplace (bool): overwrite the picture itself.

    Raises:
        TypeError: for what is no tensor.
    """
    if not isinstance(img, Tensor):
        raise TypeError("Tensor is not a torch image.")
    if not inplace:
        img = img.clone()
    img[..., i : i + h, j : j + w] = v
    return img
