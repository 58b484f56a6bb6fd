"""One-hot distributions made continuous, so that samples can be differentiated."""

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.categorical import OverCategorical
from lampas.distributions.transformed_distribution import TransformedDistribution
from lampas.distributions.transforms import ExpTransform
from lampas.distributions.utils import broadcast_all, clamp_probs, uniform

__all__ = ["ExpRelaxedCategorical", "RelaxedOneHotCategorical"]


class ExpRelaxedCategorical(OverCategorical):
    """The logarithms of a RelaxedOneHotCategorical.

    Args:
        temperature (Tensor): above 0; the nearer to 0, the nearer to one-hot.
        probs (Tensor, optional): weights of the classes, shape (..., K); they need not sum to 1.
        logits (Tensor, optional): logarithms of such weights; either this or `probs`.

    Example:
        >>> ExpRelaxedCategorical(lampas.tensor(1.0), lampas.ones(3)).rsample().exp().sum()
        tensor(1.)

    Source: E. Jang, S. Gu and B. Poole, "Categorical Reparameterization with Gumbel-Softmax", 2017.
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support = constraints.real_vector  # not all of them: exp of a sample sums to 1
    has_rsample = True

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        self.temperature = temperature
        super().__init__(probs, logits, validate_args)

    def _rsample(self, sample_shape):
        points = clamp_probs(uniform(self._extended_shape(sample_shape), self.logits))
        gumbels = -(-points.log()).log()
        return ((self.logits + gumbels) / self.temperature).log_softmax(-1)

    def _log_prob(self, value):
        # log (K-1)! T^(K-1), and for each class the log softmax of logits - T value.
        count = self._event_shape[0]
        logits, value = broadcast_all(self.logits, value)
        constant = _core.full_like(self.temperature, float(count)).lgamma() + self.temperature.log() * (
            count - 1
        )
        return (logits - value * self.temperature).log_softmax(-1).sum(-1) + constant


class RelaxedOneHotCategorical(TransformedDistribution):
    """A OneHotCategorical made continuous: samples are vectors of positive numbers that sum to 1.

    Args:
        temperature (Tensor): above 0; the nearer to 0, the nearer to one-hot are samples.
        probs (Tensor, optional): weights of the classes, shape (..., K); they need not sum to 1.
        logits (Tensor, optional): logarithms of such weights; either this or `probs`.

    Example:
        >>> RelaxedOneHotCategorical(lampas.tensor(0.5), lampas.ones(3)).rsample().sum()
        tensor(1.)

    Source: E. Jang, S. Gu and B. Poole, "Categorical Reparameterization with Gumbel-Softmax", 2017.
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support = constraints.simplex
    has_rsample = True

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        base = ExpRelaxedCategorical(temperature, probs, logits, validate_args=validate_args)
        super().__init__(base, ExpTransform(), validate_args=validate_args)

    @property
    def temperature(self):
        return self.base_dist.temperature

    @property
    def probs(self):
        return self.base_dist.probs

    @property
    def logits(self):
        return self.base_dist.logits
