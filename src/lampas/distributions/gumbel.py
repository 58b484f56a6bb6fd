"""The Gumbel distribution of largest values."""

import math

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.transformed_distribution import TransformedDistribution
from lampas.distributions.transforms import AffineTransform, ExpTransform
from lampas.distributions.uniform import Uniform
from lampas.distributions.utils import broadcast_all, euler_constant
from lampas.numeric_limits import finfo

__all__ = ["Gumbel"]


class Gumbel(TransformedDistribution):
    """The Gumbel distribution: loc - scale log(-log(u)), where u is uniform over (0, 1).

    Args:
        loc (float or Tensor): the mode.
        scale (float or Tensor): above 0.

    Example:
        >>> Gumbel(0.0, 1.0).mean
        tensor(0.5772)
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        limits = finfo(self.loc.dtype)
        low = _core.full_like(self.loc, limits.tiny)
        high = _core.full_like(self.loc, 1 - limits.eps)
        super().__init__(
            Uniform(low, high, validate_args=validate_args),
            [
                ExpTransform().inv,
                AffineTransform(loc=0, scale=-_core.ones_like(self.scale)),
                ExpTransform().inv,
                AffineTransform(loc=self.loc, scale=-self.scale),
            ],
            validate_args=validate_args,
        )

    @property
    def mean(self):
        return self.loc + self.scale * euler_constant

    @property
    def mode(self):
        return self.loc

    @property
    def stddev(self):
        return math.pi / math.sqrt(6) * self.scale

    @property
    def variance(self):
        return self.stddev**2

    def _log_prob(self, value):
        distance = (self.loc - value) / self.scale
        return distance - distance.exp() - self.scale.log()

    def _entropy(self):
        return self.scale.log() + (1 + euler_constant)
