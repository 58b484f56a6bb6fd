"""Names that PyTorch keeps to itself, by an underscore or by their place, and that programs use still."""

import importlib

# By module of PyTorch: the module of Lampas that stands for it, and what its inner names are called there.
# Classes are there for isinstance() and to derive from; `_ConvNd` is constructed as Lampas does it.
_PLACES = {
    "torch.nn.init": ("lampas.nn.init", {"_calculate_fan_in_and_fan_out": "_calculate_fan_in_and_fan_out"}),
    "torch.nn.modules.batchnorm": (
        "lampas.nn.modules.batchnorm",
        {"_BatchNorm": "_BatchNorm", "_NormBase": "_NormBase"},
    ),
    "torch.nn.modules.conv": (
        "lampas.nn.modules.conv",
        {"_ConvNd": "_Convolution", "_ConvTransposeNd": "_ConvTranspose"},
    ),
    "torch.nn.modules.dropout": ("lampas.nn.modules.dropout", {"_DropoutNd": "_DropoutNd"}),
    "torch.nn.modules.instancenorm": ("lampas.nn.modules.batchnorm", {"_InstanceNorm": "_InstanceNorm"}),
    "torch.nn.modules.loss": (
        "lampas.nn.modules.loss",
        {"_Loss": "_Loss", "_WeightedLoss": "_WeightedLoss"},
    ),
    "torch.nn.modules.pooling": ("lampas.nn.modules.pooling", {"_MaxPoolNd": "_MaxPoolNd"}),
    "torch.nn.modules.utils": (
        "lampas.nn.per_dimension",
        {name: name for name in ("_ntuple", "_single", "_pair", "_triple", "_quadruple")},
    ),
    "torch.optim.adamw": ("lampas.optim.adam", {}),
    "torch.optim.lr_scheduler": ("lampas.optim.lr_scheduler", {"_LRScheduler": "LRScheduler"}),
    "torch.utils.data._utils": ("lampas.utils.data", {}),
    "torch.utils.data._utils.collate": ("lampas.utils.data.collate", {}),
}


def place_in_lampas(module_name):
    """Return the module of Lampas that stands for an inner module of PyTorch; None for all others.

    Example:
        >>> place_in_lampas("torch.nn.modules.instancenorm")
        'lampas.nn.modules.batchnorm'
    """
    return _PLACES[module_name][0] if module_name in _PLACES else None


def inner_names(module_name):
    """Return a module's inner names as a dict of values.

    Example:
        >>> inner_names("torch.nn.modules.utils")["_pair"](3)
        (3, 3)
    """
    if module_name not in _PLACES:
        return {}
    place, names = _PLACES[module_name]
    module = importlib.import_module(place)
    return {name: getattr(module, own) for name, own in names.items()}
