"""What distributions share, under the names of torch.distributions.utils: probabilities and their logits."""

import numbers

from lampas import _core
from lampas.autograd.grad_mode import enable_grad
from lampas.functional import broadcast_tensors
from lampas.numeric_limits import finfo

__all__ = ["broadcast_all", "clamp_probs", "lazy_property", "logits_to_probs", "probs_to_logits"]

euler_constant = 0.57721566490153286060  # the limit of 1 + 1/2 + … + 1/n - log(n)


def broadcast_all(*values):
    """Return tensors of one shape for numbers and tensors.

    Args:
        *values (Tensor or Number): numbers become tensors of the first tensor's dtype and device, or of the
            default dtype where there is no tensor.

    Raises ValueError for anything else.

    Example:
        >>> broadcast_all(lampas.tensor([1.0, 2.0]), 3)
        (tensor([1., 2.]), tensor([3., 3.]))
    """
    if not all(isinstance(value, (_core.Tensor, numbers.Number)) for value in values):
        raise ValueError(
            "Input arguments must all be instances of Number, torch.Tensor or objects implementing "
            "__torch_function__."
        )
    like = next((value for value in values if isinstance(value, _core.Tensor)), None)
    dtype = _core.get_default_dtype() if like is None else like.dtype
    device = None if like is None else like.device
    tensors = [
        value if isinstance(value, _core.Tensor) else _core.tensor(value, dtype=dtype, device=device)
        for value in values
    ]
    return broadcast_tensors(*tensors)


def clamp_probs(probs):
    """Return probabilities moved off 0 and 1 by the dtype's eps.

    Example:
        >>> clamp_probs(lampas.tensor([0.0, 0.5])) > 0
        tensor([True, True])
    """
    eps = finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)


def clamp_into_unit_interval(values):
    """Return numbers moved off 0 by as little as the dtype allows, and off 1 by its eps."""
    limits = finfo(values.dtype)
    return values.clamp(min=limits.tiny, max=1 - limits.eps)


def logits_to_probs(logits, is_binary=False):
    """Return probabilities: the sigmoid of log odds if `is_binary`, else the softmax over the last dimension.

    Example:
        >>> logits_to_probs(lampas.zeros(2)), logits_to_probs(lampas.zeros(1), is_binary=True)
        (tensor([0.5000, 0.5000]), tensor([0.5000]))
    """
    return logits.sigmoid() if is_binary else logits.softmax(-1)


def probs_to_logits(probs, is_binary=False):
    """Return log odds if `is_binary`, else the probabilities' logarithms.

    Example:
        >>> probs_to_logits(lampas.tensor([0.5]), is_binary=True)
        tensor([0.])
    """
    clamped = clamp_probs(probs)
    return clamped.log() - (-clamped).log1p() if is_binary else clamped.log()


class lazy_property:
    """A property that is computed once, when first asked for, and recorded even under no_grad.

    Example:
        >>> class Circle:
        ...     radius = 2
        ...     area = lazy_property(lambda self: self.radius ** 2)
        >>> circle = Circle()
        >>> circle.area, vars(circle)
        (4, {'area': 4})
    """

    def __init__(self, wrapped):
        self.wrapped = wrapped
        self.__doc__ = wrapped.__doc__

    def __set_name__(self, owner, name):
        self._name = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        with enable_grad():
            value = self.wrapped(instance)
        setattr(instance, self._name, value)  # which Python finds before it asks here again
        return value


def standard_normal(shape, like):
    """Return draws from the normal distribution of mean 0 and variance 1, with the dtype of `like`."""
    return _core.empty(shape, dtype=like.dtype, device=like.device).normal_()


def uniform(shape, like):
    """Return draws from [0, 1) with the dtype of `like`."""
    return _core.rand(shape, dtype=like.dtype, device=like.device)


def sum_rightmost(value, count):
    """Return the sum over the last `count` dimensions."""
    return value.sum(tuple(range(-count, 0))) if count else value


class GivenByProbsOrLogits:
    """What the distributions have in common that are given by either probabilities or logits."""

    _is_binary = True  # log odds; otherwise logarithms of probabilities

    def _set_probs_or_logits(self, probs, logits, normalize=lambda value: value):
        """Keep the one that is given, `normalize`d; the other is computed when it is asked for."""
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        if probs is not None:
            self.probs = normalize(probs)
        else:
            self.logits = normalize(logits)
        self._is_given_by_probs = probs is not None

    @property
    def _param(self):
        return self.probs if self._is_given_by_probs else self.logits

    @property
    def param_shape(self):
        return self._param.size()

    @lazy_property
    def probs(self):
        return logits_to_probs(self.logits, self._is_binary)

    @lazy_property
    def logits(self):
        return probs_to_logits(self.probs, self._is_binary)
