"""The Pareto distribution of sizes above a least one."""

from lampas.distributions import constraints
from lampas.distributions.exponential import Exponential
from lampas.distributions.transformed_distribution import TransformedDistribution
from lampas.distributions.transforms import AffineTransform, ExpTransform
from lampas.distributions.utils import broadcast_all

__all__ = ["Pareto"]


class Pareto(TransformedDistribution):
    """The distribution of scale exp(x), where x is exponential with rate alpha.

    Args:
        scale (float or Tensor): the least value, above 0.
        alpha (float or Tensor): above 0; the larger, the fewer large values.

    Example:
        >>> Pareto(1.0, 3.0).mean
        tensor(1.5000)
    """

    arg_constraints = {"alpha": constraints.positive, "scale": constraints.positive}

    def __init__(self, scale, alpha, validate_args=None):
        self.scale, self.alpha = broadcast_all(scale, alpha)
        super().__init__(
            Exponential(self.alpha, validate_args=validate_args),
            [ExpTransform(), AffineTransform(0, self.scale)],
            validate_args=validate_args,
        )

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self):
        return constraints.greater_than_eq(self.scale)

    @property
    def mean(self):
        # Infinite for an alpha up to 1.
        alpha = self.alpha.clamp(min=1)
        return alpha * self.scale / (alpha - 1)

    @property
    def mode(self):
        return self.scale

    @property
    def variance(self):
        # Infinite for an alpha up to 2.
        alpha = self.alpha.clamp(min=2)
        return self.scale**2 * alpha / ((alpha - 1) ** 2 * (alpha - 2))

    def _entropy(self):
        return (self.scale / self.alpha).log() + (1 + 1 / self.alpha)
