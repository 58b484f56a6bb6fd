"""Switches for recording: no_grad, enable_grad, set_grad_enabled and inference_mode."""

from lampas import _core

_GENERATOR_FUNCTION = 0x20  # inspect.CO_GENERATOR, without the cost of importing inspect


class _DecoratorContext:
    """A context manager that, called with a function, gives the function run inside it."""

    def _clone(self):
        return type(self)()

    def __call__(self, function):
        from functools import wraps

        if isinstance(function, type):
            raise TypeError(f"{type(self).__name__} cannot decorate a class; decorate its methods")
        code = getattr(function, "__code__", None)
        if code is not None and code.co_flags & _GENERATOR_FUNCTION:
            return self._wrap_generator(function)

        @wraps(function)
        def in_context(*args, **kwargs):
            with self._clone():
                return function(*args, **kwargs)

        return in_context

    def _wrap_generator(self, function):
        """Enter the context for each step of the generator only, not for the code that consumes it."""
        from functools import wraps

        @wraps(function)
        def generator_in_context(*args, **kwargs):
            generator = function(*args, **kwargs)
            resume, argument = generator.send, None
            try:
                while True:
                    try:
                        with self._clone():
                            value = resume(argument)
                    except StopIteration as stop:
                        return stop.value
                    try:
                        resume, argument = generator.send, (yield value)
                    except GeneratorExit:
                        with self._clone():
                            generator.close()
                        raise
                    except BaseException as error:
                        resume, argument = generator.throw, error
            finally:
                generator.close()

        return generator_in_context


class _PlainDecoratorContext(_DecoratorContext):
    """One that may also decorate without being called: `@no_grad`."""

    def __new__(cls, function=None):
        context = super().__new__(cls)
        return context if function is None else context(function)


class no_grad(_PlainDecoratorContext):
    """Do not record ops: results do not require gradients.

    A context manager and a decorator.

    >>> x = lampas.ones(2, requires_grad=True)
    >>> with lampas.no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    def __enter__(self):
        self._before = _core.is_grad_enabled()
        _core._set_grad_enabled(False)

    def __exit__(self, *exception):
        _core._set_grad_enabled(self._before)


class enable_grad(_PlainDecoratorContext):
    """Record ops again, inside of no_grad.

    A context manager and a decorator.

    >>> x = lampas.ones(2, requires_grad=True)
    >>> with lampas.no_grad():
    ...     with lampas.enable_grad():
    ...         y = x * 2
    >>> y.requires_grad
    True
    """

    def __enter__(self):
        self._before = _core.is_grad_enabled()
        _core._set_grad_enabled(True)

    def __exit__(self, *exception):
        _core._set_grad_enabled(self._before)


class set_grad_enabled(_DecoratorContext):
    """Switch recording on or off: at once as a function, for a block as a context manager, or decorator.

    Args:
        mode: whether ops are to be recorded.

    >>> x = lampas.ones(2, requires_grad=True)
    >>> with lampas.set_grad_enabled(False):
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    def __init__(self, mode):
        self._before = _core.is_grad_enabled()
        self.mode = mode
        _core._set_grad_enabled(mode)

    def __call__(self, function):
        _core._set_grad_enabled(self._before)
        return super().__call__(function)

    def __enter__(self):
        _core._set_grad_enabled(self.mode)

    def __exit__(self, *exception):
        _core._set_grad_enabled(self._before)

    def __str__(self):
        return f"{type(self).__module__}.{type(self).__name__}(mode={self.mode})"

    __repr__ = __str__

    def _clone(self):
        return type(self)(self.mode)


class inference_mode(_DecoratorContext):
    """Do not record, and mark what is made as inference tensors, which autograd refuses later on.

    A context manager and a decorator.

    Args:
        mode: whether inference mode is on inside; False leaves an outer one.

    >>> with lampas.inference_mode():
    ...     y = lampas.ones(2)
    >>> y.is_inference()
    True
    """

    def __new__(cls, mode=True):
        if isinstance(mode, bool):
            return super().__new__(cls)
        return cls()(mode)

    def __init__(self, mode=True):
        self.mode = mode

    def __enter__(self):
        self._before = _core.is_inference_mode_enabled(), _core.is_grad_enabled()
        _core._set_inference_mode(self.mode)
        _core._set_grad_enabled(not self.mode)

    def __exit__(self, *exception):
        inference, enabled = self._before
        _core._set_inference_mode(inference)
        _core._set_grad_enabled(enabled)

    def _clone(self):
        return type(self)(self.mode)
