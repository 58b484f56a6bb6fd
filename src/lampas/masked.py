"""Ops over the elements that a mask lets count, under the names of torch.masked.

Elements where `mask` is False count as what changes nothing: 0 in a sum, 1 in a product, -inf in a maximum.
The mask is a tensor of truth values that broadcasts to the input; None lets all count.
"""

import math

from lampas import _core
from lampas.functional import broadcast_tensors

__all__ = [
    "amax",
    "amin",
    "argmax",
    "argmin",
    "cumprod",
    "cumsum",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "mean",
    "median",
    "norm",
    "normalize",
    "prod",
    "softmax",
    "softmin",
    "std",
    "sum",
    "var",
]


def _converted(input, dtype, whole=None):
    """Give the input in the dtype to compute in; `whole` is that of integers where none is asked for."""
    if dtype is None and whole is not None and not (input.is_floating_point() or input.is_complex()):
        dtype = whole
    return input if dtype is None or input.dtype == dtype else input.to(dtype)


def _filled(input, mask, value):
    if mask is None:
        return input
    if mask.dim() > input.dim():
        raise IndexError(
            "_input_mask expected broadcastable mask (got mask dimensionality higher than of the input)"
        )
    return _core.where(mask, input, _core.full((), value, dtype=input.dtype, device=input.device))


def _dims(input, dim):
    """All dims for None or an empty tuple, else the given ones, counted from the front."""
    if dim is None or dim == ():
        return tuple(range(input.dim()))
    rank = max(input.dim(), 1)
    dims = []
    for each in (dim,) if isinstance(dim, int) else dim:
        if not -rank <= each < rank:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-rank}, {rank - 1}], but got {each})"
            )
        if each % rank in dims:
            raise RuntimeError(f"dim={each} appears multiple times in the list of dims")
        dims.append(each % rank)
    return tuple(sorted(dims))


def _least(dtype):
    """What no maximum takes notice of."""
    if dtype.is_floating_point:
        return -math.inf
    from lampas.numeric_limits import iinfo

    return False if dtype == _core.bool else iinfo(dtype).min


def _greatest(dtype):
    if dtype.is_floating_point:
        return math.inf
    from lampas.numeric_limits import iinfo

    return True if dtype == _core.bool else iinfo(dtype).max


def sum(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Sum the elements that count.

    Args:
        input (Tensor): any shape.
        dim (int or tuple of int): the dims to sum over; all by default.
        keepdim (bool): whether they stay with size 1.
        dtype: the dtype to compute in; int64 for integers by default.
        mask (Tensor): which elements count.

    Example:
        >>> mask = lampas.tensor([True, False, True])
        >>> lampas.masked.sum(lampas.tensor([1, 2, 3]), mask=mask)
        tensor(4)
    """
    input = _filled(_converted(input, dtype, _core.int64), mask, 0)
    return input.sum(_dims(input, dim), keepdim) if input.dim() else input.clone()


def prod(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Multiply the elements that count.

    Example:
        >>> mask = lampas.tensor([True, False, True])
        >>> lampas.masked.prod(lampas.tensor([2, 5, 3]), mask=mask)
        tensor(6)
    """
    result = _filled(_converted(input, dtype, _core.int64), mask, 1)
    for each in reversed(_dims(input, dim)):
        result = result.prod(each, keepdim)
    return result


def cumsum(input, dim, *, dtype=None, mask=None):
    """Sum along a dim and keep every intermediate sum.

    Example:
        >>> mask = lampas.tensor([True, False, True])
        >>> lampas.masked.cumsum(lampas.tensor([1, 2, 3]), 0, mask=mask)
        tensor([1, 1, 4])
    """
    return _filled(_converted(input, dtype, _core.int64), mask, 0).cumsum(dim)


def cumprod(input, dim, *, dtype=None, mask=None):
    """Multiply along a dim and keep every intermediate product."""
    return _filled(_converted(input, dtype, _core.int64), mask, 1).cumprod(dim)


def amax(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Take the largest of the elements that count.

    Example:
        >>> mask = lampas.tensor([True, True, False])
        >>> lampas.masked.amax(lampas.tensor([1, 2, 3]), mask=mask)
        tensor(2)
    """
    input = _converted(input, dtype)
    return _filled(input, mask, _least(input.dtype)).amax(_dims(input, dim), keepdim)


def amin(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Take the smallest of the elements that count."""
    input = _converted(input, dtype)
    return _filled(input, mask, _greatest(input.dtype)).amin(_dims(input, dim), keepdim)


def argmax(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Say where the largest of the elements that count is, in the dtype of the input.

    Example:
        >>> mask = lampas.tensor([True, True, False])
        >>> lampas.masked.argmax(lampas.tensor([1, 2, 3]), mask=mask)
        tensor(1)
    """
    input = _converted(input, dtype)
    return _filled(input, mask, _least(input.dtype)).argmax(dim, keepdim).to(input.dtype)


def argmin(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Say where the smallest of the elements that count is, in the dtype of the input."""
    input = _converted(input, dtype)
    return _filled(input, mask, _greatest(input.dtype)).argmin(dim, keepdim).to(input.dtype)


def _count(input, dim, keepdim, mask):
    ones = _core.ones(input.shape, dtype=_core.int64, device=input.device)
    return sum(ones, dim, keepdim=keepdim, mask=mask)


def mean(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Take the mean of the elements that count.

    Example:
        >>> mask = lampas.tensor([True, False, True])
        >>> lampas.masked.mean(lampas.tensor([1.0, 2.0, 5.0]), mask=mask)
        tensor(3.)
    """
    total = sum(input, dim, keepdim=keepdim, dtype=dtype, mask=mask)
    return total / _count(input, dim, keepdim, mask)


def median(input, dim=-1, *, keepdim=False, dtype=None, mask=None):
    """Take the lower median of the elements that count, along a dim.

    NaN where, of floating point numbers, none counts; of integers, ValueError is raised.

    Example:
        >>> mask = lampas.tensor([True, True, True, False])
        >>> lampas.masked.median(lampas.tensor([1.0, 2.0, 5.0, 0.0]), mask=mask)
        tensor(2.)
    """
    input = _converted(input, dtype)
    dim = 0 if input.dim() == 0 else dim
    if mask is None:
        return input.median(dim, keepdim).values
    whole = not input.is_floating_point()
    wide = input.to(_core.float64) if whole else input
    result = _filled(wide, mask, math.nan).nanmedian(dim, keepdim).values
    if not whole:
        return result
    if not result.is_meta and bool(result.isnan().any()):
        raise ValueError("masked median expected no fully masked out rows if using dim")
    return result.to(input.dtype)


def logsumexp(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Take the logarithm of the sum of the exponentials of the elements that count.

    Example:
        >>> mask = lampas.tensor([True, False])
        >>> lampas.masked.logsumexp(lampas.tensor([1.0, 2.0]), 0, mask=mask)
        tensor(1.)
    """
    dtype = input.dtype if dtype is None else dtype
    wide = _converted(_converted(input, dtype), None, _core.float64)
    return _filled(wide, mask, -math.inf).logsumexp(_dims(input, dim), keepdim).to(dtype)


def logaddexp(input, other, *, dtype=None, input_mask=None, other_mask=None):
    """Take the logarithm of the sum of two exponentials, each of which counts where its own mask says so.

    Example:
        >>> lampas.masked.logaddexp(lampas.tensor([0.0]), lampas.tensor([0.0]))
        tensor([0.6931])
    """
    left = _filled(_converted(input, dtype), input_mask, -math.inf)
    right = _filled(_converted(other, dtype), other_mask, -math.inf)
    return _core.stack(broadcast_tensors(left, right)).logsumexp(0)


def norm(input, ord=2.0, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Take the p-norm of the elements that count.

    Example:
        >>> mask = lampas.tensor([True, False, True])
        >>> lampas.masked.norm(lampas.tensor([3.0, 9.0, 4.0]), mask=mask)
        tensor(5.)
    """
    input = _filled(_converted(input, dtype), mask, 0 if ord >= 0 else math.inf)
    return _core.linalg_vector_norm(input, ord, _dims(input, dim), keepdim)


def var(input, dim=None, unbiased=None, *, correction=None, keepdim=False, dtype=None, mask=None):
    """Take the variance of the elements that count.

    Args:
        input, dim, keepdim, dtype, mask: as for `sum`.
        unbiased (bool): whether to divide by one less than the number of elements.
        correction (int): how much less; 1 by default. One of the two may be given.

    Example:
        >>> mask = lampas.tensor([True, False, True])
        >>> lampas.masked.var(lampas.tensor([1.0, 9.0, 3.0]), mask=mask)
        tensor(2.)
    """
    if unbiased is not None and correction is not None:
        raise RuntimeError("Only one of unbiased and correction may be given")
    if correction is None:
        correction = 1.0 if unbiased is None else float(unbiased)
    input = _converted(input, dtype, _core.float32)
    average = mean(input, dim, keepdim=True, mask=mask)
    apart = input - average
    total = sum(apart * apart.conj(), dim, keepdim=keepdim, mask=mask)
    total = total.real if total.is_complex() else total
    count = _count(input, dim, keepdim, mask).to(total.dtype) - correction
    return total / count.clamp(min=0)


def std(input, dim=None, unbiased=None, *, correction=None, keepdim=False, dtype=None, mask=None):
    """Take the standard deviation of the elements that count; arguments as for `var`.

    Example:
        >>> lampas.masked.std(lampas.tensor([1.0, 3.0]), unbiased=False)
        tensor(1.)
    """
    return var(input, dim, unbiased, correction=correction, keepdim=keepdim, dtype=dtype, mask=mask).sqrt()


def softmax(input, dim, *, dtype=None, mask=None):
    """Take the softmax along a dim; elements that do not count get 0.

    Example:
        >>> mask = lampas.tensor([True, False, True])
        >>> lampas.masked.softmax(lampas.tensor([1.0, 2.0, 1.0]), 0, mask=mask)
        tensor([0.5000, 0.0000, 0.5000])
    """
    return _filled(_converted(input, dtype, _core.float32), mask, -math.inf).softmax(dim)


def log_softmax(input, dim, *, dtype=None, mask=None):
    """Take the logarithm of `softmax`; elements that do not count get -inf."""
    return _filled(_converted(input, dtype, _core.float32), mask, -math.inf).log_softmax(dim)


def softmin(input, dim, *, dtype=None, mask=None):
    """Take the softmax of the negative input; elements that do not count get 0."""
    return (-_filled(_converted(input, dtype, _core.float32), mask, math.inf)).softmax(dim)


def normalize(input, ord, dim, *, eps=1e-12, dtype=None, mask=None):
    """Divide by the p-norm along a dim, or by `eps` where that is larger; elements that do not count get 0.

    Example:
        >>> lampas.masked.normalize(lampas.tensor([3.0, 4.0]), 2.0, 0)
        tensor([0.6000, 0.8000])
    """
    input = _converted(input, dtype)
    length = norm(input, ord, dim, keepdim=True, mask=mask)
    return _filled(input, mask, 0) / length.clamp(min=eps)
