"""Pooling: one value for every window of a line, picture or volume."""

import lampas
from lampas import _core
from lampas.nn.per_dimension import per_dimension

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool1d_with_indices",
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_with_indices",
    "adaptive_max_pool3d",
    "adaptive_max_pool3d_with_indices",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool1d_with_indices",
    "max_pool2d",
    "max_pool2d_with_indices",
    "max_pool3d",
    "max_pool3d_with_indices",
]

avg_pool1d = _core.avg_pool1d
avg_pool2d = _core.avg_pool2d
avg_pool3d = _core.avg_pool3d
adaptive_avg_pool1d = _core.adaptive_avg_pool1d
max_pool1d_with_indices = _core.max_pool1d_with_indices
max_pool2d_with_indices = _core.max_pool2d_with_indices
max_pool3d_with_indices = _core.max_pool3d_with_indices


def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """Take the largest element of every window along the last dimension.

    Args:
        input (Tensor): shape (N, C, L) or (C, L), floating point.
        kernel_size (int): the window's length.
        stride (int): from one window to the next; the window's length by default.
        padding (int): how far windows reach over each end, at most half a window.
        dilation (int): from one element of a window to the next.
        ceil_mode (bool): whether a window that does not lie wholly inside counts.
        return_indices (bool): also return where each maximum lies.

    Example:
        >>> F.max_pool1d(lampas.tensor([[1.0, 3.0, 2.0, 4.0]]), 2)
        tensor([[3., 4.]])
    """
    function = max_pool1d_with_indices if return_indices else _core.max_pool1d
    return function(input, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """Take the largest element of every window of pictures; arguments as of `max_pool1d`, or pairs of them.

    Args:
        input (Tensor): shape (N, C, H, W) or (C, H, W).

    Example:
        >>> F.max_pool2d(lampas.tensor([[[1.0, 3.0], [4.0, 2.0]]]), 2)
        tensor([[[4.]]])
    """
    function = max_pool2d_with_indices if return_indices else _core.max_pool2d
    return function(input, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """Take the largest element of every window of volumes; arguments as of `max_pool1d`, or triples of them.

    Args:
        input (Tensor): shape (N, C, D, H, W) or (C, D, H, W).

    Example:
        >>> F.max_pool3d(lampas.ones(1, 2, 2, 2), 2)
        tensor([[[[1.]]]])
    """
    function = max_pool3d_with_indices if return_indices else _core.max_pool3d
    return function(input, kernel_size, stride, padding, dilation, ceil_mode)


def adaptive_size(input, output_size):
    """Return an adaptive output size in which None stands for the input's."""
    whole = input.size()
    if isinstance(output_size, (int, lampas.Size)):
        return output_size
    if len(whole) <= len(output_size):
        raise ValueError(f"Input dimension should be at least {len(output_size) + 1}")
    sizes = whole[len(whole) - len(output_size) :]
    return [size if wanted is None else wanted for size, wanted in zip(sizes, output_size, strict=True)]


def adaptive_max_pool1d_with_indices(input, output_size, return_indices=False):
    """Return `adaptive_max_pool1d` and where each maximum lies."""
    return _core.adaptive_max_pool1d(input, output_size)


def adaptive_max_pool2d_with_indices(input, output_size, return_indices=False):
    """Return `adaptive_max_pool2d` and where in its plane each maximum lies."""
    return _core.adaptive_max_pool2d(input, adaptive_size(input, output_size))


def adaptive_max_pool3d_with_indices(input, output_size, return_indices=False):
    """Return `adaptive_max_pool3d` and where in its volume each maximum lies."""
    return _core.adaptive_max_pool3d(input, adaptive_size(input, output_size))


def adaptive_max_pool1d(input, output_size, return_indices=False):
    """Take the largest element of each of `output_size` windows that cover the last dimension.

    Args:
        input (Tensor): shape (N, C, L) or (C, L), floating point.
        output_size (int): how many.
        return_indices (bool): also return where each maximum lies.

    Example:
        >>> F.adaptive_max_pool1d(lampas.tensor([[1.0, 3.0, 2.0, 4.0]]), 1)
        tensor([[4.]])
    """
    values, indices = adaptive_max_pool1d_with_indices(input, output_size)
    return (values, indices) if return_indices else values


def adaptive_max_pool2d(input, output_size, return_indices=False):
    """Take the largest element of each of height by width windows that cover a picture.

    Args:
        input (Tensor): shape (N, C, H, W) or (C, H, W), floating point.
        output_size (int or pair): the height and width of the result; None keeps the input's.
        return_indices (bool): also return where each maximum lies.

    Example:
        >>> F.adaptive_max_pool2d(lampas.ones(1, 4, 6), (2, None)).shape
        torch.Size([1, 2, 6])
    """
    values, indices = adaptive_max_pool2d_with_indices(input, output_size)
    return (values, indices) if return_indices else values


def adaptive_max_pool3d(input, output_size, return_indices=False):
    """Take the largest element of each window that covers a volume; see `adaptive_max_pool2d`.

    Example:
        >>> F.adaptive_max_pool3d(lampas.ones(1, 4, 6, 2), 1).shape
        torch.Size([1, 1, 1, 1])
    """
    values, indices = adaptive_max_pool3d_with_indices(input, output_size)
    return (values, indices) if return_indices else values


def adaptive_avg_pool2d(input, output_size):
    """Average each of height by width windows that cover a picture.

    Args:
        input (Tensor): shape (N, C, H, W) or (C, H, W), floating point.
        output_size (int or pair): the height and width of the result; None keeps the input's.

    Example:
        >>> F.adaptive_avg_pool2d(lampas.ones(1, 4, 6), (2, None)).shape
        torch.Size([1, 2, 6])
    """
    return _core.adaptive_avg_pool2d(input, adaptive_size(input, output_size))


def adaptive_avg_pool3d(input, output_size):
    """Average each window that covers a volume; see `adaptive_avg_pool2d`.

    Example:
        >>> F.adaptive_avg_pool3d(lampas.ones(1, 4, 6, 2), 1).shape
        torch.Size([1, 1, 1, 1])
    """
    return _core.adaptive_avg_pool3d(input, adaptive_size(input, output_size))


def _lp_pool(average, input, norm_type, kernel_size, stride, ceil_mode, dimensions):
    """Return the norm of every window: the root of its sum of powers, 0 where that is below 0."""
    kernel_size = per_dimension(kernel_size, dimensions)
    stride = kernel_size if stride is None else stride
    means = average(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
    elements = 1
    for length in kernel_size:
        elements *= length
    return (means.sign() * means.abs().relu()).mul(elements).pow(1.0 / norm_type)


def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """Take the `norm_type`-norm of every window along the last dimension.

    Args:
        input (Tensor): shape (N, C, L) or (C, L).
        norm_type (float): 1 gives sums, 2 Euclidean norms, large numbers nearly maxima.
        kernel_size, stride (int): as of `avg_pool1d`.

    Example:
        >>> F.lp_pool1d(lampas.tensor([[3.0, 4.0]]), 2, 2)
        tensor([[5.]])
    """
    return _lp_pool(avg_pool1d, input, norm_type, kernel_size, stride, ceil_mode, 1)


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """Take the `norm_type`-norm of every window of pictures; see `lp_pool1d`.

    Example:
        >>> F.lp_pool2d(lampas.ones(1, 2, 2), 2, 2)
        tensor([[[2.]]])
    """
    return _lp_pool(avg_pool2d, input, norm_type, kernel_size, stride, ceil_mode, 2)


def lp_pool3d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """Take the `norm_type`-norm of every window of volumes; see `lp_pool1d`.

    Example:
        >>> F.lp_pool3d(lampas.ones(1, 2, 2, 2), 1, 2)
        tensor([[[[8.]]]])
    """
    return _lp_pool(avg_pool3d, input, norm_type, kernel_size, stride, ceil_mode, 3)
