"""The Cauchy distribution, which has no mean."""

import math

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.distribution import Distribution
from lampas.distributions.utils import broadcast_all

__all__ = ["Cauchy"]


class Cauchy(Distribution):
    """The Cauchy (Lorentz) distribution.

    Args:
        loc (float or Tensor): the median and mode.
        scale (float or Tensor): half the width at half the height, above 0.

    Example:
        >>> Cauchy(0.0, 1.0).cdf(lampas.tensor(1.0))
        tensor(0.7500)
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.size(), validate_args=validate_args)

    @property
    def mean(self):
        return self._full(float("nan"))

    @property
    def mode(self):
        return self.loc

    @property
    def variance(self):
        return self._full(float("inf"))

    def _full(self, number):
        return _core.full(self._batch_shape, number, dtype=self.loc.dtype, device=self.loc.device)

    def _rsample(self, sample_shape):
        shape = self._extended_shape(sample_shape)
        drawn = _core.empty(shape, dtype=self.loc.dtype, device=self.loc.device).cauchy_()
        return self.loc + drawn * self.scale

    def _log_prob(self, value):
        distance = (value - self.loc) / self.scale
        return -math.log(math.pi) - self.scale.log() - (distance**2).log1p()

    def _cdf(self, value):
        return ((value - self.loc) / self.scale).atan() / math.pi + 0.5

    def _icdf(self, value):
        return (math.pi * (value - 0.5)).tan() * self.scale + self.loc

    def _entropy(self):
        return math.log(4 * math.pi) + self.scale.log()
