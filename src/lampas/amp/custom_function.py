"""custom_fwd and custom_bwd: what an autograd.Function of one's own does where autocast is on."""

import functools

from lampas._core import Tensor, float64
from lampas.amp import autocast, get_autocast_dtype, is_autocast_enabled
from lampas.func.structure import flatten


def _cast(values, device_type, dtype):
    """Return nested values with their floating tensors of one kind of device in `dtype`; doubles stay."""
    leaves, rebuild = flatten(values)

    def is_eligible(leaf):
        if not isinstance(leaf, Tensor) or not leaf.is_floating_point():
            return False
        return leaf.device.type == device_type and leaf.dtype != float64

    return rebuild([leaf.to(dtype) if is_eligible(leaf) else leaf for leaf in leaves])


def _check_device_type(device_type):
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")


def custom_fwd(fwd=None, *, device_type, cast_inputs=None):
    """Decorate the forward of an autograd.Function, which then heeds autocast.

    Args:
        fwd (callable): forward(ctx, *args); a decorator is returned without it.
        device_type (str): 'cpu' or 'cuda'.
        cast_inputs (dtype): under autocast, what floating tensors are converted to, with autocast off in
            forward and backward; with None, forward runs as autocast says.

    Example:
        >>> class Product(lampas.autograd.Function):
        ...     @staticmethod
        ...     @lampas.amp.custom_fwd(device_type="cpu", cast_inputs=lampas.float32)
        ...     def forward(ctx, a, b):
        ...         return a @ b
        >>> with lampas.autocast("cpu"):
        ...     Product.apply(lampas.ones(1, 1), lampas.ones(1, 1, dtype=lampas.bfloat16)).dtype
        torch.float32
    """
    _check_device_type(device_type)
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def forward(ctx, *args, **kwargs):
        is_on = is_autocast_enabled(device_type)
        ctx._dtype = get_autocast_dtype(device_type)
        ctx._fwd_used_autocast = is_on and cast_inputs is None
        if not is_on or cast_inputs is None:
            return fwd(ctx, *args, **kwargs)
        with autocast(device_type, enabled=False):
            args, kwargs = (_cast(each, device_type, cast_inputs) for each in (args, kwargs))
            return fwd(ctx, *args, **kwargs)

    return forward


def custom_bwd(bwd=None, *, device_type):
    """Decorate the backward of an autograd.Function: it runs with autocast as forward did.

    Args:
        bwd (callable): backward(ctx, *grad_outputs); a decorator is returned without it.
        device_type (str): that of `custom_fwd`.
    """
    _check_device_type(device_type)
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def backward(ctx, *args, **kwargs):
        with autocast(device_type, dtype=ctx._dtype, enabled=ctx._fwd_used_autocast):
            return bwd(ctx, *args, **kwargs)

    return backward
