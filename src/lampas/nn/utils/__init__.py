"""Clipping of gradients, parameters as one vector, sequences, parametrized, normalised and pruned weights."""

from lampas.nn.utils import rnn
from lampas.nn.utils.clip_grad import (
    clip_grad_norm,
    clip_grad_norm_,
    clip_grad_value_,
    clip_grads_with_norm_,
    get_total_norm,
)
from lampas.nn.utils.convert_parameters import parameters_to_vector, vector_to_parameters

_HOMES = {
    "convert_conv2d_weight_memory_format": "memory_format",
    "convert_conv3d_weight_memory_format": "memory_format",
    "fuse_conv_bn_eval": "fusion",
    "fuse_conv_bn_weights": "fusion",
    "fuse_linear_bn_eval": "fusion",
    "fuse_linear_bn_weights": "fusion",
    "skip_init": "init",
    "remove_spectral_norm": "spectral_norm_hook",
    "remove_weight_norm": "weight_norm_hook",
    "spectral_norm": "spectral_norm_hook",
    "weight_norm": "weight_norm_hook",
}
_MODULES = ("memory_format", "parametrizations", "parametrize", "prune", "stateless")

__all__ = [
    "clip_grad_norm",
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "convert_conv2d_weight_memory_format",
    "convert_conv3d_weight_memory_format",
    "fuse_conv_bn_eval",
    "fuse_conv_bn_weights",
    "fuse_linear_bn_eval",
    "fuse_linear_bn_weights",
    "get_total_norm",
    "parameters_to_vector",
    "parametrizations",
    "parametrize",
    "remove_spectral_norm",
    "remove_weight_norm",
    "rnn",
    "skip_init",
    "spectral_norm",
    "stateless",
    "vector_to_parameters",
    "weight_norm",
]


def __getattr__(name):
    """Load these when one is first used: they import layers, which import this package."""
    from importlib import import_module

    if name in _MODULES:
        return import_module(f"lampas.nn.utils.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'lampas.nn.utils' has no attribute {name!r}")
    return getattr(import_module(f"lampas.nn.utils.{_HOMES[name]}"), name)
