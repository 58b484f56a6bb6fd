"""The geometric distribution: failures before the first success."""

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.bernoulli import cross_entropy, only_one
from lampas.distributions.distribution import Distribution
from lampas.distributions.utils import GivenByProbsOrLogits, broadcast_all
from lampas.numeric_limits import finfo

__all__ = ["Geometric"]


class Geometric(GivenByProbsOrLogits, Distribution):
    """The distribution of the number of failures before the first success.

    Args:
        probs (Number or Tensor, optional): probabilities of success, above 0.
        logits (Number or Tensor, optional): log odds of success; either this or `probs`.

    Example:
        >>> Geometric(0.25).mean, Geometric(0.25).log_prob(lampas.tensor(0.0)).exp()
        (tensor(3.), tensor(0.2500))
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.nonnegative_integer

    def __init__(self, probs=None, logits=None, validate_args=None):
        self._set_probs_or_logits(probs, logits, only_one)
        super().__init__(self._param.size(), validate_args=validate_args)
        if self._validate_args and self._is_given_by_probs and not (self.probs > 0).all():
            raise ValueError(
                f"Expected parameter probs ({type(self.probs).__name__} of shape {tuple(self.probs.shape)}) "
                f"of distribution {self!r} to be positive but found invalid values:\n"
                f"{self.probs[self.probs <= 0]}"
            )

    @property
    def mean(self):
        return 1 / self.probs - 1

    @property
    def mode(self):
        return _core.zeros_like(self.probs)

    @property
    def variance(self):
        return (1 / self.probs - 1) / self.probs

    def _sample(self, sample_shape):
        shape, dtype = self._extended_shape(sample_shape), self.probs.dtype
        points = _core.empty(shape, dtype=dtype, device=self.probs.device).uniform_(finfo(dtype).tiny, 1)
        return (points.log() / (-self.probs).log1p()).floor()

    def _log_prob(self, value):
        value, probs = broadcast_all(value, self.probs)
        # Where probs is 1, no failure is certain: 0 times log(0) counts as 0.
        failing = probs.masked_fill((probs == 1) & (value == 0), 0)
        return value * (-failing).log1p() + self.probs.log()

    def _entropy(self):
        return cross_entropy(self.logits, self.probs) / self.probs
