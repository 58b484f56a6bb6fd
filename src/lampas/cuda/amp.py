"""Mixed precision by the names that torch.cuda.amp had; `lampas.amp` is the present place."""

import warnings

from lampas import amp

__all__ = ["GradScaler", "autocast"]


def _warn_of_old_name(name):
    warnings.warn(
        f"`torch.cuda.amp.{name}(args...)` is deprecated. "
        f"Please use `torch.amp.{name}('cuda', args...)` instead.",
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
