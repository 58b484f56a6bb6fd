"""The logistic-normal distribution of shares."""

from lampas.distributions import constraints
from lampas.distributions.normal import Normal
from lampas.distributions.transformed_distribution import TransformedDistribution
from lampas.distributions.transforms import StickBreakingTransform

__all__ = ["LogisticNormal"]


class LogisticNormal(TransformedDistribution):
    """The distribution of K + 1 shares, which sum to 1, that K normal numbers break off a stick.

    Args:
        loc (float or Tensor): the means of the numbers, shape (..., K).
        scale (float or Tensor): their standard deviations, above 0.

    Example:
        >>> LogisticNormal(lampas.zeros(2), lampas.ones(2)).sample().sum()
        tensor(1.)
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.simplex
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        base = Normal(loc, scale, validate_args=validate_args)
        if not base.batch_shape:
            base = base.expand((1,))
        super().__init__(base, StickBreakingTransform(), validate_args=validate_args)

    @property
    def loc(self):
        return self.base_dist.base_dist.loc

    @property
    def scale(self):
        return self.base_dist.base_dist.scale
