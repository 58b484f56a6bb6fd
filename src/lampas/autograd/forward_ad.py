"""Forward-mode differentiation by hand: dual levels, and tensors that carry a tangent."""

from collections import namedtuple

from lampas import _core

UnpackedDualTensor = namedtuple("UnpackedDualTensor", ("primal", "tangent"))

_levels = []


class dual_level:
    """A level in which tensors made by `make_dual` carry their tangent through every op.

    A context manager.

    >>> with lampas.autograd.forward_ad.dual_level():
    ...     x = lampas.autograd.forward_ad.make_dual(lampas.tensor(3.0), lampas.tensor(1.0))
    ...     lampas.autograd.forward_ad.unpack_dual(x * x).tangent
    tensor(6.)
    """

    def __enter__(self):
        self._level = _core._ForwardLevel()
        self._level.__enter__()
        _levels.append(self._level)
        return len(_levels) - 1

    def __exit__(self, *exception):
        _levels.remove(self._level)
        self._level.__exit__(*exception)


def _current():
    if not _levels:
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to "
            "enter_dual_level() first."
        )
    return _levels[-1]


def make_dual(tensor, tangent, *, level=None):
    """Return `tensor` carrying `tangent`, in the current dual level.

    Args:
        tensor: the value, floating point or complex.
        tangent: a tensor of the same shape.

    Raises RuntimeError outside of a dual level.
    """
    return _current().make_dual(tensor, tangent)


def unpack_dual(tensor, *, level=None):
    """Return `tensor` without its tangent, and the tangent (None where it has none).

    Args:
        tensor: any tensor.
    """
    if not _levels:
        return UnpackedDualTensor(tensor, None)
    return UnpackedDualTensor(*_current().unpack(tensor))
