"""Grids of pictures as tensors and as files."""

import math
import os

import lampas
from lampas import Tensor
from lampas.serialization.atomic_file import open_for_replacing


def _stack_pictures(tensor):
    """Return pictures as (count, channels, height, width), with grey ones in three equal channels."""
    if isinstance(tensor, list):
        for each in tensor:
            if not isinstance(each, Tensor):
                raise TypeError(f"tensor or list of tensors expected, got a list containing {type(each)}")
        tensor = lampas.stack(tensor)
    elif not isinstance(tensor, Tensor):
        raise TypeError(f"tensor or list of tensors expected, got {type(tensor)}")
    if tensor.dim() == 2:
        tensor = tensor.unsqueeze(0)
    if tensor.dim() == 3:
        tensor = tensor.unsqueeze(0)
    if tensor.dim() == 4 and tensor.size(1) == 1:
        tensor = tensor.expand(-1, 3, -1, -1)
    return tensor


def _stretch(pictures, value_range):
    """Map the values from `value_range`, or from their smallest to their largest, to 0 to 1, in place."""
    low, high = value_range or (float(pictures.min()), float(pictures.max()))
    pictures.clamp_(min=low, max=high)
    pictures.sub_(low).div_(max(high - low, 1e-5))


@lampas.no_grad()
def make_grid(tensor, nrow=8, padding=2, normalize=False, value_range=None, scale_each=False, pad_value=0.0):
    """Return one picture (channels, height, width) that shows pictures in rows.

    Args:
        tensor (Tensor or list of Tensor): pictures of shape (count, channels, height, width).
        nrow (int): how many pictures a row has.
        padding (int): pixels between pictures and around the grid.
        normalize (bool): stretch the values to 0 to 1.
        value_range (tuple): (lowest, highest) value to stretch from; None for those in the pictures.
        scale_each (bool): stretch every picture by its own values.
        pad_value (float): the value between pictures.

    Raises:
        TypeError: for what is neither a tensor nor a list of tensors.

    Example:
        >>> make_grid(lampas.rand(10, 3, 32, 32)).shape
        torch.Size([3, 70, 274])
    """
    pictures = _stack_pictures(tensor)
    if normalize:
        if value_range is not None and not isinstance(value_range, tuple):
            raise TypeError("value_range has to be a tuple (min, max) if specified. min and max are numbers")
        pictures = pictures.clone()
        for each in pictures if scale_each else [pictures]:
            _stretch(each, value_range)
    count, channels, height, width = pictures.shape
    if count == 1:
        return pictures.squeeze(0)
    columns = min(nrow, count)
    rows = math.ceil(count / columns)
    height, width = height + padding, width + padding
    grid = pictures.new_full((channels, height * rows + padding, width * columns + padding), pad_value)
    for i in range(count):
        top = i // columns * height + padding
        left = i % columns * width + padding
        cell = grid.narrow(1, top, height - padding).narrow(2, left, width - padding)
        cell.copy_(pictures[i])
    return grid


@lampas.no_grad()
def save_image(tensor, fp, format=None, **kwargs):
    """Write pictures, values from 0 to 1, into one picture file.

    A PNG file is written without Pillow; other formats need it. A file appears whole or not at all.

    Args:
        tensor (Tensor or list of Tensor): as for make_grid.
        fp (str, path or file object): where to.
        format (str): of the file, if its name does not say it.
        **kwargs: of make_grid.
    """
    grid = make_grid(tensor, **kwargs)
    pixels = grid.mul(255).add_(0.5).clamp_(0, 255).permute(1, 2, 0).to(lampas.uint8).numpy()
    if hasattr(fp, "write"):
        _write(pixels, fp, format or "PNG")
        return
    path = os.fspath(fp)
    format = format or os.path.splitext(path)[1][1:] or "PNG"
    with open_for_replacing(path) as file:
        _write(pixels, file, format)


def _write(pixels, file, format):
    if format.upper() == "PNG":
        from lampas.plots.png import encode_png

        file.write(encode_png(pixels))
        return
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(f"to write {format} files, install the package pillow; PNG needs none") from error
    format = {"JPG": "JPEG"}.get(format.upper(), format.upper())
    Image.preinit()
    if format not in Image.SAVE:
        Image.init()
    if format not in Image.SAVE:
        raise ValueError(f"unknown file extension: .{format.lower()}")
    Image.fromarray(pixels).save(file, format=format)
