"""Takes dimensions of a distribution's batch into its event."""

from lampas.distributions import constraints
from lampas.distributions.distribution import Distribution
from lampas.distributions.utils import sum_rightmost

__all__ = ["Independent"]


class Independent(Distribution):
    """A distribution whose last batch dimensions count as one event: log probabilities are summed over them.

    Args:
        base_distribution (Distribution): what is reinterpreted.
        reinterpreted_batch_ndims (int): how many of its batch dimensions.

    Raises ValueError where the base has fewer.

    Example:
        >>> normal = lampas.distributions.Normal(lampas.zeros(2, 3), 1.0)
        >>> Independent(normal, 1).log_prob(lampas.zeros(2, 3))
        tensor([-2.7568, -2.7568])
    """

    arg_constraints = {}

    def __init__(self, base_distribution, reinterpreted_batch_ndims, validate_args=None):
        batch_ndims = len(base_distribution.batch_shape)
        if reinterpreted_batch_ndims > batch_ndims:
            raise ValueError(
                "Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), actual "
                f"{reinterpreted_batch_ndims} vs {batch_ndims}"
            )
        self.base_dist = base_distribution
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        shape = base_distribution.batch_shape + base_distribution.event_shape
        batch_ndims -= reinterpreted_batch_ndims
        super().__init__(shape[:batch_ndims], shape[batch_ndims:], validate_args=validate_args)

    def _expand_inner(self, new, batch_shape):
        reinterpreted = self._event_shape[: self.reinterpreted_batch_ndims]
        new.base_dist = self.base_dist.expand(batch_shape + reinterpreted)

    @property
    def has_rsample(self):
        return self.base_dist.has_rsample

    @property
    def has_enumerate_support(self):
        return self.reinterpreted_batch_ndims == 0 and self.base_dist.has_enumerate_support

    @constraints.dependent_property
    def support(self):
        support = self.base_dist.support
        count = self.reinterpreted_batch_ndims
        return constraints.independent(support, count) if count else support

    @property
    def mean(self):
        return self.base_dist.mean

    @property
    def mode(self):
        return self.base_dist.mode

    @property
    def variance(self):
        return self.base_dist.variance

    def _sample(self, sample_shape):
        return self.base_dist.sample(sample_shape)

    def _rsample(self, sample_shape):
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value):
        """Return the sum of the base's log probabilities over the reinterpreted dimensions."""
        return sum_rightmost(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def _entropy(self):
        return sum_rightmost(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def enumerate_support(self, expand=True):
        """Return all events of the base; see `Distribution.enumerate_support`."""
        if self.reinterpreted_batch_ndims > 0:
            raise NotImplementedError("Enumeration over cartesian product is not implemented")
        return self.base_dist.enumerate_support(expand=expand)

    def __repr__(self):
        return f"{type(self).__name__}({self.base_dist}, {self.reinterpreted_batch_ndims})"
