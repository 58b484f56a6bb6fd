"""PicturesInMemory, the base class of data sets that hold all their pictures in one array."""

from typing import Any

import lampas
from lampas.utils.data import default_collate
from lampas.utils.data.gathering import gather_pictures
from lampas.vision.datasets.vision import VisionDataset
from lampas.vision.transforms.byte_plan import byte_plan
from lampas.vision.transforms.composition import Compose
from lampas.vision.transforms.conversion import ToTensor


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

    def _byte_planes(self):
        """Return the pictures as a tensor (count, channels, height, width) on their memory, or None."""
        data = self.data
        if not isinstance(data, lampas.Tensor):
            if not data.flags.writeable:
                return None
            data = lampas.from_numpy(data)
        if data.dtype != lampas.uint8 or data.dim() not in (3, 4):
            return None
        return data.unsqueeze(1) if data.dim() == 3 else data.permute(0, 3, 1, 2)

    def _gatherer(self):
        own = type(self)
        for name in ("__getitem__", "_picture", "_transformed"):
            if getattr(own, name) is not getattr(PicturesInMemory, name):
                return None
        pictures = self._byte_planes()
        plan = None if pictures is None else byte_plan(self.transform, pictures.size(1))
        if plan is None:
            return None
        return lambda indices: [gather_pictures(pictures, indices, *plan), self._collated_targets(indices)]

    def _collated_targets(self, indices):
        if isinstance(self.targets, lampas.Tensor):
            targets = self.targets[lampas.tensor(indices)].to(lampas.int64)
            if self.target_transform is None:
                return targets
            targets = targets.tolist()
        else:
            targets = [int(self.targets[i]) for i in indices]
        if self.target_transform is not None:
            targets = [self.target_transform(target) for target in targets]
        return default_collate(targets)
