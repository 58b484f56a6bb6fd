"""Activation functions."""

import warnings

from lampas import _core

__all__ = ["log_softmax", "relu", "relu_", "sigmoid", "softmax", "tanh"]

relu_ = _core.relu_
sigmoid = _core.sigmoid
tanh = _core.tanh


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
