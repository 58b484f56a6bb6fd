"""compile, and what asks about it. Lampas compiles nothing at run time: functions run as they are written."""

import functools

__all__ = ["allow_in_graph", "compile", "disable", "is_compiling", "is_dynamo_compiling", "reset"]


def compile(
    model=None, *, fullgraph=False, dynamic=None, backend="inductor", mode=None, options=None, disable=False
):
    """Return a function or module unchanged, so that programs that compile run as without it.

    Also a decorator, with or without arguments. The arguments are accepted as PyTorch accepts them; the
    numbers are those of the function itself.

    Args:
        model (callable): what would be compiled.

    Raises RuntimeError where both a mode and options are given.

    Example:
        >>> @lampas.compile(mode="max-autotune")
        ... def double(x):
        ...     return x * 2
        >>> double(lampas.ones(1))
        tensor([2.])
    """
    if mode is not None and options is not None:
        raise RuntimeError(
            "Either mode or options can be specified, but both can't be specified at the same time."
        )
    return _unchanged if model is None else _unchanged(model)


def _unchanged(model):
    if not callable(model):
        raise RuntimeError("Model can't be None" if model is None else f"{model!r} cannot be called")
    return model


def disable(fn=None, recursive=True, *, reason=None):
    """Return a function unchanged: it runs as written in any case. Also a decorator."""
    return functools.partial(disable, recursive=recursive) if fn is None else fn


def allow_in_graph(fn):
    """Return a function unchanged: there are no graphs to allow it in."""
    return fn


def reset():
    """Forget what was compiled: nothing."""


def is_compiling():
    """Return whether a function is being compiled: False."""
    return False


def is_dynamo_compiling():
    """Return whether a function is being traced for compiling: False."""
    return False
