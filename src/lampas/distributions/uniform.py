"""The uniform distribution over an interval."""

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.distribution import Distribution
from lampas.distributions.utils import broadcast_all, uniform

__all__ = ["Uniform"]


class Uniform(Distribution):
    """The uniform distribution over [low, high).

    Args:
        low, high (float or Tensor): the bounds; low < high.

    Example:
        >>> Uniform(0.0, 4.0).mean, Uniform(0.0, 4.0).entropy()
        (tensor(2.), tensor(1.3863))
    """

    has_rsample = True

    def __init__(self, low, high, validate_args=None):
        self.low, self.high = broadcast_all(low, high)
        super().__init__(self.low.size(), validate_args=validate_args)

    @property
    def arg_constraints(self):
        return {"low": constraints.less_than(self.high), "high": constraints.greater_than(self.low)}

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self):
        return constraints.interval(self.low, self.high)

    @property
    def mean(self):
        return (self.high + self.low) / 2

    @property
    def mode(self):
        return float("nan") * self.high

    @property
    def stddev(self):
        return (self.high - self.low) / 12**0.5

    @property
    def variance(self):
        return (self.high - self.low) ** 2 / 12

    def _rsample(self, sample_shape):
        shape = self._extended_shape(sample_shape)
        return self.low + uniform(shape, self.low) * (self.high - self.low)

    def _log_prob(self, value):
        is_inside = (self.low <= value) & (value < self.high)
        return is_inside.to(self.low.dtype).log() - (self.high - self.low).log()

    def _cdf(self, value):
        return ((value - self.low) / (self.high - self.low)).clamp(min=0, max=1)

    def _icdf(self, value):
        return value * (self.high - self.low) + self.low

    def _entropy(self):
        return _core.log(self.high - self.low)
