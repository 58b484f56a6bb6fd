"""Rows of tables, looked up by their numbers."""

import lampas
from lampas import _core

__all__ = ["embedding", "embedding_bag"]


def _limit_norms(weight, indices, max_norm, norm_type):
    """Scale down, in place, the rows that will be looked up and whose norm is larger than `max_norm`."""
    with lampas.no_grad():
        rows = indices.unique()
        picked = weight[rows]
        norms = picked.norm(norm_type, dim=1, keepdim=True)
        weight[rows] = lampas.where(norms > max_norm, picked * (max_norm / (norms + 1e-7)), picked)


def padding_row(padding_idx, rows):
    """Return a padding index counted from 0; None stays None."""
    if padding_idx is None or padding_idx == 0:
        return padding_idx
    assert -rows <= padding_idx < rows, "Padding_idx must be within num_embeddings"
    return padding_idx % rows


def _look_up(weight, indices, padding, scale_grad_by_freq, sparse):
    """Return the rows; that of the number `padding` gets no gradient."""
    return _core.embedding(weight, indices, -1 if padding is None else padding, scale_grad_by_freq, sparse)


def embedding(
    input,
    weight,
    padding_idx=None,
    max_norm=None,
    norm_type=2.0,
    scale_grad_by_freq=False,
    sparse=False,
):
    """Look up rows of a table.

    Args:
        input (Tensor): which rows; integers of any shape.
        weight (Tensor): the table, shape (rows, width).
        padding_idx (int): a row that gets no gradient.
        max_norm (float): rows with a larger norm are scaled down to it first, in place.
        norm_type (float): which norm.
        scale_grad_by_freq (bool): divide a row's gradient by how often it was looked up.
        sparse (bool): only False.

    Example:
        >>> F.embedding(lampas.tensor([1, 0]), lampas.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor([[3., 4.],
                [1., 2.]])
    """
    padding = None if padding_idx is None else padding_row(padding_idx, weight.shape[0])
    if max_norm is not None:
        _limit_norms(weight, input, max_norm, norm_type)
    return _look_up(weight, input, padding, scale_grad_by_freq, sparse)


def _bag_bounds(input, offsets, include_last_offset):
    """Return flat indices and the place where each bag begins."""
    if input.dim() == 2:
        if offsets is not None:
            raise ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of "
                f"fixed length sequences. However, found offsets of type {type(offsets)}"
            )
        offsets = lampas.arange(0, input.numel(), input.shape[1], dtype=input.dtype, device=input.device)
        return input.reshape(-1), offsets
    if input.dim() != 1:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.dim()}")
    if offsets is None:
        raise ValueError("offsets has to be a 1D Tensor but got None")
    if offsets.dim() != 1:
        raise ValueError("offsets has to be a 1D Tensor")
    if offsets.numel() and offsets[0] != 0:
        raise RuntimeError(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from "
            f"position 0. However, got {int(offsets[0])}"
        )
    return input, offsets[:-1] if include_last_offset else offsets


def embedding_bag(
    input,
    weight,
    offsets=None,
    max_norm=None,
    norm_type=2,
    scale_grad_by_freq=False,
    mode="mean",
    sparse=False,
    per_sample_weights=None,
    include_last_offset=False,
    padding_idx=None,
):
    """Look up rows of a table and fold those of each bag into one.

    Args:
        input (Tensor): shape (B, N): B bags of N rows; or (N): all bags, one behind the other.
        weight (Tensor): the table, shape (rows, width).
        offsets (Tensor): where each bag begins in a one-dimensional `input`.
        max_norm, norm_type, scale_grad_by_freq, sparse: as of `embedding`.
        mode (str): "sum", "mean" or "max".
        per_sample_weights (Tensor): a factor for each row, as `input`; only for "sum".
        include_last_offset (bool): whether `offsets` ends with the number of rows.
        padding_idx (int): a row that is left out of its bag.

    Returns:
        Tensor: shape (bags, width); zeros for an empty bag.

    Example:
        >>> F.embedding_bag(lampas.tensor([[0, 1]]), lampas.tensor([[1.0], [3.0]]))
        tensor([[2.]])
    """
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("max mode does not support scaling the gradient by the frequency")
    if per_sample_weights is not None:
        if mode != "sum":
            raise NotImplementedError(
                "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for "
                f"mode='sum' (got mode='{mode}'). Please open a feature request on GitHub."
            )
        if per_sample_weights.shape != input.shape:
            raise ValueError(
                f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then it "
                f"must have the same shape as the input ({input.shape})"
            )
        per_sample_weights = per_sample_weights.reshape(-1)
    indices, starts = _bag_bounds(input, offsets, include_last_offset)
    padding = None if padding_idx is None else padding_row(padding_idx, weight.shape[0])
    if max_norm is not None:
        _limit_norms(weight, indices, max_norm, norm_type)
    rows = _look_up(weight, indices, padding, scale_grad_by_freq, sparse)
    places = lampas.arange(indices.numel(), device=indices.device)
    bags = lampas.searchsorted(starts.to(lampas.int64), places, right=True) - 1
    counted = lampas.ones_like(indices, dtype=lampas.bool) if padding is None else indices != padding
    if mode == "max":
        return _largest_of_bags(rows[counted], bags[counted], starts.numel())
    factors = counted.to(rows.dtype)
    if per_sample_weights is not None:
        factors = factors * per_sample_weights
    spread = bags.unsqueeze(1).expand(rows.shape)
    empty = lampas.zeros(starts.numel(), weight.shape[1], dtype=rows.dtype, device=rows.device)
    sums = empty.scatter_add(0, spread, rows * factors.unsqueeze(1))
    if mode == "sum":
        return sums
    counts = empty[:, 0].scatter_add(0, bags, factors)
    return sums / counts.clamp(min=1).unsqueeze(1)


def _largest_of_bags(rows, bags, count):
    results = []
    for bag in range(count):
        members = rows[bags == bag]
        results.append(members.max(0).values if len(members) else rows.new_zeros(rows.shape[1:]))
    return lampas.stack(results) if results else rows.new_zeros(0, rows.shape[1])
