"""Functions that tell which elements occur and how often: unique, unique_consecutive, histogram."""

import math

from lampas import _core
from lampas._core import Tensor
from lampas.argument_checks import check_tensors, check_type
from lampas.return_types import histogram as _histogram_result
from lampas.return_types import histogramdd as _histogramdd_result


def _chosen(results, return_inverse, return_counts):
    output, inverse, counts = results
    chosen = (output, *([inverse] if return_inverse else []), *([counts] if return_counts else []))
    return chosen if len(chosen) > 1 else output


def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """Return the different elements, or the different slices along a dimension, in order.

    Args:
        input (Tensor): a real tensor of any shape; of NaN each is different.
        sorted (bool): in order; they always are.
        return_inverse (bool): also return which of them each element is.
        return_counts (bool): also return how often each occurs.
        dim (int, optional): compare whole slices along this dimension.

    Example:
        >>> lampas.unique(lampas.tensor([2, 1, 2]), return_counts=True)
        (tensor([1, 2]), tensor([1, 2]))
    """
    function = "_unique2" if dim is None else "unique_dim"
    check_tensors(function, input=input)
    for name, value in (
        ("sorted", sorted),
        ("return_inverse", return_inverse),
        ("return_counts", return_counts),
    ):
        check_type(function, name, value, bool)
    return _chosen(_core._unique(input, False, dim), return_inverse, return_counts)


def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    """Return the elements, or the slices along a dimension, without those that equal the one before.

    Args:
        input (Tensor): a real tensor of any shape.
        return_inverse (bool): also return which of them each element went into.
        return_counts (bool): also return how many went into each.
        dim (int, optional): compare whole slices along this dimension.

    Example:
        >>> lampas.unique_consecutive(lampas.tensor([1, 1, 2, 1]))
        tensor([1, 2, 1])
    """
    check_tensors("unique_consecutive", input=input)
    for name, value in (("return_inverse", return_inverse), ("return_counts", return_counts)):
        check_type("unique_consecutive", name, value, bool)
    return _chosen(_core._unique(input, True, dim), return_inverse, return_counts)


def _check(condition, message):
    if not condition:
        raise RuntimeError(message)


def _dtype_name(tensor):
    return {_core.float32: "float", _core.float64: "double"}.get(tensor.dtype, str(tensor.dtype)[6:])


def _check_histogram_input(points, weight):
    if points.dtype not in (_core.float32, _core.float64):
        raise NotImplementedError(
            f"\"histogramdd\" not implemented for '{points.type().rsplit('.', 1)[1].removesuffix('Tensor')}'"
        )
    if weight is None:
        return
    _check(
        weight.shape == points.shape[:-1],
        "torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor "
        f"excluding its innermost dimension, but got input with shape {list(points.shape)} and weight with "
        f"shape {list(weight.shape)}",
    )
    _check(
        weight.dtype == points.dtype,
        "torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the "
        f"same dtype, but got input({_dtype_name(points)}), and weight({_dtype_name(weight)})",
    )


def _outer_edges(points, dim, bounds):
    """Return where the bins of a dimension begin and end."""
    if bounds is not None:
        low, high = bounds[2 * dim], bounds[2 * dim + 1]
    elif points.numel() == 0:
        low, high = 0.0, 1.0
    else:
        low, high = (extreme.item() for extreme in points[:, dim].aminmax())
    _check(
        math.isfinite(low) and math.isfinite(high),
        f"torch.histogramdd: dimension {dim}'s range [{low:g}, {high:g}] is not finite",
    )
    _check(
        low <= high,
        f"torch.histogramdd: min should not exceed max, but got min {low:g} max {high:g} for dimension {dim}",
    )
    return (low - 0.5, high + 0.5) if low == high else (low, high)


def _edges_of(points, bins, bounds):
    """Return the borders of the bins, a vector for each dimension."""
    edges = []
    for dim, own in enumerate(bins):
        if isinstance(own, Tensor):
            _check(
                own.dtype == points.dtype,
                "torch.histogramdd: input tensor and bins tensors should have the same dtype, but got "
                f"input with dtype {_dtype_name(points)} and "
                f"bins for dimension {dim} with dtype {_dtype_name(own)}",
            )
            _check(
                own.dim() == 1,
                "torch.histogramdd: bins tensor should have one dimension, but got "
                f"{own.dim()} dimensions in the bins tensor for dimension {dim}",
            )
            _check(
                own.numel() > 0,
                "torch.histogramdd: bins tensor should have at least 1 element, but got 0 elements in the "
                f"bins tensor for dimension {dim}",
            )
            edges.append(own.clone())
            continue
        _check(own > 0, f"torch.histogram(): bins must be > 0, but got {own} for dimension {dim}")
        low, high = _outer_edges(points, dim, bounds)
        edges.append(_core.linspace(low, high, own + 1, dtype=points.dtype, device=points.device))
    return edges


def _counted(points, edges, weight, density):
    """Return how many points, or what weight, fall into each bin. points: (n, dims)."""
    sizes = [max(own.numel() - 1, 0) for own in edges]
    inside = _core.ones(points.shape[0], dtype=_core.bool, device=points.device)
    places = _core.zeros(points.shape[0], dtype=_core.int64, device=points.device)
    for dim, own in enumerate(edges):
        column = points[:, dim].contiguous()
        inside &= (column >= own[0]) & (column <= own[-1])
        place = _core.searchsorted(own, column, right=True) - 1
        places = places * sizes[dim] + place.clamp(0, max(sizes[dim] - 1, 0))  # the last border is inside
    if weight is None:
        weight = _core.ones(points.shape[0], dtype=points.dtype, device=points.device)
    counts = _core.zeros(math.prod(sizes), dtype=points.dtype, device=points.device)
    if counts.numel():
        counts.scatter_add_(0, places[inside], weight.reshape(-1)[inside])
    counts = counts.reshape(sizes)
    if density:
        counts = counts / counts.sum()
        for dim, own in enumerate(edges):
            shape = [-1 if other == dim else 1 for other in range(len(edges))]
            counts = counts / (own[1:] - own[:-1]).reshape(shape)
    return counts


def histogram(input, bins, *, range=None, weight=None, density=False, out=None):
    """Count the elements in bins.

    Args:
        input (Tensor): float32 or float64, any shape.
        bins (int or Tensor): how many of equal width, or their borders in order.
        range (tuple of float, optional): where they begin and end; by default the range of the elements.
        weight (Tensor, optional): of the input's shape; weights are summed up instead of counted.
        density (bool): divide by the total and by the width of each bin.
        out (tuple of Tensor, optional): where to write the counts and the borders.

    Returns the counts and the borders. Elements outside are not counted.

    Example:
        >>> lampas.histogram(lampas.tensor([1.0, 2.0, 1.5]), 2, range=(1.0, 3.0)).hist
        tensor([2., 1.])
    """
    points = input.detach().reshape(-1, 1)
    weight = None if weight is None else weight.detach().reshape(-1)
    _check_histogram_input(points, weight)
    if range is not None:
        _check(
            len(range) == 2,
            "torch.histogramdd: for a 1-dimensional histogram range should have 2 elements, but got "
            f"{len(range)}",
        )
    (edges,) = _edges_of(points, [bins], range)
    counts = _counted(points, [edges], weight, density)
    if out is None:
        return _histogram_result((counts, edges))
    for target, result, what in zip(out, (counts, edges), ("hist", "bin_edges"), strict=True):
        _check(
            target.dtype == input.dtype,
            f"torch.histogram: input tensor and {what} tensor should have the same dtype, but got input "
            f"{_dtype_name(input)} and {what} {_dtype_name(target)}",
        )
        target.resize_(result.shape).copy_(result)
    return _histogram_result(out)


def histogramdd(input, bins, range=None, weight=None, density=False):
    """Count points of several dimensions in a grid of bins.

    Args:
        input (Tensor): points, (..., dimensions), float32 or float64.
        bins (int, or a list of int or of Tensor): how many along each dimension, or their borders.
        range (list of float, optional): first and last border of each dimension after the other.
        weight (Tensor, optional): of the input's shape without the last dimension.
        density (bool): divide by the total and by the size of each bin.

    Returns the counts, one dimension for each coordinate, and a tuple of the borders.

    Example:
        >>> lampas.histogramdd(lampas.tensor([[0.0, 1.0], [1.0, 0.0]]), [2, 2]).hist
        tensor([[0., 1.],
                [1., 0.]])
    """
    _check(input.dim() >= 2, "torch.histogramdd: input tensor should have at least 2 dimensions")
    dims = input.shape[-1]
    bins = [bins] * dims if isinstance(bins, int) else list(bins)
    _check(
        len(bins) == dims,
        "histogramdd: The size of bins must be equal to the innermost dimension of the input.",
    )
    _check_histogram_input(input, weight)
    _check(
        range is None or len(range) == 2 * dims,
        f"torch.histogramdd: for a {dims}-dimensional histogram range should have {2 * dims} elements, but "
        f"got {0 if range is None else len(range)}",
    )
    points = input.detach().reshape(-1, dims)
    edges = _edges_of(points, bins, range)
    weight = None if weight is None else weight.detach()
    return _histogramdd_result((_counted(points, edges, weight, density), tuple(edges)))
