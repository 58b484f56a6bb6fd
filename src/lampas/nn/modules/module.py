"""Module, the base class of layers and networks: its submodule tree, conversions, modes and printed form."""

import types
import warnings

import lampas
from lampas import _core
from lampas.nn.modules.module_attributes import ModuleAttributes
from lampas.nn.modules.module_hooks import (
    ModuleHooks,
    register_module_backward_hook,
    register_module_buffer_registration_hook,
    register_module_forward_hook,
    register_module_forward_pre_hook,
    register_module_full_backward_hook,
    register_module_full_backward_pre_hook,
    register_module_module_registration_hook,
    register_module_parameter_registration_hook,
)
from lampas.nn.modules.module_state import ModuleState, _IncompatibleKeys
from lampas.nn.parameter import Parameter

__all__ = [
    "Module",
    "_IncompatibleKeys",
    "register_module_backward_hook",
    "register_module_buffer_registration_hook",
    "register_module_forward_hook",
    "register_module_forward_pre_hook",
    "register_module_full_backward_hook",
    "register_module_full_backward_pre_hook",
    "register_module_module_registration_hook",
    "register_module_parameter_registration_hook",
]


def indent_after_first_line(text, spaces):
    """Indent all lines of `text` but the first."""
    first, *rest = text.split("\n")
    return "\n".join([first, *(" " * spaces + line if line.strip() else "" for line in rest)])


def _to_floating(dtype):
    """Return a function that casts floating-point tensors and leaves the others as they are."""
    return lambda tensor: tensor.to(dtype) if tensor.is_floating_point() else tensor


class Module(ModuleAttributes, ModuleHooks, ModuleState):
    """Base class of layers and networks: subclass it, assign layers in `__init__`, compute in `forward`.

    Example:
        >>> class Scale(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.factor = nn.Parameter(lampas.ones(1))
        ...
        ...     def forward(self, input):
        ...         return input * self.factor
        >>> [name for name, _ in Scale().named_parameters()]
        ['factor']
    """

    call_super_init = (
        False  # whether __init__ passes its arguments on to the next class, for multiple inheritance
    )

    def __init__(self, *args, **kwargs):
        if not self.call_super_init and kwargs:
            raise TypeError(
                f"{type(self).__name__}.__init__() got an unexpected keyword argument '{next(iter(kwargs))}'"
            )
        if not self.call_super_init and args:
            raise TypeError(
                f"{type(self).__name__}.__init__() takes 1 positional argument but {len(args) + 1} were given"
            )
        self.__dict__.update(
            training=True, _parameters={}, _buffers={}, _non_persistent_buffers_set=set(), _modules={}
        )
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def forward(self, *input):
        """Compute the result of a call; every subclass defines this."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    def _advice(self, *args, **kwargs):
        """Return lines for the note on an error, such as "fits: shape (*, 4)" and "try: ..."."""
        return []

    # --- the tree of submodules ---

    def _named_members(self, get_members, prefix="", recurse=True, remove_duplicate=True):
        seen = set()
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        for module_prefix, module in modules if recurse else [(prefix, self)]:
            for name, member in get_members(module):
                if member is None or member in seen:
                    continue
                if remove_duplicate:
                    seen.add(member)
                yield module_prefix + ("." if module_prefix else "") + name, member

    def parameters(self, recurse=True):
        """Iterate over the parameters of this module and (with `recurse`) of its submodules."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        """Iterate over (dotted name, parameter), a shared one once if `remove_duplicate`."""
        yield from self._named_members(
            lambda module: module._parameters.items(), prefix, recurse, remove_duplicate
        )

    def buffers(self, recurse=True):
        """Iterate over the buffers of this module and (with `recurse`) of its submodules."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        """Iterate over (dotted name, buffer)."""
        yield from self._named_members(
            lambda module: module._buffers.items(), prefix, recurse, remove_duplicate
        )

    def children(self):
        """Iterate over the direct submodules."""
        for _, module in self.named_children():
            yield module

    def named_children(self):
        """Iterate over (name, direct submodule), each module once."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def modules(self, remove_duplicate=True):
        """Iterate over this module and all below it, parents first."""
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        """Iterate over (dotted name, module) for this module (named `prefix`) and all below it.

        Args:
            memo (set): modules to leave out; those found are added.
            prefix (str): put before every name.
            remove_duplicate (bool): give a module that occurs twice only once.
        """
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                child_prefix = prefix + ("." if prefix else "") + name
                yield from module.named_modules(memo, child_prefix, remove_duplicate)

    def apply(self, fn):
        """Call fn(module) on every submodule, then on this module; return this module.

        Example:
            >>> count = []
            >>> _ = nn.Sequential(nn.ReLU(), nn.ReLU()).apply(count.append)
            >>> len(count)
            3
        """
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # --- conversions ---

    def _apply(self, fn, recurse=True):
        """Replace every parameter's, gradient's and buffer's data by fn of it; parameters stay the same."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        for name, parameter in self._parameters.items():
            if parameter is None:
                continue
            with lampas.no_grad():
                converted = fn(parameter)
                converted_grad = None if parameter.grad is None else fn(parameter.grad)
            if converted.device.type == parameter.device.type:
                parameter.data = converted
                if converted_grad is not None:
                    parameter.grad.data = converted_grad
            else:
                moved = self._parameters[name] = Parameter(converted, parameter.requires_grad)
                if converted_grad is not None:
                    moved.grad = converted_grad.requires_grad_(parameter.grad.requires_grad)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def to(self, *args, **kwargs):
        """Move and cast parameters and buffers in place; return this module.

        It takes (device), (dtype), (device, dtype) or (tensor). The dtype must be floating-point or complex,
        and applies to such tensors only.

        Example:
            >>> nn.Linear(2, 3).to(lampas.float64).weight.dtype
            torch.float64
        """
        device, dtype, non_blocking, memory_format = _core._parse_to(*args, **kwargs)
        if dtype is not None:
            if not (dtype.is_floating_point or dtype.is_complex):
                raise TypeError(
                    "nn.Module.to only accepts floating point or complex dtypes, but got desired "
                    f"dtype={dtype}"
                )
            if dtype.is_complex:
                warnings.warn(
                    "Complex modules are a new feature under active development whose design may change, and "
                    "some modules might not work as expected when using complex tensors as parameters or "
                    "buffers.",
                    stacklevel=2,
                )

        def convert(tensor):
            wanted = dtype if tensor.is_floating_point() or tensor.is_complex() else None
            options = {"memory_format": memory_format} if memory_format and tensor.dim() in (4, 5) else {}
            try:
                return tensor.to(device, wanted, non_blocking, **options)
            except NotImplementedError as error:
                if str(error) != "Cannot copy out of meta tensor; no data!":
                    raise
                raise NotImplementedError(
                    f"{error} Please use torch.nn.Module.to_empty() instead of torch.nn.Module.to() when "
                    "moving module from meta to a different device."
                ) from None

        return self._apply(convert)

    def to_empty(self, *, device, recurse=True):
        """Move to `device` without copying: the new memory is not initialised."""
        return self._apply(lambda tensor: lampas.empty_like(tensor, device=device), recurse=recurse)

    def compile(self, *args, **kwargs):
        """Do nothing: in PyTorch, this compiles `forward`; here a call runs as it is written."""

    def cpu(self):
        """Move all parameters and buffers to the CPU."""
        return self._apply(lambda tensor: tensor.cpu())

    def cuda(self, device=None):
        """Move all parameters and buffers to a GPU."""
        return self._apply(lambda tensor: tensor.cuda(device))

    def xpu(self, device=None):
        """Raise, as Tensor.xpu does: this build has no XPU."""
        return self._apply(lambda tensor: tensor.xpu(device))

    def type(self, dst_type):
        """Cast all parameters and buffers to `dst_type`."""
        return self._apply(lambda tensor: tensor.type(dst_type))

    def float(self):
        """Cast floating-point parameters and buffers to float32."""
        return self._apply(_to_floating(lampas.float32))

    def double(self):
        """Cast floating-point parameters and buffers to float64."""
        return self._apply(_to_floating(lampas.float64))

    def half(self):
        """Cast floating-point parameters and buffers to float16."""
        return self._apply(_to_floating(lampas.float16))

    def bfloat16(self):
        """Cast floating-point parameters and buffers to bfloat16."""
        return self._apply(_to_floating(lampas.bfloat16))

    # --- modes and gradients ---

    def train(self, mode=True):
        """Set training mode (dropout drops, batch norm learns) here and in all submodules."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self):
        """Set evaluation mode; the same as `train(False)`."""
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        """Set whether gradients are recorded for all parameters."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=True):
        """Forget the gradients of all parameters, or fill them with zeros if not `set_to_none`."""
        for parameter in self.parameters():
            if parameter.grad is None:
                continue
            if set_to_none:
                parameter.grad = None
            elif parameter.grad.grad_fn is not None:
                parameter.grad.detach_().zero_()
            else:
                parameter.grad.requires_grad_(False).zero_()

    # --- printed form ---

    def _get_name(self):
        return type(self).__name__

    def extra_repr(self):
        """Return the arguments to show in the printed form."""
        return ""

    def __repr__(self):
        extra = self.extra_repr()
        extra_lines = extra.split("\n") if extra else []
        child_lines = [
            f"({name}): {indent_after_first_line(repr(module), 2)}" for name, module in self._modules.items()
        ]
        lines = extra_lines + child_lines
        if len(extra_lines) == 1 and not child_lines:
            contents = extra_lines[0]
        elif lines:
            contents = "\n  " + "\n  ".join(lines) + "\n"
        else:
            contents = ""
        return f"{self._get_name()}({contents})"


for _part in (ModuleAttributes, ModuleHooks, ModuleState):  # a wrong call names Module, as in PyTorch
    for _name, _member in vars(_part).items():
        if isinstance(_member, types.FunctionType):
            _member.__qualname__ = f"Module.{_name}"
