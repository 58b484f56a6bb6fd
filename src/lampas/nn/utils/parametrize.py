"""Parametrizations: a module's tensor that is computed from others whenever it is read."""

import copyreg
from collections.abc import Sequence
from contextlib import contextmanager
from copy import deepcopy

import lampas
from lampas import Tensor
from lampas.nn.modules.container import ModuleDict, ModuleList
from lampas.nn.parameter import Parameter

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "transfer_parametrizations_and_params",
    "type_before_parametrizations",
]

_KEEPS = "Registering a parametrization may not change the {} of the tensor, unless"
_cached_blocks = 0  # how many `with cached()` are open, one in another
_cache: dict = {}  # (module, tensor's name) -> the tensor, while a block is open


@contextmanager
def cached():
    """Compute each parametrized tensor once while the block lasts, for one that is read several times.

    Example:
        >>> class Doubled(nn.Module):
        ...     def forward(self, tensor):
        ...         return tensor * 2
        >>> parametrize = nn.utils.parametrize
        >>> layer = parametrize.register_parametrization(nn.Linear(2, 2), "weight", Doubled())
        >>> with parametrize.cached():
        ...     layer.weight is layer.weight
        True
    """
    global _cached_blocks
    _cached_blocks += 1
    try:
        yield
    finally:
        _cached_blocks -= 1
        if _cached_blocks == 0:
            _cache.clear()


def _register(module, name, tensor):
    register = module.register_parameter if isinstance(tensor, Parameter) else module.register_buffer
    register(name, tensor)


def _check_kept(before, after, rule, labels):
    """Refuse a tensor whose dtype or shape is not the one in `before`, a dict of the two."""
    for name, wanted in before.items():
        found = getattr(after, name)
        if found != wanted:
            values = f"{labels[0]}{name}: {wanted}\n{labels[1]}{name}: {found}"
            raise ValueError(f"{rule.format(name)} flag is enabled.\n{values}")


def _check_tensor(result):
    if not isinstance(result, Tensor):
        raise ValueError(f"A parametrization must return a tensor. Got {type(result).__name__}.")


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, in the order in which they apply, and the tensors they start from.

    Calling it gives the parametrized tensor. What the first parametrization starts from is `original`, or
    `original0`, `original1`, ... where its `right_inverse` returned a sequence. Made by
    `register_parametrization`.

    Args:
        modules (sequence of Module): the parametrizations; ValueError where there is none.
        original (Parameter or Tensor): the tensor as it is before; it becomes `original`.
        unsafe (bool): do not check that shape and dtype stay.
    """

    def __init__(self, modules, original, unsafe=False):
        if len(modules) == 0:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        before = {"dtype": original.dtype, "shape": original.shape}  # of what may be changed in place below
        start = self._start_for(original)
        self.is_tensor = isinstance(start, Tensor)
        if self.is_tensor:
            self.ntensors = 1
            self._keep_as_original(original, start)
        elif isinstance(start, Sequence):
            self.ntensors = len(start)
            self._keep_as_originals(original, start)
        else:
            raise ValueError(
                "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). "
                f"Got {type(start).__name__}"
            )
        if not unsafe:
            result = self()
            _check_tensor(result)
            _check_kept(before, result, f"{_KEEPS} `unsafe`", ("unparametrized ", "parametrized "))

    def _in_order(self):
        """Return the parametrizations alone: what computes an original stands beside them by its own name."""
        return [module for name, module in self._modules.items() if name.isdecimal()]

    def _start_for(self, original):
        """Take a tensor back through all parametrizations; those without a way back leave it as it is."""
        value = original
        with lampas.no_grad():
            for parametrization in reversed(self._in_order()):
                if hasattr(parametrization, "right_inverse"):
                    try:
                        value = parametrization.right_inverse(value)
                    except NotImplementedError:
                        continue
        return value

    def _keep_as_original(self, original, start):
        """Keep the same Parameter, which an optimizer may know, with the values of `start`."""
        for name in ("dtype", "device"):
            if getattr(original, name) != getattr(start, name):
                raise ValueError(
                    f"When `right_inverse` outputs one tensor, it may not change the {name}.\n"
                    f"original.{name}: {getattr(original, name)}\n"
                    f"right_inverse(original).{name}: {getattr(start, name)}"
                )
        with lampas.no_grad():
            original.set_(start)
        _register(self, "original", original)

    def _keep_as_originals(self, original, starts):
        """Make new parameters (or buffers), which an optimizer is yet to be given."""
        for place, start in enumerate(starts):
            if not isinstance(start, Tensor):
                raise ValueError(
                    "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). "
                    f"Got element {place} of the sequence with type {type(start).__name__}."
                )
            if isinstance(original, Parameter):
                start = Parameter(start, original.requires_grad)
            start.requires_grad_(original.requires_grad)
            _register(self, f"original{place}", start)

    def _originals(self):
        if self.is_tensor:
            return [self.original]
        return [getattr(self, f"original{place}") for place in range(self.ntensors)]

    def right_inverse(self, value):
        """Take a value back through all parametrizations and store it in the originals.

        Args:
            value (Tensor): what the parametrized tensor shall be.

        Raises:
            RuntimeError: where a parametrization has no `right_inverse`.
            ValueError: where what comes back does not fit the originals.
        """
        with lampas.no_grad():
            for parametrization in reversed(self._in_order()):
                if not hasattr(parametrization, "right_inverse"):
                    raise RuntimeError(
                        f"parametrization {type(parametrization).__name__} does not implement right_inverse."
                    )
                value = parametrization.right_inverse(value)
            if self.is_tensor:
                self._store(value)
            else:
                self._store_several(value)

    def _store(self, value):
        if not isinstance(value, Tensor):
            raise ValueError(f"`right_inverse` should return a tensor. Got {type(value).__name__}")
        if value.dtype != self.original.dtype:
            raise ValueError(
                f"The tensor returned by `right_inverse` has dtype {value.dtype} "
                f"while `original` has dtype {self.original.dtype}"
            )
        self.original.set_(value)

    def _store_several(self, values):
        if not isinstance(values, Sequence):
            raise ValueError(
                f"'right_inverse' must return a sequence of tensors. Got {type(values).__name__}."
            )
        if len(values) != self.ntensors:
            raise ValueError(
                f"'right_inverse' must return a sequence of tensors of length {self.ntensors}. "
                f"Got a sequence of length {len(values)}."
            )
        for place, (original, value) in enumerate(zip(self._originals(), values, strict=True)):
            if not isinstance(value, Tensor):
                raise ValueError(
                    "'right_inverse' must return a sequence of tensors or reference-type opaques. "
                    f"Got element {place} of type {type(value).__name__}."
                )
            if value.dtype != original.dtype:
                raise ValueError(
                    f"Tensor {place} returned by `right_inverse` has dtype {value.dtype} "
                    f"while `original{place}` has dtype {original.dtype}"
                )
            original.set_(value)

    def forward(self):
        """Compute the parametrized tensor, recorded."""
        first, *others = self._in_order()
        tensor = first(*self._originals())
        for parametrization in others:
            tensor = parametrization(tensor)
        return tensor


def _refuse_pickling(self):
    raise RuntimeError(
        "Serialization of parametrized modules is only supported through state_dict(). See:\n"
        "https://pytorch.org/tutorials/beginner/saving_loading_models.html"
        "#saving-loading-a-general-checkpoint-for-inference-and-or-resuming-training"
    )


def _deepcopy(self, memo):
    """Copy without __getstate__, which refuses: the attributes and what the class keeps in slots."""
    copied = self.__new__(type(self))
    memo[id(self)] = copied
    copied.__dict__.update(deepcopy(self.__dict__, memo))
    for name in copyreg._slotnames(type(self)):  # type: ignore[attr-defined]  # what pickling itself asks
        if hasattr(self, name):
            setattr(copied, name, deepcopy(getattr(self, name), memo))
    return copied


def _parametrized_class(kind):
    """Return a subclass for one module, which properties can be put into."""
    # It names its module as the other classes here do, to which the drop-in gives PyTorch's names.
    members = {"__getstate__": _refuse_pickling, "__module__": ParametrizationList.__module__}
    if not hasattr(kind, "__deepcopy__"):
        members["__deepcopy__"] = _deepcopy
    return type(f"Parametrized{kind.__name__}", (kind,), members)


def _parametrized_property(tensor_name):
    """Return the property that computes a tensor when it is read and takes back what is assigned to it."""

    def computed(self):
        parametrizations = self.parametrizations[tensor_name]
        if _cached_blocks == 0:
            return parametrizations()
        place = self, tensor_name
        if place not in _cache:
            _cache[place] = parametrizations()
        return _cache[place]

    def assign(self, value):
        self.parametrizations[tensor_name].right_inverse(value)

    return property(computed, assign)


def register_parametrization(module, tensor_name, parametrization, *, unsafe=False):
    """Let a module's parameter or buffer be computed by another module; return the module.

    `module.weight` is then parametrization(original), recorded, where the original lies in
    `module.parametrizations.weight.original` and is what an optimizer trains. Registering again puts the new
    parametrization behind those that are there. The module's class becomes a subclass of its class.

    A parametrization with a method `right_inverse` is asked for the original that gives the present value,
    also when a value is assigned to `module.weight`. That of the first parametrization may return a sequence
    of tensors, which its `forward` then takes as arguments.

    Args:
        module (Module): whose tensor it is.
        tensor_name (str): the parameter or buffer.
        parametrization (Module): takes a tensor, returns a tensor of the same dtype and shape.
        unsafe (bool): let dtype and shape change, and check nothing.

    Raises:
        ValueError: where there is no such tensor, or the parametrization changes dtype or shape.

    Example:
        >>> class Symmetric(nn.Module):
        ...     def forward(self, matrix):
        ...         return matrix.triu() + matrix.triu(1).mT
        >>> layer = nn.utils.parametrize.register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
        >>> lampas.equal(layer.weight, layer.weight.mT)
        True
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        parametrizations = module.parametrizations[tensor_name]
        if not unsafe:
            _check_next(module, tensor_name, parametrization)
        parametrizations.append(parametrization)
        parametrizations.unsafe |= unsafe
    elif tensor_name in module._buffers or tensor_name in module._parameters:
        original = getattr(module, tensor_name)
        # First, as it raises for what does not fit, and then nothing is changed.
        parametrizations = ParametrizationList([parametrization], original, unsafe=unsafe)
        delattr(module, tensor_name)
        if hasattr(module, tensor_name):
            raise AssertionError(f"Module already has an attribute named '{tensor_name}'")
        if not is_parametrized(module):
            module.__class__ = _parametrized_class(type(module))
            module.parametrizations = ModuleDict()
        setattr(type(module), tensor_name, _parametrized_property(tensor_name))
        module.parametrizations[tensor_name] = parametrizations
    else:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name "
            f"'{tensor_name}'"
        )
    return module


def _check_next(module, tensor_name, parametrization):
    """Refuse a further parametrization that changes dtype or shape, on its way there or on its way back."""
    present = getattr(module, tensor_name)
    before = {"dtype": present.dtype, "shape": present.shape}
    result = parametrization(present)
    _check_tensor(result)
    place = f"module.{tensor_name}"
    _check_kept(before, result, f"{_KEEPS} the `unsafe`", (f"{place}.", f"parametrization({place})."))
    if not hasattr(parametrization, "right_inverse"):
        return
    try:
        back = parametrization.right_inverse(result)
    except NotImplementedError:
        return
    if not isinstance(back, Tensor):
        raise ValueError(f"parametrization.right_inverse must return a tensor. Got: {type(back).__name__}")
    rule = "The tensor returned by parametrization.right_inverse must have the same {} as "
    _check_kept(before, back, f"{rule}{place}, unless the `unsafe`", (f"{place}.", "returned "))


def is_parametrized(module, tensor_name=None):
    """Say whether a module has a parametrized tensor, or whether the one of that name is parametrized."""
    parametrizations = getattr(module, "parametrizations", None)
    if not isinstance(parametrizations, ModuleDict):
        return False
    return len(parametrizations) > 0 if tensor_name is None else tensor_name in parametrizations


_SET_REFUSED = (
    "Calling remove_parametrizations() with leave_parametrized=True "
    "for a parameter that is an instance of a tensor subclass requires "
    "set_() to be implemented correctly for the tensor subclass."
    "Alternatively, one can opt into the swap_tensors path"
    "Either set leave_parametrized=False or provide a working implementation"
    "for set_() in the tensor subclass or set "
    "torch.__future__.set_swap_module_params_on_conversion(True)."
)


def remove_parametrizations(module, tensor_name, leave_parametrized=True):
    """Make a parametrized tensor a plain parameter or buffer again; return the module.

    Args:
        module (Module): whose tensor it is; with the last one removed, it has its own class back.
        tensor_name (str): the tensor.
        leave_parametrized (bool): keep the computed value; otherwise the original.

    Raises:
        ValueError: where the tensor is not parametrized, or has no single original to go back to.

    Example:
        >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(2, 3))
        >>> nn.utils.parametrize.remove_parametrizations(layer, "weight")
        Linear(in_features=2, out_features=3, bias=True)
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    parametrizations = module.parametrizations[tensor_name]
    if not parametrizations.is_tensor and not leave_parametrized:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms "
            "of a sequence of tensors."
        )
    if parametrizations.is_tensor:
        # The same Parameter with the computed values, so that an optimizer goes on with it.
        tensor = parametrizations.original
        if leave_parametrized:
            with lampas.no_grad():
                value = getattr(module, tensor_name)
                try:
                    tensor.set_(value)
                except RuntimeError as error:
                    if type(tensor) is Tensor:
                        raise
                    raise RuntimeError(_SET_REFUSED) from error
    else:
        tensor = getattr(module, tensor_name)
        if tensor.requires_grad:
            tensor = Parameter(tensor)

    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    _register(module, tensor_name, tensor)
    if not is_parametrized(module):
        del module.parametrizations
        module.__class__ = type(module).__bases__[0]
    return module


def type_before_parametrizations(module):
    """Return the class that a module had before it was parametrized."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def transfer_parametrizations_and_params(from_module, to_module, tensor_name=None):
    """Register one module's parametrizations on another, which then shares the originals; return the other.

    Args:
        from_module (Module): the module to take from; nothing happens where it is not parametrized.
        to_module (Module): the module to give to; a tensor that it lacks is made.
        tensor_name (str): the only tensor to transfer.

    Example:
        >>> first = nn.utils.parametrizations.weight_norm(nn.Linear(2, 3))
        >>> transfer = nn.utils.parametrize.transfer_parametrizations_and_params
        >>> second = transfer(first, nn.Linear(2, 3))
        >>> second.parametrizations.weight.original0 is first.parametrizations.weight.original0
        True
    """
    if not is_parametrized(from_module):
        return to_module
    for name in list(from_module.parametrizations) if tensor_name is None else [tensor_name]:
        if not hasattr(to_module, name):
            setattr(to_module, name, Parameter(getattr(from_module, name)))
        source = from_module.parametrizations[name]
        for parametrization in source._in_order():
            register_parametrization(to_module, name, parametrization)
        target = to_module.parametrizations[name]
        if source.is_tensor:
            target.original = source.original
        else:
            for place, original in enumerate(source._originals()):
                setattr(target, f"original{place}", original)
    return to_module
