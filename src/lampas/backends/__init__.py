"""What the devices of this machine can do, and PyTorch's switches for them; each part on first use."""

_SUBMODULES = set("cpu cuda cudnn mha mkl mkldnn mps openmp opt_einsum".split())


def __getattr__(name):
    from importlib import import_module

    if name in _SUBMODULES:
        return import_module(f"lampas.backends.{name}")
    raise AttributeError(f"module 'lampas.backends' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_SUBMODULES})
