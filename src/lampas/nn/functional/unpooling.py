"""Max pooling undone: results go back to the places where they were the largest."""

from lampas import _core
from lampas.nn.per_dimension import per_dimension

__all__ = ["max_unpool1d", "max_unpool2d", "max_unpool3d"]


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
    kernel_size = per_dimension(kernel_size, dimensions)
    stride = kernel_size if stride is None else per_dimension(stride, dimensions)
    padding = per_dimension(padding, dimensions)
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
