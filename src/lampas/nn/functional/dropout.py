"""Dropout."""

import warnings

import lampas
from lampas import _core
from lampas.argument_checks import check_tensors

__all__ = [
    "alpha_dropout",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
]


def dropout(input, p=0.5, training=True, inplace=False):
    """Zero each element with probability `p` while training, and scale the others by 1 / (1 - p).

    Args:
        input (Tensor): floating point, any shape.
        p (float): between 0 and 1, ValueError otherwise.
        training (bool): when False the input is returned as it is.
        inplace (bool): overwrite the input.

    Example:
        >>> F.dropout(lampas.ones(3), p=0.5, training=False)
        tensor([1., 1., 1.])

    Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
    """
    _check_probability(p)
    return (_core.dropout_ if inplace else _core.dropout)(input, p, training)


def _check_probability(p):
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def _factors(input, shape, p):
    """Draw factors of a shape, 0 or 1 / (1 - p), in the input's dtype."""
    return _core.dropout(lampas.ones(shape, dtype=input.dtype, device=input.device), p, True)


def _feature_shape(input):
    if input.dim() < 2:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    return (*input.shape[:2], *[1] * (input.dim() - 2))


def _multiplied(input, factors, inplace):
    return input.mul_(factors) if inplace else input * factors


def _feature_dropout(input, p, training, inplace):
    _check_probability(p)
    if p == 0 or not training or input.numel() == 0:
        return input
    return _multiplied(input, _factors(input, _feature_shape(input), p), inplace)


def dropout1d(input, p=0.5, training=True, inplace=False):
    """Zero whole channels of lines with probability `p` while training; see `dropout`.

    Args:
        input (Tensor): shape (N, C, L) or (C, L).

    Example:
        >>> F.dropout1d(lampas.ones(1, 2, 3), training=False).shape
        torch.Size([1, 2, 3])
    """
    _check_probability(p)
    if input.dim() not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {input.dim()}D input. "
            "Note that dropout1d exists to provide channel-wise dropout on inputs with 1 "
            "spatial dimension, a channel dimension, and an optional batch dimension "
            "(i.e. 2D or 3D inputs)."
        )
    if input.dim() == 3:
        return _feature_dropout(input, p, training, inplace)
    batch = input.unsqueeze_(0) if inplace else input.unsqueeze(0)
    result = _feature_dropout(batch, p, training, inplace)
    return result.squeeze_(0) if inplace else result.squeeze(0)


def dropout2d(input, p=0.5, training=True, inplace=False):
    """Zero whole channels of pictures with probability `p` while training; see `dropout`.

    Args:
        input (Tensor): shape (N, C, H, W).

    Example:
        >>> F.dropout2d(lampas.ones(1, 2, 3, 3), training=False).shape
        torch.Size([1, 2, 3, 3])

    Source: Tompson et al., "Efficient object localization using convolutional networks", 2015.
    """
    _check_probability(p)
    if input.dim() not in (3, 4):
        warnings.warn(
            f"dropout2d: Received a {input.dim()}-D input to dropout2d, which is deprecated "
            "and will result in an error in a future release. To retain the behavior "
            "and silence this warning, please use dropout instead. Note that dropout2d "
            "exists to provide channel-wise dropout on inputs with 2 spatial dimensions, "
            "a channel dimension, and an optional batch dimension (i.e. 3D or 4D inputs).",
            stacklevel=2,
        )
    if input.dim() == 3:
        warnings.warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise "
            "1D dropout behavior is desired - input is interpreted as shape (N, C, L), where C "
            "is the channel dim. This behavior will change in a future release to interpret the "
            "input as one without a batch dimension, i.e. shape (C, H, W). To maintain the 1D "
            "channel-wise dropout behavior, please switch to using dropout1d instead.",
            stacklevel=2,
        )
    return _feature_dropout(input, p, training, inplace)


def dropout3d(input, p=0.5, training=True, inplace=False):
    """Zero whole channels of volumes with probability `p` while training; see `dropout2d`.

    Args:
        input (Tensor): shape (N, C, D, H, W) or (C, D, H, W).

    Example:
        >>> F.dropout3d(lampas.ones(1, 2, 3, 3, 3), training=False).shape
        torch.Size([1, 2, 3, 3, 3])
    """
    _check_probability(p)
    if input.dim() not in (4, 5):
        warnings.warn(
            f"dropout3d: Received a {input.dim()}-D input to dropout3d, which is deprecated "
            "and will result in an error in a future release. To retain the behavior "
            "and silence this warning, please use dropout instead. Note that dropout3d "
            "exists to provide channel-wise dropout on inputs with 3 spatial dimensions, "
            "a channel dimension, and an optional batch dimension (i.e. 4D or 5D inputs).",
            stacklevel=2,
        )
    if input.dim() != 4:
        return _feature_dropout(input, p, training, inplace)
    batch = input.unsqueeze_(0) if inplace else input.unsqueeze(0)
    result = _feature_dropout(batch, p, training, inplace)
    return result.squeeze_(0) if inplace else result.squeeze(0)


def _alpha_dropout(input, shape_of, p, training, inplace):
    """Set elements to SELU's lowest value at random, then scale and shift so that mean and deviation stay."""
    _check_probability(p)
    if p == 0 or not training or input.numel() == 0:
        return input
    if p == 1:
        return _multiplied(input, lampas.zeros((), dtype=input.dtype, device=input.device), inplace)
    kept = (_factors(input, shape_of(input), p) != 0).to(input.dtype)
    lowest = 1.7580993408473766  # SELU's alpha * scale
    scale = ((lowest**2 * p + 1) * (1 - p)) ** -0.5
    shift = (kept - 1).mul(lowest * scale).add(lowest * scale * p)
    result = _multiplied(input, kept.mul(scale), inplace)
    return result.add_(shift) if inplace else result + shift


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Drop elements so that mean and deviation stay as SELU keeps them.

    Args:
        input (Tensor): floating point, any shape.
        p (float): between 0 and 1, ValueError otherwise.
        training (bool): when False the input is returned as it is.
        inplace (bool): overwrite the input.

    Example:
        >>> F.alpha_dropout(lampas.ones(2))
        tensor([1., 1.])

    Source: Klambauer et al., "Self-normalizing neural networks", 2017.
    """
    check_tensors("alpha_dropout", input=input)
    return _alpha_dropout(input, lambda tensor: tensor.shape, p, training, inplace)


def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Drop whole channels as `alpha_dropout` drops elements.

    Example:
        >>> F.feature_alpha_dropout(lampas.ones(1, 2)).shape
        torch.Size([1, 2])
    """
    check_tensors("feature_alpha_dropout", input=input)
    return _alpha_dropout(input, _feature_shape, p, training, inplace)
