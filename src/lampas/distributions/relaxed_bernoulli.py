"""Bernoulli distributions made continuous, so that samples can be differentiated."""

from lampas.distributions import constraints
from lampas.distributions.bernoulli import only_one
from lampas.distributions.distribution import Distribution
from lampas.distributions.transformed_distribution import TransformedDistribution
from lampas.distributions.transforms import SigmoidTransform
from lampas.distributions.utils import (
    GivenByProbsOrLogits,
    broadcast_all,
    probs_to_logits,
    uniform,
)

__all__ = ["LogitRelaxedBernoulli", "RelaxedBernoulli"]


class LogitRelaxedBernoulli(GivenByProbsOrLogits, Distribution):
    """The log odds of a RelaxedBernoulli.

    Args:
        temperature (Tensor): above 0; the nearer to 0, the nearer to a Bernoulli.
        probs (Number or Tensor, optional): probabilities of 1.
        logits (Number or Tensor, optional): log odds of 1; either this or `probs`.

    Example:
        >>> LogitRelaxedBernoulli(lampas.tensor(1.0), 0.5).log_prob(lampas.tensor(0.0)).exp()
        tensor(0.2500)

    Source: C. Maddison, A. Mnih and Y. W. Teh, "The Concrete Distribution", 2017, appendix B.
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.real

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        self.temperature = temperature
        self._set_probs_or_logits(probs, logits, only_one)
        super().__init__(self._param.size(), validate_args=validate_args)

    def _rsample(self, sample_shape):
        shape = self._extended_shape(sample_shape)
        # A draw of the logistic distribution is the log odds of a uniform one.
        noise = probs_to_logits(uniform(shape, self._param), is_binary=True)
        return (noise + probs_to_logits(self.probs.expand(shape), is_binary=True)) / self.temperature

    def _log_prob(self, value):
        logits, value = broadcast_all(self.logits, value)
        difference = logits - value * self.temperature
        return self.temperature.log() + difference - 2 * difference.exp().log1p()


class RelaxedBernoulli(TransformedDistribution):
    """A Bernoulli made continuous: samples lie between 0 and 1.

    Args:
        temperature (Tensor): above 0; the nearer to 0, the nearer to 0 and 1 are samples.
        probs (Number or Tensor, optional): probabilities of 1.
        logits (Number or Tensor, optional): log odds of 1; either this or `probs`.

    Example:
        >>> RelaxedBernoulli(lampas.tensor(0.5), lampas.tensor([0.9, 0.1])).rsample().shape
        torch.Size([2])

    Source: C. Maddison, A. Mnih and Y. W. Teh, "The Concrete Distribution", 2017.
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.unit_interval
    has_rsample = True

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        base = LogitRelaxedBernoulli(temperature, probs, logits)
        super().__init__(base, SigmoidTransform(), validate_args=validate_args)

    @property
    def temperature(self):
        return self.base_dist.temperature

    @property
    def probs(self):
        return self.base_dist.probs

    @property
    def logits(self):
        return self.base_dist.logits
