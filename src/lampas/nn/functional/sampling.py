"""Pictures and volumes looked at through a grid of places."""

import itertools
import warnings
from typing import Any

import lampas
from lampas.argument_checks import check_tensors

__all__ = ["affine_grid", "grid_sample"]

_MODES = ("bilinear", "nearest", "bicubic")
_PADDINGS = ("zeros", "border", "reflection")


def _align(name, align_corners):
    if align_corners is None:
        warnings.warn(
            f"Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. "
            f"Please specify align_corners=True if the old behavior is desired. "
            f"See the documentation of {name} for details.",
            stacklevel=3,
        )
        return False
    return align_corners


def affine_grid(theta, size, align_corners=None):
    """Return the grid of places that an affine map sends each pixel of the result to.

    Args:
        theta (Tensor): the maps, shape (N, 2, 3) for pictures or (N, 3, 4) for volumes.
        size (tuple): the result's size, (N, C, H, W) or (N, C, D, H, W).
        align_corners (bool): whether -1 and 1 are the middles of the outermost pixels, not their outer edges.

    Returns:
        Tensor: shape (N, H, W, 2) or (N, D, H, W, 3), for `grid_sample`.

    Example:
        >>> F.affine_grid(lampas.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]), (1, 1, 1, 2), True)[0, 0, :, 0]
        tensor([-1.,  1.])
    """
    align_corners = _align("affine_grid", align_corners)
    if not theta.is_floating_point():
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    dimensions = len(size) - 2
    if dimensions not in (2, 3):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. "
            f"Got size {size}."
        )
    if theta.dim() != 3 or tuple(theta.shape[1:]) != (dimensions, dimensions + 1):
        kind = "2D" if dimensions == 2 else "3D"
        raise ValueError(
            f"Expected a batch of {kind} affine matrices of shape Nx{dimensions}x{dimensions + 1} "
            f"for size {size}. Got {theta.shape}."
        )
    if min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {lampas.Size(size)}")
    lines = []
    for length in size[2:]:
        line = lampas.linspace(-1, 1, length, dtype=theta.dtype, device=theta.device)
        if length == 1:
            line = lampas.zeros(1, dtype=theta.dtype, device=theta.device)
        lines.append(line if align_corners else line * (length - 1) / length)
    places = [
        line.view([-1 if at == place else 1 for at in range(dimensions)]).expand(size[2:])
        for place, line in enumerate(lines)
    ]
    base = lampas.stack([*reversed(places), lampas.ones_like(places[0])], dim=-1)
    grid = base.reshape(1, -1, dimensions + 1).expand(size[0], -1, -1) @ theta.transpose(1, 2)
    return grid.view(size[0], *size[2:], dimensions)


def _is_odd(whole):
    return (whole.to(lampas.int64) & 1) == 1


def _reflected(place, low, high):
    """Mirror places at two borders, given as twice their position."""
    if low == high:
        return place * 0
    low, span = low / 2, (high - low) / 2
    distance = (place - low).abs()
    flips = (distance / span).detach().floor()
    rest = distance - flips * span
    return lampas.where(_is_odd(flips), span - rest + low, rest + low)


def _inside(place, size, padding_mode, align_corners):
    """Bring places outside to where the padding takes its values from."""
    if padding_mode == "reflection":
        low, high = (0, 2 * (size - 1)) if align_corners else (-1, 2 * size - 1)
        place = _reflected(place, low, high)
    if padding_mode == "zeros":
        return place
    # As in PyTorch no gradient reaches a place on the border, where clamp's would be 1.
    within = (place > 0) & (place < size - 1)
    return lampas.where(within, place, place.detach().clamp(0, size - 1))


def _cubic_weights(fraction):
    """The weights of the four elements around a place, by R. Keys' kernel with a = -0.75."""
    a = -0.75

    def outer(x):
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    def inner(x):
        return ((a + 2) * x - (a + 3)) * x * x + 1

    return [outer(fraction + 1), inner(fraction), inner(1 - fraction), outer(2 - fraction)]


def _taps(place, size, mode, padding_mode, align_corners):
    """For each element that counts along one dimension: its index and its weight."""
    if mode == "bicubic":
        first = place.detach().floor()
        weights = _cubic_weights(place - first)
        return [
            (_inside(first + step - 1, size, padding_mode, align_corners), weight)
            for step, weight in enumerate(weights)
        ]
    place = _inside(place, size, padding_mode, align_corners)
    if mode == "nearest":
        # A weight of 1 that hands the grid a gradient of 0, as PyTorch does.
        everywhere = lampas.ones_like(place, dtype=lampas.bool)
        return [(place.detach().round(), lampas.where(everywhere, lampas.ones_like(place), place))]
    first = place.detach().floor()
    behind = place - first
    return [(first, 1 - behind), (first + 1, behind)]


def _check_grid(input, grid, mode, padding_mode):
    if mode not in _MODES:
        raise ValueError(
            "nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', "
            f"but got: '{mode}'"
        )
    if padding_mode not in _PADDINGS:
        raise ValueError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', "
            f"but got: '{padding_mode}'"
        )
    check_tensors("grid_sampler", input=input, grid=grid)
    shapes = f"input with sizes {list(input.shape)} and grid with sizes {list(grid.shape)}"
    dimensions = input.dim() - 2
    if input.dtype != grid.dtype:
        raise RuntimeError(
            f"grid_sampler(): expected input and grid to have same dtype, but input has {input.dtype} "
            f"and grid has {grid.dtype}"
        )
    if input.shape[0] != grid.shape[0]:
        raise RuntimeError(
            f"grid_sampler(): expected grid and input to have same batch size, but got {shapes}"
        )
    if grid.shape[-1] != dimensions:
        raise RuntimeError(
            f"grid_sampler(): expected grid to have size {dimensions} in last dimension, "
            f"but got grid with sizes {list(grid.shape)}"
        )
    for dimension, size in enumerate(input.shape[2:], 2):
        if size <= 0:
            raise RuntimeError(
                "grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes "
                f"{list(input.shape)} with dimension {dimension} being empty"
            )
    if dimensions not in (2, 3) or grid.dim() != input.dim():
        raise RuntimeError(
            "grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, but got "
            + shapes
        )
    if mode == "bicubic" and dimensions == 3:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    """Look at a picture or volume at the places of a grid.

    Args:
        input (Tensor): shape (N, C, H, W) or (N, C, D, H, W), floating point.
        grid (Tensor): shape (N, H', W', 2) or (N, D', H', W', 3): places (x, y) or (x, y, z) from -1 to 1.
        mode (str): "bilinear", "nearest" or, for pictures, "bicubic".
        padding_mode (str): what lies outside: "zeros", "border" or "reflection".
        align_corners (bool): whether -1 and 1 are the middles of the outermost pixels, not their outer edges.

    Returns:
        Tensor: shape (N, C, H', W') or (N, C, D', H', W').

    Example:
        >>> picture, places = lampas.tensor([[[[1.0, 3.0]]]]), lampas.tensor([[[[0.0, 0.0]]]])
        >>> F.grid_sample(picture, places, align_corners=True)
        tensor([[[[2.]]]])
    """
    _check_grid(input, grid, mode, padding_mode)
    return _sampled(input, grid, mode, padding_mode, _align("grid_sample", align_corners))


def grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners):
    """Look at a picture or volume at the places of a grid, as `nn.functional.grid_sample` does.

    Args:
        input, grid (Tensor): as there.
        interpolation_mode (int): 0 for "bilinear", 1 for "nearest", 2 for "bicubic".
        padding_mode (int): 0 for "zeros", 1 for "border", 2 for "reflection".
        align_corners (bool): as there.

    Example:
        >>> picture, places = lampas.tensor([[[[1.0, 3.0]]]]), lampas.tensor([[[[0.0, 0.0]]]])
        >>> lampas.grid_sampler(picture, places, 0, 0, True)
        tensor([[[[2.]]]])
    """
    mode, padding = _MODES[interpolation_mode], _PADDINGS[padding_mode]
    _check_grid(input, grid, mode, padding)
    return _sampled(input, grid, mode, padding, align_corners)


def grid_sampler_2d(input, grid, interpolation_mode, padding_mode, align_corners):
    """Look at a picture at the places of a grid; see `grid_sampler`."""
    return grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners)


def grid_sampler_3d(input, grid, interpolation_mode, padding_mode, align_corners):
    """Look at a volume at the places of a grid; see `grid_sampler`."""
    return grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners)


def _sampled(input, grid, mode, padding_mode, align_corners):
    batch, channels, *sizes = input.shape
    taps = []
    for dimension, size in enumerate(sizes):
        place = grid[..., len(sizes) - 1 - dimension].reshape(batch, -1)
        place = (place + 1) / 2 * (size - 1) if align_corners else ((place + 1) * size - 1) / 2
        taps.append(_taps(place, size, mode, padding_mode, align_corners))
    flat = input.reshape(batch, channels, -1)
    total: Any = None
    for chosen in itertools.product(*taps):
        index: Any = 0
        weight: Any = None
        for (place, factor), size in zip(chosen, sizes, strict=True):
            outside = (place < 0) | (place > size - 1) | (place != place)
            index = index * size + place.detach().masked_fill(outside, 0).to(lampas.int64)
            factor = lampas.where(outside, lampas.zeros_like(factor), factor)
            weight = factor if weight is None else weight * factor
        values = flat.gather(2, index.unsqueeze(1).expand(-1, channels, -1))
        part = values * weight.unsqueeze(1)
        total = part if total is None else total + part
    return total.reshape(batch, channels, *grid.shape[1:-1])
