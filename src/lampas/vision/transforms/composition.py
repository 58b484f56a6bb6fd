"""Transforms made of other transforms or of functions."""

import random
from collections.abc import Sequence

import lampas
from lampas import nn


def _listing(name, lines):
    return "\n".join([f"{name}(", *(f"    {line}" for line in lines), ")"])


class Compose:
    """Apply transforms one after the other.

    Args:
        transforms (list of callables): the transforms.

    Example:
        >>> Compose([Lambda(abs), Lambda(float)])(-1)
        1.0
    """

    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, img):
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self):
        return _listing(type(self).__name__, self.transforms)


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


class RandomApply(nn.Module):
    """Apply transforms with a probability, all or none.

    Args:
        transforms (list of callables, or ModuleList): the transforms.
        p (float): the probability.
    """

    def __init__(self, transforms, p=0.5):
        super().__init__()
        self.transforms = transforms
        self.p = p

    def forward(self, img):
        if self.p < lampas.rand(1):
            return img
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self):
        return _listing(type(self).__name__, [f"p={self.p}", *self.transforms])


class RandomTransforms:
    """Base class of transforms that choose among others.

    Args:
        transforms (sequence of callables): the transforms.
    """

    def __init__(self, transforms):
        if not isinstance(transforms, Sequence):
            raise TypeError("Argument transforms should be a sequence")
        self.transforms = transforms

    def __call__(self, *args):
        raise NotImplementedError

    def __repr__(self):
        return _listing(type(self).__name__, self.transforms)


class RandomOrder(RandomTransforms):
    """Apply all transforms in random order, which Python's own generator draws."""

    def __call__(self, img):
        order = list(range(len(self.transforms)))
        random.shuffle(order)
        for i in order:
            img = self.transforms[i](img)
        return img


class RandomChoice(RandomTransforms):
    """Apply one of the transforms, which Python's own generator draws.

    Args:
        transforms (sequence of callables): the transforms.
        p (sequence of float): how probable each is, in proportion; None for all the same.
    """

    def __init__(self, transforms, p=None):
        super().__init__(transforms)
        if p is not None and not isinstance(p, Sequence):
            raise TypeError("Argument p should be a sequence")
        self.p = p

    def __call__(self, *args):
        transform = random.choices(self.transforms, weights=self.p)[0]
        return transform(*args)

    def __repr__(self):
        return f"{super().__repr__()}(p={self.p})"
