"""MNIST and sets in its format: 70,000 grey pictures of 28 by 28 pixels each."""

import os

import lampas
from lampas.vision.datasets.download import download
from lampas.vision.datasets.idx import find_idx, read_idx
from lampas.vision.datasets.pictures import PicturesInMemory


class MNIST(PicturesInMemory):
    """Handwritten digits; a sample is (picture, class).

    Args:
        root (str or path): the folder that holds MNIST/raw/ with the four idx files, extracted or as .gz.
        train (bool): the 60,000 pictures for training, or the 10,000 for testing.
        transform (callable): of the picture; a transform that begins with ToTensor needs no Pillow.
        target_transform (callable): of the class.
        download (bool): fetch the files that are missing.

    Raises:
        RuntimeError: where files are missing (and not downloaded) or corrupt.

    Example (not run: it needs the files):
        MNIST("data", download=True, transform=ToTensor())[0]

    Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits" (CC BY-SA 3.0).
    """

    mirrors = ["https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"]
    resources = [
        ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
        ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
        ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
    ]
    classes = [
        "0 - zero",
        "1 - one",
        "2 - two",
        "3 - three",
        "4 - four",
        "5 - five",
        "6 - six",
        "7 - seven",
        "8 - eight",
        "9 - nine",
    ]

    def __init__(self, root, train=True, transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        if download:
            self.download()
        self.data, self.targets = self._load_data()

    @property
    def raw_folder(self):
        """The folder of the idx files."""
        return os.path.join(self.root, type(self).__name__, "raw")

    @property
    def class_to_idx(self):
        """The number of each class by its name."""
        return {name: i for i, name in enumerate(self.classes)}

    def _paths(self):
        """Return where each file lies, or None for a file that is missing."""
        names = [name.removesuffix(".gz") for name, _ in self.resources]
        return [find_idx(os.path.join(self.raw_folder, name)) for name in names]

    def download(self):
        """Fetch the files that are missing."""
        for (name, md5), path in zip(self.resources, self._paths(), strict=True):
            if path is None or path.endswith(".gz"):
                download(name, self.mirrors, self.raw_folder, md5)

    def _load_data(self):
        paths = self._paths()
        if None in paths:
            raise RuntimeError(
                f"Dataset not found. You can use download=True to download it (looked in {self.raw_folder})"
            )
        pictures_path, targets_path = paths[:2] if self.train else paths[2:]
        pictures, targets = read_idx(pictures_path), read_idx(targets_path)
        if pictures.dim() != 3 or pictures.dtype != lampas.uint8:
            raise RuntimeError(f"{pictures_path} does not hold pictures, but shape {tuple(pictures.shape)}")
        if tuple(targets.shape) != (len(pictures),):
            raise RuntimeError(
                f"{targets_path} holds labels of shape {tuple(targets.shape)} for {len(pictures)} pictures"
            )
        return pictures, targets.to(lampas.int64)

    def extra_repr(self):
        return f"Split: {'Train' if self.train else 'Test'}"


class FashionMNIST(MNIST):
    """Pictures of clothes, in MNIST's format and sizes; a sample is (picture, class).

    Args:
        root (str or path): the folder that holds FashionMNIST/raw/ with the four idx files.
        train, transform, target_transform, download: as for MNIST.

    Raises:
        RuntimeError: where files are missing (and not downloaded) or corrupt.

    Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST", 2017 (MIT licence).
    """

    mirrors = ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"]
    resources = [
        ("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
        ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
        ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
    ]
    classes = [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ]
