"""Functions that choose classes: multinomial draws them, one_hot marks them."""

from lampas import _core
from lampas.argument_checks import check_tensors, check_type

_MOST_CATEGORIES = 1 << 24  # float32 counts no further


def _check(condition, message):
    if not condition:
        raise RuntimeError(message)


def multinomial(input, num_samples, replacement=False, *, generator=None, out=None):
    """Draw indices of each row with probabilities in proportion to its elements.

    Args:
        input (Tensor): weights of shape (K) or (N, K), floating point, at least 0; a row need not sum to 1.
        num_samples (int): how many to draw from each row; without replacement at most K.
        replacement (bool): whether an index may be drawn again.
        generator (Generator, optional): where random numbers come from.
        out (Tensor, optional): int64, where to write the indices, (num_samples) or (N, num_samples).

    Raises:
        RuntimeError: for weights below 0, infinite or NaN, or a row whose sum is 0.

    Example:
        >>> lampas.multinomial(lampas.tensor([0.0, 3.0, 0.0]), 1)
        tensor([1])

    Source: without replacement, the first of competing exponential variates, P. Efraimidis and P. Spirakis,
    "Weighted random sampling with a reservoir", 2006.
    """
    check_tensors("multinomial", input=input)
    check_type("multinomial", "num_samples", num_samples, int, position=2)
    check_type("multinomial", "replacement", replacement, bool)
    _check(
        input.is_floating_point(),
        f"multinomial only supports floating-point dtypes for input, got: {_kind(input)}",
    )
    _check(input.dim() in (1, 2), "prob_dist must be 1 or 2 dim")
    _check(num_samples > 0, "cannot sample n_sample <= 0 samples")
    categories = input.shape[-1]
    _check(
        replacement or num_samples <= categories,
        "cannot sample n_sample > prob_dist.size(-1) samples without replacement",
    )
    _check(categories <= _MOST_CATEGORIES, "number of categories cannot exceed 2^24")
    if out is not None:
        _check(out.dtype == _core.int64, f"multinomial expects Long tensor out, got: {_kind(out)}")
    weights = input.detach()
    if weights.numel() == 0:
        drawn = _core.empty(*weights.shape[:-1], num_samples, dtype=_core.int64, device=weights.device)
    else:
        valid = (weights.max() < float("inf")) & (weights.min() >= 0)
        _check(bool(valid), "probability tensor contains either `inf`, `nan` or element < 0")
        sums = weights.sum(-1)
        _check(not bool((sums == 0).any()), "invalid multinomial distribution (sum of probabilities <= 0)")
        draw = _with_replacement if replacement and num_samples > 1 else _without_replacement
        drawn = draw(weights, num_samples, generator)
    if out is None:
        return drawn
    return out.resize_(drawn.shape).copy_(drawn)


def _kind(tensor):
    """Return a dtype as messages of PyTorch's core write it, such as Long."""
    return tensor.type().rsplit(".", 1)[-1].removesuffix("Tensor")


def _without_replacement(weights, num_samples, generator):
    ratio = weights / _core.empty_like(weights).exponential_(1, generator=generator)
    if num_samples == 1:
        return ratio.argmax(-1, keepdim=True)
    return ratio.topk(num_samples, -1)[1]


def _with_replacement(weights, num_samples, generator):
    cumulative = weights.cumsum(-1)
    cumulative = cumulative / cumulative[..., -1:]
    size = (*weights.shape[:-1], num_samples)
    points = _core.rand(size, generator=generator, dtype=_core.float64, device=weights.device)
    found = _core.searchsorted(cumulative.to(_core.float64), points)
    return found.clamp(max=weights.shape[-1] - 1)


def one_hot(tensor, num_classes=-1):
    """Return a vector for each class index: 1 at that place, 0 elsewhere.

    Args:
        tensor (Tensor): class indices, int64, of any shape.
        num_classes (int): the length of the vectors; -1 for one more than the largest index.

    Raises:
        RuntimeError: for another dtype, for an index below 0 or not below `num_classes`.

    Example:
        >>> one_hot(lampas.tensor([1, 0]), 3)
        tensor([[0, 1, 0],
                [1, 0, 0]])
    """
    check_tensors("one_hot", input=tensor)
    check_type("one_hot", "num_classes", num_classes, int, position=2)
    _check(tensor.dtype == _core.int64, "one_hot is only applicable to index tensor of type LongTensor.")
    if tensor.numel() == 0:
        _check(num_classes > 0, "Can not infer total number of classes from empty tensor.")
        return _core.zeros(*tensor.shape, num_classes, dtype=_core.int64, device=tensor.device)
    if _core._is_wrapped(tensor):  # under vmap the elements cannot be looked at
        _check(
            num_classes > 0,
            "When vmap-ing torch.nn.functional.one_hot, please provide an explicit positive num_classes "
            "argument.",
        )
    elif not tensor.is_meta:
        _check(int(tensor.min()) >= 0, "Class values must be non-negative.")
        if num_classes == -1:
            num_classes = int(tensor.max()) + 1
        _check(num_classes > 0, "num_classes should be positive")
        _check(int(tensor.max()) < num_classes, "Class values must be smaller than num_classes.")
    zeros = _core.zeros(*tensor.shape, num_classes, dtype=_core.int64, device=tensor.device)
    return zeros.scatter(-1, tensor.unsqueeze(-1), 1)
