"""Where the parameters and the samples of distributions may lie, under the names of torch.distributions."""

from lampas import _core

__all__ = [
    "Constraint",
    "MixtureSameFamilyConstraint",
    "boolean",
    "dependent",
    "dependent_property",
    "greater_than",
    "greater_than_eq",
    "half_open_interval",
    "independent",
    "integer_interval",
    "interval",
    "is_dependent",
    "less_than",
    "lower_cholesky",
    "lower_triangular",
    "multinomial",
    "nonnegative",
    "nonnegative_integer",
    "one_hot",
    "positive",
    "positive_definite",
    "positive_integer",
    "positive_semidefinite",
    "real",
    "real_vector",
    "simplex",
    "square",
    "symmetric",
    "unit_interval",
]


class Constraint:
    """A region of values; `event_dim` rightmost dimensions are judged together.

    Example:
        >>> unit_interval.check(lampas.tensor([0.5, 2.0]))
        tensor([ True, False])
    """

    is_discrete = False
    event_dim = 0

    def check(self, value):
        """Return a bool tensor of shape value.shape[:value.dim() - event_dim]: which events lie inside."""
        return self._contains(value)

    def _contains(self, value):
        raise NotImplementedError

    def __repr__(self):
        bounds = ", ".join(f"{name}={bound}" for name, bound in vars(self).items())
        return f"{type(self).__name__.removeprefix('_')}({bounds})"


class _Dependent(Constraint):
    """Depends on other values, and so can be checked by its distribution alone."""

    def __init__(self, *, is_discrete=None, event_dim=None):
        self._is_discrete = is_discrete
        self._event_dim = event_dim
        super().__init__()

    @property
    def is_discrete(self):
        return self._known(self._is_discrete, "is_discrete")

    @property
    def event_dim(self):
        return self._known(self._event_dim, "event_dim")

    @staticmethod
    def _known(value, name):
        if value is None:
            raise NotImplementedError(f".{name} cannot be determined statically")
        return value

    def __call__(self, *, is_discrete=None, event_dim=None):
        return _Dependent(
            is_discrete=self._is_discrete if is_discrete is None else is_discrete,
            event_dim=self._event_dim if event_dim is None else event_dim,
        )

    def _contains(self, value):
        raise ValueError("Cannot determine validity of dependent constraint")

    def __repr__(self):
        return "Dependent()"


class dependent_property(property, _Dependent):
    """A property that computes a constraint from its object; asked for on the class, it is dependent.

    Args:
        is_discrete (bool, optional), event_dim (int, optional): what holds for every object of the class.
    """

    def __init__(self, getter=None, *, is_discrete=None, event_dim=None):
        super().__init__(getter)
        self._is_discrete = is_discrete
        self._event_dim = event_dim

    def __call__(self, getter):
        return dependent_property(getter, is_discrete=self._is_discrete, event_dim=self._event_dim)


def is_dependent(constraint):
    """Return whether a constraint can be checked by its distribution alone.

    Example:
        >>> is_dependent(real), is_dependent(dependent)
        (False, True)
    """
    return isinstance(constraint, _Dependent)


class _IndependentConstraint(Constraint):
    """Takes `reinterpreted_batch_ndims` more dimensions into the event of another constraint."""

    def __init__(self, base_constraint, reinterpreted_batch_ndims):
        self.base_constraint = base_constraint
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims

    @property
    def is_discrete(self):
        return self.base_constraint.is_discrete

    @property
    def event_dim(self):
        return self.base_constraint.event_dim + self.reinterpreted_batch_ndims

    def _contains(self, value):
        inside = self.base_constraint.check(value)
        count = self.reinterpreted_batch_ndims
        if inside.dim() < count:
            expected = self.base_constraint.event_dim + count
            raise ValueError(f"Expected value.dim() >= {expected} but got {value.dim()}")
        return inside.reshape((*inside.shape[: inside.dim() - count], -1)).all(-1)

    def __repr__(self):
        return f"IndependentConstraint({self.base_constraint!r}, {self.reinterpreted_batch_ndims})"


class _Discrete(Constraint):
    is_discrete = True


class _Boolean(_Discrete):
    def _contains(self, value):
        return (value == 0) | (value == 1)


class MixtureSameFamilyConstraint(Constraint):
    """The support of a mixture's components, for events that lack the dimension of the components.

    Args:
        base_constraint (Constraint): the components' support.
    """

    def __init__(self, base_constraint):
        self.base_constraint = base_constraint

    @property
    def is_discrete(self):
        return self.base_constraint.is_discrete

    @property
    def event_dim(self):
        return self.base_constraint.event_dim

    def _contains(self, value):
        unsqueezed = value.unsqueeze(-1 - self.event_dim)
        return self.base_constraint.check(unsqueezed).all(-1)

    def __repr__(self):
        return f"{type(self).__name__}({self.base_constraint!r})"


class _OneHot(_Discrete):
    event_dim = 1

    def _contains(self, value):
        return boolean.check(value).all(-1) & (value.sum(-1) == 1)


class _IntegerInterval(_Discrete):
    """Whole numbers from `lower_bound` to `upper_bound`, both included."""

    def __init__(self, lower_bound, upper_bound):
        self.lower_bound = lower_bound
        self.upper_bound = upper_bound

    def _contains(self, value):
        return (value % 1 == 0) & (self.lower_bound <= value) & (value <= self.upper_bound)


class _IntegerGreaterThan(_Discrete):
    """Whole numbers from the bound on, itself included."""

    def __init__(self, lower_bound):
        self.lower_bound = lower_bound

    def _contains(self, value):
        return (value % 1 == 0) & (value >= self.lower_bound)


class _Multinomial(_Discrete):
    """Vectors of counts whose sum is at most `upper_bound`."""

    event_dim = 1

    def __init__(self, upper_bound):
        self.upper_bound = upper_bound

    def _contains(self, value):
        return (value >= 0).all(-1) & (value.sum(-1) <= self.upper_bound)

    def __repr__(self):
        return "Multinomial()"


class _Real(Constraint):
    def _contains(self, value):
        return value == value  # anything but nan


class _GreaterThan(Constraint):
    """Numbers above `lower_bound`."""

    def __init__(self, lower_bound):
        self.lower_bound = lower_bound

    def _contains(self, value):
        return self.lower_bound < value


class _GreaterThanEq(_GreaterThan):
    """Numbers from `lower_bound` on."""

    def _contains(self, value):
        return self.lower_bound <= value


class _LessThan(Constraint):
    """Numbers below `upper_bound`."""

    def __init__(self, upper_bound):
        self.upper_bound = upper_bound

    def _contains(self, value):
        return value < self.upper_bound


class _Interval(Constraint):
    """Numbers from `lower_bound` to `upper_bound`, both included."""

    def __init__(self, lower_bound, upper_bound):
        self.lower_bound = lower_bound
        self.upper_bound = upper_bound

    def _contains(self, value):
        return (self.lower_bound <= value) & (value <= self.upper_bound)


class _HalfOpenInterval(_Interval):
    """Numbers from `lower_bound` on, below `upper_bound`."""

    def _contains(self, value):
        return (self.lower_bound <= value) & (value < self.upper_bound)


class _Simplex(Constraint):
    """Vectors of numbers from 0 on whose sum is 1."""

    event_dim = 1

    def _contains(self, value):
        return (value >= 0).all(-1) & ((value.sum(-1) - 1).abs() < 1e-6)


class _LowerTriangular(Constraint):
    event_dim = 2

    def _contains(self, value):
        return (value.tril() == value).all(-1).all(-1)


class _LowerCholesky(_LowerTriangular):
    """Lower triangular with numbers above 0 on the diagonal."""

    def _contains(self, value):
        return super()._contains(value) & (value.diagonal(dim1=-2, dim2=-1) > 0).all(-1)


class _Square(Constraint):
    event_dim = 2

    def _contains(self, value):
        is_square = value.shape[-2] == value.shape[-1]
        return _core.full(value.shape[:-2], is_square, dtype=_core.bool, device=value.device)


class _Symmetric(_Square):
    def _contains(self, value):
        square = super()._contains(value)
        if not square.all():
            return square
        return _core.isclose(value, value.mT, atol=1e-6).all(-1).all(-1)


class _PositiveDefinite(_Symmetric):
    def _contains(self, value):
        symmetric = super()._contains(value)
        if not symmetric.all():
            return symmetric
        from lampas.linalg import cholesky_ex  # only now: few distributions need a matrix

        return cholesky_ex(value).info == 0


class _PositiveSemidefinite(_Symmetric):
    def _contains(self, value):
        symmetric = super()._contains(value)
        if not symmetric.all():
            return symmetric
        from lampas.linalg import eigvalsh

        return (eigvalsh(value) >= 0).all(-1)


boolean = _Boolean()
dependent = _Dependent()
greater_than = _GreaterThan
greater_than_eq = _GreaterThanEq
half_open_interval = _HalfOpenInterval
independent = _IndependentConstraint
integer_interval = _IntegerInterval
interval = _Interval
less_than = _LessThan
lower_cholesky = _LowerCholesky()
lower_triangular = _LowerTriangular()
multinomial = _Multinomial
nonnegative = _GreaterThanEq(0.0)
nonnegative_integer = _IntegerGreaterThan(0)
one_hot = _OneHot()
positive = _GreaterThan(0.0)
positive_definite = _PositiveDefinite()
positive_semidefinite = _PositiveSemidefinite()
positive_integer = _IntegerGreaterThan(1)
real = _Real()
real_vector = _IndependentConstraint(real, 1)
simplex = _Simplex()
square = _Square()
symmetric = _Symmetric()
unit_interval = _Interval(0.0, 1.0)
