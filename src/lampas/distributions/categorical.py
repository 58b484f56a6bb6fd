"""The categorical distribution: one of K classes, as its index."""

from lampas import _core
from lampas.choosing import multinomial
from lampas.distributions import constraints
from lampas.distributions.distribution import Distribution
from lampas.distributions.utils import GivenByProbsOrLogits
from lampas.functional import broadcast_tensors
from lampas.numeric_limits import finfo

__all__ = ["Categorical"]


class Categorical(GivenByProbsOrLogits, Distribution):
    """The distribution of the class indices 0 … K - 1.

    Args:
        probs (Tensor, optional): weights of the classes, shape (..., K); they need not sum to 1.
        logits (Tensor, optional): logarithms of such weights; either this or `probs`.

    Example:
        >>> choice = Categorical(lampas.tensor([0.25, 0.75]))
        >>> choice.log_prob(lampas.tensor([0, 1]))
        tensor([-1.3863, -0.2877])
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    has_enumerate_support = True
    _is_binary = False

    def __init__(self, probs=None, logits=None, validate_args=None):
        self._set_probs_or_logits(probs, logits)
        if self._param.dim() < 1:
            name = "probs" if self._is_given_by_probs else "logits"
            raise ValueError(f"`{name}` parameter must be at least one-dimensional.")
        if self._is_given_by_probs:
            self.probs = self.probs / self.probs.sum(-1, keepdim=True)
        else:
            self.logits = self.logits - self.logits.logsumexp(-1, keepdim=True)
        self._num_events = self._param.size()[-1]
        super().__init__(self._param.size()[:-1], validate_args=validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self):
        return constraints.integer_interval(0, self._num_events - 1)

    @property
    def mean(self):
        return self._full_of_nan()

    @property
    def mode(self):
        return self.probs.argmax(-1)

    @property
    def variance(self):
        return self._full_of_nan()

    def _full_of_nan(self):
        return _core.full(self._batch_shape, float("nan"), dtype=self.probs.dtype, device=self.probs.device)

    def _sample(self, sample_shape):
        rows = self.probs.reshape(-1, self._num_events)
        drawn = multinomial(rows, sample_shape.numel(), replacement=True)
        return drawn.T.reshape(self._extended_shape(sample_shape))

    def _log_prob(self, value):
        index, logits = broadcast_tensors(value.long().unsqueeze(-1), self.logits)
        return logits.gather(-1, index[..., :1]).squeeze(-1)

    def _entropy(self):
        # Of a class with probability 0 the logarithm is -inf; 0 times the lowest number is 0.
        logits = self.logits.clamp(min=finfo(self.logits.dtype).min)
        return -(logits * self.probs).sum(-1)

    def _support_values(self):
        return _core.arange(self._num_events, dtype=_core.int64, device=self._param.device)


class OverCategorical(Distribution):
    """What distributions of vectors of length K have in common that hold a Categorical of K classes."""

    def __init__(self, probs, logits, validate_args):
        self._categorical = Categorical(probs, logits)
        shape = self._categorical.param_shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    def _expand_inner(self, new, batch_shape):
        new._categorical = self._categorical.expand(batch_shape)

    @property
    def probs(self):
        return self._categorical.probs

    @property
    def logits(self):
        return self._categorical.logits

    @property
    def param_shape(self):
        return self._categorical.param_shape
