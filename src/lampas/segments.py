"""Folding rows that lie behind each other in segments of different lengths, and the hash of a tensor."""

from lampas import _core
from lampas.arrays import array_of, tensor_of
from lampas.dtype_names import scalar_type
from lampas.library import register_op

# What an empty segment gives, and the name that scatter_reduce has for the fold.
_FOLDS = {
    "sum": (0.0, "sum"),
    "mean": (float("nan"), "sum"),
    "prod": (1.0, "prod"),
    "max": (float("-inf"), "amax"),
    "min": (float("inf"), "amin"),
}


def segment_reduce(
    data, reduce, *, lengths=None, indices=None, offsets=None, axis=0, unsafe=False, initial=None
):
    """Fold the elements of each segment along a dimension into one.

    Args:
        data (Tensor): floating point.
        reduce (str): "sum", "mean", "prod", "max" or "min".
        lengths (Tensor): (*data.shape[:axis], segments), integers: how long each segment is.
        offsets (Tensor): instead of lengths, where each begins, and where the last one ends.
        indices: not supported, as in PyTorch.
        axis (int): the dimension, the last one of `lengths`.
        unsafe (bool): whether not to check that the lengths are not negative and add up.
        initial (float): with what a fold begins; by default what an empty segment gives.

    Returns a tensor of data's shape with the segments along `axis`.

    Example:
        >>> lampas.segment_reduce(lampas.tensor([1.0, 2.0, 3.0]), "sum", lengths=lampas.tensor([1, 2]))
        tensor([1., 5.])
    """
    if reduce not in _FOLDS:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    if indices is not None:
        raise RuntimeError("segment_reduce(): indices based reduction is not supported yet.")
    if lengths is None and offsets is None:
        raise RuntimeError("segment_reduce(): Either lengths or offsets must be defined.")
    if not data.is_floating_point():
        raise NotImplementedError(f"\"_segment_reduce_cpu\" not implemented for '{scalar_type(data)}'")
    given = lengths if offsets is None else offsets
    if given.is_floating_point() or given.is_complex() or given.dtype is _core.bool:
        raise NotImplementedError(f"\"_segment_reduce_cpu\" not implemented for '{scalar_type(given)}'")
    if data.dim() < given.dim():
        raise RuntimeError("Expected data.dim() >= lengths_value.dim() to be true, but got false.")
    axis = axis + data.dim() if axis < 0 else axis
    if axis != given.dim() - 1:
        raise RuntimeError(
            f"segment_reduce(): Expected axis to be the last dimension of lengths but got {axis}."
        )
    size = data.shape[axis]
    starts = given.narrow(-1, 0, 1) if offsets is not None else given.new_zeros(*given.shape[:-1], 1)
    if offsets is not None:
        lengths = offsets.diff(dim=-1)
    elif not unsafe:
        _check_lengths(lengths, size)
    counts = lengths.to(_core.int64)
    result = _folded(data, counts, starts.to(_core.int64), axis, reduce)
    trailing = (1,) * (data.dim() - axis - 1)
    counts = counts.reshape(*counts.shape, *trailing)
    return _with_initial(result, counts, reduce, initial)


def _check_lengths(lengths, size):
    if lengths.is_meta:
        return
    if int(lengths.min()) < 0:
        raise RuntimeError("lengths contains negative value!")
    if not bool((lengths.sum(-1) == size).all()):
        raise RuntimeError(
            "segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) "
            "when !unsafe."
        )


def _folded(data, counts, starts, axis, reduce):
    """Fold each segment, without `initial`: an empty one gives the neutral element."""
    neutral, fold = _FOLDS[reduce]
    neutral = 0.0 if reduce == "mean" else neutral
    segments = counts.shape[-1]
    ends = starts + counts.cumsum(-1)
    places = _core.arange(data.shape[axis], device=data.device).expand(*counts.shape[:-1], -1).contiguous()
    # The segment of each place; what lies before the first or behind the last goes to one more, cut off.
    owner = _core.searchsorted(ends.contiguous(), places, right=True)
    owner = owner.masked_fill(places < starts, segments)
    trailing = data.shape[axis + 1 :]
    owner = owner.reshape(*owner.shape, *(1,) * len(trailing)).expand(data.shape)
    shape = (*data.shape[:axis], segments + 1, *trailing)
    folded = data.new_full(shape, neutral).scatter_reduce(axis, owner, data, fold, include_self=True)
    return folded.narrow(axis, 0, segments)


def _with_initial(result, counts, reduce, initial):
    """Let each fold begin with `initial`; ties with it leave the gradient to the data."""
    start = _FOLDS[reduce][0] if initial is None else initial
    if reduce == "mean":
        total = result if initial is None else result + initial
        return (total / counts.clamp_min(1)).masked_fill(counts == 0, start)
    if initial is None:
        return result
    if reduce == "sum":
        return result + initial
    if reduce == "prod":
        return result * initial
    is_beyond = result < initial if reduce == "max" else result > initial
    return result.masked_fill(is_beyond, initial)


_segment_reduce = segment_reduce  # under this name it is in PyTorch too


def _hash_tensor(input, dim, keepdim):
    """Fold the bits of elements by exclusive or."""
    import numpy as np

    array = array_of(input)
    if input.is_floating_point():
        array = array.astype(np.float64)
    elif array.dtype != np.bool_:
        array = array.astype(np.int64)
    bits = array.astype(np.uint64) if array.dtype == np.bool_ else array.view(np.uint64)
    axes = tuple(dim) or tuple(range(bits.ndim))
    hashed = np.bitwise_xor.reduce(bits, axis=axes, keepdims=keepdim) if bits.ndim else bits
    return tensor_of(np.asarray(hashed, np.uint64), _core.uint64, input.device)


_hash_op = register_op("_hash_tensor(Tensor input, int[] dim, bool keepdim) -> Tensor", _hash_tensor)


def hash_tensor(input, dim=(), *, keepdim=False, mode=0, out=None):
    """Fold the bits of elements, widened to 64, by exclusive or.

    Args:
        input (Tensor): real numbers of any dtype but uint64.
        dim (int or tuple of ints): the dimensions to fold; all by default.
        keepdim (bool): keep the folded dimensions with size 1.
        mode (int): only 0.
        out (Tensor, optional): where to write it; uint64.

    Returns a tensor of uint64.

    Example:
        >>> lampas.hash_tensor(lampas.tensor([5, 3]))
        tensor(6, dtype=torch.uint64)
    """
    if mode != 0:
        raise RuntimeError(f"Unknown hash_tensor mode: {mode}")
    if input.is_complex() or input.dtype is _core.uint64:
        raise NotImplementedError(f"\"xor_sum_cpu\" not implemented for '{scalar_type(input)}'")
    dims = (dim,) if isinstance(dim, int) else tuple(dim)
    rank = max(input.dim(), 1)
    for each in dims:
        if not -rank <= each < rank:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-rank}, {rank - 1}], but got {each})"
            )
    if input.numel() == 0 and not dims:
        raise RuntimeError(
            "hash_tensor: Expected reduction dim to be specified for input.numel() == 0. Specify the "
            "reduction dim with the 'dim' argument."
        )
    if out is not None and out.dtype is not _core.uint64:
        raise RuntimeError(f"Expected result to be of dtype uint64, but got {scalar_type(out)}")
    result = _hash_op(input.detach(), [each % rank for each in dims], keepdim)
    return result if out is None else _core._into(result, out=out)
