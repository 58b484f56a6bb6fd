"""The distribution of a transform of what another distribution gives."""

from lampas.distributions import constraints
from lampas.distributions.distribution import Distribution
from lampas.distributions.independent import Independent
from lampas.distributions.transforms import ComposeTransform, Transform
from lampas.distributions.utils import sum_rightmost

__all__ = ["TransformedDistribution"]


class TransformedDistribution(Distribution):
    """The distribution of y = f(x), where x comes from `base_distribution`.

    Args:
        base_distribution (Distribution): where x comes from.
        transforms (Transform or list of Transform): f, or its parts, the first applied first.

    Raises ValueError for transforms that are none, or that need more dimensions than the base has.

    Example:
        >>> normal = lampas.distributions.Normal(0.0, 1.0)
        >>> parts = [lampas.distributions.TanhTransform(), lampas.distributions.AffineTransform(0.0, 2.0)]
        >>> TransformedDistribution(normal, parts).log_prob(lampas.tensor(0.0))
        tensor(-1.6121)

    The density: log p(y) = log p(x) - log |det dy/dx|.
    """

    arg_constraints = {}

    def __init__(self, base_distribution, transforms, validate_args=None):
        if isinstance(transforms, Transform):
            transforms = [transforms]
        elif not isinstance(transforms, list):
            raise ValueError(f"transforms must be a Transform or list, but was {transforms}")
        elif not all(isinstance(each, Transform) for each in transforms):
            raise ValueError("transforms must be a Transform or a list of Transforms")
        self.transforms = transforms
        # The base gets the batch that the transforms' parameters have, and the dimensions they take together.
        base_shape = base_distribution.batch_shape + base_distribution.event_shape
        base_event_dim = len(base_distribution.event_shape)
        whole = ComposeTransform(transforms)
        if len(base_shape) < whole.domain.event_dim:
            raise ValueError(
                "base_distribution needs to have shape with size at least "
                f"{whole.domain.event_dim}, but got {base_shape}."
            )
        shape = whole.forward_shape(base_shape)
        expanded_shape = whole.inverse_shape(shape)
        if base_shape != expanded_shape:
            base_batch_shape = expanded_shape[: len(expanded_shape) - base_event_dim]
            base_distribution = base_distribution.expand(base_batch_shape)
        reinterpreted = whole.domain.event_dim - base_event_dim
        if reinterpreted > 0:
            base_distribution = Independent(base_distribution, reinterpreted)
        self.base_dist = base_distribution
        event_start = len(shape) - whole.codomain.event_dim - max(-reinterpreted, 0)
        super().__init__(shape[:event_start], shape[event_start:], validate_args=validate_args)

    def _expand_inner(self, new, batch_shape):
        shape = ComposeTransform(self.transforms).inverse_shape(batch_shape + self._event_shape)
        base_event_dim = len(self.base_dist.event_shape)
        new.base_dist = self.base_dist.expand(shape[: len(shape) - base_event_dim])

    @constraints.dependent_property(is_discrete=False)
    def support(self):
        if not self.transforms:
            return self.base_dist.support
        support = self.transforms[-1].codomain
        extra = len(self._event_shape) - support.event_dim
        return constraints.independent(support, extra) if extra > 0 else support

    @property
    def has_rsample(self):
        return self.base_dist.has_rsample

    def _sample(self, sample_shape):
        return self._transformed(self.base_dist.sample(sample_shape))

    def _rsample(self, sample_shape):
        return self._transformed(self.base_dist.rsample(sample_shape))

    def _transformed(self, value):
        for transform in self.transforms:
            value = transform(value)
        return value

    def _log_prob(self, value):
        event_dim = len(self._event_shape)
        jacobian = 0.0
        for transform in reversed(self.transforms):
            before = transform.inv(value)
            event_dim += transform.domain.event_dim - transform.codomain.event_dim
            term = transform.log_abs_det_jacobian(before, value)
            jacobian = jacobian + sum_rightmost(term, event_dim - transform.domain.event_dim)
            value = before
        extra = event_dim - len(self.base_dist.event_shape)
        return sum_rightmost(self.base_dist.log_prob(value), extra) - jacobian

    def _turned(self, probability):
        """Return 1 - probability where the transforms together fall, probability where they rise."""
        sign = 1
        for transform in self.transforms:
            sign = sign * transform.sign
        if isinstance(sign, int) and sign == 1:
            return probability
        return sign * (probability - 0.5) + 0.5

    def cdf(self, value):
        """Return the probability of events up to `value`, for transforms that rise or fall everywhere."""
        for transform in reversed(self.transforms):
            value = transform.inv(value)
        if self._validate_args:
            self.base_dist._validate_sample(value)
        return self._turned(self.base_dist.cdf(value))

    def _icdf(self, value):
        return self._transformed(self.base_dist.icdf(self._turned(value)))
