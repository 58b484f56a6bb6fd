"""Differences and sums of neighbours, distances between vectors, covariances, Vandermonde matrices."""

from lampas import _core
from lampas._core import Tensor
from lampas.argument_checks import check_tensors, check_type
from lampas.dtype_names import scalar_type


def _written(result, out):
    return result if out is None else _core._into(result, out=out)


def diff(input, n=1, dim=-1, prepend=None, append=None, *, out=None):
    """Subtract from each element the one before it along a dim, n times over.

    Args:
        input (Tensor): at least one dim.
        n (int): how often.
        dim (int): along which dim.
        prepend, append (Tensor): put before and behind the input first.

    Example:
        >>> lampas.diff(lampas.tensor([1, 4, 9]))
        tensor([3, 5])
    """
    check_tensors("diff", input=input)
    check_type("diff", "n", n, int, position=2)
    if input.dim() == 0:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    for position, (name, part) in enumerate({"prepend": prepend, "append": append}.items(), 4):
        if part is None:
            continue
        check_type("diff", name, part, Tensor, position)
        if part.dim() != input.dim():
            raise RuntimeError("diff expects prepend or append to be the same dimension as input")
    parts = [part for part in (prepend, input, append) if part is not None]
    result = _core.cat(parts, dim) if len(parts) > 1 else input
    size = result.shape[dim]
    if n == 0:
        return _written(result.clone(), out)
    for _ in range(min(n, size)):
        length = result.shape[dim]
        if length == 0:
            break
        later, earlier = result.narrow(dim, 1, length - 1), result.narrow(dim, 0, length - 1)
        result = later ^ earlier if result.dtype == _core.bool else later - earlier
    return _written(result, out)


def _spacing_of(x, y, dim):
    """The widths between the places `x` of values `y`, ready to broadcast with differences of y along dim."""
    if x.dim() == 1 and y.dim() > 1:
        shape = [1] * y.dim()
        shape[dim] = x.shape[0]
        x = x.view(shape)
    if x.dim() < y.dim():
        x = x.reshape([1] * (y.dim() - x.dim()) + list(x.shape))
    return x.narrow(dim, 1, x.shape[dim] - 1) - x.narrow(dim, 0, x.shape[dim] - 1)


def _areas(name, y, x, dx, dim):
    if y.dim() and not -y.dim() <= dim < y.dim():
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-y.dim()}, {y.dim() - 1}], but got {dim})"
        )
    if y.shape[dim] == 0:
        return None
    left, right = y.narrow(dim, 0, y.shape[dim] - 1), y.narrow(dim, 1, y.shape[dim] - 1)
    if x is None:
        return (left + right) * (dx / 2.0)
    if y.dtype == _core.bool or x.dtype == _core.bool:
        raise RuntimeError(f"{name}: received a bool input for `x` or `y`, but bool is not supported")
    if x.dim() == 1 and x.shape[0] != y.shape[dim]:
        raise RuntimeError(f"{name}: There must be one `x` value for each sample point")
    return (left + right) * _spacing_of(x, y, dim) / 2.0


def trapezoid(y, x=None, *, dx=None, dim=-1):
    """Integrate along a dim, by straight lines between values.

    Args:
        y (Tensor): the values.
        x (Tensor): where they are, (n) or of the shape of `y`.
        dx (float): how far apart, where x is not given; 1 by default.
        dim (int): along which dim.

    Example:
        >>> lampas.trapezoid(lampas.tensor([1.0, 2.0, 3.0]))
        tensor(4.)
    """
    areas = _areas("trapezoid", y, x, 1.0 if dx is None else dx, dim)
    if areas is None:
        shape = list(y.shape)
        del shape[dim]
        return y.new_zeros(shape)
    return areas.sum(dim)


def trapz(y, x=None, *, dx=None, dim=-1):
    """Integrate along a dim, as `trapezoid` does."""
    return trapezoid(y, x, dx=dx, dim=dim)


def cumulative_trapezoid(y, x=None, *, dx=None, dim=-1):
    """Integrate along a dim, keeping every intermediate value.

    Example:
        >>> lampas.cumulative_trapezoid(lampas.tensor([1.0, 2.0, 3.0]))
        tensor([1.5000, 4.0000])
    """
    areas = _areas("cumulative_trapezoid", y, x, 1.0 if dx is None else dx, dim)
    return y.clone() if areas is None else areas.cumsum(dim)


def gradient(input, *, spacing=1, dim=None, edge_order=1):
    """Estimate derivatives along dims by differences of neighbours.

    Args:
        input (Tensor): values of a function.
        spacing: how far apart they are: a number, one for each dim, or a tensor of places for each dim.
        dim: along which dims; all by default.
        edge_order (int): 1 or 2, the order of the estimate at both ends.

    Returns a tuple with one tensor for each dim.

    Example:
        >>> lampas.gradient(lampas.tensor([1.0, 4.0, 9.0, 16.0]))
        (tensor([3., 4., 6., 7.]),)
    """
    dims = list(range(input.dim())) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    spacing = 1 if spacing is None else spacing
    if isinstance(spacing, (int, float, complex)):
        spacing = [spacing] * len(dims)
    elif isinstance(spacing, Tensor):
        spacing = [spacing]
    if len(spacing) != len(dims):
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar or a list of length "
            f"{len(dims)}, but got a list of length {len(spacing)}"
        )
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    if input.dtype == _core.uint8:
        raise RuntimeError("torch.gradient does not support uint8 input.")
    for each in dims:
        if dims.count(each) > 1:
            raise RuntimeError(f"dim {each} appears multiple times in the list of dims")
        if input.shape[each] < edge_order + 1:
            raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")
    return tuple(_slope(input, step, each, edge_order) for step, each in zip(spacing, dims, strict=True))


def _slope(y, spacing, dim, edge_order):
    size = y.shape[dim]

    def part(begin, length):
        return y.narrow(dim, begin % size, length)

    if not isinstance(spacing, Tensor):
        middle = (part(2, size - 2) - part(0, size - 2)) / (2.0 * spacing) if size > 2 else None
        first, last = (part(1, 1) - part(0, 1)) / spacing, (part(-1, 1) - part(-2, 1)) / spacing
        if edge_order == 2:
            first = (4 * part(1, 1) - 3 * part(0, 1) - part(2, 1)) / (2.0 * spacing)
            last = (3 * part(-1, 1) - 4 * part(-2, 1) + part(-3, 1)) / (2.0 * spacing)
    else:
        shape = [1] * y.dim()
        shape[dim] = size - 1
        widths = (spacing[1:] - spacing[:-1]).view(shape)
        before, after = widths.narrow(dim, 0, size - 2), widths.narrow(dim, 1, size - 2)
        middle = None
        if size > 2:  # the derivative of the parabola through three points
            middle = (
                part(0, size - 2) * (-after / (before * (before + after)))
                + part(1, size - 2) * ((after - before) / (before * after))
                + part(2, size - 2) * (before / (after * (before + after)))
            )
        first = (part(1, 1) - part(0, 1)) / widths.narrow(dim, 0, 1)
        last = (part(-1, 1) - part(-2, 1)) / widths.narrow(dim, size - 2, 1)
        if edge_order == 2:
            a, b = widths.narrow(dim, 0, 1), widths.narrow(dim, 1, 1)
            first = (
                part(0, 1) * (-(2.0 * a + b) / (a * (a + b)))
                + part(1, 1) * ((a + b) / (a * b))
                + part(2, 1) * (-a / (b * (a + b)))
            )
            a, b = widths.narrow(dim, size - 3, 1), widths.narrow(dim, size - 2, 1)
            last = (
                part(-3, 1) * (b / (a * (a + b)))
                + part(-2, 1) * (-(a + b) / (a * b))
                + part(-1, 1) * ((2.0 * b + a) / (b * (a + b)))
            )
    return _core.cat([first, last] if middle is None else [first, middle, last], dim)


def dist(input, other, p=2):
    """Take the p-norm of the difference of two tensors.

    Example:
        >>> lampas.dist(lampas.tensor([0.0, 3.0]), lampas.tensor([4.0, 0.0]))
        tensor(5.)
    """
    return _core.linalg_vector_norm(input - other, p)


def cdist(x1, x2, p=2.0, compute_mode="use_mm_for_euclid_dist_if_necessary"):
    """Take the p-norm distances between each row of one matrix and each row of another.

    Args:
        x1 (Tensor): (…, rows, depth).
        x2 (Tensor): (…, other rows, depth).
        p (float): of the norm, not negative.
        compute_mode (str): a choice of PyTorch's between two ways to compute, of which there is one here.

    Example:
        >>> lampas.cdist(lampas.tensor([[0.0, 0.0]]), lampas.tensor([[3.0, 4.0]]))
        tensor([[5.]])
    """
    check_tensors("cdist", x1=x1, x2=x2)
    for name, tensor in (("X1", x1), ("X2", x2)):
        if not tensor.is_floating_point():
            raise RuntimeError(
                f"cdist only supports floating-point dtypes, {name} got: {scalar_type(tensor)}"
            )
    if x1.dtype != x2.dtype:
        raise RuntimeError(f"expected scalar type {scalar_type(x1)} but found {scalar_type(x2)}")
    if x1.dim() < 2 or x2.dim() < 2:
        which, tensor = ("X1", x1) if x1.dim() < 2 else ("X2", x2)
        raise RuntimeError(f"cdist only supports at least 2D tensors, {which} got: {tensor.dim()}D")
    if x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(
            f"X1 and X2 must have the same number of columns. X1: {x1.shape[-1]} X2: {x2.shape[-1]}"
        )
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    difference = x1.unsqueeze(-2) - x2.unsqueeze(-3)
    if difference.shape[-1] == 0:
        return difference.sum(-1)
    return _core.linalg_vector_norm(difference, p, -1)


def pdist(input, p=2.0):
    """Take the p-norm distances between each two rows of a matrix, the first with all behind it first.

    Example:
        >>> lampas.pdist(lampas.tensor([[0.0, 0.0], [3.0, 4.0]]))
        tensor([5.])
    """
    if input.dim() != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input.dim()}D")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    first, second = _core.triu_indices(len(input), len(input), 1, device=input.device)
    return _core.linalg_vector_norm(input[first] - input[second], p, -1)


def cov(input, *, correction=1, fweights=None, aweights=None):
    """Estimate the covariances of variables.

    Args:
        input (Tensor): (variables, observations), or one variable.
        correction (int): what is subtracted from the number of observations before dividing by it.
        fweights (Tensor): integers: how often each observation counts.
        aweights (Tensor): how much each observation weighs.

    Example:
        >>> lampas.cov(lampas.tensor([[0.0, 2.0], [2.0, 0.0]]))
        tensor([[ 2., -2.],
                [-2.,  2.]])
    """
    if input.dim() > 2:
        raise RuntimeError(
            f"cov(): expected input to have two or fewer dimensions but got an input with {input.dim()} "
            "dimensions"
        )
    if input.dtype == _core.bool:
        raise RuntimeError("cov(): bool dtype is not supported for input")
    rows = input.unsqueeze(0) if input.dim() < 2 else input
    rows = rows.unsqueeze(0) if rows.dim() < 2 else rows
    count = rows.shape[1]
    weights = _weights(fweights, aweights, count)
    if weights is None:
        total = count
        mean = (
            rows.mean(1, True)
            if rows.is_floating_point() or rows.is_complex()
            else rows.double().mean(1, True)
        )
        mean = mean.to(_core.result_type(rows, _core.tensor(1.0))) if not rows.is_floating_point() else mean
    else:
        total = weights.sum()
        mean = (rows * weights).sum(1, True) / total
    if weights is not None and aweights is not None and correction != 0:
        norm_factor = total - correction * (weights * aweights).sum() / total
    else:
        norm_factor = total - correction
    if isinstance(norm_factor, Tensor):
        norm_factor = norm_factor.clamp(min=0)
        not_positive = bool(norm_factor <= 0)
    else:
        not_positive = norm_factor <= 0
        norm_factor = max(norm_factor, 0)
    if not_positive:
        _warn_of_degrees()
    centred = rows - mean
    right = centred if weights is None else centred * weights
    product = centred @ right.to(centred.dtype).mT.conj()
    return (product / norm_factor).squeeze()


def _warn_of_degrees():
    from warnings import warn

    warn(
        "cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of "
        "observations.",
        stacklevel=3,
    )


def _weights(fweights, aweights, count):
    for name, weights in (("fweights", fweights), ("aweights", aweights)):
        if weights is None:
            continue
        if weights.dim() > 1:
            raise RuntimeError(
                f"cov(): expected {name} to have one or fewer dimensions but got {name} with "
                f"{weights.dim()} dimensions"
            )
        if weights.numel() != count:
            raise RuntimeError(
                f"cov(): expected {name} to have the same numel as there are observations in the input "
                f"but got {weights.numel()} != {count}"
            )
        if weights.numel() and bool(weights.min() < 0):
            raise RuntimeError(f"cov(): {name} cannot be negative")
    if fweights is not None and (fweights.is_floating_point() or fweights.is_complex()):
        raise RuntimeError(
            "cov(): expected fweights to have integral dtype but got fweights with "
            f"{scalar_type(fweights)} dtype"
        )
    if aweights is not None and not aweights.is_floating_point():
        raise RuntimeError(
            "cov(): expected aweights to have floating point dtype but got aweights with "
            f"{scalar_type(aweights)} dtype"
        )
    if fweights is None:
        return aweights
    return fweights if aweights is None else fweights * aweights


def corrcoef(input):
    """Estimate the correlation coefficients of variables: (variables, observations), or one variable.

    Example:
        >>> lampas.corrcoef(lampas.tensor([[0.0, 2.0], [2.0, 0.0]]))
        tensor([[ 1., -1.],
                [-1.,  1.]])
    """
    if input.dim() > 2:
        raise RuntimeError(
            "corrcoef(): expected input to have two or fewer dimensions but got an input with "
            f"{input.dim()} dimensions"
        )
    result = cov(input)
    if result.dim() == 0:
        return result / result
    deviation = result.diagonal()
    deviation = (deviation.real if result.is_complex() else deviation).sqrt()
    result = result / deviation.view(-1, 1) / deviation.view(1, -1)
    return result if result.is_complex() else result.clip(-1, 1)


def vander(x, N=None, increasing=False):
    """Take powers of every element of a vector, falling from N - 1 to 0, or rising.

    Example:
        >>> lampas.vander(lampas.tensor([1, 2, 3]))
        tensor([[1, 1, 1],
                [4, 2, 1],
                [9, 3, 1]])
    """
    if x.dim() != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    count = x.numel() if N is None else N
    if count < 0:
        raise RuntimeError("N must be non-negative.")
    dtype = x.dtype if x.is_floating_point() or x.is_complex() else _core.int64
    ones = _core.ones(x.numel(), min(count, 1), dtype=dtype, device=x.device)
    base = x.to(dtype).unsqueeze(1).expand(-1, max(count - 1, 0))
    result = _core.cat([ones, base.cumprod(1)], 1)
    return result if increasing else result.flip(1)
