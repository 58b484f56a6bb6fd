"""autograd.Function: an op whose derivative is written in Python."""

from lampas import _core
from lampas._core import Tensor


class FunctionCtx:
    """What forward and backward share: `ctx`."""

    def save_for_backward(self, *tensors):
        """Keep tensors (or None) for backward, which finds them in `ctx.saved_tensors`.

        Writing into one of them before backward runs is an error then.
        """
        self.to_save = tensors

    def save_for_forward(self, *tensors):
        """Keep tensors for jvp, which finds them in `ctx.saved_tensors`."""
        for tensor in tensors:
            if tensor is not None and not isinstance(tensor, Tensor):
                raise AssertionError(
                    "save_for_forward expects all arguments to be tensors; you should "
                    "save non-tensors as attributes on ctx."
                )
        self.saved_for_forward = tensors

    def mark_dirty(self, *tensors):
        """Say which inputs forward has overwritten. Each must be among the outputs."""
        self.dirty_tensors = tensors

    def mark_non_differentiable(self, *tensors):
        """Say which outputs have no gradient."""
        self.non_differentiable = tensors

    def set_materialize_grads(self, value):
        """Choose whether backward gets zeros (the default) or None for gradients that did not arrive."""
        self.materialize_grads = value


class BackwardCFunction(_core._FunctionBase, FunctionCtx):
    """The type of `ctx`; each Function has its own, named after it."""

    def apply(self, *grad_outputs):
        """Run the derivative that the Function defines."""
        function = self._forward_cls
        has_backward = function.backward is not Function.backward
        if has_backward and function.vjp is not Function.vjp:
            raise RuntimeError(
                "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should "
                "only implement one of them."
            )
        derivative = function.backward if has_backward else function.vjp
        return derivative(self, *grad_outputs)


class FunctionMeta(type):
    """Gives every Function the type of its `ctx`, which is also what `grad_fn` shows."""

    def __init__(cls, name, bases, attributes):
        super().__init__(name, bases, attributes)
        base = globals().get("Function", cls)  # not there yet while Function itself is made
        own = {"_forward_cls": cls, "__module__": base.__module__}  # torch's module under the drop-in
        cls._backward_cls = type(name + "Backward", (BackwardCFunction,), own)
        cls._has_setup_context = cls.setup_context is not base.setup_context


class Function(_core._FunctionBase, FunctionCtx, metaclass=FunctionMeta):
    """The base of ops with a derivative written in Python.

    A subclass has static methods: `forward(ctx, *args)`, or `forward(*args)` beside
    `setup_context(ctx, inputs, output)`; `backward(ctx, *grad_outputs)`, which returns one gradient (or None)
    for each argument of forward; and, where forward mode is used, `jvp(ctx, *grad_inputs)`. It is called by
    `apply`.

    >>> class Cube(lampas.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x * x
    ...     @staticmethod
    ...     def backward(ctx, grad_output):
    ...         (x,) = ctx.saved_tensors
    ...         return 3 * x * x * grad_output
    >>> x = lampas.tensor(2.0, requires_grad=True)
    >>> Cube.apply(x).backward()
    >>> x.grad
    tensor(12.)
    """

    generate_vmap_rule = False

    def __call__(self, *args, **kwargs):
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style "
            "autograd function with static forward method. (Example: "
            "https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
        )

    @staticmethod
    def forward(*args, **kwargs):
        """Compute the result. Ops in here are not recorded."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx, inputs, output):
        """Keep what backward needs, where forward takes no `ctx`."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx, *grad_outputs):
        """Return the gradients of forward's arguments from those of its outputs."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use "
            "it with backward mode AD."
        )

    vjp = backward

    @staticmethod
    def jvp(ctx, *grad_inputs):
        """Return the tangents of forward's outputs from those of its arguments."""
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with forward mode AD."
        )

    @staticmethod
    def vmap(info, in_dims, *args):
        """Run forward on a batch of examples: return the outputs and their batch dims."""
        raise NotImplementedError(
            "To use autograd.Function with vmap, you must either override the vmap staticmethod or set "
            "generate_vmap_rule=True."
        )

    @classmethod
    def apply(cls, *args, **kwargs):
        """Run forward and record backward as its derivative."""
        if cls._has_setup_context:
            args = _with_defaults(cls.forward, args, kwargs)
        elif kwargs:
            raise TypeError(f"{cls.__name__}.apply() takes no keyword arguments")
        if _core._any_wrapped(args):
            from lampas.autograd._function_transforms import apply_under_transforms

            return apply_under_transforms(cls, args)
        return super().apply(*args)


def _with_defaults(forward, args, kwargs):
    """Fill in forward's default arguments, which setup_context is to see too."""
    import inspect

    bound = inspect.signature(forward).bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.args


class InplaceFunction(Function):
    """A Function as others are, kept for programs that name it; its instances know `inplace`."""

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace


class _DifferentiatedTwice(Function):
    """Passes tensors on; its derivative is an error."""

    @staticmethod
    def forward(ctx, *tensors):
        return tuple(None if tensor is None else tensor.detach() for tensor in tensors)

    @staticmethod
    def backward(ctx, *grad_outputs):
        raise RuntimeError(
            "trying to differentiate twice a function that was marked with @once_differentiable"
        )


def once_differentiable(function):
    """Mark a backward whose ops do not give its own derivative: differentiating it again is an error."""
    from functools import wraps

    @wraps(function)
    def backward(ctx, *grad_outputs):
        from lampas.autograd.grad_mode import no_grad

        with no_grad():
            gradients = function(ctx, *grad_outputs)
        if not _core.is_grad_enabled():
            return gradients
        if not any(isinstance(grad, Tensor) and grad.requires_grad for grad in grad_outputs):
            return gradients
        several = isinstance(gradients, tuple)
        tensors = gradients if several else (gradients,)
        tracked = [None if tensor is None else tensor.detach().requires_grad_() for tensor in tensors]
        marked = _DifferentiatedTwice.apply(*tracked)
        return marked if several else marked[0]

    return backward
