"""Checkpoints: a part of a network keeps its inputs only, and is computed anew when gradients come back."""

import contextlib
import warnings

import lampas
from lampas import Tensor, amp
from lampas.autograd import Function, grad
from lampas.func.structure import flatten
from lampas.nn import Sequential
from lampas.random import fork_rng, get_rng_state, set_rng_state

__all__ = ["CheckpointError", "checkpoint", "checkpoint_sequential", "noop_context_fn"]


class CheckpointError(RuntimeError):
    """What was computed anew is not what was computed before."""


def noop_context_fn():
    """Return two contexts that do nothing, for the first computation and for the second."""
    return contextlib.nullcontext(), contextlib.nullcontext()


def _captured_leaves(outputs, inputs):
    """Return the leaves behind `outputs` that are not among `inputs`: parameters, as a rule."""
    known, leaves = {id(tensor) for tensor in inputs}, []
    seen, open_nodes = set(), [output.grad_fn for output in outputs if output.grad_fn is not None]
    while open_nodes:
        node = open_nodes.pop()
        if node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if leaf is not None and id(leaf) not in known:
            leaves.append(leaf)
        open_nodes.extend(following for following, _ in node.next_functions if following is not None)
    return leaves


class _Segment:
    """A function with its arguments, to be computed twice under the same conditions."""

    def __init__(self, function, args, kwargs, preserve_rng_state, context_fn, check):
        leaves, self._put_together = flatten((args, kwargs))
        self.tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
        self._others = [None if isinstance(leaf, Tensor) else leaf for leaf in leaves]
        self._places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]
        self._function = function
        self._contexts = context_fn()
        self._check = check
        self._random_state = get_rng_state() if preserve_rng_state else None
        autocast = lampas._core._autocast_state("cpu")
        self._autocast = autocast if autocast is not None else (False, lampas.bfloat16)

    def compute(self, tensors, again):
        """Call the function on its arguments, with `tensors` for the tensors among them."""
        leaves = list(self._others)
        for place, tensor in zip(self._places, tensors, strict=True):
            leaves[place] = tensor
        args, kwargs = self._put_together(leaves)
        with self._contexts[int(again)]:
            return self._function(*args, **kwargs)

    def first_time(self):
        """Compute without keeping a graph.

        Returns the outputs' leaves, how to put them together, and the parameters that gradients reach.
        """
        own = [tensor.detach().requires_grad_(tensor.requires_grad) for tensor in self.tensors]
        leaves, put_together = flatten(self.compute(own, again=False))
        outputs = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
        parameters = _captured_leaves(outputs, own)
        self.differentiable = [output.requires_grad for output in outputs]
        self.outputs = [output.detach() for output in outputs]
        self._metadata = [(output.shape, output.dtype) for output in outputs]
        return leaves, put_together, parameters

    def second_time(self, tensors):
        """Compute again, with the random numbers and the autocast of the first time; return the outputs."""
        enabled, dtype = self._autocast
        with fork_rng(enabled=self._random_state is not None), amp.autocast("cpu", dtype, enabled):
            if self._random_state is not None:
                set_rng_state(self._random_state)
            leaves, _ = flatten(self.compute(tensors, again=True))
        outputs = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
        metadata = [(output.shape, output.dtype) for output in outputs]
        if self._check and metadata != self._metadata:
            raise CheckpointError(
                "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata "
                f"than during the forward pass.\nbefore: {self._metadata}\nagain: {metadata}"
            )
        return outputs


class _Checkpoint(Function):
    """The op that stands for a segment: of its inputs the first are arguments, the others parameters."""

    @staticmethod
    def forward(ctx, segment, *inputs):
        ctx.segment = segment
        ctx.save_for_backward(*inputs)
        outputs, segment.outputs = segment.outputs, None
        fixed = [
            output
            for output, differentiable in zip(outputs, segment.differentiable, strict=True)
            if not differentiable
        ]
        ctx.mark_non_differentiable(*fixed)
        return tuple(outputs)

    @staticmethod
    def backward(ctx, *grad_outputs):
        segment, saved = ctx.segment, ctx.saved_tensors
        higher = lampas.is_grad_enabled()  # gradients of these gradients are wanted
        count = len(segment.tensors)
        own = [
            tensor.view_as(tensor)
            if higher and tensor.requires_grad
            else tensor.detach().requires_grad_(tensor.requires_grad)
            for tensor in saved[:count]
        ]
        with lampas.enable_grad():
            outputs = segment.second_time(own)
        pairs = [
            (output, gradient)
            for output, gradient in zip(outputs, grad_outputs, strict=True)
            if output.requires_grad
        ]
        inputs = [*own, *saved[count:]]
        wanted = [i for i, tensor in enumerate(inputs) if tensor.requires_grad]
        found = grad(
            [output for output, _ in pairs],
            [inputs[i] for i in wanted],
            [gradient for _, gradient in pairs],
            create_graph=higher,
            allow_unused=True,
        )
        gradients = [None] * len(inputs)
        for i, gradient in zip(wanted, found, strict=True):
            gradients[i] = gradient
        return None, *gradients


def checkpoint(
    function,
    *args,
    use_reentrant=None,
    context_fn=noop_context_fn,
    determinism_check="default",
    debug=False,
    early_stop=True,
    **kwargs,
):
    """Call a function, keep its inputs only, and call it again when gradients come back: time for memory.

    Args:
        function: takes `args` and `kwargs`, tensors in tuples, lists and dicts among them.
        use_reentrant (bool): as PyTorch has it. With True, no gradients come back unless one of `args`
            requires them, and no keyword arguments are taken; not given, it means True and warns.
        context_fn: returns two contexts, one for each of the calls.
        determinism_check (str): 'none', or 'default' to raise CheckpointError where the second call gives
            other shapes or dtypes.
        debug (bool): NotImplementedError with True.
        early_stop (bool): without effect: the second call always runs to its end.
        preserve_rng_state (bool): let the second call draw the same random numbers; True where not given.

    Source: Chen et al., "Training deep nets with sublinear memory cost", 2016.

    Example:
        >>> x = lampas.tensor([0.0, 1.0], requires_grad=True)
        >>> y = lampas.utils.checkpoint.checkpoint(lambda x: x.exp().sin(), x, use_reentrant=False)
        >>> y.sum().backward()
        >>> x.grad
        tensor([ 0.5403, -2.4783])
    """
    if use_reentrant is None:
        _warn_of_default(
            "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. Starting in "
            "PyTorch 2.9, calling checkpoint without use_reentrant will raise an exception."
        )
        use_reentrant = True
    preserve_rng_state = kwargs.pop("preserve_rng_state", True)
    if use_reentrant:
        if kwargs:
            raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
        if context_fn is not noop_context_fn or debug:
            raise ValueError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")
    if debug:
        raise NotImplementedError("debug=True of torch.utils.checkpoint is not there in Lampas yet")
    if not lampas.is_grad_enabled():
        return function(*args, **kwargs)
    segment = _Segment(
        function, args, kwargs, preserve_rng_state, context_fn, check=determinism_check != "none"
    )
    if use_reentrant and not any(tensor.requires_grad for tensor in segment.tensors):
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2)
        with lampas.no_grad():
            return function(*args)
    leaves, put_together, parameters = segment.first_time()
    outputs = iter(_Checkpoint.apply(segment, *segment.tensors, *parameters))
    return put_together([next(outputs) if isinstance(leaf, Tensor) else leaf for leaf in leaves])


def checkpoint_sequential(functions, segments, input, use_reentrant=None, **kwargs):
    """Call functions one after another, in segments of which each but the last is a checkpoint.

    Args:
        functions (Sequential or list): each takes what the one before gives.
        segments (int): how many there are.
        input (Tensor): what the first takes.
        use_reentrant (bool), preserve_rng_state (bool): as `checkpoint` has them.

    Example:
        >>> layers = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
        >>> x = lampas.zeros(1, 2)
        >>> y = lampas.utils.checkpoint.checkpoint_sequential(layers, 3, x, use_reentrant=False)
        >>> bool(y == layers(x))
        True
    """
    if use_reentrant is None:
        _warn_of_default(
            "torch.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter should be passed "
            "explicitly. In version 2.9 we will raise an exception if use_reentrant is not passed."
        )
        use_reentrant = True
    preserve_rng_state = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    layers = list(functions.children()) if isinstance(functions, Sequential) else list(functions)
    length = len(layers) // segments
    last = length * (segments - 1)
    for start in range(0, last, length):
        segment = layers[start : start + length]
        input = checkpoint(
            lambda value, segment=segment: _called_in_turn(segment, value),
            input,
            use_reentrant=use_reentrant,
            preserve_rng_state=preserve_rng_state,
        )
    return _called_in_turn(layers[last:], input)


def _called_in_turn(layers, value):
    for layer in layers:
        value = layer(value)
    return value


def _warn_of_default(beginning):
    warnings.warn(
        f"{beginning} use_reentrant=False is recommended, but if you need to preserve the current default "
        "behavior, you can pass use_reentrant=True. Refer to docs for more details on the differences "
        "between the two variants.",
        stacklevel=3,
    )
