"""One of K classes as a vector: 1 at the class, 0 elsewhere."""

from lampas import _core
from lampas.choosing import one_hot
from lampas.distributions import constraints
from lampas.distributions.categorical import OverCategorical

__all__ = ["OneHotCategorical", "OneHotCategoricalStraightThrough"]


class OneHotCategorical(OverCategorical):
    """The distribution of one-hot vectors of length K.

    Args:
        probs (Tensor, optional): weights of the classes, shape (..., K); they need not sum to 1.
        logits (Tensor, optional): logarithms of such weights; either this or `probs`.

    Example:
        >>> choice = OneHotCategorical(lampas.tensor([0.0, 1.0, 0.0]))
        >>> choice.sample(), choice.event_shape
        (tensor([0., 1., 0.]), torch.Size([3]))
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support = constraints.one_hot
    has_enumerate_support = True

    def __init__(self, probs=None, logits=None, validate_args=None):
        super().__init__(probs, logits, validate_args)

    @property
    def mean(self):
        return self.probs

    @property
    def mode(self):
        return one_hot(self._categorical.mode, self._event_shape[0]).to(self.probs.dtype)

    @property
    def variance(self):
        return self.probs * (1 - self.probs)

    def _sample(self, sample_shape):
        index = self._categorical.sample(sample_shape)
        return one_hot(index, self._event_shape[0]).to(self.probs.dtype)

    def _log_prob(self, value):
        return self._categorical.log_prob(value.argmax(-1))

    def _entropy(self):
        return self._categorical.entropy()

    def _support_values(self):
        return _core.eye(self._event_shape[0], dtype=self.probs.dtype, device=self.probs.device)


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """A OneHotCategorical whose samples pass gradients on to the probabilities as they are.

    Example:
        >>> probs = lampas.tensor([0.0, 1.0], requires_grad=True)
        >>> OneHotCategoricalStraightThrough(probs).rsample().requires_grad
        True

    Source: Y. Bengio et al., "Estimating or Propagating Gradients Through Stochastic Neurons", 2013.
    """

    has_rsample = True

    def _rsample(self, sample_shape):
        return self.sample(sample_shape) + (self.probs - self.probs.detach())
