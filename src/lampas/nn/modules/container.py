"""Containers: modules that hold other modules in order or by key."""

import operator
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from lampas.nn.modules.module import Module, indent_after_first_line

__all__ = ["ModuleDict", "ModuleList", "Sequential"]


def _position(index, size):
    """Return a non-negative position for `index`, which may count from the end."""
    index = operator.index(index)
    if not -size <= index < size:
        raise IndexError(f"index {index} is out of range")
    return index % size


class _NumberedModules(Module):
    """What Sequential and ModuleList share: submodules named "0", "1", ... in order."""

    def __getitem__(self, index):
        raise NotImplementedError

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules.values())

    def __dir__(self):
        return [name for name in super().__dir__() if not name.isdigit()]

    def _name_at(self, index):
        return list(self._modules)[_position(index, len(self))]

    def __setitem__(self, index, module):
        setattr(self, self._name_at(index), module)

    def __delitem__(self, index):
        names = list(self._modules)[index] if isinstance(index, slice) else [self._name_at(index)]
        for name in names:
            delattr(self, name)
        self._modules = {str(i): module for i, module in enumerate(self._modules.values())}

    def append(self, module):
        """Add a module at the end; return self."""
        self.add_module(str(len(self)), module)
        return self

    def pop(self, key):
        """Remove the module at an index (or those of a slice) and return it."""
        module = self[key]
        del self[key]
        return module

    def _insert(self, index, module):
        modules = list(self._modules.values())
        modules.insert(index, module)
        self._modules.update((str(i), each) for i, each in enumerate(modules))


class Sequential(_NumberedModules):
    """Call modules one after the other, each on the result of the one before.

    Args:
        *args (Module): the modules, or one OrderedDict of named modules.

    Example:
        >>> model = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
        >>> model(lampas.ones(2, 4)).shape
        torch.Size([2, 3])
    """

    def __init__(self, *args):
        super().__init__()
        if len(args) == 1 and isinstance(args[0], OrderedDict):
            named_modules = list(args[0].items())
        else:
            named_modules = [(str(i), module) for i, module in enumerate(args)]
        for name, module in named_modules:
            self.add_module(name, module)

    def __getitem__(self, idx):
        if isinstance(idx, slice):
            return type(self)(OrderedDict(list(self._modules.items())[idx]))
        return self._modules[self._name_at(idx)]

    def _check_operand(self, other):
        if not isinstance(other, Sequential):
            raise ValueError(
                f"add operator supports only objects of Sequential class, but {type(other)} is given."
            )

    def __add__(self, other):
        self._check_operand(other)
        return Sequential(*self, *other)

    def __iadd__(self, other):
        self._check_operand(other)
        return self.extend(list(other))

    def _check_factor(self, factor):
        if not isinstance(factor, int):
            raise TypeError(f"unsupported operand type(s) for *: {type(self)} and {type(factor)}")
        if factor <= 0:
            raise ValueError(f"Non-positive multiplication factor {factor} for {type(self)}")

    def __mul__(self, other):
        self._check_factor(other)
        return Sequential(*(list(self) * other))

    def __rmul__(self, other):
        return self * other

    def __imul__(self, other):
        self._check_factor(other)
        return self.extend(list(self) * (other - 1))

    def forward(self, input):
        """Return the result of the last module."""
        for module in self._modules.values():
            input = module(input)
        return input

    def extend(self, sequential):
        """Add all modules of an iterable at the end; return self."""
        for module in sequential:
            self.append(module)
        return self

    def insert(self, index, module):
        """Add a module before position `index`; return self."""
        if not isinstance(module, Module):
            raise AssertionError(f"module should be of type: {Module}")
        if not -len(self) <= index <= len(self):
            raise IndexError(f"Index out of range: {index}")
        self._insert(index, module)
        return self


class ModuleList(_NumberedModules):
    """Hold modules in a list; their parameters are those of the list.

    Args:
        modules (iterable of Module): what to start with.

    Example:
        >>> layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
        >>> len(layers)
        3
    """

    def __init__(self, modules=None):
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def __getitem__(self, idx):
        if isinstance(idx, slice):
            return type(self)(list(self._modules.values())[idx])
        return self._modules[str(_position(idx, len(self)))]

    def __add__(self, other):
        return ModuleList([*self, *other])

    def __iadd__(self, modules):
        return self.extend(modules)

    def extend(self, modules):
        """Add all modules of an iterable at the end; return self."""
        if not isinstance(modules, Iterable):
            raise TypeError(
                "ModuleList.extend should be called with an iterable, but got " + type(modules).__name__
            )
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index, module):
        """Add a module before position `index`."""
        self._insert(index, module)

    def __repr__(self):
        """Show equal neighbours once, with their range and number."""
        runs: list[list] = []  # [first index, last index, text]
        for i, text in enumerate(map(repr, self)):
            if runs and runs[-1][2] == text:
                runs[-1][1] = i
            else:
                runs.append([i, i, text])
        if not runs:
            return f"{self._get_name()}()"
        lines = []
        for first, last, text in runs:
            label = f"({first}): " if first == last else f"({first}-{last}): {last - first + 1} x "
            lines.append(indent_after_first_line(label + text, 2))
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


def _pairs(container_name, source):
    """Return the (key, value) pairs of a mapping or of an iterable of pairs."""
    if not isinstance(source, Iterable):
        raise TypeError(
            f"{container_name}.update should be called with an iterable of key/value pairs, but got "
            + type(source).__name__
        )
    if isinstance(source, (Mapping, Module)):
        return list(source.items())
    pairs = []
    for i, pair in enumerate(source):
        element = f"{container_name.replace('Parameters', 'Parameter')} update sequence element #{i}"
        if not isinstance(pair, Iterable):
            raise TypeError(f"{element} should be Iterable; is{type(pair).__name__}")
        values = list(pair)
        if len(values) != 2:
            raise ValueError(f"{element} has length {len(values)}; 2 is required")
        pairs.append((values[0], values[1]))
    return pairs


class ModuleDict(Module):
    """Hold modules by name; their parameters are those of the dict.

    Args:
        modules (mapping or iterable of pairs): what to start with.

    Example:
        >>> choices = nn.ModuleDict({"linear": nn.Linear(2, 2), "relu": nn.ReLU()})
        >>> "relu" in choices
        True
    """

    def __init__(self, modules=None):
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key):
        return self._modules[key]

    def __setitem__(self, key, module):
        self.add_module(key, module)

    def __delitem__(self, key):
        del self._modules[key]

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules)

    def __contains__(self, key):
        return key in self._modules

    def clear(self):
        """Remove all modules."""
        self._modules.clear()

    def pop(self, key):
        """Remove the module of that name and return it."""
        return self._modules.pop(key)

    def keys(self):
        """Return the names."""
        return self._modules.keys()

    def items(self):
        """Return the (name, module) pairs."""
        return self._modules.items()

    def values(self):
        """Return the modules."""
        return self._modules.values()

    def update(self, modules):
        """Add or replace modules from a mapping or an iterable of pairs."""
        for name, module in _pairs("ModuleDict", modules):
            self[name] = module
