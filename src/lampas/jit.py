"""TorchScript's names. Lampas has no TorchScript: functions run as they are written, and are not exported."""

from typing import Final

from lampas.nn import Module

__all__ = [
    "Final",
    "ScriptModule",
    "TracerWarning",
    "annotate",
    "export",
    "freeze",
    "ignore",
    "is_scripting",
    "is_tracing",
    "load",
    "optimize_for_inference",
    "save",
    "script",
    "script_if_tracing",
    "script_method",
    "trace",
    "unused",
]


class ScriptModule(Module):
    """A module whose methods run as they are written; what `script` returns is of its own class instead.

    Example:
        >>> class Double(lampas.jit.ScriptModule):
        ...     @lampas.jit.script_method
        ...     def forward(self, x):
        ...         return x * 2
        >>> Double()(lampas.ones(1))
        tensor([2.])
    """


class TracerWarning(Warning):
    """What PyTorch's tracing warns with, so that programs can silence it; Lampas never gives it."""


def _unsupported(name, instead):
    raise NotImplementedError(f"lampas.jit.{name} is not supported: Lampas has no TorchScript. {instead}")


def script(obj, optimize=None, _frames_up=0, _rcb=None, example_inputs=None):
    """Return a function, module or class unchanged, so that programs run as without it.

    Example:
        >>> @lampas.jit.script
        ... def double(x):
        ...     return x * 2
        >>> double(lampas.ones(1))
        tensor([2.])
    """
    return obj


def script_method(fn):
    """Return a method unchanged."""
    return fn


def annotate(the_type, the_value):
    """Return a value; its type matters to TorchScript only."""
    return the_value


def script_if_tracing(fn):
    """Return a function unchanged."""
    return fn


def ignore(drop=False, **kwargs):
    """Return a function unchanged; a decorator, with or without arguments."""
    return drop if callable(drop) else lambda fn: fn


def unused(fn):
    """Return a function unchanged."""
    return fn


def export(fn):
    """Return a function unchanged."""
    return fn


def is_scripting():
    """Return whether this is inside TorchScript: False."""
    return False


def is_tracing():
    """Return whether a function is being traced: False."""
    return False


def trace(func, example_inputs=None, *args, **kwargs):
    """Raise NotImplementedError: there is no TorchScript."""
    _unsupported("trace", "Call the function itself.")


def freeze(mod, *args, **kwargs):
    """Raise NotImplementedError: there is no TorchScript."""
    _unsupported("freeze", "Use the module itself, after eval().")


def optimize_for_inference(mod, *args, **kwargs):
    """Raise NotImplementedError: there is no TorchScript."""
    _unsupported("optimize_for_inference", "Use the module itself, after eval().")


def save(m, f, *args, **kwargs):
    """Raise NotImplementedError: there is no TorchScript."""
    _unsupported("save", "Save `module.state_dict()` by lampas.save.")


def load(f, *args, **kwargs):
    """Raise NotImplementedError: there is no TorchScript."""
    _unsupported("load", "Load a state_dict by lampas.load into the module's class.")
