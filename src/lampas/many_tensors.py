"""Functions of the top level that take any number of tensors, each as an argument of its own."""

from lampas import _core
from lampas._core import Tensor
from lampas.argument_checks import check_elements, check_type
from lampas.warning import warn_once


def _listed(tensors):
    """One list may stand for the arguments."""
    return tuple(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors


def _each(function, tensors):
    if len(tensors) == 1 and isinstance(tensors[0], Tensor):
        return function(tensors[0])
    return tuple(function(tensor) for tensor in _listed(tensors))


def atleast_1d(*tensors):
    """View numbers as vectors of one element; give one tensor, or a tuple for several.

    Example:
        >>> lampas.atleast_1d(lampas.tensor(1))
        tensor([1])
    """
    return _each(_core.atleast_1d, tensors)


def atleast_2d(*tensors):
    """View numbers and vectors as matrices of one row; give one tensor, or a tuple for several.

    Example:
        >>> lampas.atleast_2d(lampas.tensor([1, 2]))
        tensor([[1, 2]])
    """
    return _each(_core.atleast_2d, tensors)


def atleast_3d(*tensors):
    """View tensors of fewer than three dims with three; give one tensor, or a tuple for several.

    Example:
        >>> lampas.atleast_3d(lampas.tensor([1, 2])).shape
        torch.Size([1, 2, 1])
    """
    return _each(_core.atleast_3d, tensors)


def block_diag(*tensors):
    """Place matrices one after the other on the diagonal of zeros.

    Args:
        tensors: of at most two dims; a vector or a number is a matrix of one row.

    Example:
        >>> lampas.block_diag(lampas.tensor([[1, 2]]), lampas.tensor(3))
        tensor([[1, 2, 0],
                [0, 0, 3]])
    """
    return _core.block_diag(tensors)


def meshgrid(*tensors, indexing=None):
    """Expand vectors to the grid that they span: one tensor of the grid's shape for each.

    Args:
        tensors: vectors or numbers, as arguments or as one list.
        indexing (str): "ij", where the first vector runs along dim 0, or "xy", where it runs along dim 1.

    Raises RuntimeError for tensors of more dims, or of different dtypes.

    Example:
        >>> lampas.meshgrid(lampas.tensor([1, 2]), lampas.tensor([3, 4]), indexing="ij")[1]
        tensor([[3, 4],
                [3, 4]])
    """
    tensors = _listed(tensors)
    if indexing is not None:
        check_type("meshgrid", "indexing", indexing, str)
    check_elements(tensors)
    if not tensors:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    for tensor in tensors:
        if tensor.dtype != tensors[0].dtype:
            raise RuntimeError("meshgrid expects all tensors to have the same dtype")
        if tensor.device != tensors[0].device:
            raise RuntimeError("meshgrid expects all tensors to have the same device")
    for tensor in tensors:
        if tensor.dim() > 1:
            raise RuntimeError(
                f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {tensor.dim()}"
            )
    if indexing is None:
        warn_once(
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument."
        )
    elif indexing not in ("ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    swapped = indexing == "xy" and len(tensors) >= 2
    if swapped:
        tensors = (tensors[1], tensors[0], *tensors[2:])
    shape = [tensor.numel() for tensor in tensors]
    grids = []
    for dim, tensor in enumerate(tensors):
        sizes = [1] * len(shape)
        sizes[dim] = -1 if tensor.numel() else 0
        grids.append(tensor.view(sizes).expand(shape))
    if swapped:
        grids[0], grids[1] = grids[1], grids[0]
    return tuple(grids)


def cartesian_prod(*tensors):
    """Combine each element of each vector with all of the others, one combination a row.

    Example:
        >>> lampas.cartesian_prod(lampas.tensor([1, 2]), lampas.tensor([3]))
        tensor([[1, 3],
                [2, 3]])
    """
    for tensor in tensors:
        if tensor.dim() != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(tensor.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    return _core.stack([grid.flatten() for grid in meshgrid(*tensors, indexing="ij")], 1)


def combinations(input, r=2, with_replacement=False):
    """Combine elements of a vector, as `itertools.combinations` does, one combination a row.

    Args:
        input (Tensor): a vector.
        r (int): elements in a combination.
        with_replacement (bool): whether an element may be taken several times.

    Raises RuntimeError for other than a vector, or a negative `r`.

    Example:
        >>> lampas.combinations(lampas.tensor([1, 2, 3]))
        tensor([[1, 2],
                [1, 3],
                [2, 3]])
    """
    if input.dim() != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(input.shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    if r == 0:
        return input.new_empty(0)
    count = input.numel()
    places = meshgrid(*[_core.arange(count, device=input.device)] * r, indexing="ij")
    chosen = _core.full([count] * r, True, dtype=_core.bool, device=input.device)
    for before, after in zip(places[:-1], places[1:], strict=True):
        chosen = chosen & (before <= after if with_replacement else before < after)
    grids = meshgrid(*[input] * r, indexing="ij")
    return _core.stack([grid.masked_select(chosen) for grid in grids], 1)
