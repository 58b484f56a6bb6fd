"""Parameter and Buffer: the tensors that a module registers when they are assigned to it."""

from collections import OrderedDict

import lampas
from lampas import Tensor, _core
from lampas._core import _TensorMeta


class _ParameterMeta(_TensorMeta):
    """Makes instances of other tensor classes that are marked as parameters count as Parameter."""

    def __instancecheck__(cls, instance):
        if super().__instancecheck__(instance):
            return True
        return cls is Parameter and isinstance(instance, Tensor) and getattr(instance, "_is_param", False)


class Parameter(Tensor, metaclass=_ParameterMeta):
    """A tensor that a Module lists in `parameters()` once it is assigned as an attribute.

    Args:
        data (Tensor): the values; shared, not copied. None makes an empty tensor.
        requires_grad (bool): whether gradients are recorded for it.

    Example:
        >>> nn.Parameter(lampas.zeros(2))
        Parameter containing:
        tensor([0., 0.], requires_grad=True)
    """

    def __new__(cls, data=None, requires_grad=True):
        if data is None:
            data = lampas.empty(0)
        if type(data) in (Tensor, Parameter):
            return Tensor._make_subclass(cls, data, requires_grad)
        # Another tensor class keeps its type, and is marked as a parameter instead.
        parameter = Tensor._make_subclass(type(data), data.detach(), requires_grad)
        parameter._is_param = True
        return parameter

    # What is computed from parameters are plain tensors.
    __torch_function__ = _core._disabled_torch_function_impl

    def __deepcopy__(self, memo):
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.data.clone(), self.requires_grad)
        return memo[id(self)]

    def __repr__(self):
        return "Parameter containing:\n" + super().__repr__()

    def __reduce_ex__(self, protocol):
        return _rebuild_parameter, (self.data, self.requires_grad, OrderedDict(), dict(self.__dict__))


def _rebuild_parameter(data, requires_grad, backward_hooks, attributes):
    """Make a parameter from its pickled parts; hooks on parameters are not pickled, as in PyTorch."""
    parameter = Parameter(data, requires_grad)
    parameter._backward_hooks = backward_hooks
    for name, value in attributes.items():
        setattr(parameter, name, value)
    return parameter


class _BufferMeta(_TensorMeta):
    """Makes `isinstance(tensor, Buffer)` true for tensors that `Buffer(...)` returned."""

    def __instancecheck__(cls, instance):
        if super().__instancecheck__(instance):
            return True
        return cls is Buffer and isinstance(instance, Tensor) and getattr(instance, "_is_buffer", False)


class Buffer(Tensor, metaclass=_BufferMeta):
    """A tensor that a Module keeps as state without training it.

    Args:
        data (Tensor): the values; shared, not copied. None makes an empty tensor.
        persistent (bool): whether it is part of the module's `state_dict`.

    Example:
        >>> module = nn.Module()
        >>> module.mean = nn.Buffer(lampas.zeros(2))
        >>> list(module.state_dict())
        ['mean']
    """

    def __new__(cls, data=None, *, persistent=True):
        if data is None:
            data = lampas.empty(0)
        buffer = Tensor._make_subclass(type(data), data.detach(), data.requires_grad)
        buffer.persistent = persistent
        buffer._is_buffer = True
        return buffer


def _without_shape(self):
    raise RuntimeError(
        "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in "
        "`load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call "
        "`forward` to initialize the parameters before accessing their attributes."
    )


class _Uninitialized(Tensor):
    """What has a dtype and a device but no shape before `materialize`."""

    cls_to_become: type = Tensor
    shape = property(_without_shape)

    def materialize(self, shape, device=None, dtype=None):
        """Become an ordinary tensor of this shape, with any contents, and keep the identity."""
        device = self.data.device if device is None else device
        dtype = self.data.dtype if dtype is None else dtype
        self.data = lampas.empty(shape, device=device, dtype=dtype)
        self.__class__ = self.cls_to_become

    def __repr__(self):
        return f"<{type(self).__name__}>"


class UninitializedParameter(_Uninitialized, Parameter):
    """A parameter whose shape is not known yet; lazy layers have them until their first call."""

    cls_to_become = Parameter

    def __new__(cls, requires_grad=True, device=None, dtype=None):
        return Tensor._make_subclass(cls, lampas.empty(0, device=device, dtype=dtype), requires_grad)

    def __deepcopy__(self, memo):
        if id(self) not in memo:
            data = self.data
            memo[id(self)] = type(self)(self.requires_grad, data.device, data.dtype)
        return memo[id(self)]


class UninitializedBuffer(_Uninitialized):
    """A buffer whose shape is not known yet; lazy layers have them until their first call."""

    def __new__(cls, requires_grad=False, device=None, dtype=None, persistent=True):
        buffer = Tensor._make_subclass(cls, lampas.empty(0, device=device, dtype=dtype), requires_grad)
        buffer.persistent = persistent
        buffer._is_buffer = True
        return buffer


def is_lazy(tensor):
    """Whether a parameter or buffer has no shape yet."""
    return isinstance(tensor, _Uninitialized)
