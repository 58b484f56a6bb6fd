"""Variable, the old name of a tensor: since PyTorch 0.4 the two are one."""

from lampas._core import Tensor


class _IsTensor(type):
    def __instancecheck__(cls, instance):
        return isinstance(instance, Tensor)


class Variable(metaclass=_IsTensor):
    """Return the tensor itself; `isinstance(tensor, Variable)` is True for every tensor.

    Args:
        data (Tensor): shares its memory with what is returned.
        requires_grad (bool): whether to track what is done with it.
        volatile: has no effect, as in PyTorch.

    Example:
        >>> x = lampas.autograd.Variable(lampas.ones(2), requires_grad=True)
        >>> x.requires_grad, isinstance(x, lampas.autograd.Variable)
        (True, True)
    """

    def __new__(cls, data=None, requires_grad=False, volatile=None):
        if data is None:
            data = Tensor()
        if not isinstance(data, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        return data.detach().requires_grad_(requires_grad)
