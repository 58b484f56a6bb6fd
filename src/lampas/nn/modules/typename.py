"""How error messages name the type of a value."""

from lampas import Tensor


def typename(obj):
    """Return PyTorch's name for the type of a value: a tensor's with its dtype, else the class.

    Example:
        >>> typename(lampas.ones(1)), typename(3)
        ('torch.FloatTensor', 'int')
    """
    if isinstance(obj, Tensor):
        return obj.type()
    named = obj if hasattr(obj, "__qualname__") else type(obj)  # a class or function speaks for itself
    module = getattr(named, "__module__", None) or ""
    return named.__qualname__ if module in ("", "builtins") else f"{module}.{named.__qualname__}"
