"""Mixed precision: autocast runs ops in the dtype that suits them."""

import functools

from lampas import _core
from lampas.amp.grad_scaler import GradScaler

__all__ = [
    "GradScaler",
    "autocast",
    "custom_bwd",
    "custom_fwd",
    "is_autocast_available",
    "is_autocast_enabled",
]

_LOWER = {"cpu": "bfloat16", "cuda": "float16"}


def is_autocast_available(device_type):
    """Return whether autocast knows a kind of device.

    Example:
        >>> lampas.amp.is_autocast_available("cpu")
        True
    """
    return device_type in _LOWER


def is_autocast_enabled(device_type="cuda"):
    """Return whether autocast is on for a kind of device.

    Example:
        >>> lampas.is_autocast_enabled("cpu")
        False
    """
    state = _core._autocast_state(device_type)
    return state is not None and state[0]


def get_autocast_dtype(device_type):
    """Return the dtype that autocast lowers to on a kind of device.

    Example:
        >>> lampas.get_autocast_dtype("cpu")
        torch.bfloat16
    """
    if not is_autocast_available(device_type):
        raise RuntimeError(f"unsupported scalarType for device type {device_type}")
    state = _core._autocast_state(device_type)
    return state[1] if state is not None else getattr(_core, _LOWER[device_type])


def get_autocast_cpu_dtype():
    """Return the dtype that autocast lowers to on the CPU."""
    return get_autocast_dtype("cpu")


def get_autocast_gpu_dtype():
    """Return the dtype that autocast lowers to on a GPU."""
    return get_autocast_dtype("cuda")


def is_autocast_cpu_enabled():
    """Return whether autocast is on for the CPU."""
    return is_autocast_enabled("cpu")


def is_autocast_cache_enabled():
    """Return whether autocast, where not told otherwise, converts a leaf once: it does."""
    return True


def clear_autocast_cache():
    """Forget converted leaves: nothing to do, they live as long as the outermost autocast."""


class autocast:
    """Run products of matrices and convolutions in a lower precision, sums and losses in float32.

    A context manager and a decorator.

    Args:
        device_type (str): 'cpu' or 'cuda'.
        dtype (dtype): the lower precision; bfloat16 on the CPU when not given.
        enabled (bool): with False, an outer autocast is off inside.
        cache_enabled (bool): convert a leaf that requires gradients once.

    Raises RuntimeError for another kind of device or a dtype that is no lower precision.

    Example:
        >>> with lampas.autocast("cpu"):
        ...     print(lampas.mm(lampas.ones(1, 1), lampas.ones(1, 1)).dtype)
        torch.bfloat16
    """

    def __init__(self, device_type, dtype=None, enabled=True, cache_enabled=None):
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        if not is_autocast_available(device_type):
            raise RuntimeError(f"User specified an unsupported autocast device_type '{device_type}'")
        self.device = device_type
        self.fast_dtype = getattr(_core, _LOWER[device_type]) if dtype is None else dtype
        if enabled and self.fast_dtype not in (_core.bfloat16, _core.float16):
            raise RuntimeError(
                f"In {device_type.upper()} autocast, dtype must be bfloat16 or float16, not {self.fast_dtype}"
            )
        self._enabled = bool(enabled)
        self._cache_enabled = True if cache_enabled is None else bool(cache_enabled)
        self._entered = []

    def __enter__(self):
        level = _core._Autocast(self.device, self.fast_dtype, self._enabled, self._cache_enabled)
        level.__enter__()
        self._entered.append(level)
        return self

    def __exit__(self, *error):
        return self._entered.pop().__exit__(*error)

    def __call__(self, func):
        @functools.wraps(func)
        def in_autocast(*args, **kwargs):
            with autocast(self.device, self.fast_dtype, self._enabled, self._cache_enabled):
                return func(*args, **kwargs)

        return in_autocast


from lampas.amp.custom_function import custom_bwd, custom_fwd  # noqa: E402 (they need what is above)
