"""VisionDataset, the base class of data sets of pictures."""

import os

from lampas.utils.data import Dataset


class StandardTransform:
    """A transform of the picture and one of the target, as one callable of both."""

    def __init__(self, transform=None, target_transform=None):
        self.transform = transform
        self.target_transform = target_transform

    def __call__(self, input, target):
        if self.transform is not None:
            input = self.transform(input)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return input, target

    def __repr__(self):
        lines = [type(self).__name__]
        for title, transform in [
            ("Transform: ", self.transform),
            ("Target transform: ", self.target_transform),
        ]:
            if transform is not None:
                first, *rest = repr(transform).splitlines()
                lines += [title + first, *(" " * len(title) + line for line in rest)]
        return "\n".join(lines)


class VisionDataset(Dataset):
    """Base class of data sets of pictures.

    Args:
        root (str or path): the folder of the data; "~" is the home folder.
        transforms (callable): of (picture, target), instead of the two below.
        transform (callable): of the picture.
        target_transform (callable): of the target.
    """

    def __init__(self, root=None, transforms=None, transform=None, target_transform=None):
        self.root = os.path.expanduser(root) if isinstance(root, str) else root
        if transforms is not None and (transform is not None or target_transform is not None):
            raise ValueError("Only transforms or transform/target_transform can be passed as argument")
        self.transform = transform
        self.target_transform = target_transform
        if transforms is None and (transform is not None or target_transform is not None):
            transforms = StandardTransform(transform, target_transform)
        self.transforms = transforms

    def __getitem__(self, index):
        raise NotImplementedError

    def __len__(self):
        raise NotImplementedError

    def _transformed(self, sample, target):
        if self.transform is not None:
            sample = self.transform(sample)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return sample, target

    def extra_repr(self):
        """Return more lines for the printed form."""
        return ""

    def __repr__(self):
        body = [f"Number of datapoints: {len(self)}"]
        if self.root is not None:
            body.append(f"Root location: {self.root}")
        body += self.extra_repr().splitlines()
        if self.transforms is not None:
            body.append(repr(self.transforms))
        return "\n    ".join([f"Dataset {type(self).__name__}", *body])
