"""Extensions in Python: ops, rules for vmap and forward mode, and transforms."""

from lampas import _core
from lampas.autograd.function import Function

Transform = _core._Transform


class VmapInfo:
    """What a batching rule is told: `batch_size` and `randomness` of the vmap."""

    def __init__(self, batch_size, randomness):
        self.batch_size = batch_size
        self.randomness = randomness


def _keep_nothing(ctx, inputs, output):
    pass


def _mark_undifferentiable(ctx, inputs, output):
    outputs = output if isinstance(output, tuple) else (output,)
    ctx.mark_non_differentiable(*(each for each in outputs if isinstance(each, _core.Tensor)))


def register_op(signature, forward, setup_context=None, backward=None, node_name=None):
    """Register an op written in Python and return the function that calls it.

    It passes the seam as the core's ops do: vmap, forward mode, autocast and recorders see it.

    Args:
        signature (str): as the core's ops declare theirs: `cube(Tensor input) -> Tensor`.
        forward: computes the result from the arguments; ops in it are not recorded.
        setup_context: called as `setup_context(ctx, inputs, output)` to keep what backward needs.
        backward: `backward(ctx, *grad_outputs)` gives a gradient, or None, for each argument. Written with
            ops, it is differentiable itself. Without it the result requires no gradient.
        node_name (str): what `grad_fn` shows; by default the op's name with "Backward".

    Raises ValueError for a malformed signature, RuntimeError for a name that is taken.

    >>> def keep(ctx, inputs, output):
    ...     ctx.save_for_backward(inputs[0])
    >>> def derivative(ctx, grad):
    ...     return 3 * ctx.saved_tensors[0] ** 2 * grad
    >>> signature = "doc_cube(Tensor input) -> Tensor"
    >>> cube = lampas.library.register_op(signature, lambda x: x * x * x, keep, derivative)
    >>> cube(lampas.tensor(2.0))
    tensor(8.)
    """
    name = signature.split("(")[0].strip()
    methods = {
        "forward": staticmethod(forward),
        "setup_context": staticmethod(setup_context or _keep_nothing),
    }
    if backward is None:
        methods["setup_context"] = staticmethod(_mark_undifferentiable)
    else:
        methods["backward"] = staticmethod(backward)
    function = type("".join(part.capitalize() for part in name.split("_")), (Function,), methods)
    if node_name:
        function._backward_cls.__name__ = node_name
    return _core._register_op(signature, function.apply, (forward.__doc__ or "").strip())


def register_batching_rule(op_name, rule):
    """Tell vmap how to run an op on a whole batch.

    Args:
        op_name (str): the op, with its overload where it has one: `max.dim`.
        rule: called as `rule(info, in_dims, *args)`, where `in_dims` has the batch dim of each argument or
            None. Returns the output (or a tuple of them) and its batch dim (or a tuple of them, or None).

    Raises RuntimeError where there is no such op.

    >>> square = lampas.library.register_op("doc_square(Tensor input) -> Tensor", lambda x: x * x)
    >>> lampas.library.register_batching_rule("doc_square", lambda info, in_dims, x: (x * x, in_dims[0]))
    """

    def run(batch_size, randomness, in_dims, args):
        output, out_dim = rule(VmapInfo(batch_size, randomness), in_dims, *args)
        if not isinstance(out_dim, (tuple, list)):
            return output, out_dim
        moved = []
        for each, dim in zip(output, out_dim, strict=True):
            batched = (
                each.unsqueeze(0).expand(batch_size, *each.shape) if dim is None else each.movedim(dim, 0)
            )
            moved.append(batched)
        return tuple(moved), 0

    _core._register_batching_rule(op_name, run)


def register_forward_rule(op_name, rule):
    """Tell forward mode the tangent of an op's result.

    Args:
        op_name (str): the op, with its overload where it has one.
        rule: called as `rule(args, output, tangents)`; `tangents` has that of each argument or None.
            Returns the tangent of the output, or a tuple of them.

    Raises RuntimeError where there is no such op.

    >>> twice = lampas.library.register_op("doc_twice(Tensor input) -> Tensor", lambda x: x * 2)
    >>> lampas.library.register_forward_rule("doc_twice", lambda args, output, tangents: tangents[0] * 2)
    """
    _core._register_forward_rule(op_name, rule)
