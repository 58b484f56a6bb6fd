"""The exponential distribution."""

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.bernoulli import only_one
from lampas.distributions.exp_family import ExponentialFamily

__all__ = ["Exponential"]


class Exponential(ExponentialFamily):
    """The distribution of the time until an event that comes `rate` times per unit of time.

    Args:
        rate (float or Tensor): above 0.

    Example:
        >>> Exponential(2.0).mean, Exponential(2.0).cdf(lampas.tensor(1.0))
        (tensor(0.5000), tensor(0.8647))
    """

    arg_constraints = {"rate": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True
    _mean_carrier_measure = 0

    def __init__(self, rate, validate_args=None):
        self.rate = only_one(rate)
        super().__init__(self.rate.size(), validate_args=validate_args)

    @property
    def mean(self):
        return 1 / self.rate

    @property
    def mode(self):
        return _core.zeros_like(self.rate)

    @property
    def stddev(self):
        return 1 / self.rate

    @property
    def variance(self):
        return self.rate**-2

    def _rsample(self, sample_shape):
        shape = self._extended_shape(sample_shape)
        drawn = _core.empty(shape, dtype=self.rate.dtype, device=self.rate.device).exponential_()
        return drawn / self.rate

    def _log_prob(self, value):
        return self.rate.log() - self.rate * value

    def _cdf(self, value):
        return 1 - (-self.rate * value).exp()

    def _icdf(self, value):
        return -(-value).log1p() / self.rate

    def _entropy(self):
        return 1 - self.rate.log()

    @property
    def _natural_params(self):
        return (-self.rate,)

    def _log_normalizer(self, negative_rate):
        return -(-negative_rate).log()
