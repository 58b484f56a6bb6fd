"""Fractional max pooling: the largest element of windows that lie at random steps."""

import lampas
from lampas import _core
from lampas.nn.per_dimension import per_dimension

__all__ = [
    "fractional_max_pool2d",
    "fractional_max_pool2d_with_indices",
    "fractional_max_pool3d",
    "fractional_max_pool3d_with_indices",
]


def _fractional_max_pool(function, dimensions, input, kernel_size, output_size, output_ratio, samples):
    if output_size is None and output_ratio is None:
        raise ValueError(
            f"fractional_max_pool{dimensions}d requires specifying either an output_size or an output_ratio"
        )
    if output_size is None:
        ratios = per_dimension(output_ratio, dimensions)
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
