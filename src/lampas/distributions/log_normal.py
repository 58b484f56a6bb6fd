"""The log-normal distribution: exp of the normal one."""

from lampas.distributions import constraints
from lampas.distributions.normal import Normal
from lampas.distributions.transformed_distribution import TransformedDistribution
from lampas.distributions.transforms import ExpTransform

__all__ = ["LogNormal"]


class LogNormal(TransformedDistribution):
    """The distribution of exp(x), where x is normal.

    Args:
        loc (float or Tensor): the mean of x.
        scale (float or Tensor): the standard deviation of x, above 0.

    Example:
        >>> LogNormal(0.0, 1.0).mean
        tensor(1.6487)
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.positive
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        base = Normal(loc, scale, validate_args=validate_args)
        super().__init__(base, ExpTransform(), validate_args=validate_args)

    @property
    def loc(self):
        return self.base_dist.loc

    @property
    def scale(self):
        return self.base_dist.scale

    @property
    def mean(self):
        return (self.loc + self.scale**2 / 2).exp()

    @property
    def mode(self):
        return (self.loc - self.scale**2).exp()

    @property
    def variance(self):
        squared = self.scale**2
        return squared.expm1() * (2 * self.loc + squared).exp()

    def _entropy(self):
        return self.base_dist.entropy() + self.loc
