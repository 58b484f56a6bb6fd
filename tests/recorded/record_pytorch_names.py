"""Records which public names PyTorch and torchvision have: python tests/recorded/record_pytorch_names.py.

By the list the drop-in tells a name that Lampas lacks from one that nobody has; docs/differences.md shows it.
"""

import importlib
import pathlib
import pkgutil
import types
import warnings

OUTPUT = pathlib.Path(__file__).parents[2] / "src" / "lampas" / "drop_in" / "pytorch_names.txt"
# Below these only modules are listed, not what is in them: nobody meets their names elsewhere.
MODULES_ONLY = (
    "torch.ao",
    "torch.contrib",
    "torch.fx",
    "torch.nativert",
    "torch.quantization",
    "torch.testing",
)
DEEP = ("torch.backends", "torch.cuda.amp", "torch.nn", "torch.optim", "torch.utils", "torchvision")
DEPTH = 2


def public_modules(package_name):
    """Return the dotted names of a package's modules that have no underscore part."""
    package = importlib.import_module(package_name)
    found = pkgutil.walk_packages(package.__path__, package_name + ".", onerror=lambda name: None)
    names = [module.name for module in found]
    # Modules that exist only in memory, such as torch.return_types.
    names += [
        f"{package_name}.{name}" for name, value in vars(package).items() if is_own_module(package, value)
    ]
    return [package_name, *sorted(n for n in set(names) if not any(p.startswith("_") for p in n.split(".")))]


def is_own_module(module, value):
    return isinstance(value, types.ModuleType) and value.__name__.startswith(module.__name__ + ".")


def is_public(module, name, value):
    if name.startswith("_"):
        return False
    if isinstance(value, types.ModuleType):
        return is_own_module(module, value)
    if type(value).__module__ == "pybind11_builtins":  # types of the compiler, which torch shows by accident
        return False
    home = getattr(value, "__module__", None)
    if isinstance(value, type) and not str(home).startswith((module.__name__, "builtins")):
        return False  # a class imported from elsewhere
    # Values without a home, such as dtypes and numbers, belong to the module that shows them.
    return not isinstance(home, str) or home.split(".")[0] in ("torch", "torchvision", "builtins")


def public_names(module):
    """Return the names a module offers: what it exports, or else what it defines or passes on."""
    names = {name for name, value in vars(module).items() if is_public(module, name, value)}
    if module.__name__ in ("torch", "torchvision"):  # their __all__ holds the compiler's types too
        return names
    return {name for name in getattr(module, "__all__", names) if not name.startswith("_")}


def main():
    warnings.simplefilter("ignore")
    lines = []
    for package in ("torch", "torchvision"):
        modules = public_modules(package)
        for name in modules:
            inner = {each.rpartition(".")[2] for each in modules if each.rpartition(".")[0] == name}
            is_listed = name.count(".") < DEPTH or name.startswith(DEEP)
            if is_listed and not name.startswith(MODULES_ONLY):
                try:
                    inner |= public_names(importlib.import_module(name))
                except Exception as error:  # a module that needs a package or a device that is not there
                    print(f"{name}: {error}")
            if inner or name.count(".") < DEPTH:
                lines.append(f"{name}: {' '.join(sorted(inner))}".rstrip())
    tensor = importlib.import_module("torch").Tensor
    lines.append(
        "torch.Tensor: " + " ".join(sorted(name for name in dir(tensor) if not name.startswith("_")))
    )
    OUTPUT.write_text("\n".join(sorted(lines)) + "\n")


if __name__ == "__main__":
    main()
