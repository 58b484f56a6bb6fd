"""Transforms of pictures as callable objects.

A transform that can do a whole batch at once has `on_batch`, which gives what stacking single results would.
"""

import lampas
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

    def on_batch(self, pictures):
        """Return floats (count, 1, height, width) for grey pictures, uint8 (count, height, width)."""
        count, height, width = pictures.shape
        return pictures.view(count, 1, height, width).to(lampas.get_default_dtype()) / 255

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

    def on_batch(self, pictures):
        """Return a batch (count, channels, height, width) normalised; the batch is ours to overwrite."""
        return functional.normalize(pictures, self.mean, self.std, inplace=True)

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


def batch_steps(transform):
    """Return functions that do to a batch of grey pictures what `transform` does to each, or None.

    Only these very classes are known to be the same on a batch; a subclass may do anything.
    """
    steps = transform.transforms if type(transform) is Compose else [transform]
    if not steps or type(steps[0]) is not ToTensor or any(type(step) is not Normalize for step in steps[1:]):
        return None
    return [step.on_batch for step in steps]
