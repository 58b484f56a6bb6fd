"""What a layer holds and what it makes: its filters, its feature maps."""

import numpy

from lampas.plots.canvas import Canvas
from lampas.plots.chart import GRAY, INK
from lampas.plots.pixels import as_array

_GAP, _TOP = 6, 52


def _draw_grid(tiles, columns, title, tile_side):
    """Draw pictures (height, width, 3) of one size in rows of `columns`, in the order of a book."""
    height, width = tiles[0].shape[:2]
    scale = max(1, tile_side // max(height, width))
    step_x, step_y = width * scale + _GAP, height * scale + _GAP
    rows = -(-len(tiles) // columns)
    canvas = Canvas(max(columns * step_x + 2 * _GAP, 260), rows * step_y + _TOP + _GAP)
    canvas.text(_GAP * 2, 32, title, 16, INK, weight=1.2)
    canvas.rectangle(0, _TOP - 10, canvas.pixels.shape[1], _TOP - 9, GRAY)
    for i, tile in enumerate(tiles):
        canvas.picture(_GAP + i % columns * step_x, _TOP + i // columns * step_y, tile, scale)
    return canvas


def _gray(plane, low, high):
    values = (plane - low) / (high - low) if high > low else numpy.full(plane.shape, 0.5)
    return numpy.broadcast_to(numpy.clip(values, 0, 1)[:, :, None], (*plane.shape, 3))


def filters(weight, title=""):
    """Draw the kernels of a convolution.

    Args:
        weight (Tensor): of shape (out_channels, in_channels, height, width), such as `net.conv1.weight`. With
            three input channels a kernel is shown in colour, else a row shows the planes of one kernel.
        title (str): written above.

    Raises:
        ValueError: for another shape.

    Example:
        >>> filters(lampas.nn.Conv2d(1, 6, 5).weight).save("filters.png")
    """
    values = as_array(weight)
    if values.ndim != 4 or values.size == 0:
        raise ValueError(f"filters are of shape (out, in, height, width), but got {tuple(values.shape)}")
    low, high = values.min(), values.max()
    title = (
        title or f"{values.shape[0]} filters of {values.shape[2]}x{values.shape[3]}, {low:.2f} to {high:.2f}"
    )
    if values.shape[1] == 3:
        spread = (values - low) / (high - low or 1.0)
        tiles = [kernel.transpose(1, 2, 0) for kernel in spread]
        columns = min(len(tiles), 8)
    else:
        tiles = [_gray(plane, low, high) for kernel in values for plane in kernel]
        columns = values.shape[1] if values.shape[1] > 1 else min(len(tiles), 8)
    return _draw_grid(tiles, columns, title, 64)


def feature_maps(activations, title=""):
    """Draw what a layer made of one picture, a tile for each channel.

    Args:
        activations (Tensor): of shape (channels, height, width), or (N, channels, height, width), of
            which the first is shown.
        title (str): written above.

    Raises:
        ValueError: for another shape.

    Example:
        >>> feature_maps(lampas.nn.Conv2d(1, 6, 5)(lampas.rand(1, 1, 32, 32))).save("maps.png")
    """
    values = as_array(activations)
    if values.ndim == 4 and len(values):
        values = values[0]
    if values.ndim != 3 or values.size == 0:
        raise ValueError(
            f"feature maps are of shape (channels, height, width), but got {tuple(values.shape)}"
        )
    channels, height, width = values.shape
    tiles = [_gray(plane, plane.min(), plane.max()) for plane in values]
    columns = min(channels, 8)
    return _draw_grid(tiles, columns, title or f"{channels} feature maps of {height}x{width}", 96)
