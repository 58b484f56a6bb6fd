"""Transforms of pictures as callable objects."""

from lampas.vision.transforms import functional


class Compose:
    """Apply transforms one after the other.

    Args:
        transforms (list of callables): the transforms.
    """

    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, img):
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self):
        lines = "".join(f"\n    {transform}" for transform in self.transforms)
        return f"{type(self).__name__}({lines}\n)"


class ToTensor:
    """Turn a picture into a float tensor of shape (channels, height, width); see `functional.to_tensor`."""

    def __call__(self, pic):
        return functional.to_tensor(pic)

    def __repr__(self):
        return f"{type(self).__name__}()"


class Normalize:
    """Subtract the mean and divide by the standard deviation of each channel; see `functional.normalize`.

    Args:
        mean (sequence of float): one per channel.
        std (sequence of float): one per channel.
        inplace (bool): overwrite the picture.
    """

    def __init__(self, mean, std, inplace=False):
        self.mean = mean
        self.std = std
        self.inplace = inplace

    def __call__(self, tensor):
        return functional.normalize(tensor, self.mean, self.std, self.inplace)

    def __repr__(self):
        return f"{type(self).__name__}(mean={self.mean}, std={self.std})"


class Lambda:
    """Apply a function.

    Args:
        lambd (callable): the function.
    """

    def __init__(self, lambd):
        if not callable(lambd):
            raise TypeError(f"Argument lambd should be callable, got {repr(type(lambd).__name__)}")
        self.lambd = lambd

    def __call__(self, img):
        return self.lambd(img)

    def __repr__(self):
        return f"{type(self).__name__}()"


def byte_table(transform, channels):
    """Return what a transform makes of each byte of each channel, as a tensor (channels, 256), or None.

    None: the transform does something else than ToTensor and Normalize. Only these very classes are known
    to treat each pixel by itself; a subclass may do anything.
    """
    steps = transform.transforms if type(transform) is Compose else [transform]
    if not steps or type(steps[0]) is not ToTensor or any(type(step) is not Normalize for step in steps[1:]):
        return None
    import numpy

    every_byte = numpy.arange(256, dtype=numpy.uint8)[:, None, None].repeat(channels, axis=2)
    try:
        table = Compose(steps)(every_byte)
    except Exception:  # the transform of a picture will say the same
        return None
    return table.view(channels, 256) if table.shape == (channels, 256, 1) else None
