"""Transforms between PIL images, arrays and tensors, between dtypes; normalisation."""

from lampas import nn
from lampas.vision.transforms import functional
from lampas.vision.transforms.composition import Compose


class ToTensor:
    """Turn a picture into a float tensor of shape (channels, height, width); see `functional.to_tensor`."""

    def __call__(self, pic):
        return functional.to_tensor(pic)

    def __repr__(self):
        return f"{type(self).__name__}()"


class PILToTensor:
    """Turn a PIL image into a tensor of the same values; see `functional.pil_to_tensor`."""

    def __call__(self, pic):
        return functional.pil_to_tensor(pic)

    def __repr__(self):
        return f"{type(self).__name__}()"


class ToPILImage:
    """Turn a tensor or an array into a PIL image; see `functional.to_pil_image`.

    Args:
        mode (str): of the image; None chooses by channels and dtype.
    """

    def __init__(self, mode=None):
        self.mode = mode

    def __call__(self, pic):
        return functional.to_pil_image(pic, self.mode)

    def __repr__(self):
        return f"{type(self).__name__}({'' if self.mode is None else f'mode={self.mode}'})"


class ConvertImageDtype(nn.Module):
    """Turn a tensor into another dtype and its range of values; see `functional.convert_image_dtype`.

    Args:
        dtype (dtype): the new one.

    Raises:
        TypeError: for what is no dtype.
    """

    def __init__(self, dtype):
        super().__init__()
        self.dtype = dtype

    def forward(self, image):
        return functional.convert_image_dtype(image, self.dtype)


class Normalize(nn.Module):
    """Subtract the mean and divide by the standard deviation of each channel; see `functional.normalize`.

    Args:
        mean (sequence of float): one per channel.
        std (sequence of float): one per channel.
        inplace (bool): overwrite the picture.
    """

    def __init__(self, mean, std, inplace=False):
        super().__init__()
        self.mean = mean
        self.std = std
        self.inplace = inplace

    def forward(self, tensor):
        return functional.normalize(tensor, self.mean, self.std, self.inplace)

    def __repr__(self):
        return f"{type(self).__name__}(mean={self.mean}, std={self.std})"


def _has_hooks(step):
    return isinstance(step, nn.Module) and bool(step._forward_hooks or step._forward_pre_hooks)


def byte_table(transform, channels):
    """Return what a transform makes of each byte of each channel, as a tensor (channels, 256), or None.

    None: the transform does something else than ToTensor, Normalize and ConvertImageDtype. Only these very
    classes are known to treat each pixel by itself; a subclass may do anything.
    """
    steps = transform.transforms if type(transform) is Compose else [transform]
    if not steps or type(steps[0]) is not ToTensor:
        return None
    if any(type(step) not in (Normalize, ConvertImageDtype) or _has_hooks(step) for step in steps[1:]):
        return None
    import numpy

    every_byte = numpy.arange(256, dtype=numpy.uint8)[:, None, None].repeat(channels, axis=2)
    try:
        table = Compose(steps)(every_byte)
    except Exception:  # the transform of a picture will say the same
        return None
    is_table = table.shape == (channels, 256, 1) and table.is_floating_point()
    return table.view(channels, 256) if is_table else None
