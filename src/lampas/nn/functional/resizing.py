"""Pictures of other sizes: interpolation, borders, sliding blocks, channels that become pixels."""

import warnings
from collections.abc import Callable

from lampas import _core
from lampas.nn.per_dimension import per_dimension

__all__ = ["fold", "interpolate", "pad", "unfold", "upsample", "upsample_bilinear", "upsample_nearest"]

pad = _core.pad

# By mode and number of image dimensions; those in _ALIGNED take align_corners.
_RESIZE: dict[tuple, Callable] = {
    ("nearest", 1): _core.upsample_nearest1d,
    ("nearest", 2): _core.upsample_nearest2d,
    ("nearest", 3): _core.upsample_nearest3d,
    ("nearest-exact", 1): _core._upsample_nearest_exact1d,
    ("nearest-exact", 2): _core._upsample_nearest_exact2d,
    ("nearest-exact", 3): _core._upsample_nearest_exact3d,
    ("linear", 1): _core.upsample_linear1d,
    ("bilinear", 2): _core.upsample_bilinear2d,
    ("trilinear", 3): _core.upsample_trilinear3d,
    ("bicubic", 2): _core.upsample_bicubic2d,
}
_ANTIALIASED = {
    "bilinear": _core._upsample_bilinear2d_aa,
    "bicubic": _core._upsample_bicubic2d_aa,
}
_AREA = {1: _core.adaptive_avg_pool1d, 2: _core.adaptive_avg_pool2d, 3: _core.adaptive_avg_pool3d}
_UNALIGNED = ("nearest", "area", "nearest-exact")


def _output_size(input, size, scale_factor):
    """Return (size, scale factors or None) from what `interpolate` was given."""
    dimensions = input.dim() - 2
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    name, given = ("size", size) if size is not None else ("scale_factor", scale_factor)
    if not isinstance(given, (list, tuple)):
        return _sized(input, name, [given] * dimensions)
    if len(given) != dimensions:
        shape = list(input.shape)
        if name == "size":
            raise ValueError(
                "Input and output must have the same number of spatial dimensions, but got "
                f"input with spatial dimensions of {shape[2:]} and output size of {size}. "
                "Please provide input tensor in (N, C, d1, d2, ...,dK) format and "
                "output size in (o1, o2, ...,oK) format."
            )
        raise ValueError(
            "Input and scale_factor must have the same number of spatial dimensions, but "
            f"got input with spatial dimensions of {shape[2:]} and "
            f"scale_factor of shape {scale_factor}. "
            "Please provide input tensor in (N, C, d1, d2, ...,dK) format and "
            "scale_factor in (s1, s2, ...,sK) format."
        )
    return _sized(input, name, list(given))


def _sized(input, name, values):
    if name == "size":
        return values, None
    return [int(length * factor) for length, factor in zip(input.shape[2:], values, strict=True)], values


def interpolate(
    input,
    size=None,
    scale_factor=None,
    mode="nearest",
    align_corners=None,
    recompute_scale_factor=None,
    antialias=False,
):
    """Resize lines, pictures or volumes.

    Args:
        input (Tensor): shape (N, C, L), (N, C, H, W) or (N, C, D, H, W), floating point.
        size (int or tuple): the size of the result.
        scale_factor (float or tuple): how many times as large, instead of `size`.
        mode (str): "nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear" or "area".
        align_corners (bool): whether the outermost elements, not their outer edges, stay where they are.
        recompute_scale_factor (bool): compute with the factor that the rounded size gives.
        antialias (bool): average over all that an element of the result covers; bilinear and bicubic only.

    Example:
        >>> F.interpolate(lampas.tensor([[[1.0, 2.0]]]), scale_factor=2)
        tensor([[[1., 1., 2., 2.]]])
    """
    if mode in _UNALIGNED:
        if align_corners is not None:
            raise ValueError(
                "align_corners option can only be set with the interpolating modes: "
                "linear | bilinear | bicubic | trilinear"
            )
    elif align_corners is None:
        align_corners = False
    dimensions = input.dim() - 2
    output_size, scales = _output_size(input, size, scale_factor)
    if recompute_scale_factor is not None and recompute_scale_factor and size is not None:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    if mode == "area" and output_size is None:
        recompute_scale_factor = True
    if recompute_scale_factor:
        scales = None
    if antialias:
        if mode not in _ANTIALIASED or input.dim() != 4:
            raise ValueError(
                "Anti-alias option is restricted to bilinear and bicubic modes "
                "and requires a 4-D tensor as input"
            )
        return _ANTIALIASED[mode](input, output_size, align_corners, *(scales or ()))
    if mode == "area" and dimensions in _AREA:
        return _AREA[dimensions](input, output_size)
    if (mode, dimensions) in _RESIZE:
        aligned = () if mode in _UNALIGNED else (align_corners,)
        return _RESIZE[mode, dimensions](input, output_size, *aligned, *(scales or ()))
    wanted = {"linear": 3, "bilinear": 4, "trilinear": 5}
    if mode in wanted and input.dim() in (3, 4, 5):
        raise NotImplementedError(f"Got {input.dim()}D input, but {mode} mode needs {wanted[mode]}D input")
    raise NotImplementedError(
        "Input Error: Only 3D, 4D and 5D input Tensors supported"
        f" (got {input.dim()}D) for the modes: "
        "nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact"
        f" (got {mode})"
    )


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """Resize lines, pictures or volumes; deprecated, use `interpolate`."""
    warnings.warn(
        "`nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead.", stacklevel=2
    )
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input, size=None, scale_factor=None):
    """Resize by repeating elements; deprecated, use `interpolate`."""
    warnings.warn(
        "`nn.functional.upsample_nearest` is deprecated. Use `nn.functional.interpolate` instead.",
        stacklevel=2,
    )
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input, size=None, scale_factor=None):
    """Resize by straight lines between elements; deprecated, use `interpolate`."""
    warnings.warn(
        "`nn.functional.upsample_bilinear` is deprecated. Use `nn.functional.interpolate` instead.",
        stacklevel=2,
    )
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)


def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    """Show what a window sees at each place of a picture as a column.

    Args:
        input (Tensor): shape (N, C, H, W) or (C, H, W).
        kernel_size, dilation, padding, stride (int or pair): of the window.

    Returns:
        Tensor: shape (N, C * kernel height * kernel width, places).

    Example:
        >>> F.unfold(lampas.tensor([[[1.0, 2.0], [3.0, 4.0]]]), (2, 1))
        tensor([[1., 2.],
                [3., 4.]])
    """
    window = (per_dimension(each, 2) for each in (kernel_size, dilation, padding, stride))
    return _core.im2col(input, *window)


def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Add up columns, as `unfold` makes them, in a picture.

    Args:
        input (Tensor): shape (N, C * kernel height * kernel width, places).
        output_size (int or pair): height and width of the picture.
        kernel_size, dilation, padding, stride (int or pair): of the window.

    Example:
        >>> F.fold(lampas.ones(4, 2), (2, 3), 2)
        tensor([[[1., 2., 1.],
                 [1., 2., 1.]]])
    """
    window = (per_dimension(each, 2) for each in (kernel_size, dilation, padding, stride))
    return _core.col2im(input, per_dimension(output_size, 2), *window)
