"""Rows of compare.py that load pictures: DataLoader alone, and the documents' training loops end to end.

Both frameworks read the same random bytes in memory. For PyTorch the data set and its transforms are written
here as torchvision has them, by a PIL image for each sample: torchvision is not needed.
"""

import importlib

import numpy

COUNT = 50_000


def _bytes(shape):
    random = numpy.random.default_rng(0)
    pictures = random.integers(0, 256, (COUNT, *shape), dtype=numpy.uint8)
    return pictures, random.integers(0, 10, COUNT).tolist()


def _lampas_pictures(shape):
    from lampas.vision import transforms
    from lampas.vision.datasets.pictures import PicturesInMemory

    channels = 3 if len(shape) == 3 else 1
    normalize = transforms.Normalize((0.5,) * channels, (0.5,) * channels)
    dataset = PicturesInMemory(transform=transforms.Compose([transforms.ToTensor(), normalize]))
    dataset.data, dataset.targets = _bytes(shape)
    return dataset


def _torch_pictures(shape):
    import torch
    from PIL import Image
    from torch.utils.data import Dataset

    def to_tensor(image):
        tensor = torch.from_numpy(numpy.array(image, copy=True))
        tensor = tensor.view(image.size[1], image.size[0], len(image.getbands()))
        return tensor.permute(2, 0, 1).contiguous().to(torch.get_default_dtype()).div(255)

    def normalize(tensor):
        mean = torch.as_tensor([0.5] * tensor.size(0), dtype=tensor.dtype)
        std = torch.as_tensor([0.5] * tensor.size(0), dtype=tensor.dtype)
        return tensor.clone().sub_(mean.view(-1, 1, 1)).div_(std.view(-1, 1, 1))

    class Pictures(Dataset):
        def __init__(self):
            self.data, self.targets = _bytes(shape)

        def __getitem__(self, index):
            return normalize(to_tensor(Image.fromarray(self.data[index]))), self.targets[index]

        def __len__(self):
            return COUNT

    return Pictures()


def _batches(framework, shape, batch_size, num_workers):
    """Go over the pictures without end."""
    make = {"lampas": _lampas_pictures, "torch": _torch_pictures}[framework.__name__]
    loader = importlib.import_module(f"{framework.__name__}.utils.data").DataLoader
    batches = loader(make(shape), batch_size=batch_size, shuffle=True, num_workers=num_workers)
    while True:
        yield from batches


def loading(shape, batch_size, num_workers=0):
    """Give one batch."""

    def make(framework):
        batches = _batches(framework, shape, batch_size, num_workers)
        return lambda: next(batches)

    return make


def training(network, shape, batch_size, num_workers=0):
    """Load one batch and train the network on it."""

    def make(framework):
        framework.manual_seed(0)
        model = network(framework.nn)
        optimizer = framework.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
        criterion = framework.nn.CrossEntropyLoss()
        batches = _batches(framework, shape, batch_size, num_workers)

        def body():
            pictures, targets = next(batches)
            optimizer.zero_grad()
            loss = criterion(model(pictures), targets)
            loss.backward()
            optimizer.step()
            return loss.item()

        return body

    return make


def lenet(nn):
    """Return document 0's network for colour pictures."""
    return nn.Sequential(
        *(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2, 2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2, 2)),
        *(nn.Flatten(), nn.Linear(16 * 5 * 5, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU()),
        nn.Linear(84, 10),
    )


def perceptron(nn):
    """Return document 2's network for grey pictures."""
    return nn.Sequential(
        *(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)),
        nn.LogSoftmax(dim=1),
    )
