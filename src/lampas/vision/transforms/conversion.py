"""Transforms between PIL images, arrays and tensors, between dtypes; normalisation."""

from lampas import nn
from lampas.vision.transforms import functional


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
