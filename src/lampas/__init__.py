"""Lampas: tensors, automatic differentiation and neural networks with PyTorch's Python API."""

from lampas import _core
from lampas._core import Tensor
from lampas.version import __version__

# What the core keeps for the package itself.
_INTERNAL = {
    "ModuleBase",
    "Node",
    "Program",
    "RemovableHandle",
    "UntypedStorage",
    "ops",
    "sgd_step",
    "vmap_fallback_warnings",
}
_PUBLIC = {name: value for name, value in vars(_core).items() if name[0] != "_" and name not in _INTERNAL}
globals().update(_PUBLIC)

from math import e, inf, nan, pi  # noqa: E402

# Loaded when first used: `import lampas` stays light.
_SUBMODULES = {
    "amp",
    "autograd",
    "data",
    "func",
    "library",
    "nn",
    "optim",
    "plots",
    "train",
    "utils",
    "vision",
}
_HOMES = {
    "no_grad": "autograd.grad_mode",
    "enable_grad": "autograd.grad_mode",
    "set_grad_enabled": "autograd.grad_mode",
    "inference_mode": "autograd.grad_mode",
    "is_anomaly_enabled": "autograd.anomaly_mode",
    "is_anomaly_check_nan_enabled": "autograd.anomaly_mode",
    "vmap": "func",
    "autocast": "amp",
    "set_printoptions": "_tensor_repr",
    "typename": "nn.modules.typename",
}


def __getattr__(name):
    from importlib import import_module

    if name in _SUBMODULES:
        return import_module(f"lampas.{name}")
    if name in _HOMES:
        value = getattr(import_module(f"lampas.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'lampas' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_SUBMODULES, *_HOMES})


def is_tensor(obj):
    """Return whether `obj` is a tensor.

    Example:
        >>> lampas.is_tensor(lampas.ones(1))
        True
    """
    return isinstance(obj, Tensor)


def manual_seed(seed):
    """Set the seed of the default generator and return the generator.

    Args:
        seed (int): any integer of 64 bits; negative ones wrap.

    Example:
        >>> _ = lampas.manual_seed(0)
        >>> lampas.rand(2)
        tensor([0.4963, 0.7682])
    """
    return _core.default_generator.manual_seed(seed)
