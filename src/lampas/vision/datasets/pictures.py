"""PicturesInMemory, the base class of data sets that hold all their pictures in one array."""

from typing import Any

import lampas
from lampas.vision.datasets.vision import VisionDataset
from lampas.vision.transforms.transforms import Compose, ToTensor, batch_steps


def _begins_with_to_tensor(transform):
    if type(transform) is Compose and transform.transforms:
        transform = transform.transforms[0]
    return type(transform) is ToTensor


class PicturesInMemory(VisionDataset):
    """Pictures and their classes in memory; a sample is (picture, class).

    Attributes:
        data (Tensor or NumPy array): uint8, of shape (count, height, width) or (count, height, width, 3).
        targets (Tensor or list of int): one class per picture.
    """

    def __init__(self, root=None, transform=None, target_transform=None):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.data: Any = None
        self.targets: Any = []

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        return self._transformed(self._picture(index), int(self.targets[index]))

    def _picture(self, index):
        """Return what the transform gets: a PIL image, or an array where that makes no difference to it."""
        array = self.data[index]
        if isinstance(array, lampas.Tensor):
            array = array.numpy()
        if _begins_with_to_tensor(self.transform):
            return array
        try:
            from PIL import Image
        except ImportError as error:
            raise ImportError(
                f"{type(self).__name__} gives PIL images: install the package pillow, or pass a transform "
                "that begins with ToTensor()"
            ) from error
        return Image.fromarray(array)

    def _gather(self, indices):
        steps = batch_steps(self.transform) if self.transform is not None else None
        if (
            steps is None
            or self.target_transform is not None
            or type(self).__getitem__ is not PicturesInMemory.__getitem__
            or not isinstance(self.data, lampas.Tensor)
        ):
            return None
        indices = lampas.tensor(indices)
        pictures = self.data[indices]
        for step in steps:
            pictures = step(pictures)
        return [pictures, self.targets[indices]]
