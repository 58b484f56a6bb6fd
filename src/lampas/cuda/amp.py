"""Mixed precision by the names that torch.cuda.amp had; `lampas.amp` is the present place."""

import warnings

from lampas import amp

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd"]


def _warn_of_old_name(name, instead=""):
    arguments = f"args..., {instead}" if instead else "'cuda', args..."
    warnings.warn(
        f"`torch.cuda.amp.{name}(args...)` is deprecated. "
        f"Please use `torch.amp.{name}({arguments})` instead.",
        FutureWarning,
        stacklevel=3,
    )


class autocast(amp.autocast):
    """`lampas.amp.autocast` for a GPU."""

    def __init__(self, enabled=True, dtype=None, cache_enabled=True):
        _warn_of_old_name("autocast")
        super().__init__("cuda", dtype=dtype, enabled=enabled, cache_enabled=cache_enabled)


class GradScaler(amp.GradScaler):
    """`lampas.amp.GradScaler` for a GPU: disabled, with a warning, where there is none."""

    def __init__(
        self,
        init_scale=65536.0,
        growth_factor=2.0,
        backoff_factor=0.5,
        growth_interval=2000,
        enabled=True,
    ):
        _warn_of_old_name("GradScaler")
        super().__init__("cuda", init_scale, growth_factor, backoff_factor, growth_interval, enabled)


def custom_fwd(fwd=None, *, cast_inputs=None):
    """`lampas.amp.custom_fwd` for a GPU."""
    _warn_of_old_name("custom_fwd", "device_type='cuda'")
    return amp.custom_fwd(fwd, device_type="cuda", cast_inputs=cast_inputs)


def custom_bwd(bwd):
    """`lampas.amp.custom_bwd` for a GPU."""
    _warn_of_old_name("custom_bwd", "device_type='cuda'")
    return amp.custom_bwd(bwd, device_type="cuda")
