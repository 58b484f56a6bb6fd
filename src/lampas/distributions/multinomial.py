"""The multinomial distribution: how often each of K classes comes in a number of draws."""

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.binomial import Binomial
from lampas.distributions.categorical import OverCategorical
from lampas.distributions.utils import broadcast_all

__all__ = ["Multinomial"]


class Multinomial(OverCategorical):
    """The distribution of the counts of K classes in `total_count` draws.

    Args:
        total_count (int): the number of draws.
        probs (Tensor, optional): weights of the classes, shape (..., K); they need not sum to 1.
        logits (Tensor, optional): logarithms of such weights; either this or `probs`.

    Example:
        >>> Multinomial(10, lampas.ones(4)).sample().sum()
        tensor(10.)
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}

    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported")
        self.total_count = total_count
        super().__init__(probs, logits, validate_args)
        self._binomial = Binomial(total_count, probs=self.probs)

    @constraints.dependent_property(is_discrete=True, event_dim=1)
    def support(self):
        return constraints.multinomial(self.total_count)

    @property
    def mean(self):
        return self.probs * self.total_count

    @property
    def variance(self):
        return self.total_count * self.probs * (1 - self.probs)

    def _sample(self, sample_shape):
        draws = self._categorical.sample(_core.Size((self.total_count, *sample_shape))).movedim(0, -1)
        shape = self._extended_shape(sample_shape)
        counts = _core.zeros(shape, dtype=_core.int64, device=draws.device)
        return counts.scatter_add(-1, draws, _core.ones_like(draws)).to(self.probs.dtype)

    def _log_prob(self, value):
        logits, value = broadcast_all(self.logits, value)
        # A class that cannot come and did not: 0 times -inf counts as 0.
        logits = logits.masked_fill((value == 0) & (logits == -float("inf")), 0)
        ways = (value.sum(-1) + 1).lgamma() - (value + 1).lgamma().sum(-1)
        return ways + (logits * value).sum(-1)

    def _entropy(self):
        # n draws' entropy, less log n!, plus the mean of the sum of log k! over the classes' counts k.
        count = _core.tensor(float(self.total_count), dtype=self.probs.dtype, device=self.probs.device)
        counts = self._binomial.enumerate_support(expand=False)[1:]
        of_counts = self._binomial._log_prob(counts).exp() * (counts + 1).lgamma()
        return count * self._categorical.entropy() - (count + 1).lgamma() + of_counts.sum(0).sum(-1)
