"""The half-normal distribution: the normal one's absolute value."""

import math

from lampas.distributions.folded import Folded
from lampas.distributions.normal import Normal

__all__ = ["HalfNormal"]


class HalfNormal(Folded):
    """The distribution of |x|, where x is normal with mean 0.

    Args:
        scale (float or Tensor): the standard deviation of x, above 0.

    Example:
        >>> HalfNormal(1.0).mean
        tensor(0.7979)
    """

    _make_base = Normal

    @property
    def mean(self):
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self):
        return self.scale**2 * (1 - 2 / math.pi)
