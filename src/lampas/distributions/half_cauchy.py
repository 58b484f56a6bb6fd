"""The half-Cauchy distribution: the Cauchy one's absolute value."""

from lampas import _core
from lampas.distributions.cauchy import Cauchy
from lampas.distributions.folded import Folded

__all__ = ["HalfCauchy"]


class HalfCauchy(Folded):
    """The distribution of |x|, where x has the Cauchy distribution about 0.

    Args:
        scale (float or Tensor): the median of |x|, above 0.

    Example:
        >>> HalfCauchy(1.0).cdf(lampas.tensor(1.0))
        tensor(0.5000)
    """

    _make_base = Cauchy

    @property
    def mean(self):
        return _core.full_like(self.scale, float("inf"))

    @property
    def variance(self):
        return self.base_dist.variance
