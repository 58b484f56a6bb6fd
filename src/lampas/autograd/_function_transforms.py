"""An autograd.Function called on tensors of vmap or forward mode: it passes the seam as an op."""

from lampas import _core
from lampas._core import Tensor

_NEEDS_SETUP_CONTEXT = (
    "In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, jacrev, ...), it must "
    "override the setup_context staticmethod. For more details, please see "
    "https://pytorch.org/docs/main/notes/extending.func.html"
)


class _Call:
    """One call of a Function: everything but its tensors, and what its outputs looked like."""

    def __init__(self, function, args):
        self.function = function
        self.args = args
        self.places = [place for place, each in enumerate(args) if isinstance(each, Tensor)]

    def arguments(self, tensors):
        """The arguments with these tensors in the places of the first ones."""
        args = list(self.args)
        for place, tensor in zip(self.places, tensors, strict=True):
            args[place] = tensor
        return tuple(args)

    def __call__(self, *tensors):
        return self.keep(self.function.apply(*self.arguments(tensors)))

    def keep(self, outputs):
        """Note the form of the outputs and give their tensors."""
        self.is_tuple = isinstance(outputs, tuple)
        self.outputs = outputs if self.is_tuple else (outputs,)
        return tuple(each for each in self.outputs if isinstance(each, Tensor))

    def restore(self, tensors):
        """Give outputs of the noted form with these tensors."""
        following = iter(tensors)
        outputs = tuple(next(following) if isinstance(each, Tensor) else each for each in self.outputs)
        return outputs if self.is_tuple else outputs[0]


def apply_under_transforms(function, args):
    """Call a Function some of whose tensors stand for others under a transform."""
    if not function._has_setup_context:
        raise RuntimeError(_NEEDS_SETUP_CONTEXT)
    call = _Call(function, args)
    tensors = _core._call_custom_function([args[place] for place in call.places], call)
    return call.restore(tensors)


def _batching_rule(info, in_dims, tensors, call):
    from lampas.autograd.function import Function

    function = call.function
    if function.vmap is not Function.vmap:
        dims = tuple(0 if isinstance(each, Tensor) else None for each in call.args)
        outputs, out_dims = function.vmap(info, dims, *call.arguments(tensors))
        found = call.keep(outputs)
        dims = [out_dims] * len(found) if not isinstance(out_dims, tuple) else out_dims
        expanded = (
            each.unsqueeze(0).expand(info.batch_size, *each.shape) if dim is None else each.movedim(dim, 0)
            for each, dim in zip(found, dims, strict=True)
        )
        return tuple(expanded), 0
    if not function.generate_vmap_rule:
        raise RuntimeError(
            f"You tried to vmap over {function.__name__}, but it does not have vmap support. Please override "
            "and implement the vmap staticmethod or set generate_vmap_rule=True. For more details, please "
            "see https://pytorch.org/docs/main/notes/extending.func.html"
        )
    examples = [
        _core._call_custom_function([tensor.select(0, index) for tensor in tensors], call)
        for index in range(info.batch_size)
    ]
    return tuple(_core.stack(list(each)) for each in zip(*examples, strict=True)), 0


def _forward_rule(args, outputs, tangents):
    from lampas.autograd.function import Function

    tensors, call = args
    function = call.function
    if function.jvp is Function.jvp:
        Function.jvp(None)
    arguments = call.arguments(tensors)
    context = function._backward_cls()
    function.setup_context(context, arguments, call.restore(outputs))
    if context.saved_for_forward is not None:
        context.to_save = context.saved_for_forward
    moved = [None] * len(arguments)
    for place, tangent in zip(call.places, tangents[0], strict=True):
        moved[place] = tangent
    result = function.jvp(context, *moved)
    return result if isinstance(result, tuple) else (result,)


def _register():
    from lampas.library import register_batching_rule

    register_batching_rule("_custom_function", _batching_rule)
    _core._register_forward_rule("_custom_function", _forward_rule)


_register()
