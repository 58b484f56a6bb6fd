"""The Bernoulli distribution: 1 with some probability, else 0."""

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.exp_family import ExponentialFamily
from lampas.distributions.utils import GivenByProbsOrLogits, broadcast_all

__all__ = ["Bernoulli"]


def only_one(value):
    """Return a number or a tensor as a tensor."""
    (tensor,) = broadcast_all(value)
    return tensor


def cross_entropy(logits, targets):
    """Return -(targets log p + (1 - targets) log(1 - p)) of each element, where p = sigmoid(logits)."""
    return _core.binary_cross_entropy_with_logits(logits, targets, reduction=0)


class Bernoulli(GivenByProbsOrLogits, ExponentialFamily):
    """The distribution of 0 and 1; 1 has the probability `probs`.

    Args:
        probs (Number or Tensor, optional): probabilities of 1.
        logits (Number or Tensor, optional): log odds of 1; either this or `probs`.

    Example:
        >>> Bernoulli(lampas.tensor([0.5, 0.9])).log_prob(lampas.ones(2))
        tensor([-0.6931, -0.1054])
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.boolean
    has_enumerate_support = True
    _mean_carrier_measure = 0

    def __init__(self, probs=None, logits=None, validate_args=None):
        self._set_probs_or_logits(probs, logits, only_one)
        super().__init__(self._param.size(), validate_args=validate_args)

    @property
    def mean(self):
        return self.probs

    @property
    def mode(self):
        mode = (self.probs >= 0.5).to(self.probs.dtype)
        return mode.masked_fill(self.probs == 0.5, float("nan"))

    @property
    def variance(self):
        return self.probs * (1 - self.probs)

    def _sample(self, sample_shape):
        return _core.bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def _log_prob(self, value):
        logits, value = broadcast_all(self.logits, value)
        return -cross_entropy(logits, value)

    def _entropy(self):
        return cross_entropy(self.logits, self.probs)

    def _support_values(self):
        return _core.arange(2, dtype=self._param.dtype, device=self._param.device)

    @property
    def _natural_params(self):
        return (self.logits,)

    def _log_normalizer(self, logits):
        return logits.exp().log1p()
