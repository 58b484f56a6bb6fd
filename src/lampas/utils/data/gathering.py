"""Makes a batch of pictures that are kept as bytes in one call of the core."""

import lampas
from lampas import _core


def gather_pictures(pictures, indices, table, pad=(0, 0, 0, 0), fill=0):
    """Return the pictures of the given indices with every byte translated by a table.

    Args:
        pictures (Tensor): bytes of shape (count, channels, height, width).
        indices (list of int): which ones.
        table (Tensor): what each byte becomes, of shape (channels, 256), floating point.
        pad (sequence of int): pixels to add on the left, right, top and bottom.
        fill (int): the byte that these are.

    Example:
        >>> pictures = lampas.tensor([[[[4]]], [[[6]]]], dtype=lampas.uint8)
        >>> gather_pictures(pictures, [1], lampas.arange(256.0).view(1, 256) / 2)
        tensor([[[[3.]]]])
    """
    return _core.gather_pictures(pictures, lampas.tensor(indices), table, pad, fill)
