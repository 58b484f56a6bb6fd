"""Functions of the top level that are made of others, or that only ask about their arguments."""

from collections.abc import Sequence

from lampas import _core
from lampas._core import Tensor
from lampas.argument_checks import check_elements, check_tensors


def is_tensor(obj):
    """Return whether an object is a tensor.

    Example:
        >>> lampas.is_tensor([1.0])
        False
    """
    return isinstance(obj, Tensor)


def is_storage(obj):
    """Return whether an object is a storage."""
    return isinstance(obj, _core.UntypedStorage)


def numel(input):
    """Return the number of elements.

    Example:
        >>> lampas.numel(lampas.zeros(2, 3))
        6
    """
    check_tensors("numel", input=input)
    return input.numel()


def is_floating_point(input):
    """Return whether the dtype is a real floating point type.

    Example:
        >>> lampas.is_floating_point(lampas.tensor([1, 2]))
        False
    """
    check_tensors("is_floating_point", input=input)
    return input.is_floating_point()


def is_complex(input):
    """Return whether the dtype is complex."""
    check_tensors("is_complex", input=input)
    return input.is_complex()


def is_inference(input):
    """Return whether the tensor was made in inference mode."""
    check_tensors("is_inference", input=input)
    return input.is_inference()


def nonzero(input, *, out=None, as_tuple=False):
    """Return the indices of elements that are not zero.

    Args:
        input (Tensor): any shape and dtype.
        out (Tensor, optional): where to write them; only without as_tuple.
        as_tuple (bool): False gives one row of indices for each element, True a tuple of one tensor for each
            dimension, which can index `input`.

    Example:
        >>> lampas.nonzero(lampas.tensor([0, 3, 4]), as_tuple=True)
        (tensor([1, 2]),)
    """
    if out is not None:
        return _core.nonzero(input, out=out)
    check_tensors("nonzero", input=input)
    return input.nonzero(as_tuple=as_tuple)


def unravel_index(indices, shape):
    """Return the coordinates in a tensor of a shape that flat indices stand for, a tensor a dimension.

    Args:
        indices (Tensor): integers, any shape.
        shape (int or sequence of int): the sizes.

    Raises TypeError for other arguments, ValueError for a negative size.

    Example:
        >>> lampas.unravel_index(lampas.tensor([1, 5]), (2, 3))
        (tensor([0, 1]), tensor([1, 2]))
    """
    counts = isinstance(indices, Tensor) and not (indices.is_floating_point() or indices.is_complex())
    if not counts or indices.dtype is _core.bool:
        dtype = getattr(indices, "dtype", type(indices))
        raise TypeError(f"expected 'indices' to be integer dtype, but got {dtype}")
    if not isinstance(shape, (int, Sequence)):
        raise TypeError(f"expected 'shape' to be int or sequence of ints, but got {type(shape)}")
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    for size in shape:
        if not isinstance(size, int):
            raise TypeError(f"expected 'shape' sequence to only contain ints, but got {type(size)}")
        if size < 0:
            raise ValueError(f"'shape' cannot have negative values, but got {shape}")
    coordinates = []
    indices = indices.to(_core.int64)
    for size in reversed(shape):
        coordinates.append(indices % size)
        indices = indices // size
    return tuple(reversed(coordinates))


def resize_as_(input, the_template, *, memory_format=None):
    """Give a tensor the sizes of another one, as `Tensor.resize_as_` does."""
    return input.resize_as_(the_template, memory_format=memory_format)


def broadcast_shapes(*shapes):
    """Return the shape in which tensors of these shapes meet.

    Args:
        shapes: sizes as tuples, or a single int for one dimension.

    Raises RuntimeError where they do not fit.

    Example:
        >>> lampas.broadcast_shapes((2, 1), (3,))
        torch.Size([2, 3])
    """
    shapes = [(shape,) if isinstance(shape, int) else tuple(shape) for shape in shapes]
    result = [1] * max((len(shape) for shape in shapes), default=0)
    for place, shape in enumerate(shapes):
        for dim in range(-1, -1 - len(shape), -1):
            size = shape[dim]
            if size < 0:
                raise RuntimeError(f"Trying to create tensor with negative dimension ({size}): ({size})")
            if size == 1 or size == result[dim]:
                continue
            if result[dim] != 1:
                raise RuntimeError(
                    f"Attempting to broadcast a dimension of length {size} at {dim}! Mismatching argument at "
                    f"index {place} had {shape}; but expected shape should be broadcastable to {result}"
                )
            result[dim] = size
    return _core.Size(result)


def _check_fit(left, right):
    """Raise RuntimeError, in the words of the core's ops, where two shapes do not meet."""
    for place in range(1, 1 + min(len(left), len(right))):
        ours, theirs = left[-place], right[-place]
        if ours != theirs and 1 not in (ours, theirs):
            raise RuntimeError(
                f"The size of tensor a ({ours}) must match the size of tensor b ({theirs}) at non-singleton "
                f"dimension {max(len(left), len(right)) - place}"
            )


def broadcast_tensors(*tensors):
    """Expand tensors to the shape in which they meet; one that has it already is returned itself.

    Raises RuntimeError where they do not fit.

    Example:
        >>> [tensor.shape for tensor in lampas.broadcast_tensors(lampas.zeros(2, 1), lampas.zeros(3))]
        [torch.Size([2, 3]), torch.Size([2, 3])]
    """
    check_elements(tensors)
    shape = ()
    for tensor in tensors:
        _check_fit(shape, tensor.shape)
        shape = broadcast_shapes(shape, tensor.shape)
    return tuple(tensor if tensor.shape == shape else tensor.expand(shape) for tensor in tensors)


# ---- Methods that are functions too


def _question(name):
    def ask(input):
        check_tensors(name, input=input)
        return getattr(input, name)()

    ask.__name__ = ask.__qualname__ = name
    ask.__doc__ = f"Return what `Tensor.{name}` does."
    return ask


def _writer(name):
    def write(input, *args, **kwargs):
        check_tensors(name, input=input)
        return getattr(input, name)(*args, **kwargs)

    write.__name__ = write.__qualname__ = name
    write.__doc__ = f"Overwrite a tensor as `Tensor.{name}` does."
    return write


is_signed = _question("is_signed")
is_conj = _question("is_conj")
is_neg = _question("is_neg")
get_device = _question("get_device")
addmv_ = _writer("addmv_")
detach_ = _writer("detach_")
gcd_ = _writer("gcd_")
index_put_ = _writer("index_put_")
lcm_ = _writer("lcm_")
ldexp_ = _writer("ldexp_")
xlogy_ = _writer("xlogy_")


def is_same_size(input, other):
    """Return whether two tensors have the same sizes.

    Example:
        >>> lampas.is_same_size(lampas.zeros(2), lampas.ones(2))
        True
    """
    check_tensors("is_same_size", input=input, other=other)
    return input.is_same_size(other)
