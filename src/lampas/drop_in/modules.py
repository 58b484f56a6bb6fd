"""The modules torch and torchvision and those below: each shows a module of Lampas under PyTorch's name."""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types

import lampas
from lampas.drop_in.inner_names import inner_names, place_in_lampas
from lampas.drop_in.missing_names import MissingName, explanation, is_in_pytorch, pytorch_names
from lampas.drop_in.versions import VERSION_NAMES

_ROOTS = {"torch": "lampas", "torchvision": "lampas.vision"}
_renamed_classes = []  # (class, its own __module__)


def _lampas_name(name):
    """Return "lampas.nn" for "torch.nn", None for what belongs to neither package."""
    if name in VERSION_NAMES and name not in _ROOTS:
        return "lampas.version"
    if place_in_lampas(name):
        return place_in_lampas(name)
    root, _, rest = name.partition(".")
    if root not in _ROOTS:
        return None
    return f"{_ROOTS[root]}.{rest}" if rest else _ROOTS[root]


def _torch_name(name):
    """Return "torch.nn" for "lampas.nn", "torchvision.transforms" for "lampas.vision.transforms"."""
    parts = name.split(".")
    if parts[0] != "lampas":
        return None
    if parts[1:2] == ["vision"]:
        return ".".join(["torchvision", *parts[2:]])
    # What is private in Lampas, such as lampas._core, shows itself as part of the package.
    return ".".join(["torch", *(part for part in parts[1:] if not part.startswith("_"))])


def _show_class(value):
    """Let a class of Lampas call itself by its place in PyTorch, until the drop-in is disabled."""
    name = _torch_name(value.__module__) if isinstance(value.__module__, str) else None
    if name is not None:
        own_name = value.__module__
        try:
            value.__module__ = name
        except TypeError:  # a class of the core that cannot be changed
            return
        _renamed_classes.append((value, own_name))


def show_tensor_types():
    """Rename the classes whose instances appear without their names being asked for."""
    for value in list(vars(lampas).values()):
        if isinstance(value, type):
            _show_class(value)


def take_back_class_names():
    """Give every class its own module name back."""
    while _renamed_classes:
        value, own_name = _renamed_classes.pop()
        value.__module__ = own_name


class DropInModule(types.ModuleType):
    """A module of PyTorch's name whose attributes are those of a module of Lampas."""

    def __init__(self, name, lampas_module):
        super().__init__(name, lampas_module.__doc__)
        self.__dict__["_lampas_module"] = lampas_module
        self.__dict__["__path__"] = []  # what is below it comes from TorchFinder alone
        self.__dict__.update(VERSION_NAMES.get(name) or inner_names(name))
        for value in list(vars(lampas_module).values()):
            if isinstance(value, type):
                _show_class(value)

    def __getattr__(self, name):
        module_name = self.__name__
        if name == "__all__" and not hasattr(self._lampas_module, name):  # `from torch import *`
            return [each for each in dir(self) if each[0] != "_"]
        missing = object()
        is_hidden = name.startswith("_") and not name.startswith("__")
        value = missing if is_hidden else getattr(self._lampas_module, name, missing)
        if value is missing or isinstance(value, types.ModuleType):
            value = self._submodule(name, missing)
        if value is missing:
            if name.startswith("__"):
                raise AttributeError(f"module {module_name!r} has no attribute {name!r}")
            reason = explanation(f"{module_name}.{name}", dir(self))
            raise AttributeError(f"module {module_name!r} has no attribute {name!r} ({reason})")
        if isinstance(value, type):
            _show_class(value)
        if callable(value):  # what can be called hardly ever changes: the next look finds it at once
            self.__dict__[name] = value
        return value

    def _submodule(self, name, missing):
        """Return the module below this one, loading it: `import torch` is enough for torch.utils.data."""
        full_name = f"{self.__name__}.{name}"
        # A module that only Lampas has, such as lampas.train, is not part of torch.
        if not _is_module(full_name) or _found(_lampas_name(full_name)) is None:
            return missing
        return importlib.import_module(full_name)

    def __setattr__(self, name, value):
        if isinstance(value, MissingName):
            return  # the import system would hang it on its parent, where hasattr() must not find it
        if isinstance(value, DropInModule) or name.startswith("__"):
            super().__setattr__(name, value)
        else:  # as in PyTorch, what is changed in a module changes what its functions see
            setattr(self._lampas_module, name, value)
            self.__dict__.pop(name, None)

    def __delattr__(self, name):
        if name in self.__dict__ and not hasattr(self._lampas_module, name):
            super().__delattr__(name)
        else:
            delattr(self._lampas_module, name)
            self.__dict__.pop(name, None)

    def __dir__(self):
        names = {*dir(self._lampas_module), *self.__dict__}
        return sorted(name for name in names if name.startswith("__") or self._offers(name))

    def _offers(self, name):
        """Whether a name of Lampas's module is one of PyTorch's, and not a module that only passes by."""
        listed = pytorch_names().get(self.__name__)
        value = vars(self._lampas_module).get(name)
        is_from_elsewhere = (
            isinstance(value, types.ModuleType) and value.__name__ != f"{self._lampas_module.__name__}.{name}"
        )
        return not name.startswith("_") and (listed is None or name in listed) and not is_from_elsewhere


class _Loader(importlib.abc.Loader):
    """Makes a module that shows a module of Lampas."""

    def __init__(self, lampas_name):
        self._lampas_name = lampas_name

    def create_module(self, spec):
        return DropInModule(spec.name, importlib.import_module(self._lampas_name))

    def exec_module(self, module):
        pass


class _MissingLoader(importlib.abc.Loader):
    """Puts a MissingName where a module, or a name imported from one, is not in Lampas."""

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__name__
        parent = sys.modules.get(name.rpartition(".")[0])
        if isinstance(parent, MissingName):
            reason = f"{name}: {parent._explanation}"
        else:
            reason = explanation(name, dir(parent))
        placeholder = MissingName(name, reason)
        placeholder.__spec__ = module.__spec__
        sys.modules[name] = placeholder  # the import system takes what stands here afterwards


class TorchFinder:
    """Finds torch, torchvision and the modules below them for the import system."""

    def find_spec(self, name, path=None, target=None):
        """Describe a module of PyTorch's to the import system; None for what PyTorch does not have."""
        lampas_name = _lampas_name(name)
        if lampas_name is None:
            return None
        below_missing = isinstance(sys.modules.get(name.rpartition(".")[0]), MissingName)
        if not below_missing and not _is_module(name):
            return None
        shown = None if below_missing else _found(lampas_name)
        # Every one is a package, so that `from torch.nn import NAME` asks here for a NAME that is not there.
        loader = _Loader(lampas_name) if shown else _MissingLoader()
        spec = importlib.machinery.ModuleSpec(name, loader, is_package=True)
        if shown:
            spec.origin, spec.has_location = shown.origin, True
        return spec


def _is_module(name):
    return is_in_pytorch(name) or place_in_lampas(name) is not None


def _found(lampas_name):
    """Return the import system's description of a module of Lampas, None where there is none."""
    try:
        return importlib.util.find_spec(lampas_name)
    except ModuleNotFoundError:  # its parent is missing or is no package
        return None
