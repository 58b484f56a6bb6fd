"""Data that comes with the package: Digits, a small part of MNIST."""

import os

from lampas.vision.datasets import MNIST


class Digits(MNIST):
    """10,000 handwritten digits for training and 2,500 for testing, of each class the same number.

    They are the first of each class in MNIST, and lie in the package: nothing is downloaded.

    Args:
        train (bool): the pictures for training, or those for testing.
        transform (callable): of the picture; a transform that begins with ToTensor needs no Pillow.
        target_transform (callable): of the class.

    Example:
        >>> len(Digits(train=True))
        10000

    Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits" (CC BY-SA 3.0).
    """

    resources = [(name, "") for name, _ in MNIST.resources]  # never downloaded: no sums

    def __init__(self, train=True, transform=None, target_transform=None):
        super().__init__(os.path.dirname(__file__), train, transform, target_transform)

    @property
    def raw_folder(self):
        """The folder of the idx files."""
        return os.path.join(self.root, "digits")
