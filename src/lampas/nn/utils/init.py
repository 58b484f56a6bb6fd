"""Modules made without initialising their parameters."""

from inspect import signature


def skip_init(module_cls, *args, **kwargs):
    """Make a module whose parameters hold whatever the memory holds: for those that are loaded next.

    Args:
        module_cls (type): the module's class, which must take `device`.
        args, kwargs: its arguments.

    Raises RuntimeError for what is no module's class or takes no device.

    Example:
        >>> nn.utils.skip_init(nn.Linear, 2, 3)
        Linear(in_features=2, out_features=3, bias=True)
    """
    from lampas.nn import Module

    if not issubclass(module_cls, Module):
        raise RuntimeError(f"Expected a Module; got {module_cls}")
    if "device" not in signature(module_cls).parameters:
        raise RuntimeError("Module must support a 'device' arg to skip initialization")
    device = kwargs.pop("device", "cpu")
    return module_cls(*args, device="meta", **kwargs).to_empty(device=device)
