"""The binomial distribution: successes among a number of trials."""

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.distribution import Distribution
from lampas.distributions.utils import GivenByProbsOrLogits, broadcast_all

__all__ = ["Binomial"]


def _positive_part(value):
    """Return max(value, 0), with the derivative 1/2 at 0."""
    return (value + value.abs()) / 2


class Binomial(GivenByProbsOrLogits, Distribution):
    """The distribution of the number of successes among `total_count` trials.

    Args:
        total_count (int or Tensor): the number of trials.
        probs (Tensor, optional): probabilities of success.
        logits (Tensor, optional): log odds of success; either this or `probs`.

    Example:
        >>> Binomial(2, lampas.tensor(0.5)).enumerate_support()
        tensor([0., 1., 2.])
    """

    arg_constraints = {
        "total_count": constraints.nonnegative_integer,
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }
    has_enumerate_support = True

    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        self._set_probs_or_logits(probs, logits)
        self.total_count, param = broadcast_all(total_count, self._param)
        self.total_count = self.total_count.to(param.dtype)
        setattr(self, "probs" if self._is_given_by_probs else "logits", param)
        super().__init__(param.size(), validate_args=validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self):
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self):
        return self.total_count * self.probs

    @property
    def mode(self):
        return ((self.total_count + 1) * self.probs).floor().clamp(max=self.total_count)

    @property
    def variance(self):
        return self.total_count * self.probs * (1 - self.probs)

    def _sample(self, sample_shape):
        shape = self._extended_shape(sample_shape)
        return _core.binomial(self.total_count.expand(shape), self.probs.expand(shape))

    def _log_prob(self, value):
        # log n! / (k! (n-k)!) + k logits + n log(1 - p), where log(1 - p) = -log(1 + exp(logits)).
        failures = self.total_count - value
        ways = (self.total_count + 1).lgamma() - (value + 1).lgamma() - (failures + 1).lgamma()
        log_one_plus = _positive_part(self.logits) + (-self.logits.abs()).exp().log1p()
        return value * self.logits + ways - self.total_count * log_one_plus

    def _only_count(self, method):
        count = int(self.total_count.max())
        if self.total_count.min() != count:
            raise NotImplementedError(f"Inhomogeneous total count not supported by `{method}`.")
        return count

    def _entropy(self):
        self._only_count("entropy")
        log_probs = self._log_prob(self.enumerate_support(False))
        return -(log_probs.exp() * log_probs).sum(0)

    def _support_values(self):
        count = self._only_count("enumerate_support")
        return _core.arange(1 + count, dtype=self._param.dtype, device=self._param.device)
