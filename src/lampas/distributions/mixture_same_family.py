"""Mixtures of distributions of one family."""

from lampas.distributions import constraints
from lampas.distributions.categorical import Categorical
from lampas.distributions.constraints import MixtureSameFamilyConstraint
from lampas.distributions.distribution import Distribution

__all__ = ["MixtureSameFamily"]


class MixtureSameFamily(Distribution):
    """The distribution of draws from one of K components, which is drawn first.

    Args:
        mixture_distribution (Categorical): chooses the component, batch shape B.
        component_distribution (Distribution): the components, batch shape B + (K).

    Raises ValueError for shapes that do not fit.

    Example:
        >>> halves = Categorical(lampas.ones(2))
        >>> parts = lampas.distributions.Normal(lampas.tensor([-1.0, 3.0]), 1.0)
        >>> MixtureSameFamily(halves, parts).mean
        tensor(1.)
    """

    arg_constraints = {}
    has_rsample = False

    def __init__(self, mixture_distribution, component_distribution, validate_args=None):
        if not isinstance(mixture_distribution, Categorical):
            raise ValueError(
                " The Mixture distribution needs to be an  instance of torch.distributions.Categorical"
            )
        if not isinstance(component_distribution, Distribution):
            raise ValueError(
                "The Component distribution needs to be an instance of torch.distributions.Distribution"
            )
        mixture_batch = mixture_distribution.batch_shape
        component_batch = component_distribution.batch_shape[:-1]
        for chosen, given in zip(reversed(mixture_batch), reversed(component_batch), strict=False):
            if 1 not in (chosen, given) and chosen != given:
                raise ValueError(
                    f"`mixture_distribution.batch_shape` ({mixture_batch}) is not compatible with "
                    f"`component_distribution.batch_shape`({component_batch})"
                )
        count = mixture_distribution.logits.shape[-1]
        if count != component_distribution.batch_shape[-1]:
            raise ValueError(
                f"`mixture_distribution component` ({count}) does not equal "
                f"`component_distribution.batch_shape[-1]` ({component_distribution.batch_shape[-1]})"
            )
        self._mixture_distribution = mixture_distribution
        self._component_distribution = component_distribution
        self._num_component = count
        event_shape = component_distribution.event_shape
        self._event_ndims = len(event_shape)
        super().__init__(component_batch, event_shape, validate_args=validate_args)

    def _expand_inner(self, new, batch_shape):
        new._component_distribution = self.component_distribution.expand((*batch_shape, self._num_component))
        new._mixture_distribution = self.mixture_distribution.expand(batch_shape)

    @constraints.dependent_property
    def support(self):
        return MixtureSameFamilyConstraint(self.component_distribution.support)

    @property
    def mixture_distribution(self):
        return self._mixture_distribution

    @property
    def component_distribution(self):
        return self._component_distribution

    def _beside_events(self, tensor):
        """Return a tensor with as many dimensions of size 1 at its end as an event has."""
        return tensor.reshape(tensor.shape + (1,) * self._event_ndims)

    def _weighted(self, values):
        """Return the mean over the components, which are the last dimension before the event's."""
        weights = self._beside_events(self.mixture_distribution.probs)
        return (weights * values).sum(-1 - self._event_ndims)

    @property
    def mean(self):
        return self._weighted(self.component_distribution.mean)

    @property
    def variance(self):
        # The mean of the variances, and the variance of the means.
        means = self.component_distribution.mean
        distances = means - self.mean.unsqueeze(-1 - self._event_ndims)
        return self._weighted(self.component_distribution.variance) + self._weighted(distances**2)

    def _cdf(self, value):
        values = self.component_distribution.cdf(value.unsqueeze(-1 - self._event_ndims))
        return (values * self.mixture_distribution.probs).sum(-1)

    def _log_prob(self, value):
        log_probs = self.component_distribution.log_prob(value.unsqueeze(-1 - self._event_ndims))
        return (log_probs + self.mixture_distribution.logits.log_softmax(-1)).logsumexp(-1)

    def _sample(self, sample_shape):
        chosen = self.mixture_distribution.sample(sample_shape)
        values = self.component_distribution.sample(sample_shape)
        place = -1 - self._event_ndims
        chosen = self._beside_events(chosen.unsqueeze(-1))
        shape = list(values.shape)
        shape[place] = 1
        return values.gather(place, chosen.expand(shape)).squeeze(place)

    def __repr__(self):
        inner = f"{self.mixture_distribution},\n  {self.component_distribution}"
        return f"MixtureSameFamily(\n  {inner})"
