"""ParameterList and ParameterDict: modules that hold parameters (and other values) in order or by key."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping

import lampas
from lampas import Tensor
from lampas.nn.modules.container import _pairs, _position
from lampas.nn.modules.module import Module
from lampas.nn.parameter import Parameter

__all__ = ["ParameterDict", "ParameterList"]


def _as_parameter(value):
    if isinstance(value, Tensor) and not isinstance(value, Parameter):
        return Parameter(value)
    return value


def _describe(key, value, type_of_tensor):
    """Return the line of one entry in the printed form."""
    if not isinstance(value, Tensor):
        return f"  ({key}): Object of type: {type(value).__name__}"
    kind = "Parameter" if isinstance(value, Parameter) else "Tensor"
    size = "x".join(str(size) for size in value.shape)
    device = f" ({value.device})" if value.device.type == "cuda" else ""
    return f"  ({key}): {kind} containing: [{type_of_tensor(value)} of size {size}{device}]"


class ParameterList(Module):
    """Hold values in a list; tensors become parameters.

    Args:
        values (iterable): what to start with.

    Example:
        >>> weights = nn.ParameterList([lampas.zeros(2), lampas.zeros(3)])
        >>> len(list(weights.parameters()))
        2
    """

    def __init__(self, values=None):
        super().__init__()
        self._size = 0
        if values is not None:
            self.extend(values)

    def __getitem__(self, idx):
        if isinstance(idx, slice):
            return type(self)([self[i] for i in range(*idx.indices(len(self)))])
        return getattr(self, str(_position(idx, len(self))))

    def __setitem__(self, idx, param):
        setattr(self, str(_position(idx, len(self))), _as_parameter(param))

    def __len__(self):
        return self._size

    def __iter__(self):
        return iter(self[i] for i in range(len(self)))

    def __iadd__(self, parameters):
        return self.extend(parameters)

    def __dir__(self):
        return [name for name in super().__dir__() if not name.isdigit()]

    def append(self, value):
        """Add a value at the end; return self."""
        self._size += 1
        self[self._size - 1] = value
        return self

    def extend(self, values):
        """Add all values of an iterable at the end; return self."""
        if not isinstance(values, Iterable) or isinstance(values, Tensor):
            raise TypeError(
                "ParameterList.extend should be called with an iterable, but got " + type(values).__name__
            )
        for value in values:
            self.append(value)
        return self

    def extra_repr(self):
        return "\n".join(_describe(i, value, lambda tensor: tensor.dtype) for i, value in enumerate(self))

    def __call__(self, *args, **kwargs):
        raise RuntimeError("ParameterList should not be called.")


class ParameterDict(Module):
    """Hold values by name; tensors become parameters.

    Args:
        parameters (mapping or iterable of pairs): what to start with; a plain dict is taken in sorted order.

    Example:
        >>> weights = nn.ParameterDict({"scale": lampas.ones(2)})
        >>> weights["scale"].requires_grad
        True
    """

    def __init__(self, parameters=None):
        super().__init__()
        self._keys = {}  # an ordered set: the values are attributes of the module
        if parameters is not None:
            self.update(parameters)

    def _check_key(self, key):
        if not isinstance(key, str):
            raise TypeError(
                "Index given to ParameterDict cannot be used as a key as it is not a string "
                f"(type is '{type(key).__name__}'). Open an issue on github if you need non-string keys."
            )

    def __getitem__(self, key):
        self._check_key(key)
        return getattr(self, key)

    def __setitem__(self, key, value):
        self._check_key(key)
        self._keys[key] = None
        setattr(self, key, _as_parameter(value))

    def __delitem__(self, key):
        del self._keys[key]
        delattr(self, key)

    def __len__(self):
        return len(self._keys)

    def __iter__(self):
        return iter(self._keys)

    def __reversed__(self):
        return reversed(self._keys)

    def __contains__(self, key):
        return key in self._keys

    def copy(self):
        """Return a new ParameterDict of the same values."""
        return ParameterDict(OrderedDict(self.items()))

    def setdefault(self, key, default=None):
        """Return the value of `key`, after setting it to `default` if it was not there."""
        if key not in self:
            self[key] = default
        return self[key]

    def clear(self):
        """Remove all values."""
        for key in list(self._keys):
            del self[key]

    def pop(self, key):
        """Remove the value of that name and return it."""
        value = self[key]
        del self[key]
        return value

    def popitem(self):
        """Remove the newest pair and return it."""
        key = next(reversed(self._keys))
        return key, self.pop(key)

    def get(self, key, default=None):
        """Return the value of that name, or `default`."""
        return self[key] if key in self else default

    def fromkeys(self, keys, default=None):
        """Return a new ParameterDict with these keys, all of value `default`."""
        return ParameterDict((key, default) for key in keys)

    def keys(self):
        """Return the names."""
        return self._keys.keys()

    def items(self):
        """Return the (name, value) pairs."""
        return ((key, self[key]) for key in self._keys)

    def values(self):
        """Return the values."""
        return (self[key] for key in self._keys)

    def update(self, parameters):
        """Add or replace values from a mapping or an iterable of pairs."""
        pairs = _pairs("ParametersDict", parameters)
        if isinstance(parameters, Mapping) and not isinstance(parameters, OrderedDict):
            pairs = sorted(pairs)
        for key, value in pairs:
            self[key] = value

    def extra_repr(self):
        return "\n".join(_describe(key, value, lampas.typename) for key, value in self.items())

    def __call__(self, *args, **kwargs):
        raise RuntimeError("ParameterDict should not be called.")

    def __or__(self, other):
        merged = self.copy()
        merged.update(other)
        return merged

    def __ror__(self, other):
        merged = other.copy()
        merged.update(self)
        return merged

    def __ior__(self, other):
        self.update(other)
        return self
