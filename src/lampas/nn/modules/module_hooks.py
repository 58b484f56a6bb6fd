"""The hook part of Module: registering hooks, and the call path that runs them around `forward`."""

import functools
import warnings
import weakref
from collections import OrderedDict
from collections.abc import Callable

from lampas import Tensor, _core
from lampas.nn.modules.module_errors import note_layer
from lampas.utils.hooks import BackwardHook, RemovableHandle

Hooks = OrderedDict  # by handle id; OrderedDict because a handle keeps a weak reference to it


class HookTable:
    """All hooks of one module (or the global ones), each kind in an OrderedDict by handle id."""

    forward_pre: Hooks
    forward_pre_with_kwargs: Hooks
    forward: Hooks
    forward_with_kwargs: Hooks
    forward_always_called: Hooks
    backward_pre: Hooks
    backward: Hooks
    state_dict: Hooks
    state_dict_pre: Hooks
    load_state_dict_pre: Hooks
    load_state_dict_post: Hooks

    def __init__(self):
        for kind in HookTable.__annotations__:
            setattr(self, kind, OrderedDict())
        self.is_full_backward = None  # None until a backward hook decides which kind this table holds

    def holds_any(self):
        """Whether there is a hook of any kind."""
        return any(getattr(self, kind) for kind in HookTable.__annotations__)

    def calls_any(self):
        """Whether a call of the module has a hook to run."""
        return bool(self.forward or self.forward_pre or self.backward or self.backward_pre)

    def check_backward_kind(self, is_full, where):
        """Note which kind of backward hooks this table holds; RuntimeError where it holds the other."""
        if self.is_full_backward is (not is_full):
            raise RuntimeError(
                "Cannot use both regular backward hooks and full backward hooks "
                f"{where}. Please use only one of them."
            )
        self.is_full_backward = is_full


_global_hooks = HookTable()  # called for every module, before the module's own hooks
_buffer_registration_hooks: Hooks = OrderedDict()
_module_registration_hooks: Hooks = OrderedDict()
_parameter_registration_hooks: Hooks = OrderedDict()


def _register(hooks, hook, *, extra_dict=None, prepend=False):
    handle = RemovableHandle(hooks, extra_dict=extra_dict)
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def register_module_buffer_registration_hook(hook):
    """Call hook(module, name, buffer) whenever a buffer is registered; its result replaces it."""
    return _register(_buffer_registration_hooks, hook)


def register_module_module_registration_hook(hook):
    """Call hook(module, name, submodule) whenever a submodule is registered; its result replaces it."""
    return _register(_module_registration_hooks, hook)


def register_module_parameter_registration_hook(hook):
    """Call hook(module, name, param) whenever a parameter is registered; its result replaces it."""
    return _register(_parameter_registration_hooks, hook)


def replaced_by_registration_hooks(hooks, module, name, value):
    """Return what is to be registered after the registration hooks had their say."""
    for hook in hooks.values():
        replacement = hook(module, name, value)
        if replacement is not None:
            value = replacement
    return value


def _register_global(hooks, hook, *, extra_dict=None):
    _core._use_global_module_hooks()
    return _register(hooks, hook, extra_dict=extra_dict)


def register_module_forward_pre_hook(hook):
    """Call hook(module, args) before the forward of every module."""
    return _register_global(_global_hooks.forward_pre, hook)


def register_module_forward_hook(hook, *, with_kwargs=False, always_call=False):
    """Call hook(module, args, output) after the forward of every module."""
    extra = [_global_hooks.forward_with_kwargs, _global_hooks.forward_always_called]
    handle = _register_global(_global_hooks.forward, hook, extra_dict=extra)
    if with_kwargs:
        _global_hooks.forward_with_kwargs[handle.id] = True
    if always_call:
        _global_hooks.forward_always_called[handle.id] = True
    return handle


def register_module_backward_hook(hook):
    """Call hook(module, grad_input, grad_output) on the last node of every module."""
    _global_hooks.check_backward_kind(is_full=False, where="as a global Module hook")
    return _register_global(_global_hooks.backward, hook)


def register_module_full_backward_pre_hook(hook):
    """Call hook(module, grad_output) before the backward of every module."""
    return _register_global(_global_hooks.backward_pre, hook)


def register_module_full_backward_hook(hook):
    """Call hook(module, grad_input, grad_output) after the backward of every module."""
    _global_hooks.check_backward_kind(is_full=True, where="as a global Module hook")
    return _register_global(_global_hooks.backward, hook)


class BoundHook:
    """Calls a hook with its module as first argument, without keeping the module alive."""

    def __init__(self, hook, module):
        functools.update_wrapper(self, hook)
        self.hook = hook
        self.module = weakref.ref(module)

    def __call__(self, *args, **kwargs):
        module = self.module()
        if module is None:
            raise RuntimeError("You are trying to call the hook of a dead Module!")
        return self.hook(module, *args, **kwargs)

    def __getstate__(self):
        return {"hook": self.hook, "module": self.module()}

    def __setstate__(self, state):
        if state["module"] is None:
            raise RuntimeError("You are trying to revive the hook of a dead Module!")
        self.hook = state["hook"]
        self.module = weakref.ref(state["module"])


def _hook_dict(kind):
    """Make the property that gives a module's hooks of one kind, under the name PyTorch has for it."""

    def read(module):
        return getattr(module._hook_table(), kind)

    return property(read)


class ModuleHooks(_core.ModuleBase):
    """What Module inherits: hook registration, and what a call does where there are hooks."""

    forward: Callable
    _hooks: HookTable | None = (
        None  # made as soon as someone asks for it: modules without hooks skip all of this
    )

    _forward_pre_hooks = _hook_dict("forward_pre")
    _forward_pre_hooks_with_kwargs = _hook_dict("forward_pre_with_kwargs")
    _forward_hooks = _hook_dict("forward")
    _forward_hooks_with_kwargs = _hook_dict("forward_with_kwargs")
    _forward_hooks_always_called = _hook_dict("forward_always_called")
    _backward_pre_hooks = _hook_dict("backward_pre")
    _backward_hooks = _hook_dict("backward")
    _is_full_backward_hook = _hook_dict("is_full_backward")
    _state_dict_hooks = _hook_dict("state_dict")
    _state_dict_pre_hooks = _hook_dict("state_dict_pre")
    _load_state_dict_pre_hooks = _hook_dict("load_state_dict_pre")
    _load_state_dict_post_hooks = _hook_dict("load_state_dict_post")

    def _hook_table(self):
        if self._hooks is None:
            object.__setattr__(self, "_hooks", HookTable())
        return self._hooks

    def __getstate__(self):
        """Return what pickle and copies keep: all attributes, but for a table without hooks."""
        state = super().__getstate__()
        attributes, *slots = state if isinstance(state, tuple) else (state,)
        attributes = dict(attributes)
        if self._hooks is not None and not self._hooks.holds_any():
            del attributes["_hooks"]
        return (attributes, *slots) if slots else attributes

    def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
        """Call hook(module, args) before `forward`; what it returns replaces the arguments.

        Args:
            hook (callable): with `with_kwargs`, hook(module, args, kwargs) -> None or (args, kwargs).
            prepend (bool): call it before the hooks registered so far.
            with_kwargs (bool): hand it the keyword arguments too.
        """
        handle = _register(
            self._forward_pre_hooks, hook, extra_dict=self._forward_pre_hooks_with_kwargs, prepend=prepend
        )
        if with_kwargs:
            self._forward_pre_hooks_with_kwargs[handle.id] = True
        return handle

    def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False, always_call=False):
        """Call hook(module, args, output) after `forward`; what it returns replaces the output.

        Args:
            hook (callable): with `with_kwargs`, hook(module, args, kwargs, output).
            prepend (bool): call it before the hooks registered so far.
            with_kwargs (bool): hand it the keyword arguments too.
            always_call (bool): call it also when `forward` raised.
        """
        extra = [self._forward_hooks_with_kwargs, self._forward_hooks_always_called]
        handle = _register(self._forward_hooks, hook, extra_dict=extra, prepend=prepend)
        if with_kwargs:
            self._forward_hooks_with_kwargs[handle.id] = True
        if always_call:
            self._forward_hooks_always_called[handle.id] = True
        return handle

    def register_full_backward_pre_hook(self, hook, prepend=False):
        """Call hook(module, grad_output) before the module's backward; its result replaces that."""
        return _register(self._backward_pre_hooks, hook, prepend=prepend)

    def register_full_backward_hook(self, hook, prepend=False):
        """Call hook(module, grad_input, grad_output) after the module's backward.

        What it returns replaces grad_input.
        """
        self._hook_table().check_backward_kind(is_full=True, where="on a single Module")
        return _register(self._backward_hooks, hook, prepend=prepend)

    def register_backward_hook(self, hook):
        """Call hook(module, grad_input, grad_output) on the module's last node only; prefer the full hook."""
        self._hook_table().check_backward_kind(is_full=False, where="on a single Module")
        return _register(self._backward_hooks, hook)

    # ModuleBase's __call__ calls `forward`, or `_call_with_hooks` where there may be hooks; an error passes
    # through `_note_error`.

    def _call_with_hooks(self, args, kwargs):
        kwargs = {} if kwargs is None else kwargs
        if not (self._hook_table().calls_any() or _global_hooks.calls_any()):
            return self.forward(*args, **kwargs)
        return _HookedCall(self, args, kwargs).run()

    def _note_error(self, error, args, kwargs):
        note_layer(error, self, args, kwargs or {})


class _HookedCall:
    """One call of a module with its hooks; keeps what the hooks have replaced so far."""

    def __init__(self, module, args, kwargs):
        self.module = module
        self.args = args
        self.kwargs = kwargs
        self.result = None
        self.tables = (_global_hooks, module._hook_table())
        self.called_always = set()

    def run(self):
        try:
            self._run_forward_pre_hooks()
            pre_hooks, full_hooks, node_hooks = self._backward_hooks()
            backward_hook = None
            if full_hooks or pre_hooks:
                backward_hook = BackwardHook(self.module, full_hooks, pre_hooks)
                self.args = backward_hook.setup_input_hook(self.args)
            self.result = self.module.forward(*self.args, **self.kwargs)
            self._run_forward_hooks()
            if backward_hook:
                if not isinstance(self.result, (Tensor, tuple)):
                    warnings.warn(
                        "For backward hooks to be called, module output should be a Tensor or a tuple of "
                        f"Tensors but received {type(self.result)}",
                        stacklevel=4,
                    )
                self.result = backward_hook.setup_output_hook(self.result)
            if node_hooks:
                self._hook_last_node(self.result, node_hooks)
            return self.result
        except Exception:
            self._run_always_called_hooks()
            raise

    def _run_forward_pre_hooks(self):
        for table in self.tables:
            for key, hook in list(table.forward_pre.items()):
                if key in table.forward_pre_with_kwargs:
                    replaced = hook(self.module, self.args, self.kwargs)
                    if replaced is None:
                        continue
                    if not (isinstance(replaced, tuple) and len(replaced) == 2):
                        raise RuntimeError(
                            "forward pre-hook must return None or a tuple of (new_args, new_kwargs), "
                            f"but got {replaced}."
                        )
                    self.args, self.kwargs = replaced
                else:
                    replaced = hook(self.module, self.args)
                    if replaced is not None:
                        self.args = replaced if isinstance(replaced, tuple) else (replaced,)

    def _call_forward_hook(self, table, key, hook):
        if key in table.forward_with_kwargs:
            replaced = hook(self.module, self.args, self.kwargs, self.result)
        else:
            replaced = hook(self.module, self.args, self.result)
        if replaced is not None:
            self.result = replaced

    def _run_forward_hooks(self):
        for table in self.tables:
            for key, hook in list(table.forward.items()):
                if key in table.forward_always_called:
                    self.called_always.add(key)
                self._call_forward_hook(table, key, hook)

    def _run_always_called_hooks(self):
        """Call the `always_call` hooks that an exception kept from running; their own errors warn."""
        for table in self.tables:
            for key, hook in list(table.forward.items()):
                if key not in table.forward_always_called or key in self.called_always:
                    continue
                try:
                    self._call_forward_hook(table, key, hook)
                except Exception as error:
                    kind = "global module" if table is _global_hooks else "module"
                    warnings.warn(
                        f"{kind} forward hook with ``always_call=True`` raised an exception that was "
                        f"silenced as another error was raised in forward: {error}",
                        stacklevel=5,
                    )

    def _backward_hooks(self):
        pre_hooks: list[Callable] = []
        full_hooks: list[Callable] = []
        node_hooks: list[Callable] = []
        for table in self.tables:
            pre_hooks += table.backward_pre.values()
            (full_hooks if table.is_full_backward else node_hooks).extend(table.backward.values())
        return pre_hooks, full_hooks, node_hooks

    def _hook_last_node(self, output, hooks):
        while not isinstance(output, Tensor):
            if isinstance(output, dict):
                output = next(value for value in output.values() if isinstance(value, Tensor))
            else:
                output = output[0]
        if output.grad_fn is not None:
            for hook in hooks:
                output.grad_fn.register_hook(BoundHook(hook, self.module))
