"""PyTorch's settings of a process that a CPU has no need of; they can be set and read."""

import warnings

from lampas import _core

_PRECISIONS = ("highest", "high", "medium")
_DEBUG_MODES = ("default", "warn", "error")
_deterministic = {"mode": False, "warn_only": False}
_precision = "highest"
_interop_threads = {}


def use_deterministic_algorithms(mode, *, warn_only=False):
    """Ask for algorithms whose results do not vary from run to run.

    Lampas has one algorithm for each op, so that nothing changes.

    Args:
        mode (bool): whether it is asked for.
        warn_only (bool): whether PyTorch would only warn where it has no such algorithm.

    Raises TypeError for a mode that is no bool.
    """
    if not isinstance(mode, bool):
        raise TypeError(
            "_set_deterministic_algorithms(): argument 'mode' (position 1) must be bool, not "
            f"{type(mode).__name__}"
        )
    _deterministic.update(mode=mode, warn_only=bool(warn_only))


def are_deterministic_algorithms_enabled():
    """Return whether deterministic algorithms were asked for."""
    return _deterministic["mode"]


def is_deterministic_algorithms_warn_only_enabled():
    """Return whether a warning was asked for where there is no deterministic algorithm."""
    return _deterministic["warn_only"]


def set_deterministic_debug_mode(debug_mode):
    """Ask for deterministic algorithms by level: 0 or "default", 1 or "warn", 2 or "error"."""
    if not isinstance(debug_mode, (int, str)):
        raise TypeError(f"debug_mode must be str or int, but got {type(debug_mode)}")
    if isinstance(debug_mode, str) and debug_mode not in _DEBUG_MODES:
        raise RuntimeError(
            "invalid value of debug_mode, expected one of `default`, `warn`, `error`, but got " + debug_mode
        )
    if isinstance(debug_mode, int) and debug_mode not in range(3):
        raise RuntimeError(f"invalid value of debug_mode, expected 0, 1, or 2, but got {debug_mode}")
    level = _DEBUG_MODES.index(debug_mode) if isinstance(debug_mode, str) else int(debug_mode)
    use_deterministic_algorithms(level > 0, warn_only=level == 1)


def get_deterministic_debug_mode():
    """Return the level of `set_deterministic_debug_mode` as a number."""
    if not _deterministic["mode"]:
        return 0
    return 1 if _deterministic["warn_only"] else 2


def set_float32_matmul_precision(precision):
    """Say how precisely GPUs multiply matrices of float32; the CPU always computes in float32.

    Args:
        precision (str): "highest", "high" or "medium"; other values change nothing, as in PyTorch.

    Example:
        >>> lampas.set_float32_matmul_precision("high")
        >>> lampas.get_float32_matmul_precision()
        'high'
        >>> lampas.set_float32_matmul_precision("highest")
    """
    global _precision
    if precision in _PRECISIONS:
        _precision = precision
    else:
        warnings.warn(
            f"{precision} is not one of 'highest', 'high', or 'medium'; the current"
            "setFloat32MatmulPrecision call has no effect.",
            stacklevel=2,
        )


def get_float32_matmul_precision():
    """Return what `set_float32_matmul_precision` set; "highest" at first."""
    return _precision


def set_default_tensor_type(t):
    """Set the default dtype by a type of tensors, such as lampas.DoubleTensor, or its name.

    Args:
        t (type or str): the type.

    Raises TypeError for types that are not there, and for those of integers.

    PyTorch's newer name is `set_default_dtype`.
    """
    from lampas import tensor_types

    warnings.warn(
        "torch.set_default_tensor_type() is deprecated as of PyTorch 2.1, please use "
        "torch.set_default_dtype() and torch.set_default_device() as alternatives.",
        FutureWarning,
        stacklevel=2,
    )
    name = t if isinstance(t, str) else getattr(t, "_type_name", getattr(t, "__name__", str(t)))
    short = name.removeprefix("torch.")
    if short.startswith("cuda."):
        raise TypeError(f"type {name} not available. Torch not compiled with CUDA enabled.")
    found = getattr(tensor_types, short, None)
    if found is None:
        raise TypeError(f"invalid type name: {name}" if isinstance(t, str) else "invalid type object")
    _core.set_default_dtype(found.dtype)


def set_num_interop_threads(threads):
    """Say how many ops may run beside each other, once a process; here one op follows the other.

    Raises RuntimeError for what is no positive number, and at the second call.
    """
    if not isinstance(threads, int) or isinstance(threads, bool):
        raise RuntimeError(f"set_num_interop_threads expects an int, but got {type(threads).__name__}")
    if threads <= 0:
        raise RuntimeError("set_num_interop_threads expects a positive integer")
    if "given" in _interop_threads:
        raise RuntimeError(
            "Error: cannot set number of interop threads after parallel work has started or "
            "set_num_interop_threads called"
        )
    _interop_threads["given"] = threads


def get_num_interop_threads():
    """Return what `set_num_interop_threads` was given; by default, how many processors there are.

    Example:
        >>> lampas.get_num_interop_threads() >= 1
        True
    """
    from os import cpu_count

    return _interop_threads.get("given") or cpu_count()
