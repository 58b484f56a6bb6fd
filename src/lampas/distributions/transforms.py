"""Differentiable transforms with their inverses and Jacobians, which make new distributions of others."""

import math

from lampas import _core
from lampas._core import softplus
from lampas.distributions import constraints
from lampas.distributions.composing import (
    ComposeTransform,
    IndependentTransform,
    OfOneKind,
    ReshapeTransform,
    Transform,
    identity_transform,
)
from lampas.distributions.utils import clamp_into_unit_interval, sum_rightmost
from lampas.distributions.vector_transforms import (
    LowerCholeskyTransform,
    PositiveDefiniteTransform,
    SoftmaxTransform,
    StickBreakingTransform,
)
from lampas.functional import broadcast_shapes

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "ComposeTransform",
    "CumulativeDistributionTransform",
    "ExpTransform",
    "IndependentTransform",
    "LowerCholeskyTransform",
    "PositiveDefiniteTransform",
    "PowerTransform",
    "ReshapeTransform",
    "SigmoidTransform",
    "SoftmaxTransform",
    "SoftplusTransform",
    "StickBreakingTransform",
    "TanhTransform",
    "Transform",
    "identity_transform",
]


class _Elementwise(OfOneKind):
    """A rising, invertible function of each element, of the reals unless a subclass says otherwise."""

    domain = constraints.real
    codomain = constraints.real
    bijective = True
    sign = 1


class ExpTransform(_Elementwise):
    """y = exp(x).

    Example:
        >>> ExpTransform()(lampas.tensor([0.0, 1.0]))
        tensor([1.0000, 2.7183])
    """

    codomain = constraints.positive

    def _call(self, x):
        return x.exp()

    def _inverse(self, y):
        return y.log()

    def _log_abs_det_jacobian(self, x, y):
        return x


def _are_equal(first, second):
    """Whether two numbers or tensors have the same values everywhere."""
    return bool(_core.as_tensor(first == second).all())


class PowerTransform(_Elementwise):
    """y = x^exponent of positive numbers.

    Args:
        exponent (float or Tensor): another than 0.
        cache_size (int): 0 or 1.

    Example:
        >>> PowerTransform(2.0)(lampas.tensor(3.0)), PowerTransform(2.0).inv(lampas.tensor(9.0))
        (tensor(9.), tensor(3.))
    """

    domain = constraints.positive
    codomain = constraints.positive

    def __init__(self, exponent, cache_size=0):
        super().__init__(cache_size=cache_size)
        self.exponent = exponent

    @property
    def sign(self):
        return _core.as_tensor(self.exponent).sign()

    def __eq__(self, other):
        return isinstance(other, PowerTransform) and _are_equal(self.exponent, other.exponent)

    __hash__ = Transform.__hash__

    def _call(self, x):
        return x**self.exponent

    def _inverse(self, y):
        return y ** (1 / self.exponent)

    def _log_abs_det_jacobian(self, x, y):
        return (self.exponent * y / x).abs().log()

    def _forward_shape(self, shape):
        return broadcast_shapes(shape, getattr(self.exponent, "shape", ()))

    _inverse_shape = _forward_shape


class SigmoidTransform(_Elementwise):
    """y = 1 / (1 + exp(-x)), kept off 0 and 1.

    Example:
        >>> SigmoidTransform()(lampas.tensor(0.0))
        tensor(0.5000)
    """

    codomain = constraints.unit_interval

    def _call(self, x):
        return clamp_into_unit_interval(x.sigmoid())

    def _inverse(self, y):
        y = clamp_into_unit_interval(y)
        return y.log() - (-y).log1p()

    def _log_abs_det_jacobian(self, x, y):
        # log y (1 - y), where log y = -softplus(-x) and log(1 - y) = -softplus(x).
        return -softplus(-x) - softplus(x)


class SoftplusTransform(_Elementwise):
    """y = log(1 + exp(x)).

    Example:
        >>> SoftplusTransform()(lampas.tensor(0.0))
        tensor(0.6931)
    """

    codomain = constraints.positive

    def _call(self, x):
        return softplus(x)

    def _inverse(self, y):
        return (-y).expm1().neg().log() + y

    def _log_abs_det_jacobian(self, x, y):
        return -softplus(-x)


class TanhTransform(_Elementwise):
    """y = tanh(x).

    Example:
        >>> TanhTransform()(lampas.tensor(0.0))
        tensor(0.)
    """

    codomain = constraints.interval(-1.0, 1.0)

    def _call(self, x):
        return x.tanh()

    def _inverse(self, y):
        return y.atanh()

    def _log_abs_det_jacobian(self, x, y):
        # log(1 - tanh(x)^2) = 2 (log 2 - x - log(1 + exp(-2x))), which does not cancel for large x.
        return 2.0 * (math.log(2.0) - x - softplus(-2.0 * x))


class AbsTransform(OfOneKind):
    """y = |x|; the inverse takes y for x.

    Example:
        >>> AbsTransform()(lampas.tensor(-2.0))
        tensor(2.)
    """

    domain = constraints.real
    codomain = constraints.positive

    def _call(self, x):
        return x.abs()

    def _inverse(self, y):
        return y


class AffineTransform(Transform):
    """y = loc + scale x.

    Args:
        loc, scale (float or Tensor): what is added, and the factor.
        event_dim (int): how many rightmost dimensions are one event.
        cache_size (int): 0 or 1.

    Example:
        >>> AffineTransform(1.0, 2.0)(lampas.tensor(3.0))
        tensor(7.)
    """

    bijective = True

    def __init__(self, loc, scale, event_dim=0, cache_size=0):
        super().__init__(cache_size=cache_size)
        self.loc = loc
        self.scale = scale
        self._event_dim = event_dim

    @property
    def event_dim(self):
        return self._event_dim

    @constraints.dependent_property(is_discrete=False)
    def domain(self):
        if self._event_dim == 0:
            return constraints.real
        return constraints.independent(constraints.real, self._event_dim)

    codomain = domain

    @property
    def sign(self):
        if isinstance(self.scale, (int, float)):
            return 1 if self.scale > 0 else -1 if self.scale < 0 else 0
        return self.scale.sign()

    def __eq__(self, other):
        if not isinstance(other, AffineTransform):
            return False
        return _are_equal(self.loc, other.loc) and _are_equal(self.scale, other.scale)

    __hash__ = Transform.__hash__

    def _call(self, x):
        return self.loc + self.scale * x

    def _inverse(self, y):
        return (y - self.loc) / self.scale

    def _log_abs_det_jacobian(self, x, y):
        if isinstance(self.scale, (int, float)):
            logarithm = _core.full_like(x, math.log(abs(self.scale)))
        else:
            logarithm = self.scale.abs().log()
        return sum_rightmost(logarithm.expand(x.shape), self._event_dim)

    def _forward_shape(self, shape):
        return broadcast_shapes(shape, getattr(self.loc, "shape", ()), getattr(self.scale, "shape", ()))

    _inverse_shape = _forward_shape


class CumulativeDistributionTransform(Transform):
    """y = the probability, under a distribution, of events up to x.

    Args:
        distribution (Distribution): one that knows `cdf` and `icdf`.
        cache_size (int): 0 or 1.

    Example:
        >>> CumulativeDistributionTransform(lampas.distributions.Normal(0.0, 1.0))(lampas.tensor(0.0))
        tensor(0.5000)
    """

    bijective = True
    codomain = constraints.unit_interval
    sign = 1

    def __init__(self, distribution, cache_size=0):
        super().__init__(cache_size=cache_size)
        self.distribution = distribution

    @property
    def domain(self):
        return self.distribution.support

    def _call(self, x):
        return self.distribution.cdf(x)

    def _inverse(self, y):
        return self.distribution.icdf(y)

    def _log_abs_det_jacobian(self, x, y):
        return self.distribution.log_prob(x)
