"""What every transform has; inverses, chains of transforms, transforms over more dimensions."""

import copy
import weakref

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.utils import sum_rightmost

__all__ = ["ComposeTransform", "IndependentTransform", "ReshapeTransform", "Transform", "identity_transform"]


class Transform:
    """A transform y = f(x) that knows log |det dy/dx|.

    Args:
        cache_size (int): 1 to remember the last pair of x and y, so that the inverse of a y that was just
            computed is its x and no computation; 0 to remember nothing.

    A subclass defines `domain` and `codomain`, `_call(x)`, `_inverse(y)`, `_log_abs_det_jacobian(x, y)` (or
    the public method of that name), `bijective`, and `sign` where f is monotone.

    Example:
        >>> exp = lampas.distributions.ExpTransform()
        >>> exp(lampas.tensor(0.0)), exp.inv(lampas.tensor(1.0))
        (tensor(1.), tensor(0.))
    """

    bijective = False

    def __init__(self, cache_size=0):
        if cache_size not in (0, 1):
            raise ValueError("cache_size must be 0 or 1")
        self._cache_size = cache_size
        self._cached_pair = None, None
        self._inv = None
        super().__init__()

    def __getstate__(self):
        # A weak reference cannot be pickled, and the inverse is made again when it is asked for.
        return {**vars(self), "_inv": None, "_cached_pair": (None, None)}

    @property
    def event_dim(self):
        """int: how many rightmost dimensions are transformed together."""
        if self.domain.event_dim != self.codomain.event_dim:
            raise ValueError("Please use either .domain.event_dim or .codomain.event_dim")
        return self.domain.event_dim

    @property
    def inv(self):
        """Transform: the inverse, which is made once and lives as long as someone holds it."""
        inverse = None if self._inv is None else self._inv()
        if inverse is None:
            inverse = _InverseTransform(self)
            self._inv = weakref.ref(inverse)
        return inverse

    @property
    def sign(self):
        """int or Tensor: 1 where f rises, -1 where it falls."""
        raise NotImplementedError

    def with_cache(self, cache_size=1):
        """Return the transform with another size of its cache."""
        if self._cache_size == cache_size:
            return self
        new = copy.copy(self)
        Transform.__init__(new, cache_size)
        return new

    def __eq__(self, other):
        return self is other

    __hash__ = object.__hash__

    def __call__(self, x):
        if self._cache_size == 0:
            return self._call(x)
        cached_x, cached_y = self._cached_pair
        if x is cached_x:
            return cached_y
        y = self._call(x)
        self._cached_pair = x, y
        return y

    def _inv_call(self, y):
        if self._cache_size == 0:
            return self._inverse(y)
        cached_x, cached_y = self._cached_pair
        if y is cached_y:
            return cached_x
        x = self._inverse(y)
        self._cached_pair = x, y
        return x

    def _call(self, x):
        raise NotImplementedError

    def _inverse(self, y):
        raise NotImplementedError

    def log_abs_det_jacobian(self, x, y):
        """Return log |det dy/dx| at x, where y = f(x), without the dimensions of the event."""
        return self._log_abs_det_jacobian(x, y)

    def _log_abs_det_jacobian(self, x, y):
        raise NotImplementedError

    def __repr__(self):
        return f"{type(self).__name__}()"

    def forward_shape(self, shape):
        """Return the shape of f(x) for an x of the given shape."""
        return self._forward_shape(shape)

    def inverse_shape(self, shape):
        """Return the shape of x for an f(x) of the given shape."""
        return self._inverse_shape(shape)

    def _forward_shape(self, shape):
        return shape

    def _inverse_shape(self, shape):
        return shape


class OfOneKind(Transform):
    """A transform without parameters, which equals every other of its class."""

    def __eq__(self, other):
        return type(self) is type(other)

    __hash__ = Transform.__hash__


class _InverseTransform(Transform):
    """The inverse of another transform, with whose cache it works."""

    def __init__(self, transform):
        super().__init__(cache_size=transform._cache_size)
        self._transform = transform

    @constraints.dependent_property(is_discrete=False)
    def domain(self):
        return self._transform.codomain

    @constraints.dependent_property(is_discrete=False)
    def codomain(self):
        return self._transform.domain

    @property
    def bijective(self):
        return self._transform.bijective

    @property
    def sign(self):
        return self._transform.sign

    @property
    def inv(self):
        return self._transform

    def with_cache(self, cache_size=1):
        return self._transform.with_cache(cache_size).inv

    def __eq__(self, other):
        return isinstance(other, _InverseTransform) and self._transform == other._transform

    __hash__ = Transform.__hash__

    def __call__(self, x):
        return self._transform._inv_call(x)

    def _log_abs_det_jacobian(self, x, y):
        return -self._transform.log_abs_det_jacobian(y, x)

    def _forward_shape(self, shape):
        return self._transform.inverse_shape(shape)

    def _inverse_shape(self, shape):
        return self._transform.forward_shape(shape)

    def __repr__(self):
        return f"{type(self).__name__}({self._transform!r})"


class ComposeTransform(Transform):
    """Transforms one after the other.

    Args:
        parts (list of Transform): the first is applied first.
        cache_size (int): 0 or 1.

    Example:
        >>> exp = lampas.distributions.ExpTransform()
        >>> ComposeTransform([exp, exp.inv])(lampas.tensor(3.0))
        tensor(3.)
    """

    def __init__(self, parts, cache_size=0):
        self.parts = [part.with_cache(cache_size) for part in parts] if cache_size else parts
        super().__init__(cache_size=cache_size)

    def with_cache(self, cache_size=1):
        """Return the transform with another size of its cache; parts get caches, and keep those they have."""
        return self if self._cache_size == cache_size else ComposeTransform(self.parts, cache_size)

    def __eq__(self, other):
        return isinstance(other, ComposeTransform) and self.parts == other.parts

    __hash__ = Transform.__hash__

    @constraints.dependent_property(is_discrete=False)
    def domain(self):
        return self._end("domain", "codomain", list(self.parts))

    @constraints.dependent_property(is_discrete=False)
    def codomain(self):
        return self._end("codomain", "domain", list(reversed(self.parts)))

    def _end(self, near, far, parts):
        """Return the region at one end, over as many dimensions as any of the parts takes together."""
        if not parts:
            return constraints.real
        region = getattr(parts[0], near)
        # From the other end back to this one.
        event_dim = getattr(parts[-1], far).event_dim
        for part in reversed(parts):
            near_dim, far_dim = getattr(part, near).event_dim, getattr(part, far).event_dim
            event_dim = max(event_dim + near_dim - far_dim, near_dim)
        extra = event_dim - region.event_dim
        return constraints.independent(region, extra) if extra > 0 else region

    @property
    def bijective(self):
        return all(part.bijective for part in self.parts)

    @property
    def sign(self):
        sign = 1
        for part in self.parts:
            sign = sign * part.sign
        return sign

    @property
    def inv(self):
        inverse = None if self._inv is None else self._inv()
        if inverse is None:
            inverse = ComposeTransform([part.inv for part in reversed(self.parts)])
            self._inv = weakref.ref(inverse)
            inverse._inv = weakref.ref(self)
        return inverse

    def __call__(self, x):
        for part in self.parts:
            x = part(x)
        return x

    def _log_abs_det_jacobian(self, x, y):
        if not self.parts:
            return _core.zeros_like(x)
        values = [x]
        for part in self.parts[:-1]:
            values.append(part(values[-1]))
        values.append(y)
        # Each part leaves out its own event's dimensions; the whole event's are left out of the sum.
        total = 0
        event_dim = self.domain.event_dim
        for part, before, after in zip(self.parts, values, values[1:], strict=False):
            term = part.log_abs_det_jacobian(before, after)
            total = total + sum_rightmost(term, event_dim - part.domain.event_dim)
            event_dim += part.codomain.event_dim - part.domain.event_dim
        return total

    def _forward_shape(self, shape):
        for part in self.parts:
            shape = part.forward_shape(shape)
        return shape

    def _inverse_shape(self, shape):
        for part in reversed(self.parts):
            shape = part.inverse_shape(shape)
        return shape

    def __repr__(self):
        inner = ",\n    ".join(map(repr, self.parts))
        return f"{type(self).__name__}(\n    {inner}\n)"


identity_transform = ComposeTransform([])


class IndependentTransform(Transform):
    """A transform whose last batch dimensions count as part of the event.

    Args:
        base_transform (Transform): what is reinterpreted.
        reinterpreted_batch_ndims (int): how many more dimensions belong to the event.
        cache_size (int): 0 or 1.

    Example:
        >>> x = lampas.ones(3)
        >>> exp = lampas.distributions.ExpTransform()
        >>> IndependentTransform(exp, 1).log_abs_det_jacobian(x, x.exp())
        tensor(3.)
    """

    def __init__(self, base_transform, reinterpreted_batch_ndims, cache_size=0):
        super().__init__(cache_size=cache_size)
        self.base_transform = base_transform.with_cache(cache_size)
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims

    def with_cache(self, cache_size=1):
        """Return the transform with another size of its cache."""
        if self._cache_size == cache_size:
            return self
        return IndependentTransform(self.base_transform, self.reinterpreted_batch_ndims, cache_size)

    @constraints.dependent_property(is_discrete=False)
    def domain(self):
        return constraints.independent(self.base_transform.domain, self.reinterpreted_batch_ndims)

    @constraints.dependent_property(is_discrete=False)
    def codomain(self):
        return constraints.independent(self.base_transform.codomain, self.reinterpreted_batch_ndims)

    @property
    def bijective(self):
        return self.base_transform.bijective

    @property
    def sign(self):
        return self.base_transform.sign

    def _call(self, x):
        self._check_dim(x, self.domain)
        return self.base_transform(x)

    def _inverse(self, y):
        self._check_dim(y, self.codomain)
        return self.base_transform.inv(y)

    @staticmethod
    def _check_dim(value, region):
        if value.dim() < region.event_dim:
            raise ValueError("Too few dimensions on input")

    def _log_abs_det_jacobian(self, x, y):
        return sum_rightmost(self.base_transform.log_abs_det_jacobian(x, y), self.reinterpreted_batch_ndims)

    def _forward_shape(self, shape):
        return self.base_transform.forward_shape(shape)

    def _inverse_shape(self, shape):
        return self.base_transform.inverse_shape(shape)

    def __repr__(self):
        return f"{type(self).__name__}({self.base_transform!r}, {self.reinterpreted_batch_ndims})"


class ReshapeTransform(Transform):
    """Gives the last dimensions another shape.

    Args:
        in_shape, out_shape (Size): shapes of as many elements.
        cache_size (int): 0 or 1.

    Example:
        >>> ReshapeTransform((4,), (2, 2))(lampas.ones(3, 4)).shape
        torch.Size([3, 2, 2])
    """

    bijective = True

    def __init__(self, in_shape, out_shape, cache_size=0):
        self.in_shape, self.out_shape = _core.Size(in_shape), _core.Size(out_shape)
        if self.in_shape.numel() != self.out_shape.numel():
            raise ValueError("in_shape, out_shape have different numbers of elements")
        super().__init__(cache_size=cache_size)

    @constraints.dependent_property
    def domain(self):
        return constraints.independent(constraints.real, len(self.in_shape))

    @constraints.dependent_property
    def codomain(self):
        return constraints.independent(constraints.real, len(self.out_shape))

    def _call(self, x):
        return x.reshape(x.shape[: x.dim() - len(self.in_shape)] + self.out_shape)

    def _inverse(self, y):
        return y.reshape(y.shape[: y.dim() - len(self.out_shape)] + self.in_shape)

    def _log_abs_det_jacobian(self, x, y):
        batch_shape = x.shape[: x.dim() - len(self.in_shape)]
        return _core.zeros(batch_shape, dtype=x.dtype, device=x.device)

    def _forward_shape(self, shape):
        return self._replaced(shape, self.in_shape, self.out_shape)

    def _inverse_shape(self, shape):
        return self._replaced(shape, self.out_shape, self.in_shape)

    @staticmethod
    def _replaced(shape, present, other):
        if len(shape) < len(present):
            raise ValueError("Too few dimensions on input")
        start = len(shape) - len(present)
        if tuple(shape[start:]) != tuple(present):
            raise ValueError(f"Shape mismatch: expected {shape[start:]} but got {present}")
        return shape[:start] + other
