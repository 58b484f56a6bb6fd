"""Lampas: tensors, automatic differentiation and neural networks with PyTorch's Python API.

Everything that computes on tensors is in `lampas._core`; submodules are loaded when first used.
"""

from math import e, inf, nan, pi

from lampas import _core, _tensor, storage
from lampas._core import Tensor
from lampas.version import __version__

newaxis = None

# What the core keeps for the package itself, what is defined again around it, and what has its place in
# `nn.functional` or (named special_...) in `special`.
_HIDDEN = {
    "ModuleBase",
    "Node",
    "Program",
    "RemovableHandle",
    "gather_pictures",
    "nonzero",
    "ops",
    "adadelta_step",
    "adagrad_step",
    "adam_step",
    "rmsprop_step",
    "sgd_step",
    "vmap_fallback_warnings",
    *"atleast_1d atleast_2d atleast_3d block_diag einsum tensordot".split(),
    *"elu elu_ gelu gelu_ glu hardsigmoid hardsigmoid_ hardswish hardswish_ hardtanh hardtanh_ leaky_relu "
    "leaky_relu_ log_sigmoid mish mish_ relu6 relu6_ silu silu_ softplus softshrink".split(),
}
globals().update(
    (name, value)
    for name, value in vars(_core).items()
    if not name.startswith(("_", "linalg_", "special_")) and name not in _HIDDEN
)

# What is loaded on first use: submodules, and single names with the module that defines them.
_SUBMODULES = set(
    "accelerator amp autograd backends compiler cuda data distributed distributions drop_in fft func "
    "functional hub jit library linalg mps multiprocessing nn onnx optim plots random return_types "
    "serialization signal special testing train types utils version vision xpu".split()
)
_NAMES = {
    "_tensor_repr": "get_printoptions printoptions set_printoptions",
    "_tensor": "DisableTorchFunctionSubclass",
    "amp": "GradScaler autocast clear_autocast_cache get_autocast_cpu_dtype get_autocast_dtype "
    "get_autocast_gpu_dtype is_autocast_cache_enabled is_autocast_cpu_enabled is_autocast_enabled",
    "choosing": "multinomial",
    "counting": "histogram histogramdd unique unique_consecutive",
    "autograd.anomaly_mode": "is_anomaly_enabled is_anomaly_check_nan_enabled set_anomaly_enabled",
    "autograd.grad_mode": "no_grad enable_grad set_grad_enabled inference_mode",
    "func": "vmap",
    "old_names": "eig lstsq matrix_rank range solve symeig",
    "functional": "addmv_ broadcast_shapes broadcast_tensors detach_ gcd_ get_device index_put_ is_complex "
    "is_conj is_floating_point is_inference is_neg is_same_size is_signed is_storage lcm_ ldexp_ xlogy_ "
    "is_tensor nonzero numel resize_as_ unravel_index",
    "compiler": "compile",
    "cuda": "OutOfMemoryError",
    "nn.functional.bilinear": "bilinear",
    "nn.functional.distance": "cosine_similarity pairwise_distance",
    "nn.functional.sampling": "grid_sampler grid_sampler_2d grid_sampler_3d",
    "nn.functional.shuffling": "channel_shuffle pixel_shuffle pixel_unshuffle",
    "nn.modules.typename": "typename",
    "norms": "norm",
    "numeric_limits": "finfo iinfo",
    "utils.dlpack": "from_dlpack to_dlpack",
    "contractions": "einsum tensordot",
    "differences": "cdist corrcoef cov cumulative_trapezoid diff dist gradient pdist trapezoid trapz vander",
    "linalg.former_names": "chain_matmul cholesky cholesky_inverse cholesky_solve det geqrf inverse logdet "
    "lu lu_solve lu_unpack matrix_exp matrix_power orgqr ormqr pinverse qr slogdet svd triangular_solve",
    "linalg.low_rank": "pca_lowrank svd_lowrank",
    "signal.windows": "bartlett_window blackman_window hamming_window hann_window kaiser_window",
    "many_tensors": "atleast_1d atleast_2d atleast_3d block_diag cartesian_prod combinations meshgrid",
    "tensor_types": "FloatTensor DoubleTensor HalfTensor BFloat16Tensor ByteTensor CharTensor ShortTensor "
    "IntTensor LongTensor BoolTensor",
    "segments": "_segment_reduce hash_tensor segment_reduce",
    "serialization": "load save",
    "short_time_fourier": "istft stft",
    "storage": "TypedStorage BFloat16Storage BoolStorage ByteStorage CharStorage ComplexDoubleStorage "
    "ComplexFloatStorage DoubleStorage FloatStorage HalfStorage IntStorage LongStorage ShortStorage",
    "process_settings": "are_deterministic_algorithms_enabled get_deterministic_debug_mode "
    "get_float32_matmul_precision get_num_interop_threads set_num_interop_threads "
    "is_deterministic_algorithms_warn_only_enabled set_default_tensor_type "
    "set_deterministic_debug_mode set_float32_matmul_precision use_deterministic_algorithms",
    "random": "fork_rng get_rng_state initial_seed manual_seed seed set_rng_state",
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}


def __getattr__(name):
    from importlib import import_module

    if name in _HOMES:
        value = getattr(import_module(f"lampas.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    if name in _SUBMODULES:
        try:
            return import_module(f"lampas.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"lampas.{name}":
                raise
    if name == "torch":  # `from torch import torch` and `torch.torch.nn` are written, and work in PyTorch
        from sys import modules

        return modules[__name__]
    raise AttributeError(f"module 'lampas' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_SUBMODULES, *_HOMES})
