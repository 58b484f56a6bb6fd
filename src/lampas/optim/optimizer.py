"""Optimizer, the base class: groups of parameters, their state, saving and loading it, hooks."""

import functools
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy

import lampas
from lampas import Tensor
from lampas.utils.hooks import RemovableHandle

_global_step_pre_hooks: OrderedDict[int, Callable] = OrderedDict()
_global_step_post_hooks: OrderedDict[int, Callable] = OrderedDict()

_HOOK_KINDS = (
    "_optimizer_step_pre_hooks",
    "_optimizer_step_post_hooks",
    "_optimizer_state_dict_pre_hooks",
    "_optimizer_state_dict_post_hooks",
    "_optimizer_load_state_dict_pre_hooks",
    "_optimizer_load_state_dict_post_hooks",
)


class _Required:
    """Stands in `defaults` for an option that every parameter group must give."""

    def __repr__(self):
        return "<required parameter>"


required = _Required()


def _register(hooks, hook, prepend=False):
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def register_optimizer_step_pre_hook(hook):
    """Call hook(optimizer, args, kwargs) before the step of every optimizer."""
    return _register(_global_step_pre_hooks, hook)


def register_optimizer_step_post_hook(hook):
    """Call hook(optimizer, args, kwargs) after the step of every optimizer."""
    return _register(_global_step_post_hooks, hook)


def _with_hooks(step):
    """Wrap a class's `step` so that step hooks run around it."""

    @functools.wraps(step)
    def hooked_step(*args, **kwargs):
        self = args[0]  # hooks see it among the arguments, as PyTorch's do
        for hook in (*_global_step_pre_hooks.values(), *self._optimizer_step_pre_hooks.values()):
            replaced = hook(self, args, kwargs)
            if replaced is not None:
                if not (isinstance(replaced, tuple) and len(replaced) == 2):
                    raise RuntimeError(
                        f"{step} must return None or a tuple of (new_args, new_kwargs), but got {replaced}."
                    )
                args, kwargs = replaced
        result = step(*args, **kwargs)
        for hook in (*self._optimizer_step_post_hooks.values(), *_global_step_post_hooks.values()):
            hook(self, args, kwargs)
        return result

    hooked_step.hooked = True  # type: ignore[attr-defined]
    return hooked_step


def _hook_step(optimizer_class):
    """Make sure that the class's `step`, if it has one of its own, runs the hooks."""
    if not getattr(optimizer_class.step, "hooked", False):
        optimizer_class.step = _with_hooks(optimizer_class.step)


def without_gradients(step):
    """Wrap a `step` so that nothing it computes is recorded, unless the optimizer is differentiable."""

    @functools.wraps(step)
    def ungraded_step(self, *args, **kwargs):
        with lampas.set_grad_enabled(self.defaults.get("differentiable", False)):
            return step(self, *args, **kwargs)

    return ungraded_step


class Optimizer:
    """Base class of optimizers.

    Args:
        params (iterable): parameters, (name, parameter) pairs, or dicts of "params" and options.
        defaults (dict): the options of groups that do not give them.

    Raises:
        ValueError: for no parameters, a parameter twice, or one that is a result and not a leaf.
        TypeError: for what is no tensor, or a set, whose order changes between runs.
    """

    _optimizer_step_pre_hooks: OrderedDict[int, Callable]
    _optimizer_step_post_hooks: OrderedDict[int, Callable]
    _optimizer_state_dict_pre_hooks: OrderedDict[int, Callable]
    _optimizer_state_dict_post_hooks: OrderedDict[int, Callable]
    _optimizer_load_state_dict_pre_hooks: OrderedDict[int, Callable]
    _optimizer_load_state_dict_post_hooks: OrderedDict[int, Callable]

    def __init__(self, params, defaults):
        self.defaults = defaults
        for kind in _HOOK_KINDS:
            setattr(self, kind, OrderedDict())
        _hook_step(type(self))
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                + lampas.typename(params)
            )
        self.state: defaultdict = defaultdict(dict)  # by parameter
        self.param_groups = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def __getstate__(self):
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state):
        self.__dict__.update(state)
        for kind in _HOOK_KINDS:
            self.__dict__.setdefault(kind, OrderedDict())
        _hook_step(type(self))
        self.defaults.setdefault("differentiable", False)

    def __repr__(self):
        text = f"{type(self).__name__} ("
        for i, group in enumerate(self.param_groups):
            text += f"\nParameter Group {i}\n"
            text += "".join(f"    {name}: {group[name]}\n" for name in sorted(group) if name != "params")
        return text + ")"

    # --- hooks ---

    def register_step_pre_hook(self, hook):
        """Call hook(optimizer, args, kwargs) before a step; a pair it returns replaces args and kwargs."""
        return _register(self._optimizer_step_pre_hooks, hook)

    def register_step_post_hook(self, hook):
        """Call hook(optimizer, args, kwargs) after a step."""
        return _register(self._optimizer_step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook, prepend=False):
        """Call hook(optimizer) before `state_dict`."""
        return _register(self._optimizer_state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(self, hook, prepend=False):
        """Call hook(optimizer, state_dict) after `state_dict`; what it returns replaces the dict."""
        return _register(self._optimizer_state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook, prepend=False):
        """Call hook(optimizer, state_dict) before loading; what it returns is loaded instead."""
        return _register(self._optimizer_load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(self, hook, prepend=False):
        """Call hook(optimizer) after loading."""
        return _register(self._optimizer_load_state_dict_post_hooks, hook, prepend)

    # --- state ---

    def state_dict(self):
        """Return {"state": ..., "param_groups": ...}, where numbers in order stand for the parameters."""
        for hook in self._optimizer_state_dict_pre_hooks.values():
            hook(self)
        numbers: dict[int, int] = {}
        saved_groups = []
        start = 0
        for group in self.param_groups:
            for position, parameter in enumerate(group["params"], start):
                numbers.setdefault(id(parameter), position)
            start += len(group["params"])
            saved = {name: value for name, value in group.items() if name != "params"}
            saved["params"] = [numbers[id(parameter)] for parameter in group["params"]]
            saved_groups.append(saved)
        state = {
            numbers[id(key)] if isinstance(key, Tensor) else key: value for key, value in self.state.items()
        }
        state_dict = {"state": state, "param_groups": saved_groups}
        for hook in self._optimizer_state_dict_post_hooks.values():
            replaced = hook(self, state_dict)
            state_dict = state_dict if replaced is None else replaced
        return state_dict

    def load_state_dict(self, state_dict):
        """Take over what `state_dict()` returned for an optimizer of the same groups.

        State tensors are cast to their parameter's dtype and device.

        Raises:
            ValueError: where the number of groups or of parameters in a group differs.
        """
        state_dict = state_dict.copy()
        for hook in self._optimizer_load_state_dict_pre_hooks.values():
            replaced = hook(self, state_dict)
            state_dict = state_dict if replaced is None else replaced
        saved_groups = deepcopy(state_dict["param_groups"])
        if len(self.param_groups) != len(saved_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        parameters: dict[int, Tensor] = {}
        for group, saved in zip(self.param_groups, saved_groups, strict=True):
            if len(group["params"]) != len(saved["params"]):
                raise ValueError(
                    "loaded state dict contains a parameter group that doesn't match the size of optimizer's "
                    "group"
                )
            parameters.update(zip(saved["params"], group["params"], strict=True))

        state: defaultdict = defaultdict(dict)
        for number, value in state_dict["state"].items():
            if number in parameters:
                state[parameters[number]] = _fit_to_parameter(value, parameters[number])
            else:
                state[number] = value
        for group, saved in zip(self.param_groups, saved_groups, strict=True):
            saved["params"] = group["params"]
            if "param_names" in group:
                saved.setdefault("param_names", group["param_names"])
        self.__setstate__({"state": state, "param_groups": saved_groups})
        for hook in self._optimizer_load_state_dict_post_hooks.values():
            hook(self)

    # --- parameters ---

    def zero_grad(self, set_to_none=True):
        """Forget the gradients of all parameters, or fill them with zeros if not `set_to_none`."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if set_to_none:
                    parameter.grad = None
                elif parameter.grad is not None:
                    if parameter.grad.grad_fn is not None:
                        parameter.grad.detach_().zero_()
                    else:
                        parameter.grad.requires_grad_(False).zero_()

    def step(self, closure=None):
        """Change the parameters once; every optimizer defines this.

        Args:
            closure (callable): computes the loss anew, with gradients, and returns it.
        """
        raise NotImplementedError

    def add_param_group(self, param_group):
        """Add parameters with options of their own: {"params": [...], "lr": ...}."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, Tensor):
            params = [params]
        elif isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of "
                "tensors in sets will change between runs. Please use a list instead."
            )
        named = list(params)
        names = [param[0] for param in named if isinstance(param, tuple)]
        params = [param[1] if isinstance(param, tuple) else param for param in named]
        if names and len(names) != len(params):
            raise ValueError(
                "all optimizer params should be with/without names. Some param names are missing"
            )
        param_group["params"] = params
        if names:
            param_group["param_names"] = names
        for param in params:
            self._check_param(param)
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(
                    f"parameter group didn't specify a value of required optimization parameter {name}"
                )
            param_group.setdefault(name, default)
        if len(params) != len(set(params)):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause "
                "an error; see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=3,
            )
        for group in self.param_groups:
            if ("param_names" in param_group) != ("param_names" in group):
                kind = "with names" if "param_names" in param_group else "without names"
                raise ValueError(
                    "all optimizer param groups should be with/without names. cannot add param group "
                    f"{kind} to the optimizer"
                )
        known = {param for group in self.param_groups for param in group["params"]}
        if not known.isdisjoint(params):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(param_group)

    def _check_param(self, param):
        if not isinstance(param, Tensor):
            raise TypeError(
                "optimizer can only optimize Tensors, but one of the params is " + lampas.typename(param)
            )
        if not self.defaults.get("differentiable") and not (param.is_leaf or param.retains_grad):
            raise ValueError("can't optimize a non-leaf Tensor")


def _fit_to_parameter(value, parameter, key=None):
    """Cast the tensors in loaded state to the parameter's dtype and device; step counts stay as they are."""
    if isinstance(value, Tensor):
        if key == "step":
            return value
        dtype = parameter.dtype if parameter.is_floating_point() else value.dtype
        return value.to(dtype=dtype, device=parameter.device)
    if isinstance(value, dict):
        return {name: _fit_to_parameter(each, parameter, name) for name, each in value.items()}
    if isinstance(value, Iterable):
        rebuild: Callable = type(value)
        return rebuild(_fit_to_parameter(each, parameter) for each in value)
    return value
