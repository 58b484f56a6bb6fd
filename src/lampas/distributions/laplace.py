"""The Laplace distribution: the exponential one, on both sides of a point."""

import math

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.distribution import Distribution
from lampas.distributions.utils import broadcast_all
from lampas.numeric_limits import finfo

__all__ = ["Laplace"]


class Laplace(Distribution):
    """The Laplace distribution.

    Args:
        loc (float or Tensor): the mean.
        scale (float or Tensor): the mean distance from it, above 0.

    Example:
        >>> Laplace(0.0, 1.0).log_prob(lampas.tensor([0.0, -1.0]))
        tensor([-0.6931, -1.6931])
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.size(), validate_args=validate_args)

    @property
    def mean(self):
        return self.loc

    @property
    def mode(self):
        return self.loc

    @property
    def stddev(self):
        return math.sqrt(2) * self.scale

    @property
    def variance(self):
        return 2 * self.scale**2

    def _rsample(self, sample_shape):
        shape, dtype = self._extended_shape(sample_shape), self.loc.dtype
        points = _core.empty(shape, dtype=dtype, device=self.loc.device).uniform_(finfo(dtype).eps - 1, 1)
        return self.loc - self.scale * points.sign() * (-points.abs()).log1p()

    def _log_prob(self, value):
        return -(2 * self.scale).log() - (value - self.loc).abs() / self.scale

    def _cdf(self, value):
        difference = value - self.loc
        return 0.5 - 0.5 * difference.sign() * (-difference.abs() / self.scale).expm1()

    def _icdf(self, value):
        from_half = value - 0.5
        return self.loc - self.scale * from_half.sign() * (-2 * from_half.abs()).log1p()

    def _entropy(self):
        return 1 + (2 * self.scale).log()
