"""The normal distribution."""

import math

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.exp_family import ExponentialFamily
from lampas.distributions.utils import broadcast_all, standard_normal

__all__ = ["Normal"]


class Normal(ExponentialFamily):
    """The normal (Gaussian) distribution.

    Args:
        loc (float or Tensor): the mean.
        scale (float or Tensor): the standard deviation, above 0.

    Example:
        >>> Normal(0.0, 1.0).log_prob(lampas.tensor(0.0))
        tensor(-0.9189)
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True
    _mean_carrier_measure = 0

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
        return self.scale

    @property
    def variance(self):
        return self.scale**2

    def _sample(self, sample_shape):
        shape = self._extended_shape(sample_shape)
        return _core.normal(self.loc.expand(shape), self.scale.expand(shape))

    def _rsample(self, sample_shape):
        return self.loc + standard_normal(self._extended_shape(sample_shape), self.loc) * self.scale

    def _log_prob(self, value):
        squares = (value - self.loc) ** 2 / (2 * self.scale**2)
        return -squares - self.scale.log() - math.log(math.sqrt(2 * math.pi))

    def _cdf(self, value):
        return 0.5 * (1 + ((value - self.loc) / self.scale / math.sqrt(2)).erf())

    def _icdf(self, value):
        return self.loc + self.scale * (2 * value - 1).erfinv() * math.sqrt(2)

    def _entropy(self):
        return 0.5 + 0.5 * math.log(2 * math.pi) + self.scale.log()

    @property
    def _natural_params(self):
        variance = self.scale**2
        return self.loc / variance, -0.5 / variance

    def _log_normalizer(self, first, second):
        return -0.25 * first**2 / second + 0.5 * (-math.pi / second).log()
