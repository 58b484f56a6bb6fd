"""Activation functions."""

import warnings

from lampas import _core

__all__ = [
    "celu",
    "celu_",
    "elu",
    "elu_",
    "gelu",
    "glu",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "leaky_relu",
    "leaky_relu_",
    "log_softmax",
    "logsigmoid",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "relu_",
    "rrelu",
    "rrelu_",
    "selu",
    "selu_",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "threshold_",
]

# Functions that are ops of the core as they are.
celu_ = _core.celu_
elu_ = _core.elu_
gelu = _core.gelu
hardshrink = _core.hardshrink
hardtanh_ = _core.hardtanh_
leaky_relu_ = _core.leaky_relu_
logsigmoid = _core.log_sigmoid
prelu = _core.prelu
relu_ = _core.relu_
rrelu_ = _core.rrelu_
selu_ = _core.selu_
sigmoid = _core.sigmoid
softplus = _core.softplus
softshrink = _core.softshrink
tanh = _core.tanh
threshold_ = _core.threshold_


def relu(input, inplace=False):
    """Replace negative elements by zero.

    Args:
        input (Tensor): any shape, any real dtype.
        inplace (bool): overwrite the input.

    Example:
        >>> F.relu(lampas.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """
    return _core.relu_(input) if inplace else _core.relu(input)


def _implicit_dim(name, input, stacklevel):
    """Choose the dimension as PyTorch did before one had to name it."""
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. "
        "Change the call to include dim=X as an argument.",
        stacklevel=stacklevel,
    )
    return 0 if input.dim() in (0, 1, 3) else 1


def softmax(input, dim=None, _stacklevel=3, dtype=None):
    """Rescale `input` along `dim` to values in (0, 1) that sum to 1.

    Args:
        input (Tensor): any shape.
        dim (int): the dimension; None is deprecated.
        dtype (dtype): cast the input first.

    Example:
        >>> F.softmax(lampas.zeros(4), dim=0)
        tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """
    if dim is None:
        dim = _implicit_dim("softmax", input, _stacklevel)
    return input.softmax(dim) if dtype is None else input.softmax(dim, dtype=dtype)


def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    """Return the logarithm of softmax along `dim`, computed so that it does not underflow.

    Args:
        input (Tensor): any shape.
        dim (int): the dimension; None is deprecated.
        dtype (dtype): cast the input first.

    Example:
        >>> F.log_softmax(lampas.zeros(2), dim=0)
        tensor([-0.6931, -0.6931])
    """
    if dim is None:
        dim = _implicit_dim("log_softmax", input, _stacklevel)
    return input.log_softmax(dim) if dtype is None else input.log_softmax(dim, dtype=dtype)


def silu(input, inplace=False):
    """Multiply every element by its sigmoid.

    Example:
        >>> F.silu(lampas.tensor([-1.0, 1.0]))
        tensor([-0.2689,  0.7311])
    """
    return (_core.silu_ if inplace else _core.silu)(input)


def mish(input, inplace=False):
    """Multiply every element by tanh(softplus(x)).

    Example:
        >>> F.mish(lampas.tensor([-1.0, 1.0]))
        tensor([-0.3034,  0.8651])
    """
    return (_core.mish_ if inplace else _core.mish)(input)


def elu(input, alpha=1.0, inplace=False):
    """Keep positive elements; map others to alpha (exp(x) - 1).

    Example:
        >>> F.elu(lampas.tensor([-1.0, 1.0]))
        tensor([-0.6321,  1.0000])
    """
    return (_core.elu_ if inplace else _core.elu)(input, alpha)


def celu(input, alpha=1.0, inplace=False):
    """Keep positive elements; map others to alpha (exp(x / alpha) - 1).

    Example:
        >>> F.celu(lampas.tensor([-1.0, 1.0]), alpha=2.0)
        tensor([-0.7869,  1.0000])
    """
    return (_core.celu_ if inplace else _core.celu)(input, alpha)


def selu(input, inplace=False):
    """Apply elu, scaled so that deep nets keep zero mean and unit variance.

    Example:
        >>> F.selu(lampas.tensor([-1.0, 1.0]))
        tensor([-1.1113,  1.0507])
    """
    return (_core.selu_ if inplace else _core.selu)(input)


def leaky_relu(input, negative_slope=0.01, inplace=False):
    """Multiply negative elements by `negative_slope`.

    Example:
        >>> F.leaky_relu(lampas.tensor([-1.0, 1.0]), 0.1)
        tensor([-0.1000,  1.0000])
    """
    return (_core.leaky_relu_ if inplace else _core.leaky_relu)(input, negative_slope)


def relu6(input, inplace=False):
    """Keep elements between 0 and 6.

    Example:
        >>> F.relu6(lampas.tensor([-1.0, 8.0]))
        tensor([0., 6.])
    """
    return (_core.relu6_ if inplace else _core.relu6)(input)


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """Keep elements between two bounds; ValueError where they cross.

    Example:
        >>> F.hardtanh(lampas.tensor([-2.0, 0.5]))
        tensor([-1.0000,  0.5000])
    """
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    return (_core.hardtanh_ if inplace else _core.hardtanh)(input, min_val, max_val)


def hardsigmoid(input, inplace=False):
    """Map every element to min(max(x + 3, 0), 6) / 6.

    Example:
        >>> F.hardsigmoid(lampas.tensor([-4.0, 0.0]))
        tensor([0.0000, 0.5000])
    """
    return (_core.hardsigmoid_ if inplace else _core.hardsigmoid)(input)


def hardswish(input, inplace=False):
    """Multiply every element by its hardsigmoid.

    Example:
        >>> F.hardswish(lampas.tensor([-1.0, 1.0]))
        tensor([-0.3333,  0.6667])
    """
    return (_core.hardswish_ if inplace else _core.hardswish)(input)


def _threshold(input, threshold, value, inplace=False):
    """Replace elements that are not above `threshold` by `value`.

    Example:
        >>> F.threshold(lampas.tensor([-1.0, 1.0]), 0.5, 9.0)
        tensor([9., 1.])
    """
    return (_core.threshold_ if inplace else _core.threshold)(input, threshold, value)


# PyTorch's function bears this name, which its messages show.
threshold = _threshold


def rrelu(input, lower=1.0 / 8, upper=1.0 / 3, training=False, inplace=False):
    """Multiply elements that are not positive by random factors, one for each.

    Args:
        input (Tensor): floating point, any shape.
        lower, upper (float): the factors' bounds.
        training (bool): when False the factor is the middle of the bounds.
        inplace (bool): overwrite the input.

    Example:
        >>> F.rrelu(lampas.tensor([-1.0, 1.0]), 0.1, 0.3)
        tensor([-0.2000,  1.0000])
    """
    return (_core.rrelu_ if inplace else _core.rrelu)(input, lower, upper, training)


def glu(input, dim=-1):
    """Multiply the first half of `dim` by the sigmoid of the second.

    Example:
        >>> F.glu(lampas.tensor([2.0, 0.0]))
        tensor([1.])
    """
    if input.dim() == 0:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    return _core.glu(input, dim)


def tanhshrink(input):
    """Take x - tanh(x) of every element.

    Example:
        >>> F.tanhshrink(lampas.tensor([1.0]))
        tensor([0.2384])
    """
    return input - input.tanh()


def softsign(input):
    """Take x / (1 + |x|) of every element.

    Example:
        >>> F.softsign(lampas.tensor([1.0, -3.0]))
        tensor([ 0.5000, -0.7500])
    """
    return input / (input.abs() + 1)


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    """Take the softmax of the negated input along `dim`.

    Example:
        >>> F.softmin(lampas.zeros(4), dim=0)
        tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """
    if dim is None:
        dim = _implicit_dim("softmin", input, _stacklevel)
    return (-input).softmax(dim) if dtype is None else (-input).softmax(dim, dtype=dtype)


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    """Draw from the distribution that softmax gives, smoothly, so that gradients pass.

    Args:
        logits (Tensor): unnormalised logarithms of probabilities.
        tau (float): the smaller, the nearer to one-hot.
        hard (bool): whether the result is one-hot; the gradient is that of the smooth one.
        eps (float): without effect, as in PyTorch.
        dim (int): along which the probabilities lie.

    Example:
        >>> F.gumbel_softmax(lampas.tensor([0.0, 1000.0]), hard=True)
        tensor([0., 1.])

    Source: Jang, Gu and Poole, "Categorical reparameterization with Gumbel-softmax", 2017.
    """
    noise = -_core.empty_like(logits).exponential_().log()
    soft = ((logits + noise) / tau).softmax(dim)
    if not hard:
        return soft
    chosen = soft.argmax(dim, keepdim=True)
    one_hot = _core.zeros_like(logits).scatter_(dim, chosen, 1.0)
    return one_hot - soft.detach() + soft
