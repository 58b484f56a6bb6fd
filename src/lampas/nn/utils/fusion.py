"""A batch normalisation folded into the layer before it, for evaluation."""

from copy import deepcopy

import lampas
from lampas.nn.parameter import Parameter


def _fused(weight, bias, mean, variance, eps, scale, shift, channel_dim):
    """Weight and bias that give what the normalisation made of the layer's result."""
    bias = lampas.zeros_like(mean) if bias is None else bias
    scale = lampas.ones_like(mean) if scale is None else scale
    shift = lampas.zeros_like(mean) if shift is None else shift
    factor = scale * (variance + eps).rsqrt()
    shape = [1] * weight.dim()
    shape[channel_dim] = -1
    fused_weight = (weight * factor.reshape(shape)).to(weight.dtype)
    fused_bias = ((bias - mean) * factor + shift).to(bias.dtype)
    return Parameter(fused_weight, weight.requires_grad), Parameter(fused_bias, bias.requires_grad)


def fuse_conv_bn_weights(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, transpose=False):
    """Return weight and bias of a convolution with a batch normalisation behind it folded in.

    Args:
        conv_w, conv_b (Tensor): the convolution's; the bias may be None.
        bn_rm, bn_rv (Tensor): running mean and variance.
        bn_eps (float): what is added to the variance.
        bn_w, bn_b (Tensor): scale and shift; either may be None.
        transpose (bool): whether it is a transposed convolution.
    """
    return _fused(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, 1 if transpose else 0)


def fuse_linear_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b):
    """Return weight and bias of a linear layer with a batch normalisation behind it folded in."""
    return _fused(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, 0)


def _check_evaluation(layer, bn):
    if layer.training or bn.training:
        raise AssertionError("Fusion only for eval!")
    if bn.running_mean is None or bn.running_var is None:
        raise AssertionError("bn.running_mean and bn.running_var must not be None")


def fuse_conv_bn_eval(conv, bn, transpose=False):
    """Return a copy of a convolution with the batch normalisation behind it folded in.

    Args:
        conv, bn (Module): both in evaluation mode.
        transpose (bool): whether it is a transposed convolution.

    Raises AssertionError for layers that are training.

    Example:
        >>> conv, norm = nn.Conv2d(1, 2, 3).eval(), nn.BatchNorm2d(2).eval()
        >>> fused, input = nn.utils.fuse_conv_bn_eval(conv, norm), lampas.ones(1, 1, 4, 4)
        >>> lampas.allclose(fused(input), norm(conv(input)))
        True
    """
    _check_evaluation(conv, bn)
    fused = deepcopy(conv)
    statistics = bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias
    fused.weight, fused.bias = fuse_conv_bn_weights(fused.weight, fused.bias, *statistics, transpose)
    return fused


def fuse_linear_bn_eval(linear, bn):
    """Return a copy of a linear layer with the batch normalisation behind it folded in.

    Raises AssertionError for layers that are training, and where their sizes do not meet.
    """
    _check_evaluation(linear, bn)
    if bn.num_features not in (linear.out_features, 1):
        raise AssertionError(
            "To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got "
            f"linear.out_features={linear.out_features} and bn.num_features={bn.num_features}"
        )
    fused = deepcopy(linear)
    statistics = bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias
    fused.weight, fused.bias = fuse_linear_bn_weights(fused.weight, fused.bias, *statistics)
    return fused
