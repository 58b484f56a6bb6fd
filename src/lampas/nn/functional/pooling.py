"""Pooling: one value for every window of a line, picture or volume."""

import lampas
from lampas import _core

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
    "fractional_max_pool2d",
    "fractional_max_pool2d_with_indices",
    "fractional_max_pool3d",
    "fractional_max_pool3d_with_indices",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool1d_with_indices",
    "max_pool2d",
    "max_pool2d_with_indices",
    "max_pool3d",
    "max_pool3d_with_indices",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
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
    if isinstance(output_size, (int, lampas.Size)):
        return output_size
    if len(input.shape) <= len(output_size):
        raise ValueError(f"Input dimension should be at least {len(output_size) + 1}")
    sizes = input.shape[len(input.shape) - len(output_size) :]
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


def _per_dimension(values, dimensions):
    return [values] * dimensions if isinstance(values, int) else list(values)


def _unpooled_size(input, kernel_size, stride, padding, output_size):
    """Return the spatial size to unpool to: the given one where pooling it could have given `input`."""
    dimensions = len(kernel_size)
    sizes = [
        (input.shape[place - dimensions] - 1) * stride[place] + kernel_size[place] - 2 * padding[place]
        for place in range(dimensions)
    ]
    if output_size is None:
        return sizes
    if len(output_size) == dimensions + 2:
        output_size = output_size[2:]
    if len(output_size) != dimensions:
        raise ValueError(
            "output_size should be a sequence containing "
            f"{dimensions} or {dimensions + 2} elements, but it has a length of '{len(output_size)}'"
        )
    for place in range(dimensions):
        low, high = sizes[place] - stride[place], sizes[place] + stride[place]
        if not low < output_size[place] < high:
            raise ValueError(
                f'invalid output_size "{output_size}" (dim {place} must be between {low} and {high})'
            )
    return list(output_size)


def _unpool_arguments(input, dimensions, kernel_size, stride, padding, output_size):
    kernel_size = _per_dimension(kernel_size, dimensions)
    stride = kernel_size if stride is None else _per_dimension(stride, dimensions)
    padding = _per_dimension(padding, dimensions)
    return _unpooled_size(input, kernel_size, stride, padding, output_size), stride, padding


def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Put the results of `max_pool1d` back where they came from, in lines of zeros; see `max_unpool2d`.

    Example:
        >>> F.max_unpool1d(lampas.tensor([[5.0]]), lampas.tensor([[1]]), 2)
        tensor([[0., 5.]])
    """
    size, _, _ = _unpool_arguments(input, 1, kernel_size, stride, padding, output_size)
    lines = _core.max_unpool2d(input.unsqueeze(-1), indices.unsqueeze(-1), [*size, 1])
    return lines.squeeze(-1)


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Put the results of `max_pool2d` back where they came from, in pictures of zeros.

    Args:
        input (Tensor): shape (N, C, H, W) or (C, H, W).
        indices (Tensor): as `max_pool2d` returned them, int64.
        kernel_size, stride, padding (int or pair): as they were given to `max_pool2d`.
        output_size (tuple): the size that was pooled, where several are possible.

    Example:
        >>> F.max_unpool2d(lampas.tensor([[[5.0]]]), lampas.tensor([[[3]]]), 2)
        tensor([[[0., 0.],
                 [0., 5.]]])
    """
    size, _, _ = _unpool_arguments(input, 2, kernel_size, stride, padding, output_size)
    return _core.max_unpool2d(input, indices, size)


def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Put the results of `max_pool3d` back where they came from, in volumes of zeros; see `max_unpool2d`.

    Example:
        >>> F.max_unpool3d(lampas.ones(1, 1, 1, 1), lampas.zeros(1, 1, 1, 1, dtype=lampas.int64), 2).sum()
        tensor(1.)
    """
    size, stride, padding = _unpool_arguments(input, 3, kernel_size, stride, padding, output_size)
    return _core.max_unpool3d(input, indices, size, stride, padding)


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
    kernel_size = _per_dimension(kernel_size, dimensions)
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


def _fractional_max_pool(function, dimensions, input, kernel_size, output_size, output_ratio, samples):
    if output_size is None and output_ratio is None:
        raise ValueError(
            f"fractional_max_pool{dimensions}d requires specifying either an output_size or an output_ratio"
        )
    if output_size is None:
        ratios = output_ratio if isinstance(output_ratio, (list, tuple)) else [output_ratio] * dimensions
        output_size = [
            int(size * ratio) for size, ratio in zip(input.shape[-dimensions:], ratios, strict=True)
        ]
    if samples is None:
        batch = 1 if input.dim() == dimensions + 1 else input.shape[0]
        channels = input.shape[-dimensions - 1]
        samples = lampas.rand(batch, channels, dimensions, dtype=input.dtype, device=input.device)
    return function(input, kernel_size, output_size, samples)


def fractional_max_pool2d_with_indices(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """Return `fractional_max_pool2d` and where each maximum lies."""
    return _fractional_max_pool(
        _core.fractional_max_pool2d, 2, input, kernel_size, output_size, output_ratio, _random_samples
    )


def fractional_max_pool2d(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """Take the largest element of windows that lie at random steps.

    Args:
        input (Tensor): shape (N, C, H, W) or without N.
        kernel_size (int or tuple): the window.
        output_size (int or tuple): how many windows; or
        output_ratio (float or tuple): how many for each element.
        return_indices (bool): also return where each maximum lies.

    Example:
        >>> F.fractional_max_pool2d(lampas.ones(1, 4, 4, 1)[..., 0], 2, output_size=2).shape
        torch.Size([1, 2, 2])

    Source: Graham, "Fractional max-pooling", 2014.
    """
    results = fractional_max_pool2d_with_indices(
        input, kernel_size, output_size, output_ratio, return_indices, _random_samples
    )
    return results if return_indices else results[0]


def fractional_max_pool3d_with_indices(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """Return `fractional_max_pool3d` and where each maximum lies."""
    return _fractional_max_pool(
        _core.fractional_max_pool3d, 3, input, kernel_size, output_size, output_ratio, _random_samples
    )


def fractional_max_pool3d(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """Take the largest element of windows that lie at random steps.

    Args:
        input (Tensor): shape (N, C, D, H, W) or without N.
        kernel_size (int or tuple): the window.
        output_size (int or tuple): how many windows; or
        output_ratio (float or tuple): how many for each element.
        return_indices (bool): also return where each maximum lies.

    Example:
        >>> F.fractional_max_pool3d(lampas.ones(1, 4, 4, 4, 1)[..., 0], 2, output_size=2).shape
        torch.Size([1, 2, 2, 2])

    Source: Graham, "Fractional max-pooling", 2014.
    """
    results = fractional_max_pool3d_with_indices(
        input, kernel_size, output_size, output_ratio, return_indices, _random_samples
    )
    return results if return_indices else results[0]
