"""DatasetFolder and ImageFolder: files sorted into one folder a class."""

import os

from lampas.vision.datasets.vision import VisionDataset

IMG_EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


def has_file_allowed_extension(filename, extensions):
    """Whether a file's name ends in an extension, or in one of several; in lower or upper case."""
    return filename.lower().endswith(extensions if isinstance(extensions, str) else tuple(extensions))


def is_image_file(filename):
    """Whether a file's name ends like a picture's.

    Example:
        >>> is_image_file("cat.PNG")
        True
    """
    return has_file_allowed_extension(filename, IMG_EXTENSIONS)


def find_classes(directory):
    """Return the names of the folders in a folder, sorted, and their numbers in that order.

    Raises:
        FileNotFoundError: where there is none.
    """
    classes = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
    if not classes:
        raise FileNotFoundError(f"Couldn't find any class folder in {directory}.")
    return classes, {name: i for i, name in enumerate(classes)}


def make_dataset(directory, class_to_idx=None, extensions=None, is_valid_file=None, allow_empty=False):
    """Return the list of (path, class) of the files in the folders of the classes, in sorted order.

    Args:
        directory (str or path): holds a folder for each class.
        class_to_idx (dict): the number of each class by its folder's name; None for all folders.
        extensions (str or tuple of str): the endings that a file's name may have.
        is_valid_file (callable): of a path, instead of `extensions`; one of both is needed.
        allow_empty (bool): whether a class may have no file.

    Raises:
        FileNotFoundError: where a class has no file.
    """
    directory = os.path.expanduser(directory)
    if class_to_idx is None:
        _, class_to_idx = find_classes(directory)
    elif not class_to_idx:
        raise ValueError("'class_to_index' must have at least one entry to collect any samples.")
    if (extensions is None) == (is_valid_file is None):
        raise ValueError("Both extensions and is_valid_file cannot be None or not None at the same time")
    if is_valid_file is None:

        def is_valid_file(path):
            return has_file_allowed_extension(path, extensions)

    samples = []
    empty_classes = set(class_to_idx)
    for name in sorted(class_to_idx):
        for folder, _, file_names in sorted(os.walk(os.path.join(directory, name), followlinks=True)):
            paths = [os.path.join(folder, file_name) for file_name in sorted(file_names)]
            found = [(path, class_to_idx[name]) for path in paths if is_valid_file(path)]
            samples += found
            if found:
                empty_classes.discard(name)
    if empty_classes and not allow_empty:
        message = f"Found no valid file for the classes {', '.join(sorted(empty_classes))}. "
        if extensions is not None:
            listed = extensions if isinstance(extensions, str) else ", ".join(extensions)
            message += f"Supported extensions are: {listed}"
        raise FileNotFoundError(message)
    return samples


class DatasetFolder(VisionDataset):
    """Files sorted into one folder a class; a sample is (what the loader makes of the file, class).

    Args:
        root (str or path): holds a folder for each class; files in folders within it count too.
        loader (callable): makes a sample of a path.
        extensions (tuple of str): the endings that a file's name may have.
        transform (callable): of the sample.
        target_transform (callable): of the class.
        is_valid_file (callable): of a path, instead of `extensions`.
        allow_empty (bool): whether a class may have no file.

    Attributes:
        classes (list of str): the folders' names, sorted.
        class_to_idx (dict): the number of each class by its name.
        samples (list): (path, class) of each file.
        targets (list of int): the class of each file.

    Raises:
        FileNotFoundError: where there is no folder of a class, or no file in one.
    """

    def __init__(
        self,
        root,
        loader,
        extensions=None,
        transform=None,
        target_transform=None,
        is_valid_file=None,
        allow_empty=False,
    ):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.classes, self.class_to_idx = self.find_classes(self.root)
        self.samples = self.make_dataset(
            self.root, self.class_to_idx, extensions, is_valid_file, allow_empty=allow_empty
        )
        self.loader = loader
        self.extensions = extensions
        self.targets = [target for _, target in self.samples]

    @staticmethod
    def make_dataset(directory, class_to_idx, extensions=None, is_valid_file=None, allow_empty=False):
        """Return the list of (path, class) of the files; see the function of this name."""
        if class_to_idx is None:
            raise ValueError("The class_to_idx parameter cannot be None.")
        return make_dataset(directory, class_to_idx, extensions, is_valid_file, allow_empty)

    def find_classes(self, directory):
        """Return the classes' names and their numbers; a subclass may choose other ones."""
        return find_classes(directory)

    def __getitem__(self, index):
        path, target = self.samples[index]
        try:
            sample = self.loader(path)
        except Exception as error:
            error.add_note(f"in the file {path}")
            raise
        return self._transformed(sample, target)

    def __len__(self):
        return len(self.samples)


def pil_loader(path):
    """Return the picture in a file as a PIL image in RGB."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("to read picture files, install the package pillow") from error
    with open(path, "rb") as file:
        return Image.open(file).convert("RGB")


def default_loader(path):
    """Return the picture in a file; what ImageFolder loads by."""
    return pil_loader(path)


class ImageFolder(DatasetFolder):
    """Picture files sorted into one folder a class, such as root/dog/1.png; a sample is (PIL image, class).

    Args:
        root (str or path): holds a folder for each class.
        transform, target_transform, is_valid_file, allow_empty: as for DatasetFolder.
        loader (callable): makes a picture of a path.

    Raises:
        FileNotFoundError: where there is no folder of a class, or no picture in one.
    """

    def __init__(
        self,
        root,
        transform=None,
        target_transform=None,
        loader=default_loader,
        is_valid_file=None,
        allow_empty=False,
    ):
        extensions = IMG_EXTENSIONS if is_valid_file is None else None
        super().__init__(root, loader, extensions, transform, target_transform, is_valid_file, allow_empty)
        self.imgs = self.samples
