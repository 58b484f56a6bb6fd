"""CIFAR-10 and CIFAR-100: 60,000 colour pictures of 32 by 32 pixels each."""

import os

import numpy

from lampas.vision.datasets.array_pickle import load_arrays
from lampas.vision.datasets.download import check_integrity, download, extract_from_tar
from lampas.vision.datasets.pictures import PicturesInMemory


class CIFAR10(PicturesInMemory):
    """60,000 pictures of ten classes; a sample is (picture, class).

    Args:
        root (str or path): the folder that holds cifar-10-batches-py/.
        train (bool): the 50,000 pictures for training, or the 10,000 for testing.
        transform (callable): of the picture; a transform that begins with ToTensor needs no Pillow.
        target_transform (callable): of the class.
        download (bool): fetch the archive if the files are missing.

    Raises:
        RuntimeError: where files are missing (and not downloaded) or corrupt.

    Example (not run: it needs the files):
        CIFAR10("data", download=True, transform=ToTensor())[0]

    Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
    """

    base_folder = "cifar-10-batches-py"
    url = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
    filename = "cifar-10-python.tar.gz"
    tgz_md5 = "c58f30108f718f92721af3b95e74349a"
    train_list = [
        ["data_batch_1", "c99cafc152244af753f735de768cd75f"],
        ["data_batch_2", "d4bba439e000b95fd0a9bffe97cbabec"],
        ["data_batch_3", "54ebc095f3ab1f0389bbae665268c751"],
        ["data_batch_4", "634d18415352ddfa80567beed471001a"],
        ["data_batch_5", "482c414d41f54cd18b22e5b47cb7c3cb"],
    ]
    test_list = [["test_batch", "40351d587109b95175f43aff81a1287e"]]
    meta = {"filename": "batches.meta", "key": "label_names", "md5": "5ff9c542aee3614f3951f8cda6e48888"}

    def __init__(self, root, train=True, transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        if download:
            self.download()
        problem = self._problem()
        if problem is not None:
            raise RuntimeError(
                f"Dataset not found or corrupted. You can use download=True to download it\n{problem}"
            )
        self.data, self.targets = self._load_data()
        names = load_arrays(self._path(self.meta["filename"]))[self.meta["key"]]
        self.classes = [name.decode() if isinstance(name, bytes) else name for name in names]
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}

    def _path(self, name):
        return os.path.join(self.root, self.base_folder, name)

    def _files(self):
        """Return the (name, md5) of every file."""
        return [*self.train_list, *self.test_list, [self.meta["filename"], self.meta["md5"]]]

    def _problem(self):
        """Return what is wrong with the files, or None."""
        for name, md5 in self._files():
            path = self._path(name)
            if not os.path.isfile(path):
                return f"there is no {path}"
            if not check_integrity(path, md5):
                return f"{path} has another md5 sum than {md5}"
        return None

    def download(self):
        """Fetch and extract the archive, unless every file is there and whole."""
        if self._problem() is None:
            return
        download(self.filename, [os.path.dirname(self.url)], self.root, self.tgz_md5)
        members = [f"{self.base_folder}/{name}" for name, _ in self._files()]
        extract_from_tar(os.path.join(self.root, self.filename), members, self.root)

    def _load_data(self):
        pictures, targets = [], []
        for name, _ in self.train_list if self.train else self.test_list:
            path = self._path(name)
            contents = load_arrays(path)
            labels = contents.get("labels", contents.get("fine_labels"))
            rows = contents.get("data")
            if not isinstance(rows, numpy.ndarray) or not isinstance(labels, list):
                raise RuntimeError(f"{path} does not hold pictures and labels")
            if rows.shape != (len(labels), 3 * 32 * 32):
                raise RuntimeError(f"{path} holds data of shape {rows.shape} for {len(labels)} labels")
            pictures.append(rows)
            targets += labels
        # Each row holds a picture's red, green and blue plane; pictures are seen with channels last.
        return numpy.concatenate(pictures).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), targets

    def extra_repr(self):
        return f"Split: {'Train' if self.train else 'Test'}"


class CIFAR100(CIFAR10):
    """60,000 pictures of a hundred classes, in the manner of CIFAR10.

    Args:
        root (str or path): the folder that holds cifar-100-python/.
        train, transform, target_transform, download: as for CIFAR10.

    Raises:
        RuntimeError: where files are missing (and not downloaded) or corrupt.

    Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
    """

    base_folder = "cifar-100-python"
    url = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
    filename = "cifar-100-python.tar.gz"
    tgz_md5 = "eb9058c3a382ffc7106e4002c42a8d85"
    train_list = [["train", "16019d7e3df5f24257cddd939b257f8d"]]
    test_list = [["test", "f0ef6b0ae62326f3e7ffdfab6717acfc"]]
    meta = {"filename": "meta", "key": "fine_label_names", "md5": "7973b15100ade9c7d40fb424638fde48"}
