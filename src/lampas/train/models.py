"""The networks that a run can train: three of our own, or a class in a file of the user's."""

import os
import runpy
import sys
import traceback

from lampas import drop_in, nn
from lampas.train.problem import Problem


def mlp(shape, classes):
    """Return a multilayer perceptron with two hidden layers of 128 and 64.

    Args:
        shape (tuple): channels, height and width of a picture.
        classes (int): how many classes there are.

    Shapes: pictures (N, *shape); scores of classes (N, classes).
    """
    channels, height, width = shape
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(channels * height * width, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, classes),
    )


class LeNet(nn.Module):
    """LeNet-5 with rectifiers and maximum pooling, as the tutorials build it.

    Pictures of 28x28 are padded to the 32x32 that it was made for. Source: LeCun, Bottou, Bengio, Haffner,
    "Gradient-based learning applied to document recognition", 1998.

    Args:
        shape (tuple): channels, height and width of a picture, at least 12x12.
        classes (int): how many classes there are.

    Shapes: pictures (N, *shape); scores of classes (N, classes).
    """

    def __init__(self, shape, classes):
        super().__init__()
        channels, height, width = shape
        padding = 2 if min(height, width) <= 28 else 0
        self.conv1 = nn.Conv2d(channels, 6, 5, padding=padding)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.pool = nn.MaxPool2d(2)
        self.relu = nn.ReLU()
        self.flatten = nn.Flatten()
        rows, columns = [((side + 2 * padding - 4) // 2 - 4) // 2 for side in (height, width)]
        if min(rows, columns) < 1:
            raise Problem(f"--model lenet: pictures of {height}x{width} are too small, 12x12 at least")
        self.fc1 = nn.Linear(16 * rows * columns, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, classes)

    def forward(self, pictures):
        maps = self.pool(self.relu(self.conv1(pictures)))
        maps = self.pool(self.relu(self.conv2(maps)))
        hidden = self.relu(self.fc1(self.flatten(maps)))
        return self.fc3(self.relu(self.fc2(hidden)))


def cnn(shape, classes):
    """Return a network of four convolutions of 3x3 with dropout, for small colour pictures.

    Args:
        shape (tuple): channels, height and width of a picture, at least 4x4.
        classes (int): how many classes there are.

    Shapes: pictures (N, *shape); scores of classes (N, classes).
    """
    channels, height, width = shape
    if min(height, width) < 4:
        raise Problem(f"--model cnn: pictures of {height}x{width} are too small, 4x4 at least")
    return nn.Sequential(
        nn.Conv2d(channels, 32, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(64, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.25),
        nn.Linear(64 * (height // 4) * (width // 4), 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, classes),
    )


MODELS = {"lenet": LeNet, "mlp": mlp, "cnn": cnn}


def fault_of(error, model=""):
    """Return in one line what an error says, its notes, and where in the user's file it arose.

    Args:
        error (Exception): what a network raised.
        model (str): its name, perhaps file.py:MyNet.
    """
    text = str(error).splitlines()[0] if str(error) else ""
    text = ": ".join(filter(None, [type(error).__name__, text]))
    path = model.rpartition(":")[0]
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if os.path.abspath(frame.filename) == os.path.abspath(path)]
    place = f" ({path}, line {lines[-1]})" if path and lines else ""
    notes = [line.strip() for note in getattr(error, "__notes__", []) for line in note.splitlines()]
    return "; ".join([text + place, *notes])


def _from_file(name):
    """Return a new network of the class "file.py:MyNet"; the file may import torch, and files beside it."""
    path, _, class_name = name.rpartition(":")
    if not path.endswith(".py") or not class_name:
        raise Problem(f"--model {name}: neither one of {', '.join(MODELS)}, nor written as file.py:MyNet")
    if not os.path.isfile(path):
        raise Problem(f"--model {name}: there is no file {path}")
    folder = os.path.dirname(os.path.abspath(path))
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        with drop_in.enable():
            namespace = runpy.run_path(path)
            if class_name in namespace:
                return namespace[class_name]()
    except (Exception, SystemExit) as error:  # whatever the user's file does wrong
        raise Problem(f"--model {name}: {fault_of(error, name)}") from error
    raise Problem(f"--model {name}: {path} defines no {class_name}")


def make_model(name, shape, classes):
    """Return a new network.

    Args:
        name (str): lenet, mlp, cnn, or file.py:MyNet, where MyNet() gives a module.
        shape (tuple): channels, height and width of a picture.
        classes (int): how many classes there are.

    Raises:
        Problem: where there is no such network, or pictures are too small for it.
    """
    model = MODELS[name](shape, classes) if name in MODELS else _from_file(name)
    if not isinstance(model, nn.Module):
        raise Problem(f"--model {name}: gives a {type(model).__name__}, not a module")
    return model


def describe(model):
    """Return a model's number of parameters, such as "61,706 parameters"."""
    return f"{sum(parameter.numel() for parameter in model.parameters()):,} parameters"
