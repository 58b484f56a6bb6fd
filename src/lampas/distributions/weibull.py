"""The Weibull distribution: a power of the exponential one."""

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.exponential import Exponential
from lampas.distributions.transformed_distribution import TransformedDistribution
from lampas.distributions.transforms import AffineTransform, PowerTransform
from lampas.distributions.utils import broadcast_all, euler_constant

__all__ = ["Weibull"]


class Weibull(TransformedDistribution):
    """The distribution of scale x^(1 / concentration), where x is exponential with rate 1.

    Args:
        scale (float or Tensor): above 0.
        concentration (float or Tensor): above 0.

    Example:
        >>> Weibull(2.0, 1.0).mean
        tensor(2.)
    """

    arg_constraints = {"scale": constraints.positive, "concentration": constraints.positive}
    support = constraints.positive

    def __init__(self, scale, concentration, validate_args=None):
        self.scale, self.concentration = broadcast_all(scale, concentration)
        super().__init__(
            Exponential(_core.ones_like(self.scale), validate_args=validate_args),
            [PowerTransform(1 / self.concentration), AffineTransform(0, self.scale)],
            validate_args=validate_args,
        )

    def _mean_power(self, power):
        """Return the mean of the sample's power, for scale 1."""
        return (1 + power / self.concentration).lgamma().exp()

    @property
    def mean(self):
        return self.scale * self._mean_power(1)

    @property
    def mode(self):
        return self.scale * ((self.concentration - 1) / self.concentration) ** (1 / self.concentration)

    @property
    def variance(self):
        return self.scale**2 * (self._mean_power(2) - self._mean_power(1) ** 2)

    def _entropy(self):
        return euler_constant * (1 - 1 / self.concentration) + (self.scale / self.concentration).log() + 1
