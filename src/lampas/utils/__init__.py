"""torch.utils: checkpoints, hook handles, data loading, DLPack, TensorBoard; each is loaded on first use."""

_SUBMODULES = {"checkpoint", "data", "dlpack", "hooks", "tensorboard"}


def __getattr__(name):
    from importlib import import_module

    if name in _SUBMODULES:
        return import_module(f"lampas.utils.{name}")
    raise AttributeError(f"module 'lampas.utils' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_SUBMODULES})
