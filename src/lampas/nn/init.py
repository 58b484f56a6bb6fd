"""Ways to initialise a tensor in place; each draws from the generator in PyTorch's order."""

import functools
import math
import warnings

import lampas

_LINEAR = {"linear", "sigmoid", *(f"conv{kind}{n}d" for kind in ("", "_transpose") for n in (1, 2, 3))}


def calculate_gain(nonlinearity, param=None):
    """Return how much a standard deviation should grow to make up for a nonlinearity.

    Args:
        nonlinearity (str): "linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu", ...
        param (float): the negative slope of "leaky_relu" (0.01 when None).

    Raises:
        ValueError: where the nonlinearity is not known or the slope is no number.

    Example:
        >>> nn.init.calculate_gain("leaky_relu", 0.0)
        1.4142135623730951
    """
    if nonlinearity in _LINEAR:
        return 1
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity == "selu":
        return 3.0 / 4
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


def uniform_(tensor, a=0.0, b=1.0, generator=None):
    """Fill with values drawn evenly from [a, b).

    Example:
        >>> nn.init.uniform_(lampas.empty(2, 2), 3.0, 3.0)
        tensor([[3., 3.],
                [3., 3.]])
    """
    with lampas.no_grad():
        return tensor.uniform_(a, b, generator=generator)


def normal_(tensor, mean=0.0, std=1.0, generator=None):
    """Fill with values drawn from a normal distribution."""
    with lampas.no_grad():
        return tensor.normal_(mean, std, generator=generator)


def _normal_cdf(x):
    return (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0


def _redraw_until_inside(tensor, mean, std, low, high, generator):
    """Draw all elements anew until each was inside [low, high] once; keep the first draw that was."""
    # Compare with the bounds as the tensor's dtype rounds them.
    low, high = (lampas.tensor(bound, dtype=tensor.dtype).item() for bound in (low, high))
    result = tensor.normal_(mean, std, generator=generator)
    while True:
        outside = (result < low) | (result > high)
        if not outside.any():
            return result
        fresh = lampas.empty_like(result).normal_(mean, std, generator=generator)
        result = lampas.where(outside, fresh, result)


def _draw_and_reject(tensor, mean, std, low, high, generator):
    """Draw evenly from [low, high] and accept by the density, for bounds far out in a tail."""
    peak = max(low, min(mean, high))
    log_peak = -0.5 * ((peak - mean) / std) ** 2
    acceptance = lampas.empty_like(tensor)

    def is_rejected(candidates):
        deviation = (candidates - mean) / std
        log_density = deviation * deviation * -0.5 - log_peak
        return acceptance.uniform_(generator=generator).log_() > log_density

    result = tensor.uniform_(low, high, generator=generator)
    rejected = is_rejected(result)
    while rejected.any():
        candidates = lampas.empty_like(tensor).uniform_(low, high, generator=generator)
        result = lampas.where(rejected, candidates, result)
        # An element once accepted stays so, though the draw is made for all of them.
        rejected = rejected & is_rejected(candidates)
    return result


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    """Fill with values drawn from a normal distribution cut off outside [a, b].

    Example:
        >>> float(nn.init.trunc_normal_(lampas.empty(100), a=-1.0, b=1.0).max()) <= 1.0
        True
    """
    if tensor.is_meta:
        return tensor
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
            "The distribution of values may be incorrect.",
            stacklevel=2,
        )
    inside = _normal_cdf((b - mean) / std) - _normal_cdf((a - mean) / std)
    draw = _redraw_until_inside if inside > 0.3 else _draw_and_reject
    with lampas.no_grad():
        result = draw(tensor, mean, std, a, b, generator)
        return tensor if result is tensor else tensor.copy_(result)


def constant_(tensor, val):
    """Fill with one value.

    Example:
        >>> nn.init.constant_(lampas.empty(2), 0.3)
        tensor([0.3000, 0.3000])
    """
    with lampas.no_grad():
        return tensor.fill_(val)


def ones_(tensor):
    """Fill with ones."""
    return constant_(tensor, 1.0)


def zeros_(tensor):
    """Fill with zeros."""
    with lampas.no_grad():
        return tensor.zero_()


def eye_(tensor):
    """Fill a matrix with the identity; ValueError for another number of dimensions.

    Example:
        >>> nn.init.eye_(lampas.empty(2, 3))
        tensor([[1., 0., 0.],
                [0., 1., 0.]])
    """
    if tensor.dim() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    with lampas.no_grad():
        tensor.zero_()
        for i in range(min(tensor.shape)):
            tensor[i, i] = 1
    return tensor


def dirac_(tensor, groups=1):
    """Fill a convolution's weight so that it hands on its input channels unchanged, as many as it can.

    Args:
        tensor (Tensor): of 3, 4 or 5 dimensions, ValueError otherwise.
        groups (int): number of channel groups; must divide the number of output channels.
    """
    if tensor.dim() not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    if tensor.shape[0] % groups != 0:
        raise ValueError("dim 0 must be divisible by groups")
    if tensor.is_meta:
        return tensor
    group_size = tensor.shape[0] // groups
    center = [size // 2 for size in tensor.shape[2:]]
    with lampas.no_grad():
        tensor.zero_()
        for group in range(groups):
            for channel in range(min(group_size, tensor.shape[1])):
                tensor[(group * group_size + channel, channel, *center)] = 1
    return tensor


def _calculate_fan_in_and_fan_out(tensor):
    """Return how many inputs an output has, and how many outputs an input has."""
    if tensor.dim() < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    receptive_field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * receptive_field, tensor.shape[0] * receptive_field


def _xavier_std(tensor, gain):
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return gain * math.sqrt(2.0 / float(fan_in + fan_out))


def xavier_uniform_(tensor, gain=1.0, generator=None):
    """Fill evenly from (-a, a), a = gain * sqrt(6 / (fan_in + fan_out)).

    Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
    """
    bound = math.sqrt(3.0) * _xavier_std(tensor, gain)
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor, gain=1.0, generator=None):
    """Fill from a normal distribution of std gain * sqrt(2 / (fan_in + fan_out)).

    Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
    """
    return normal_(tensor, 0.0, _xavier_std(tensor, gain), generator)


def _kaiming_std(tensor, a, mode, nonlinearity):
    mode = mode.lower()
    modes = ["fan_in", "fan_out"]
    if mode not in modes:
        raise ValueError(f"Mode {mode} not supported, please use one of {modes}")
    fan = _calculate_fan_in_and_fan_out(tensor)[modes.index(mode)]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _is_empty(tensor):
    if 0 not in tensor.shape:
        return False
    warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
    return True


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """Fill evenly from (-bound, bound), bound = gain * sqrt(3 / fan).

    Args:
        tensor (Tensor): of two or more dimensions.
        a (float): the negative slope, for "leaky_relu".
        mode (str): "fan_in" keeps the size of activations, "fan_out" that of gradients.
        nonlinearity (str): what follows the layer; see `calculate_gain`.

    Source: He et al., "Delving deep into rectifiers", 2015.
    """
    if _is_empty(tensor):
        return tensor
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """Fill from a normal distribution of std gain / sqrt(fan); the arguments are those of `kaiming_uniform_`.

    Source: He et al., "Delving deep into rectifiers", 2015.
    """
    if _is_empty(tensor):
        return tensor
    return normal_(tensor, 0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def orthogonal_(tensor, gain=1, generator=None):
    """Fill with a (semi-)orthogonal matrix; dimensions after the first are taken together.

    Source: Saxe et al., "Exact solutions to the nonlinear dynamics of learning", 2013.
    """
    if tensor.dim() < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if tensor.numel() == 0 or tensor.is_meta:
        return tensor
    import numpy

    rows = tensor.shape[0]
    columns = tensor.numel() // rows
    with lampas.no_grad():
        drawn = tensor.new_empty((rows, columns)).normal_(0, 1, generator=generator).numpy()
        orthonormal, triangle = numpy.linalg.qr(drawn.T if rows < columns else drawn)
        orthonormal *= numpy.sign(numpy.diag(triangle))  # makes the distribution uniform
        if rows < columns:
            orthonormal = orthonormal.T
        result = lampas.from_numpy(numpy.ascontiguousarray(orthonormal))
        return tensor.copy_(result.view(tensor.shape)).mul_(gain)


def sparse_(tensor, sparsity, std=0.01, generator=None):
    """Fill a matrix from a normal distribution, then zero a fraction of each column.

    Args:
        tensor (Tensor): of 2 dimensions, ValueError otherwise.
        sparsity (float): the fraction of each column to zero, rounded up.
        std (float): standard deviation of the others.

    Source: Martens, "Deep learning via Hessian-free optimization", 2010.
    """
    if tensor.dim() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    if tensor.is_meta:
        return tensor
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)
    with lampas.no_grad():
        tensor.normal_(0, std, generator=generator)
        for column in range(columns):
            for row in lampas.randperm(rows).tolist()[:zeros]:
                tensor[row, column] = 0
    return tensor


def _deprecated(initializer):
    """Make the old spelling, without the underscore, of an initialiser."""
    new_name = initializer.__name__
    old_name = new_name[:-1]

    @functools.wraps(initializer)
    def deprecated_initializer(*args, **kwargs):
        warnings.warn(
            f"`nn.init.{old_name}` is now deprecated in favor of `nn.init.{new_name}`.",
            FutureWarning,
            stacklevel=2,
        )
        return initializer(*args, **kwargs)

    deprecated_initializer.__name__ = old_name
    return deprecated_initializer


uniform = _deprecated(uniform_)
normal = _deprecated(normal_)
constant = _deprecated(constant_)
eye = _deprecated(eye_)
dirac = _deprecated(dirac_)
xavier_uniform = _deprecated(xavier_uniform_)
xavier_normal = _deprecated(xavier_normal_)
kaiming_uniform = _deprecated(kaiming_uniform_)
kaiming_normal = _deprecated(kaiming_normal_)
orthogonal = _deprecated(orthogonal_)
sparse = _deprecated(sparse_)
