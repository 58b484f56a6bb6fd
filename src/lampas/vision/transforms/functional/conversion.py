"""Between PIL images, NumPy arrays and tensors; between dtypes of pictures; normalisation."""

import sys

import lampas
from lampas import Tensor

_MODES_OF_BYTES = ("L", "RGB", "RGBA", "LA", "P", "CMYK", "YCbCr", "HSV", "RGBX")


def is_pil_image(picture):
    """Whether this is a PIL image; Pillow need not be loaded to say no."""
    pil = sys.modules.get("PIL.Image")
    return pil is not None and isinstance(picture, pil.Image)


def pil_image_module(what_for):
    """Return the module PIL.Image, or say that Pillow must be installed."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(f"{what_for} needs PIL images: install the package pillow") from error
    return Image


def _array_of_pil(pic):
    """Return a PIL image as an array (height, width[, channels]) that may be written."""
    import numpy

    if pic.mode not in _MODES_OF_BYTES:
        return numpy.array(pic)
    # What numpy.array does, without the detour through the array interface: half the time of small pictures.
    pixels = numpy.frombuffer(bytearray(pic.tobytes()), numpy.uint8)
    return pixels.reshape(pic.height, pic.width, -1)


def _channels_first(array):
    """Return a tensor (channels, height, width) of an array (height, width[, channels])."""
    import numpy

    if array.ndim == 2:
        array = array[:, :, None]
    return lampas.from_numpy(numpy.ascontiguousarray(array.transpose(2, 0, 1)))


def to_tensor(pic):
    """Return a picture as a float tensor of shape (channels, height, width); bytes become values in [0, 1].

    Args:
        pic (PIL image or NumPy array): an array is of shape (height, width) or (height, width, channels).

    Raises:
        TypeError: for another type.
        ValueError: for an array of another number of dimensions.
    """
    import numpy

    if isinstance(pic, numpy.ndarray):
        if pic.ndim not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
        array = pic
    elif is_pil_image(pic):
        array = _array_of_pil(pic)
        if pic.mode == "1":
            array = array.astype(numpy.uint8) * 255
    else:
        raise TypeError(f"pic should be PIL Image or ndarray. Got {type(pic)}")
    tensor = _channels_first(array)
    return tensor.to(lampas.get_default_dtype()) / 255 if tensor.dtype == lampas.uint8 else tensor


def pil_to_tensor(pic):
    """Return a PIL image as a tensor of shape (channels, height, width) with the same values.

    Raises:
        TypeError: for another type.
    """
    if not is_pil_image(pic):
        raise TypeError(f"pic should be PIL Image. Got {type(pic)}")
    return _channels_first(_array_of_pil(pic))


# The modes that to_pil_image takes, by the number of channels; the first is for bytes where none is named.
_MODES = {2: ["LA"], 3: ["RGB", "YCbCr", "HSV"], 4: ["RGBA", "CMYK", "RGBX"]}
# The mode of one channel by the array's dtype.
_MODES_OF_ONE_CHANNEL = {"uint8": "L", "int16": "I;16", "uint16": "I;16", "int32": "I", "float32": "F"}


def _channels_last(pic, mode):
    """Return the array (height, width, channels) that to_pil_image makes an image of."""
    import numpy

    is_tensor = isinstance(pic, Tensor)
    if not is_tensor and not isinstance(pic, numpy.ndarray):
        raise TypeError(f"pic should be Tensor or ndarray. Got {type(pic)}.")
    if pic.ndim not in (2, 3):
        raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
    channels = 1 if pic.ndim == 2 else pic.shape[0 if is_tensor else 2]
    if channels > 4:
        raise ValueError(f"pic should not have > 4 channels. Got {channels} channels.")
    if not is_tensor:
        return pic if pic.ndim == 3 else pic[:, :, None]
    pic = pic.detach().cpu()
    if pic.is_floating_point() and mode != "F":
        pic = pic.mul(255).to(lampas.uint8)
    return (pic if pic.dim() == 3 else pic.unsqueeze(0)).permute(1, 2, 0).numpy()


def to_pil_image(pic, mode=None):
    """Return a tensor (channels, height, width) or an array (height, width, channels) as a PIL image.

    Args:
        pic (Tensor or NumPy array): of bytes; or of floats from 0 to 1 in a tensor, any in one channel.
        mode (str): of the image; None chooses by channels and dtype.

    Raises:
        TypeError: for another type, or a dtype that no mode has.
        ValueError: for another number of dimensions or channels, or a mode that does not fit.
    """
    image = pil_image_module("to_pil_image")
    array = _channels_last(pic, mode)
    channels = array.shape[2]
    if channels == 1:
        expected = _MODES_OF_ONE_CHANNEL.get(array.dtype.name)
        if mode is not None and mode != expected:
            raise ValueError(
                f"Incorrect mode ({mode}) supplied for input type {array.dtype}. Should be {expected}"
            )
        mode = expected
    else:
        modes = _MODES.get(channels, _MODES[3])
        if mode is not None and mode not in modes:
            raise ValueError(f"Only modes {modes} are supported for {channels}D inputs")
        if mode is None and array.dtype.name == "uint8":
            mode = modes[0]
    if mode is None:
        raise TypeError(f"Input type {array.dtype} is not supported")
    height, width = array.shape[:2]
    return image.frombytes(mode, (width, height), array.tobytes())


def _largest(dtype):
    return lampas.iinfo(dtype).max


def convert_image_dtype(image, dtype=None):
    """Return a picture in another dtype, with its values mapped to that dtype's range.

    Floats run from 0 to 1, integers from 0 to their largest number.

    Args:
        image (Tensor): the picture.
        dtype (dtype): None for float32.

    Raises:
        TypeError: for what is no tensor.
        RuntimeError: where integers would overflow, as from float32 to int32.

    Example:
        >>> convert_image_dtype(lampas.tensor([0, 51, 255], dtype=lampas.uint8))
        tensor([0.0000, 0.2000, 1.0000])
    """
    dtype = lampas.float32 if dtype is None else dtype
    if not isinstance(image, Tensor):
        raise TypeError("Input img should be Tensor Image")
    if image.dtype == dtype:
        return image
    if image.is_floating_point():
        if dtype.is_floating_point:
            return image.to(dtype)
        # A float with fewer bits than the integer's range cannot hold its largest number.
        too_wide = {lampas.float32: (lampas.int32, lampas.int64), lampas.float64: (lampas.int64,)}
        if dtype in too_wide.get(image.dtype, ()):
            raise RuntimeError(f"The cast from {image.dtype} to {dtype} cannot be performed safely.")
        # Nearly one more than the largest, so that every number has an equal share of [0, 1].
        return image.mul(_largest(dtype) + 1.0 - 1e-3).to(dtype)
    if dtype.is_floating_point:
        return image.to(dtype) / _largest(image.dtype)
    ours, theirs = _largest(image.dtype), _largest(dtype)
    if ours > theirs:
        factor = (ours + 1) // (theirs + 1)
        return (image // factor).to(dtype)
    return image.to(dtype) * ((theirs + 1) // (ours + 1))


def normalize(tensor, mean, std, inplace=False):
    """Return (tensor - mean) / std, channel by channel.

    Args:
        tensor (Tensor): floating point, of shape (..., channels, height, width).
        mean (sequence of float): one per channel, or one for all.
        std (sequence of float): one per channel, or one for all; none may be zero.
        inplace (bool): overwrite the tensor.

    Raises:
        TypeError: for what is no floating-point tensor.
        ValueError: for fewer than three dimensions, or a std of zero.

    Example:
        >>> normalize(lampas.ones(1, 1, 2), [0.5], [0.5])
        tensor([[[1., 1.]]])
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(tensor)}")
    if not tensor.is_floating_point():
        raise TypeError(f"Input tensor should be a float tensor. Got {tensor.dtype}.")
    if tensor.dim() < 3:
        raise ValueError(
            "Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = "
            f"{tensor.size()}"
        )
    mean = lampas.as_tensor(mean, dtype=tensor.dtype)
    std = lampas.as_tensor(std, dtype=tensor.dtype)
    if 0 in std.view(-1).tolist():
        raise ValueError(
            f"std evaluated to zero after conversion to {tensor.dtype}, leading to division by zero."
        )
    mean = mean.view(-1, 1, 1) if mean.dim() == 1 else mean
    std = std.view(-1, 1, 1) if std.dim() == 1 else std
    result = tensor if inplace else tensor.clone()
    try:
        return result.sub_(mean).div_(std)
    except RuntimeError as error:
        channels = tensor.size(-3)
        error.add_note(
            f"in Normalize: {mean.numel()} means and {std.numel()} deviations for a picture of {channels} "
            f"channel{'s' * (channels != 1)}; one for each channel fits, or one for all"
        )
        raise
