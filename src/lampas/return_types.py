"""The types of named results: `lampas.return_types.max` has `values` and `indices`."""

from collections import namedtuple

from lampas import _core


def _named_result(name, fields):
    """Make a type like those of the core's results, for a function written in Python."""
    fields = fields.split()

    def represent(self):
        lines = ",\n".join(f"{field}={value!r}" for field, value in zip(fields, self, strict=True))
        return f"torch.return_types.{name}(\n{lines})"

    def made(cls, values):
        return tuple.__new__(cls, values)

    members = {"__slots__": (), "__repr__": represent, "__new__": made, "__module__": __name__}
    return type(name, (namedtuple(name, fields),), members)


histogram = _named_result("histogram", "hist bin_edges")
histogramdd = _named_result("histogramdd", "hist bin_edges")


def __getattr__(name):
    found = _core._return_type(name)
    if found is None:
        raise AttributeError(f"module 'lampas.return_types' has no attribute {name!r}")
    return found
