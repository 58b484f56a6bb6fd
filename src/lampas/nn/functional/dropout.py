"""Dropout."""

from lampas import _core

__all__ = ["dropout"]


def dropout(input, p=0.5, training=True, inplace=False):
    """Zero each element with probability `p` while training, and scale the others by 1 / (1 - p).

    Args:
        input (Tensor): floating point, any shape.
        p (float): between 0 and 1, ValueError otherwise.
        training (bool): when False the input is returned as it is.
        inplace (bool): overwrite the input.

    Example:
        >>> F.dropout(lampas.ones(3), p=0.5, training=False)
        tensor([1., 1., 1.])

    Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
    """
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    return (_core.dropout_ if inplace else _core.dropout)(input, p, training)
