"""Normalisation by the mean and deviation of channels, groups or rows."""

from lampas import _core
from lampas.nn.functional.pooling import avg_pool2d, avg_pool3d

__all__ = ["batch_norm", "group_norm", "instance_norm", "layer_norm", "local_response_norm", "rms_norm"]


def _check_several_values(sizes):
    """Raise where a channel has one value only: its deviation is 0 whatever the value is."""
    count = sizes[0]
    for size in sizes[2:]:
        count *= size
    if count == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {sizes}")


def batch_norm(
    input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5
):
    """Give every channel mean 0 and variance 1 over the batch, then scale and shift it.

    Args:
        input (Tensor): shape (N, C, ...), floating point.
        running_mean, running_var (Tensor): shape (C); updated in training, used otherwise; may be None then.
        weight, bias (Tensor): shape (C) or None.
        training (bool): whether the statistics are those of this batch.
        momentum (float): how far the running statistics move towards those of this batch.
        eps (float): added to the variance.

    Example:
        >>> F.batch_norm(lampas.tensor([[1.0], [3.0]]), None, None, training=True, eps=0.0)
        tensor([[-1.],
                [ 1.]])

    Source: Ioffe and Szegedy, "Batch normalization", 2015.
    """
    if training:
        _check_several_values(input.shape)
    return _core.batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, True)


def instance_norm(
    input,
    running_mean=None,
    running_var=None,
    weight=None,
    bias=None,
    use_input_stats=True,
    momentum=0.1,
    eps=1e-5,
):
    """Give every channel of each entry of the batch mean 0 and variance 1; arguments as of `batch_norm`.

    Example:
        >>> F.instance_norm(lampas.tensor([[[1.0, 3.0]]]), eps=0.0)
        tensor([[[-1.,  1.]]])

    Source: Ulyanov et al., "Instance normalization", 2016.
    """
    if use_input_stats:
        count = 1
        for size in input.shape[2:]:
            count *= size
        if count == 1:
            raise ValueError(
                f"Expected more than 1 spatial element when training, got input size {input.shape}"
            )
    return _core.instance_norm(
        input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, True
    )


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    """Give the last dimensions mean 0 and variance 1, then scale and shift each of their elements.

    Args:
        input (Tensor): shape (..., *normalized_shape), floating point.
        normalized_shape (tuple): the sizes of the last dimensions.
        weight, bias (Tensor): of those sizes, or None.
        eps (float): added to the variance.

    Example:
        >>> F.layer_norm(lampas.tensor([[1.0, 3.0]]), (2,), eps=0.0)
        tensor([[-1.,  1.]])

    Source: Ba, Kiros and Hinton, "Layer normalization", 2016.
    """
    return _core.layer_norm(input, normalized_shape, weight, bias, eps, True)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    """Divide the last dimensions by the root of the mean of their squares; arguments as of `layer_norm`.

    Example:
        >>> F.rms_norm(lampas.tensor([[1.0, -1.0]]), (2,), eps=0.0)
        tensor([[ 1., -1.]])

    Source: Zhang and Sennrich, "Root mean square layer normalization", 2019.
    """
    return _core.rms_norm(input, normalized_shape, weight, eps)


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    """Give every group of channels of each entry of the batch mean 0 and variance 1.

    Args:
        input (Tensor): shape (N, C, ...), floating point.
        num_groups (int): in how many groups of neighbours the channels fall.
        weight, bias (Tensor): shape (C) or None.
        eps (float): added to the variance.

    Example:
        >>> F.group_norm(lampas.tensor([[1.0, 3.0, 0.0, 4.0]]), 2, eps=0.0)
        tensor([[-1.,  1., -1.,  1.]])

    Source: Wu and He, "Group normalization", 2018.
    """
    if input.dim() < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {input.dim()}")
    _check_several_values([input.shape[0] * input.shape[1] // num_groups, num_groups, *input.shape[2:]])
    return _core.group_norm(input, num_groups, weight, bias, eps, True)


def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    """Divide each channel by a power of the mean of squares of its neighbours.

    Args:
        input (Tensor): shape (N, C, ...), at least three dimensions.
        size (int): how many neighbouring channels, itself among them.
        alpha, beta, k (float): the divisor is (k + alpha * mean) ** beta.

    Example:
        >>> F.local_response_norm(lampas.ones(1, 1, 1), 1, alpha=3.0, beta=1.0)
        tensor([[[0.2500]]])

    Source: Krizhevsky, Sutskever and Hinton, "ImageNet classification", 2012.
    """
    dimensions = input.dim()
    if dimensions < 3:
        raise ValueError(
            "Expected 3D or higher dimensionality                          "
            f"input (got {dimensions} dimensions)"
        )
    if input.numel() == 0:
        return input
    squares = input.mul(input)
    before, behind = size // 2, (size - 1) // 2
    if dimensions == 3:
        padded = _core.pad(squares.unsqueeze(1), (0, 0, before, behind))
        means = avg_pool2d(padded, (size, 1), stride=1).squeeze(1)
    else:
        batch, channels, rows = input.shape[:3]
        planes = squares.view(batch, 1, channels, rows, -1)
        padded = _core.pad(planes, (0, 0, 0, 0, before, behind))
        means = avg_pool3d(padded, (size, 1, 1), stride=1).squeeze(1).view(input.shape)
    return input / means.mul(alpha).add(k).pow(beta)
