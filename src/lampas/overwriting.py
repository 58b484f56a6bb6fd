"""Methods that overwrite a tensor: by a Python function of each element, or on its diagonal."""

from lampas import _core
from lampas.dtype_names import scalar_type


def _check_no_gradient(tensor, name):
    if tensor.requires_grad:
        raise RuntimeError(
            f"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() instead."
        )


def _overwritten(tensor, callable, others, name):
    """Overwrite each element by what the function makes of it and of the other tensors' elements."""
    _check_no_gradient(tensor, name)
    columns = [tensor]
    for place, other in enumerate(others, 1):
        if not isinstance(other, _core.Tensor):
            raise TypeError(
                f"{name}(): argument 'other' (position {place}) must be Tensor, not {type(other).__name__}"
            )
        if other.dtype != tensor.dtype:
            raise TypeError(
                f"{name}: expected torch.{scalar_type(tensor)}Tensor for 'other' (got "
                f"torch.{scalar_type(other)}Tensor)"
            )
        columns.append(other.expand(tensor.shape))
    if tensor.is_meta:
        return tensor
    rows = zip(*(column.flatten().tolist() for column in columns), strict=True)
    results = [callable(*row) for row in rows]
    for result in results:
        if not isinstance(result, (int, float, complex)):
            raise TypeError(f"{name}: the function gave no number but {type(result).__name__}")
    return tensor.copy_(_core.tensor(results, dtype=tensor.dtype).reshape(tensor.shape))


def apply_(self, callable):
    """Overwrite each element by a Python function of it; slow, and without a gradient.

    Args:
        callable: takes a number and returns one.

    Example:
        >>> lampas.tensor([1.0, 2.0]).apply_(lambda x: x * x)
        tensor([1., 4.])
    """
    return _overwritten(self, callable, (), "apply_")


def map_(self, other, callable):
    """Overwrite each element by a Python function of it and of another tensor's element; see `apply_`.

    Args:
        other (Tensor): of the same dtype; broadcasts.
        callable: takes two numbers and returns one.

    Example:
        >>> lampas.tensor([1.0, 2.0]).map_(lampas.tensor([3.0, 4.0]), lambda x, y: x + y)
        tensor([4., 6.])
    """
    return _overwritten(self, callable, (other,), "map_")


def map2_(self, x, y, callable):
    """Overwrite each element by a Python function of it and of two other tensors' elements; see `map_`.

    Example:
        >>> x = lampas.tensor([1.0, 2.0])
        >>> x.map2_(x, x, lambda a, b, c: a + b * c)
        tensor([2., 6.])
    """
    return _overwritten(self, callable, (x, y), "map2_")


def fill_diagonal_(self, fill_value, wrap=False):
    """Overwrite the diagonal, of a matrix or of a tensor whose dims are of one length.

    Args:
        fill_value (number): what to write.
        wrap (bool): whether in a tall matrix the diagonal begins again, one row below its end.

    Raises RuntimeError for one dim, and for more than two of different lengths.

    Example:
        >>> lampas.zeros(2, 3).fill_diagonal_(5)
        tensor([[5., 0., 0.],
                [0., 5., 0.]])
    """
    rank = self.dim()
    if rank < 2:
        raise RuntimeError("dimensions must larger than 1")
    if rank > 2 and len(set(self.shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    length, step = min(self.shape), sum(self.stride())
    self.as_strided((length,), (step,), self.storage_offset()).fill_(fill_value)
    if wrap and rank == 2:
        rows, columns = self.shape
        for start in range(columns + 1, rows, columns + 1):
            self[start:].fill_diagonal_(fill_value)
    return self
