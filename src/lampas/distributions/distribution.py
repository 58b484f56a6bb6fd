"""What every distribution has: shapes, checks of parameters and samples, methods that subclasses fill in."""

import warnings

from lampas import _core
from lampas.autograd.grad_mode import no_grad
from lampas.distributions import constraints
from lampas.distributions.utils import lazy_property

__all__ = ["Distribution"]


def _defining_class(kind, name):
    return next(each for each in kind.__mro__ if name in vars(each))


class Distribution:
    """A distribution over events of shape `event_shape`, one for each place of `batch_shape`.

    Args:
        batch_shape, event_shape (Size): its shapes.
        validate_args (bool, optional): whether parameters and samples are checked; by default as
            `set_default_validate_args` says, which is True unless Python runs with -O.

    A subclass says in `arg_constraints` which parameters it has, sets them before it calls this constructor,
    and defines the methods it can answer: `_log_prob`, `_rsample`, `_sample`, `_entropy`, `_cdf`, `_icdf`,
    `_support_values`, or the public ones themselves.

    Raises ValueError for a parameter outside its constraint.

    Example:
        >>> normal = lampas.distributions.Normal(lampas.zeros(3), 1.0)
        >>> normal.batch_shape, normal.event_shape, normal.sample((2,)).shape
        (torch.Size([3]), torch.Size([]), torch.Size([2, 3]))
    """

    has_rsample = False
    has_enumerate_support = False
    _validate_args = __debug__

    @staticmethod
    def set_default_validate_args(value):
        """Set whether distributions made from now on check parameters and samples."""
        if value not in (True, False):
            raise ValueError
        Distribution._validate_args = value

    def __init__(self, batch_shape=_core.Size(), event_shape=_core.Size(), validate_args=None):  # noqa: B008
        self._batch_shape = batch_shape
        self._event_shape = event_shape
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            self._check_parameters()
        super().__init__()

    def _check_parameters(self):
        try:
            arg_constraints = self.arg_constraints
        except NotImplementedError:
            warnings.warn(
                f"{type(self)} does not define `arg_constraints`. Please set `arg_constraints = {{}}` or "
                "initialize the distribution with `validate_args=False` to turn off validation.",
                stacklevel=3,
            )
            return
        for name, constraint in arg_constraints.items():
            is_derived = name not in vars(self) and isinstance(getattr(type(self), name, None), lazy_property)
            if constraints.is_dependent(constraint) or is_derived:
                continue
            value = getattr(self, name)
            if not constraint.check(value).all():
                raise ValueError(
                    f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of "
                    f"distribution {self!r} to satisfy the constraint {constraint!r}, but found invalid "
                    f"values:\n{value}"
                )

    @property
    def batch_shape(self):
        """Size: the shape of the parameters."""
        return self._batch_shape

    @property
    def event_shape(self):
        """Size: the shape of one event, without the batch."""
        return self._event_shape

    @property
    def arg_constraints(self):
        """Dict[str, Constraint]: what each parameter has to satisfy."""
        raise NotImplementedError

    @property
    def support(self):
        """Constraint: what every sample satisfies."""
        raise NotImplementedError

    @property
    def mean(self):
        """Tensor: the mean, of shape batch_shape + event_shape."""
        raise NotImplementedError

    @property
    def mode(self):
        """Tensor: the likeliest event, of shape batch_shape + event_shape."""
        raise NotImplementedError(f"{type(self)} does not implement mode")

    @property
    def variance(self):
        """Tensor: the variance, of shape batch_shape + event_shape."""
        raise NotImplementedError

    @property
    def stddev(self):
        """Tensor: the square root of the variance."""
        return self.variance.sqrt()

    def expand(self, batch_shape, _instance=None):
        """Return the distribution with its parameters expanded to another batch shape, as views.

        Args:
            batch_shape (Size): what the present batch shape can be expanded to.
            _instance (Distribution, optional): an object without parameters to fill, for subclasses.

        Raises NotImplementedError for a subclass with a constructor but no `arg_constraints` of its own.
        """
        owner = _defining_class(type(self), "arg_constraints")
        if owner is Distribution:
            raise NotImplementedError
        batch_shape = _core.Size(batch_shape)
        new = self._get_checked_instance(owner, _instance)
        # What a subclass has set already, before it calls this, stays.
        new.__dict__.update({**vars(self), **vars(new)})
        new._batch_shape = batch_shape
        present = {name: each for name, each in self.arg_constraints.items() if name in vars(self)}
        for name, constraint in present.items():
            value = getattr(self, name)
            event_shape = value.shape[value.dim() - constraint.event_dim :]
            setattr(new, name, value.expand(batch_shape + event_shape))
        if not present and type(self)._expand_inner is Distribution._expand_inner:
            raise NotImplementedError
        self._expand_inner(new, batch_shape)
        return new

    def _expand_inner(self, new, batch_shape):
        """Set the distributions inside of `new`, which has a copy of all attributes, to expanded ones."""

    def _get_checked_instance(self, cls, _instance=None):
        """Return an object that no constructor has seen, for `expand`; `cls` is who knows its parameters."""
        if _instance is None and type(self).__init__ != cls.__init__:
            raise NotImplementedError(
                f"Subclass {type(self).__name__} of {cls.__name__} that defines a custom __init__ method "
                "must also define a custom .expand() method."
            )
        return self.__new__(type(self)) if _instance is None else _instance

    def sample(self, sample_shape=_core.Size()):  # noqa: B008
        """Return samples of shape sample_shape + batch_shape + event_shape, without gradients."""
        with no_grad():
            return self._sample(_core.Size(sample_shape))

    def _sample(self, sample_shape):
        return self.rsample(sample_shape)

    def rsample(self, sample_shape=_core.Size()):  # noqa: B008
        """Return samples of shape sample_shape + batch_shape + event_shape, differentiable by parameters.

        Raises NotImplementedError where `has_rsample` is False.

        Source: D. Kingma and M. Welling, "Auto-Encoding Variational Bayes", 2014, section 2.4.
        """
        return self._rsample(_core.Size(sample_shape))

    def _rsample(self, sample_shape):
        raise NotImplementedError

    def log_prob(self, value):
        """Return the logarithm of the density or of the probability of events.

        Args:
            value (Tensor): events, of a shape that broadcasts to batch_shape + event_shape.

        Raises ValueError for events outside the support.
        """
        if self._validate_args:
            self._validate_sample(value)
        return self._log_prob(value)

    def _log_prob(self, value):
        raise NotImplementedError

    def cdf(self, value):
        """Return the probability of events up to `value`.

        Raises ValueError for a value outside the support.
        """
        if self._validate_args:
            self._validate_sample(value)
        return self._cdf(value)

    def _cdf(self, value):
        raise NotImplementedError

    def icdf(self, value):
        """Return the events up to which lies the probability `value`: the inverse of `cdf`."""
        return self._icdf(value)

    def _icdf(self, value):
        raise NotImplementedError

    def enumerate_support(self, expand=True):
        """Return all events of a discrete distribution along a new first dimension.

        Args:
            expand (bool): whether the result has the batch's shape, or 1 in its place.

        Raises NotImplementedError where `has_enumerate_support` is False.
        """
        values = self._support_values()
        values = values.reshape((-1, *(1,) * len(self._batch_shape), *self._event_shape))
        return values.expand((-1, *self._batch_shape, *self._event_shape)) if expand else values

    def _support_values(self):
        """Return all events of one place of the batch, along the first dimension."""
        raise NotImplementedError

    def entropy(self):
        """Return the entropy in nats, of shape batch_shape."""
        return self._entropy()

    def _entropy(self):
        raise NotImplementedError

    def perplexity(self):
        """Return exp of the entropy, of shape batch_shape."""
        return self.entropy().exp()

    def _extended_shape(self, sample_shape=_core.Size()):  # noqa: B008
        return _core.Size((*sample_shape, *self._batch_shape, *self._event_shape))

    def _validate_sample(self, value):
        if not isinstance(value, _core.Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        event_start = value.dim() - len(self._event_shape)
        if value.size()[event_start:] != self._event_shape:
            raise ValueError(
                f"The right-most size of value must match event_shape: {value.size()} vs {self._event_shape}."
            )
        expected = self._batch_shape + self._event_shape
        for ours, theirs in zip(reversed(value.size()), reversed(expected), strict=False):
            if 1 not in (ours, theirs) and ours != theirs:
                raise ValueError(
                    f"Value is not broadcastable with batch_shape+event_shape: {value.size()} vs {expected}."
                )
        try:
            support = self.support
        except NotImplementedError:
            warnings.warn(
                f"{type(self)} does not define `support` to enable sample validation. Please initialize "
                "the distribution with `validate_args=False` to turn off validation.",
                stacklevel=3,
            )
            return
        if not support.check(value).all():
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(value.shape)}) to be "
                f"within the support ({support!r}) of the distribution {self!r}, but found invalid "
                f"values:\n{value}"
            )

    def __repr__(self):
        given = {name: vars(self)[name] for name in self.arg_constraints if name in vars(self)}
        shown = [f"{name}: {value if value.numel() == 1 else value.size()}" for name, value in given.items()]
        return f"{type(self).__name__}({', '.join(shown)})"
