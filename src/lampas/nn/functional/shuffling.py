"""Channels that change places with pixels or with each other."""

from lampas.argument_checks import check_tensors, check_type

__all__ = ["channel_shuffle", "pixel_shuffle", "pixel_unshuffle"]


def pixel_shuffle(input, upscale_factor):
    """Turn groups of `upscale_factor` squared channels into squares of pixels.

    Args:
        input (Tensor): shape (..., C * r * r, H, W), r the factor.
        upscale_factor (int): how many times as high and wide the result is.

    Returns:
        Tensor: shape (..., C, H * r, W * r).

    Example:
        >>> F.pixel_shuffle(lampas.tensor([[[1.0]], [[2.0]], [[3.0]], [[4.0]]]), 2)
        tensor([[[1., 2.],
                 [3., 4.]]])

    Source: Shi et al., "Real-time single image super-resolution", 2016.
    """
    check_tensors("pixel_shuffle", input=input)
    check_type("pixel_shuffle", "upscale_factor", upscale_factor, int, position=2)
    if input.dim() < 3:
        raise RuntimeError(
            "pixel_shuffle expects input to have at least 3 dimensions, but got input with "
            f"{input.dim()} dimension(s)"
        )
    factor = upscale_factor
    if factor <= 0:
        raise RuntimeError(f"pixel_shuffle expects a positive upscale_factor, but got {factor}")
    *lead, channels, height, width = input.shape
    if channels % (factor * factor) != 0:
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
            f"upscale_factor, but input.size(-3)={channels} is not divisible by {factor * factor}"
        )
    result = channels // (factor * factor)
    blocks = input.reshape(*lead, result, factor, factor, height, width)
    first = len(lead)
    order = (*range(first), first, first + 3, first + 1, first + 4, first + 2)
    return blocks.permute(order).reshape(*lead, result, height * factor, width * factor)


def pixel_unshuffle(input, downscale_factor):
    """Turn squares of pixels into channels: `pixel_shuffle` undone.

    Args:
        input (Tensor): shape (..., C, H * r, W * r), r the factor.
        downscale_factor (int): how many times as low and narrow the result is.

    Example:
        >>> F.pixel_unshuffle(lampas.tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2).flatten()
        tensor([1., 2., 3., 4.])
    """
    check_tensors("pixel_unshuffle", input=input)
    check_type("pixel_unshuffle", "downscale_factor", downscale_factor, int, position=2)
    if input.dim() < 3:
        raise RuntimeError(
            "pixel_unshuffle expects input to have at least 3 dimensions, but got input with "
            f"{input.dim()} dimension(s)"
        )
    factor = downscale_factor
    if factor <= 0:
        raise RuntimeError(f"pixel_unshuffle expects a positive downscale_factor, but got {factor}")
    *lead, channels, height, width = input.shape
    for name, size in (("height", height), ("width", width)):
        if size % factor != 0:
            raise RuntimeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but "
                f"input.size({-2 if name == 'height' else -1})={size} is not divisible by {factor}"
            )
    blocks = input.reshape(*lead, channels, height // factor, factor, width // factor, factor)
    first = len(lead)
    order = (*range(first), first, first + 2, first + 4, first + 1, first + 3)
    sizes = (channels * factor * factor, height // factor, width // factor)
    return blocks.permute(order).reshape(*lead, *sizes)


def channel_shuffle(input, groups):
    """Deal the channels out: the first of each group, then the second of each, and so on.

    Args:
        input (Tensor): shape (N, C, ...).
        groups (int): into how many groups of neighbours the channels fall.

    Example:
        >>> F.channel_shuffle(lampas.arange(4).reshape(1, 4, 1), 2).flatten()
        tensor([0, 2, 1, 3])
    """
    if input.dim() < 3:
        raise RuntimeError(
            f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(input.shape)}"
        )
    if groups <= 0:
        raise RuntimeError(
            f"Number of groups to divide channels in must be positive. Value of groups:{groups}"
        )
    batch, channels, *sizes = input.shape
    if channels % groups != 0:
        raise RuntimeError(
            f"Number of channels must be divisible by groups. Got {channels} channels and {groups} groups."
        )
    dealt = input.reshape(batch, groups, channels // groups, *sizes).transpose(1, 2)
    return dealt.reshape(input.shape)
