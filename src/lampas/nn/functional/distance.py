"""Lengths, distances and similarities of vectors."""

import lampas
from lampas import _core
from lampas.argument_checks import check_tensors
from lampas.differences import pdist

__all__ = ["cosine_similarity", "normalize", "pairwise_distance", "pdist"]


def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    """Divide vectors along `dim` by their p-norm.

    Args:
        input (Tensor): any shape.
        p (float): the norm's exponent.
        dim (int or tuple): the dimensions of a vector.
        eps (float): a shorter vector is divided by this instead.
        out (Tensor): where to write the result.

    Example:
        >>> F.normalize(lampas.tensor([[3.0, 4.0]]))
        tensor([[0.6000, 0.8000]])
    """
    length = input.norm(p, dim, keepdim=True).clamp_min(eps)
    return input / length if out is None else lampas.div(input, length, out=out)


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """Return the cosine of the angle between vectors along `dim`.

    Args:
        x1, x2 (Tensor): broadcast with each other.
        dim (int): the dimension of a vector.
        eps (float): a shorter vector counts as this long.

    Example:
        >>> F.cosine_similarity(lampas.tensor([[3.0, 4.0]]), lampas.tensor([[3.0, -4.0]]))
        tensor([-0.2800])
    """
    check_tensors("cosine_similarity", x1=x1, x2=x2)
    dtype = lampas.promote_types(x1.dtype, x2.dtype)
    if not dtype.is_floating_point:
        raise RuntimeError(f"expected common dtype to be floating point, yet common dtype is {_name(dtype)}")
    x1, x2 = lampas.broadcast_tensors(x1.to(dtype), x2.to(dtype))
    directions = []
    for vectors in (x1, x2):
        length = _core.linalg_vector_norm(vectors, 2, (dim,), True).clone()
        with lampas.no_grad():  # the gradient passes the bound unchanged
            length.clamp_min_(eps)
        directions.append(vectors / length)
    return (directions[0] * directions[1]).sum(dim)


def _name(dtype):
    return lampas.typename(lampas.empty(0, dtype=dtype)).removeprefix("torch.").removesuffix("Tensor")


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """Return the p-norm of the difference of vectors, which lie along the last dimension.

    Args:
        x1, x2 (Tensor): (*, D), broadcast with each other.
        p (float): the norm's exponent.
        eps (float): added to each difference, so that the gradient of a distance of 0 is finite.
        keepdim (bool): keep the last dimension, of size 1.

    Example:
        >>> F.pairwise_distance(lampas.tensor([[3.0, 4.0]]), lampas.zeros(1, 2))
        tensor([5.0000])
    """
    check_tensors("pairwise_distance", x1=x1, x2=x2)
    return (x1 - x2 + eps).norm(p, -1, keepdim)
