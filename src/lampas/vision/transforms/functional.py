"""Transforms of pictures as functions."""

import sys

import lampas
from lampas import Tensor


def _is_pil_image(picture):
    pil = sys.modules.get("PIL.Image")
    return pil is not None and isinstance(picture, pil.Image)


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
    elif _is_pil_image(pic):
        array = numpy.array(pic, copy=True)
        if pic.mode == "1":
            array = array.astype(numpy.uint8) * 255
    else:
        raise TypeError(f"pic should be PIL Image or ndarray. Got {type(pic)}")
    if array.ndim == 2:
        array = array[:, :, None]
    tensor = lampas.from_numpy(numpy.ascontiguousarray(array.transpose(2, 0, 1)))
    return tensor.to(lampas.get_default_dtype()) / 255 if tensor.dtype == lampas.uint8 else tensor


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
    if inplace:
        return tensor.sub_(mean).div_(std)
    return (tensor - mean).div_(std)
