"""Layers that apply an activation function."""

import warnings

import lampas
from lampas.nn import functional
from lampas.nn.modules.module import Module
from lampas.nn.parameter import Parameter

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "SELU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
]


def _inplace_note(inplace):
    """Return what a layer's printed form says of overwriting, after other words."""
    return ", inplace=True" if inplace else ""


class _Inplace(Module):
    """A layer whose one setting is to overwrite its input."""

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


class ReLU(_Inplace):
    """Replace negative elements by zero.

    Example:
        >>> nn.ReLU()(lampas.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """

    def forward(self, input):
        return functional.relu(input, self.inplace)


class SELU(_Inplace):
    """Apply elu, scaled so that deep nets keep zero mean and unit variance."""

    def forward(self, input):
        return functional.selu(input, self.inplace)


class SiLU(_Inplace):
    """Multiply every element by its sigmoid."""

    def forward(self, input):
        return functional.silu(input, self.inplace)


class Mish(_Inplace):
    """Multiply every element by tanh(softplus(x))."""

    def forward(self, input):
        return functional.mish(input, self.inplace)


class Hardsigmoid(_Inplace):
    """Map every element to min(max(x + 3, 0), 6) / 6."""

    def forward(self, input):
        return functional.hardsigmoid(input, self.inplace)

    def extra_repr(self):
        return ""


class Hardswish(_Inplace):
    """Multiply every element by its hardsigmoid."""

    def forward(self, input):
        return functional.hardswish(input, self.inplace)

    def extra_repr(self):
        return ""


class Sigmoid(Module):
    """Map every element to (0, 1) by 1 / (1 + exp(-x))."""

    def forward(self, input):
        return functional.sigmoid(input)


class Tanh(Module):
    """Take the hyperbolic tangent of every element."""

    def forward(self, input):
        return functional.tanh(input)


class LogSigmoid(Module):
    """Take the logarithm of the sigmoid of every element."""

    def forward(self, input):
        return functional.logsigmoid(input)


class Softsign(Module):
    """Take x / (1 + |x|) of every element."""

    def forward(self, input):
        return functional.softsign(input)


class Tanhshrink(Module):
    """Take x - tanh(x) of every element."""

    def forward(self, input):
        return functional.tanhshrink(input)


class ELU(Module):
    """Keep positive elements; map others to alpha (exp(x) - 1)."""

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input):
        return functional.elu(input, self.alpha, self.inplace)

    def extra_repr(self):
        return f"alpha={self.alpha}{_inplace_note(self.inplace)}"


class CELU(ELU):
    """Keep positive elements; map others to alpha (exp(x / alpha) - 1)."""

    def forward(self, input):
        return functional.celu(input, self.alpha, self.inplace)


class LeakyReLU(Module):
    """Multiply negative elements by `negative_slope`.

    Example:
        >>> nn.LeakyReLU(0.1)(lampas.tensor([-1.0, 2.0]))
        tensor([-0.1000,  2.0000])
    """

    def __init__(self, negative_slope=0.01, inplace=False):
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, input):
        return functional.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self):
        return f"negative_slope={self.negative_slope}{_inplace_note(self.inplace)}"


class RReLU(Module):
    """Multiply elements that are not positive by random factors while training, else by their mean."""

    def __init__(self, lower=1.0 / 8, upper=1.0 / 3, inplace=False):
        super().__init__()
        self.lower = lower
        self.upper = upper
        self.inplace = inplace

    def forward(self, input):
        return functional.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self):
        return f"lower={self.lower}, upper={self.upper}{_inplace_note(self.inplace)}"


class Hardtanh(Module):
    """Keep elements between two bounds."""

    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False, min_value=None, max_value=None):
        super().__init__()
        if min_value is not None:
            warnings.warn(
                "keyword argument `min_value` is deprecated and renamed to `min_val`",
                FutureWarning,
                stacklevel=2,
            )
            min_val = min_value
        if max_value is not None:
            warnings.warn(
                "keyword argument `max_value` is deprecated and renamed to `max_val`",
                FutureWarning,
                stacklevel=2,
            )
            max_val = max_value
        self.min_val = min_val
        self.max_val = max_val
        self.inplace = inplace
        if self.max_val <= self.min_val:
            raise AssertionError(f"max_val ({self.max_val}) must be greater than min_val ({self.min_val})")

    def forward(self, input):
        return functional.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self):
        return f"min_val={self.min_val}, max_val={self.max_val}{_inplace_note(self.inplace)}"


class ReLU6(Hardtanh):
    """Keep elements between 0 and 6."""

    def __init__(self, inplace=False):
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


class Threshold(Module):
    """Replace elements that are not above `threshold` by `value`."""

    def __init__(self, threshold, value, inplace=False):
        super().__init__()
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, input):
        return functional.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self):
        return f"threshold={self.threshold}, value={self.value}{_inplace_note(self.inplace)}"


class GLU(Module):
    """Multiply the first half of `dim` by the sigmoid of the second."""

    def __init__(self, dim=-1):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return functional.glu(input, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class GELU(Module):
    """Multiply every element by the normal distribution's share below it.

    Example:
        >>> nn.GELU()(lampas.tensor([-1.0, 1.0]))
        tensor([-0.1587,  0.8413])
    """

    def __init__(self, approximate="none"):
        super().__init__()
        self.approximate = approximate

    def forward(self, input):
        return functional.gelu(input, approximate=self.approximate)

    def extra_repr(self):
        return f"approximate={self.approximate!r}"


class Hardshrink(Module):
    """Replace elements between -lambd and lambd by zero."""

    def __init__(self, lambd=0.5):
        super().__init__()
        self.lambd = lambd

    def forward(self, input):
        return functional.hardshrink(input, self.lambd)

    def extra_repr(self):
        return f"{self.lambd}"


class Softshrink(Module):
    """Move every element towards zero by `lambd`, at most to zero."""

    def __init__(self, lambd=0.5):
        super().__init__()
        self.lambd = lambd

    def forward(self, input):
        return functional.softshrink(input, self.lambd)

    def extra_repr(self):
        return f"{self.lambd}"


class Softplus(Module):
    """Take log(1 + exp(beta x)) / beta of every element, a smooth relu."""

    def __init__(self, beta=1.0, threshold=20.0):
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input):
        return functional.softplus(input, self.beta, self.threshold)

    def extra_repr(self):
        return f"beta={self.beta}, threshold={self.threshold}"


class PReLU(Module):
    """Multiply negative elements by a learned factor.

    Args:
        num_parameters (int): 1, or the number of channels (dim 1 of the input).
        init (float): the factors at first.
    """

    def __init__(self, num_parameters=1, init=0.25, device=None, dtype=None):
        self.num_parameters = num_parameters
        super().__init__()
        self.init = init
        self.weight = Parameter(lampas.empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self):
        """Set every factor to `init`."""
        with lampas.no_grad():
            self.weight.fill_(self.init)

    def forward(self, input):
        return functional.prelu(input, self.weight)

    def extra_repr(self):
        return f"num_parameters={self.num_parameters}"


class Softmin(Module):
    """Rescale the negated input along `dim` to values in (0, 1) that sum to 1."""

    def __init__(self, dim=None):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return functional.softmin(input, self.dim, _stacklevel=5)

    def extra_repr(self):
        return f"dim={self.dim}"


class Softmax(Module):
    """Rescale the input along `dim` to values in (0, 1) that sum to 1."""

    def __init__(self, dim=None):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return functional.softmax(input, self.dim, _stacklevel=5)

    def extra_repr(self):
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """Return the logarithm of softmax along `dim`."""

    def __init__(self, dim=None):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return functional.log_softmax(input, self.dim, _stacklevel=5)

    def extra_repr(self):
        return f"dim={self.dim}"


class Softmax2d(Module):
    """Apply softmax over the channels of pictures: (N, C, H, W) or (C, H, W)."""

    def forward(self, input):
        if input.dim() not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.dim()}D instead")
        return functional.softmax(input, -3, _stacklevel=5)
