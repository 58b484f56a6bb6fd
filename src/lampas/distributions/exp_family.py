"""Exponential families: densities h(x) exp(natural parameters . statistics(x) - log normalizer)."""

from lampas.autograd import grad
from lampas.distributions.distribution import Distribution
from lampas.distributions.utils import sum_rightmost

__all__ = ["ExponentialFamily"]


class ExponentialFamily(Distribution):
    """A distribution that tells its natural parameters and log normalizer, which give entropy and divergence.

    A subclass defines `_natural_params`, `_log_normalizer(*natural_params)` and `_mean_carrier_measure`, the
    mean of log h(x).

    Example:
        >>> isinstance(lampas.distributions.Normal(0.0, 1.0), ExponentialFamily)
        True

    Source: F. Nielsen and R. Nock, "Entropies and cross-entropies of exponential families", 2010.
    """

    @property
    def _natural_params(self):
        raise NotImplementedError

    def _log_normalizer(self, *natural_params):
        raise NotImplementedError

    @property
    def _mean_carrier_measure(self):
        raise NotImplementedError

    def _normalizer_and_means(self):
        """Return natural parameters, their log normalizer, and its derivatives: the statistics' means."""
        parameters = [each.detach().requires_grad_() for each in self._natural_params]
        normalizer = self._log_normalizer(*parameters)
        return parameters, normalizer, grad(normalizer.sum(), parameters, create_graph=True)

    def _entropy(self):
        # log normalizer - natural parameters . means of the statistics - mean of log h.
        parameters, entropy, means = self._normalizer_and_means()
        carrier = self._mean_carrier_measure
        event_dim = len(self.event_shape)
        for parameter, mean in zip(parameters, means, strict=True):
            entropy = entropy - sum_rightmost(parameter * mean, event_dim)
        return entropy - carrier
