"""The Poisson distribution of counts."""

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.bernoulli import only_one
from lampas.distributions.exp_family import ExponentialFamily
from lampas.distributions.utils import broadcast_all

__all__ = ["Poisson"]


class Poisson(ExponentialFamily):
    """The distribution of the number of independent events.

    Args:
        rate (Number or Tensor): the mean number, at least 0.

    Example:
        >>> Poisson(3.0).log_prob(lampas.tensor(2.0)).exp()
        tensor(0.2240)
    """

    arg_constraints = {"rate": constraints.nonnegative}
    support = constraints.nonnegative_integer

    def __init__(self, rate, validate_args=None):
        self.rate = only_one(rate)
        super().__init__(self.rate.size(), validate_args=validate_args)

    @property
    def mean(self):
        return self.rate

    @property
    def mode(self):
        return self.rate.floor()

    @property
    def variance(self):
        return self.rate

    def _sample(self, sample_shape):
        return _core.poisson(self.rate.expand(self._extended_shape(sample_shape)))

    def _log_prob(self, value):
        rate, value = broadcast_all(self.rate, value)
        return value.xlogy(rate) - rate - (value + 1).lgamma()

    @property
    def _natural_params(self):
        return (self.rate.log(),)

    def _log_normalizer(self, log_rate):
        return log_rate.exp()
