"""Handles that remove a registered hook, and what carries a module's full backward hooks."""

import functools
import warnings
import weakref
from collections import OrderedDict

import lampas
from lampas import Tensor


class RemovableHandle:
    """Removes the hook it stands for, by `remove()` or at the end of a `with` block.

    Args:
        hooks_dict (OrderedDict): where the hook is stored, under the handle's `id`.
        extra_dict (OrderedDict or list of them): more dicts that may hold the same key.
    """

    next_id = 0

    def __init__(self, hooks_dict, *, extra_dict=None):
        self.id = RemovableHandle.next_id
        RemovableHandle.next_id += 1
        extra_dicts = extra_dict if isinstance(extra_dict, list) else [extra_dict]
        self._dict_references = [weakref.ref(hooks_dict)]
        self._dict_references += [weakref.ref(extra) for extra in extra_dicts if extra is not None]

    def remove(self):
        """Remove the hook; a second call does nothing."""
        for reference in self._dict_references:
            hooks = reference()
            if hooks is not None:
                hooks.pop(self.id, None)

    def __enter__(self):
        return self

    def __exit__(self, exception_type, exception, traceback):
        self.remove()

    def __getstate__(self):
        return [reference() for reference in self._dict_references], self.id

    def __setstate__(self, state):
        hook_dicts, self.id = state
        hook_dicts = [OrderedDict() if hooks is None else hooks for hooks in hook_dicts]
        self._dict_references = [weakref.ref(hooks) for hooks in hook_dicts]
        RemovableHandle.next_id = max(RemovableHandle.next_id, self.id + 1)


@functools.cache
def _identity_function():
    """Make the autograd function that adds one node over several tensors, so that one hook sees them all."""

    class BackwardHookFunction(lampas.autograd.Function):
        @staticmethod
        def forward(ctx, *tensors):
            ctx.mark_non_differentiable(*(tensor for tensor in tensors if not tensor.requires_grad))
            return tensors

        @staticmethod
        def backward(ctx, *grads):
            return grads

    return BackwardHookFunction


class BackwardHook:
    """Runs a module's full backward hooks in one forward and backward pass.

    An identity node around the module's inputs sees grad_input, one around its outputs sees grad_output.

    Args:
        module (Module): handed to the hooks.
        hooks (list): called as hook(module, grad_input, grad_output) once both are known.
        pre_hooks (list): called as hook(module, grad_output) before the module's own derivatives run.
    """

    def __init__(self, module, hooks, pre_hooks):
        self.module = module
        self.hooks = hooks
        self.pre_hooks = pre_hooks
        self.grad_outputs: tuple | None = None
        self.input_count = 0
        self.output_count = 0
        self.input_positions: list[int] = []  # where among the arguments the recorded tensors are
        self.output_positions: list[int] = []

    def setup_input_hook(self, args):
        """Return `args` with the tensors passed through the input node."""
        self.input_count = len(args)
        args, self.input_positions = self._through_node(args, self._on_grad_input)
        return args

    def setup_output_hook(self, result):
        """Return the module's result with its tensors passed through the output node."""
        results = result if isinstance(result, tuple) else (result,)
        self.output_count = len(results)
        results, self.output_positions = self._through_node(results, self._on_grad_output)
        return results if isinstance(result, tuple) else results[0]

    def _through_node(self, values, hook):
        positions = [i for i, value in enumerate(values) if isinstance(value, Tensor)]
        tensors = [values[i] for i in positions]
        if not (lampas.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)):
            return values, []
        tensors = _identity_function().apply(*tensors)
        node = next(tensor.grad_fn for tensor in tensors if tensor.grad_fn is not None)
        node.register_hook(hook)
        replaced = list(values)
        for i, tensor in zip(positions, tensors, strict=True):
            replaced[i] = tensor
        return (tuple(replaced) if type(values) is tuple else type(values)(*replaced)), positions

    @staticmethod
    def _spread(positions, grads, count):
        """Return a tuple of `count` entries with the gradients at their positions, None elsewhere."""
        spread = [None] * count
        for i, grad in zip(positions, grads, strict=True):
            spread[i] = grad
        return tuple(spread)

    def _on_grad_output(self, _, grad_outputs):
        self.grad_outputs = self._spread(self.output_positions, grad_outputs, self.output_count)
        for pre_hook in self.pre_hooks:
            replaced = pre_hook(self.module, self.grad_outputs)
            if replaced is None:
                continue
            if len(replaced) != len(self.grad_outputs):
                raise RuntimeError(
                    "Backward pre hook returned an invalid number of grad_output, "
                    f"got {len(replaced)}, but expected {len(self.grad_outputs)}"
                )
            self.grad_outputs = replaced
        passed_on = tuple(self.grad_outputs[i] for i in self.output_positions)
        if not self.input_positions:
            self._run_hooks_without_grad_input()
        return passed_on

    def _run_hooks_without_grad_input(self):
        """Call the hooks when no input requires a gradient, so that none will arrive at the inputs."""
        if self.hooks:
            warnings.warn(
                "Full backward hook is firing when gradients are computed with respect to module outputs "
                "since no inputs require gradients.",
                stacklevel=2,
            )
        for hook in self.hooks:
            returned = hook(self.module, (None,) * self.input_count, self.grad_outputs)
            is_all_none = isinstance(returned, tuple) and all(grad is None for grad in returned)
            if returned is not None and not is_all_none:
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or "
                    "None for all gradients."
                )
        self.grad_outputs = None

    def _on_grad_input(self, grad_inputs, _):
        if self.grad_outputs is None:  # this backward pass did not come through the module's outputs
            return None
        grads = self._spread(self.input_positions, grad_inputs, self.input_count)
        for hook in self.hooks:
            replaced = hook(self.module, grads, self.grad_outputs)
            if replaced is None:
                continue
            if len(replaced) != len(grads):
                raise RuntimeError(
                    "Backward hook returned an invalid number of grad_input, "
                    f"got {len(replaced)}, but expected {len(grads)}"
                )
            grads = replaced
        self.grad_outputs = None
        return tuple(grads[i] for i in self.input_positions)
