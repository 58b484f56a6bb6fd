"""PyTorch's switches for CUDA. They can be set and read, and change nothing: there is no GPU."""

from lampas import process_settings

_ATTENTION = {"flash": True, "mem_efficient": True, "math": True, "cudnn": True}


class _MatrixProducts:
    """How GPUs multiply matrices; `allow_tf32` follows `set_float32_matmul_precision`."""

    __slots__ = ("_switches",)

    def __init__(self):
        switches = dict.fromkeys(
            ["allow_fp16_reduced_precision_reduction", "allow_bf16_reduced_precision_reduction"], True
        )
        object.__setattr__(self, "_switches", {**switches, "allow_fp16_accumulation": False})

    def __getattr__(self, name):
        if name == "allow_tf32":
            return process_settings.get_float32_matmul_precision() != "highest"
        if name in self._switches:
            return self._switches[name]
        raise AttributeError(f"Unknown attribute {name}")

    def __setattr__(self, name, value):
        if name == "allow_tf32":
            process_settings.set_float32_matmul_precision("high" if value else "highest")
        elif name in self._switches:
            self._switches[name] = value
        else:
            raise AttributeError(f"Unknown attribute {name}")


matmul = _MatrixProducts()


def is_built():
    """Return whether this build has CUDA: False."""
    return False


def _attention_switch(kind):
    def is_enabled():
        return _ATTENTION[kind]

    def enable(enabled):
        _ATTENTION[kind] = bool(enabled)

    is_enabled.__doc__ = f"Return whether GPUs may use attention of the kind {kind}."
    enable.__doc__ = f"Set whether GPUs may use attention of the kind {kind}."
    return is_enabled, enable


flash_sdp_enabled, enable_flash_sdp = _attention_switch("flash")
mem_efficient_sdp_enabled, enable_mem_efficient_sdp = _attention_switch("mem_efficient")
math_sdp_enabled, enable_math_sdp = _attention_switch("math")
cudnn_sdp_enabled, enable_cudnn_sdp = _attention_switch("cudnn")
