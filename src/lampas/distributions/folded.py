"""Absolute values of what is distributed symmetrically about 0."""

import math

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.transformed_distribution import TransformedDistribution
from lampas.distributions.transforms import AbsTransform

__all__ = ["Folded"]


class Folded(TransformedDistribution):
    """The distribution of |x|; subclasses say in `_make_base` where x comes from.

    Args:
        scale (float or Tensor): the scale of x, above 0.

    Example:
        >>> issubclass(lampas.distributions.HalfNormal, Folded)
        True
    """

    arg_constraints = {"scale": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, scale, validate_args=None):
        # The base would name its own parameters in an error; this class checks the scale itself.
        base = self._make_base(0, scale, validate_args=False)
        super().__init__(base, AbsTransform(), validate_args=validate_args)

    @property
    def scale(self):
        return self.base_dist.scale

    @property
    def mode(self):
        return _core.zeros_like(self.scale)

    def _log_prob(self, value):
        log_prob = self.base_dist.log_prob(value) + math.log(2)
        return _core.where(value >= 0, log_prob, -float("inf"))

    def cdf(self, value):
        """Return the probability of events up to `value`."""
        if self._validate_args:
            self._validate_sample(value)
        return 2 * self.base_dist.cdf(value) - 1

    def _icdf(self, value):
        return self.base_dist.icdf((value + 1) / 2)

    def _entropy(self):
        return self.base_dist.entropy() - math.log(2)
