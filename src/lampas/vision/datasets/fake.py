"""FakeData: random pictures, to try a program without files."""

import lampas
from lampas.vision import transforms
from lampas.vision.datasets.vision import VisionDataset


class FakeData(VisionDataset):
    """Random pictures with random classes; the same index always gives the same.

    Args:
        size (int): how many there are.
        image_size (tuple): (channels, height, width) of each.
        num_classes (int): the classes are 0 to num_classes - 1.
        transform (callable): of the picture, a PIL image.
        target_transform (callable): of the class.
        random_offset (int): added to the index to seed the picture, for other pictures.

    Example:
        >>> len(FakeData(size=10, image_size=(3, 8, 8)))
        10
    """

    def __init__(
        self,
        size=1000,
        image_size=(3, 224, 224),
        num_classes=10,
        transform=None,
        target_transform=None,
        random_offset=0,
    ):
        super().__init__(transform=transform, target_transform=target_transform)
        self.size = size
        self.num_classes = num_classes
        self.image_size = image_size
        self.random_offset = random_offset

    def __getitem__(self, index):
        if index >= len(self):
            raise IndexError(f"{type(self).__name__} index out of range")
        with lampas.random.fork_rng():
            lampas.manual_seed(index + self.random_offset)
            picture = lampas.randn(*self.image_size)
            target = int(lampas.randint(0, self.num_classes, size=(1,)))
        picture = transforms.functional.to_pil_image(picture)
        return self._transformed(picture, target)

    def __len__(self):
        return self.size
