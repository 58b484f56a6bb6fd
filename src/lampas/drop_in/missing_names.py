"""Names that PyTorch has and Lampas has not: how they are told apart, and what stands in their place."""

import difflib
import functools
import pathlib

_NAMES = pathlib.Path(__file__).with_name("pytorch_names.txt")  # by tests/recorded/record_pytorch_names.py


@functools.cache
def pytorch_names():
    """Return the public names of each public module of PyTorch and torchvision, and of torch.Tensor.

    Example:
        >>> "Linear" in pytorch_names()["torch.nn"]
        True
    """
    lines = _NAMES.read_text(encoding="utf-8").splitlines()
    return {module: set(names.split()) for module, _, names in (line.partition(":") for line in lines)}


def is_in_pytorch(name):
    """Return whether a dotted name is a public module of PyTorch, or something in one.

    Example:
        >>> is_in_pytorch("torch.nn"), is_in_pytorch("torch.ones"), is_in_pytorch("torch.zeroes")
        (True, True, False)
    """
    parent, _, last = name.rpartition(".")
    return name in pytorch_names() or last in pytorch_names().get(parent, ())


def nearest(name, candidates):
    """Return the candidate that is spelt most like `name`, or None.

    Example:
        >>> nearest("zeroes", ["ones", "zeros"])
        'zeros'
    """
    found = difflib.get_close_matches(name, [each for each in candidates if each[0] != "_"], n=1, cutoff=0.7)
    return found[0] if found else None


def explanation(full_name, candidates):
    """Say in one line why a dotted name is not there, and what comes nearest to it."""
    module, _, name = full_name.rpartition(".")
    close = nearest(name, candidates)
    if is_in_pytorch(full_name):
        hint = f"; the nearest name is {module}.{close}" if close else ""
        return f"PyTorch's {full_name} is not supported in Lampas yet: see docs/differences.md{hint}"
    if close:
        return f"did you mean {module}.{close}?"
    # Of what is not listed, private modules among it, nobody here knows whether PyTorch has it.
    return (
        "PyTorch has no such name either" if module in pytorch_names() and name[0] != "_" else "not in Lampas"
    )


def _refuse(name):
    def refuse(self, *args, **kwargs):
        raise NotImplementedError(self._explanation)

    refuse.__name__ = name
    return refuse


class MissingName:
    """Stands for a name that was imported from PyTorch's modules and that Lampas lacks; any use raises."""

    def __init__(self, full_name, reason):
        self.__name__ = self._full_name = full_name
        self._explanation = reason
        self.__path__: list[str] = []  # the import system may look for more below it
        self.__spec__ = None

    def __repr__(self):
        return f"<{self._full_name}, which is not in Lampas>"

    def __getattr__(self, name):
        if name.startswith("__"):  # Python itself asks for these, to find out what the object can do
            raise AttributeError(f"{self._full_name!r} has no attribute {name!r}")
        raise AttributeError(f"{self._full_name}.{name}: {self._explanation}", name=name, obj=self)

    __call__ = _refuse("__call__")
    __iter__ = _refuse("__iter__")
    __getitem__ = _refuse("__getitem__")
    __instancecheck__ = _refuse("__instancecheck__")
    __subclasscheck__ = _refuse("__subclasscheck__")
    __mro_entries__ = _refuse("__mro_entries__")  # a class is made of it
    __enter__ = _refuse("__enter__")
    __exit__ = _refuse("__exit__")
