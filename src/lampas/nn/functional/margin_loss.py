"""Losses that ask for a margin between what belongs together and what does not."""

import lampas
from lampas import _core
from lampas.argument_checks import check_tensors
from lampas.nn.functional.distance import pairwise_distance
from lampas.nn.reduction import reduce_losses, reduction_code, reduction_name

__all__ = [
    "cosine_embedding_loss",
    "hinge_embedding_loss",
    "margin_ranking_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "soft_margin_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]


def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """Return log(1 + exp(-target * input)), reduced.

    Args:
        input (Tensor): any shape.
        target (Tensor): 1 or -1, broadcast with the input.
        reduction (str): "mean", "sum" or "none".

    Example:
        >>> F.soft_margin_loss(lampas.tensor([0.0]), lampas.tensor([1.0]))
        tensor(0.6931)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    return _core.soft_margin_loss(input, target, reduction_code(reduction))


def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    """Return the input where the target is 1, max(0, margin - input) where it is -1, reduced.

    Args:
        input (Tensor): distances of any shape.
        target (Tensor): 1 or -1, broadcast with the input.
        margin (float): how far apart unlike things should be.
        reduction (str): "mean", "sum" or "none".

    Example:
        >>> F.hinge_embedding_loss(lampas.tensor([0.5, 0.75]), lampas.tensor([1.0, -1.0]))
        tensor(0.3750)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    reduction_code(reduction)
    zero = lampas.zeros_like(input)
    unlike = lampas.where(target != 1, (margin - input).clamp_min(0), zero)
    return reduce_losses(unlike + lampas.where(target != -1, input, zero), reduction)


def margin_ranking_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    """Return max(0, -target * (input1 - input2) + margin), reduced.

    Args:
        input1, input2 (Tensor): scores of any shape.
        target (Tensor): 1 where the first should be higher, else -1; RuntimeError where the numbers of
            dimensions differ.
        margin (float): how much higher.
        reduction (str): "mean", "sum" or "none".

    Example:
        >>> F.margin_ranking_loss(lampas.tensor([1.0]), lampas.tensor([3.0]), lampas.tensor([1.0]))
        tensor(2.)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    reduction_code(reduction)
    if not input1.dim() == input2.dim() == target.dim():
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.size()}, input2: {input2.size()}, target: {target.size()} "
        )
    return reduce_losses((-target * (input1 - input2) + margin).clamp_min(0), reduction)


def cosine_embedding_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    """Return 1 - cos where the target is 1, max(0, cos - margin) where it is -1, reduced.

    Args:
        input1, input2 (Tensor): vectors (D) or (N, D); cos is that of the angle between them.
        target (Tensor): () or (N), 1 or -1.
        margin (float): how alike unlike things may be, from -1 to 1.
        reduction (str): "mean", "sum" or "none".

    Example:
        >>> F.cosine_embedding_loss(lampas.ones(1, 2), lampas.ones(1, 2), lampas.tensor([-1.0]))
        tensor(1.)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    reduction_code(reduction)
    check_tensors("cosine_embedding_loss", input1=input1, input2=input2, target=target)
    if target.dim() > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if not input1.dim() == input2.dim() == target.dim() + 1:
        raise RuntimeError(
            f"{target.dim()}D target tensor expects {target.dim() + 1}D input tensors, but found inputs with "
            f"sizes {list(input1.shape)} and {list(input2.shape)}."
        )
    tiny = 1e-12  # keeps the root's gradient finite
    squares = ((vectors * vectors).sum(-1) + tiny for vectors in (input1, input2))
    first, second = squares
    cosine = (input1 * input2).sum(-1) / (first * second).sqrt()
    zero = lampas.zeros_like(cosine)
    alike = lampas.where(target == 1, 1 - cosine, zero)
    return reduce_losses(alike + lampas.where(target == -1, (cosine - margin).clamp_min(0), zero), reduction)


def _check_triplet(anchor, positive, negative, margin):
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    if not anchor.dim() == positive.dim() == negative.dim():
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, "
            f"but got: anchor {anchor.dim()}D, positive {positive.dim()}D, and negative {negative.dim()}D "
            "inputs"
        )


def triplet_margin_loss(
    anchor,
    positive,
    negative,
    margin=1.0,
    p=2,
    eps=1e-6,
    swap=False,
    size_average=None,
    reduce=None,
    reduction="mean",
):
    """Return how much less than the margin an anchor is nearer to the positive than to the negative.

    Args:
        anchor, positive, negative (Tensor): vectors (*, D).
        margin (float): ValueError where it is not positive.
        p, eps (float): those of `pairwise_distance`.
        swap (bool): take the negative's distance from the positive where that is less.
        reduction (str): "mean", "sum" or "none".

    Source: Balntas et al., "Learning shallow convolutional feature descriptors with triplet losses", 2016.

    Example:
        >>> anchor, positive = lampas.tensor([[0.0, 0.0]]), lampas.tensor([[3.0, 4.0]])
        >>> F.triplet_margin_loss(anchor, positive, anchor + 2.0, eps=0.0, p=1)
        tensor(4.)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    reduction_code(reduction)
    check_tensors("triplet_margin_loss", anchor=anchor, positive=positive, negative=negative)
    return triplet_margin_with_distance_loss(
        anchor,
        positive,
        negative,
        distance_function=lambda left, right: pairwise_distance(left, right, p, eps),
        margin=margin,
        swap=swap,
        reduction=reduction,
    )


def triplet_margin_with_distance_loss(
    anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False, reduction="mean"
):
    """Return the loss of `triplet_margin_loss` for any distance.

    Args:
        anchor, positive, negative (Tensor): with the same number of dimensions, RuntimeError otherwise.
        distance_function (callable): of two tensors; `pairwise_distance` when None.
        margin (float): ValueError where it is not positive.
        swap (bool): take the negative's distance from the positive where that is less.
        reduction (str): "mean", "sum" or "none".
    """
    reduction_code(reduction)
    _check_triplet(anchor, positive, negative, margin)
    distance = distance_function or pairwise_distance
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = lampas.minimum(far, distance(positive, negative))
    return reduce_losses((margin + near - far).clamp_min(0), reduction)


def _check_scores(input):
    """Refuse what is neither scores (C) nor (N, C) with C above 0."""
    if input.dim() > 2 or (input.dim() > 0 and input.shape[-1] == 0):
        raise RuntimeError(
            "Expected non-empty vector or matrix with optional 0-dim batch size, but got: "
            f"{list(input.shape)}"
        )


def multi_margin_loss(
    input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"
):
    """Return the mean over classes of max(0, margin - input[target] + input[class]) ** p, reduced.

    Args:
        input (Tensor): scores (C) or (N, C).
        target (Tensor): classes () or (N), int64.
        p (int): 1 or 2, ValueError otherwise.
        margin (float): how much higher the target's score should be.
        weight (Tensor): a factor for each target class, shape (C).
        reduction (str): "mean", "sum" or "none".

    Example:
        >>> F.multi_margin_loss(lampas.tensor([[0.5, 0.75]]), lampas.tensor([0]))
        tensor(0.6250)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    reduction_code(reduction)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.dim() != 1:
        raise ValueError("weight must be one-dimensional")
    _check_scores(input)
    scores = input.reshape(-1, input.shape[-1] if input.dim() else 1)
    batch, classes = scores.shape
    if target.dim() > 1 or target.numel() != batch:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples "
            f"(batch size). Expected target size [{batch}], but got {list(target.shape)}. "
            f"Input has shape {list(input.shape)}."
        )
    if weight is not None and weight.shape[0] != classes:
        raise RuntimeError(f"inconsistent weight size, expected {classes} but got {list(weight.shape)}")
    wanted = target.reshape(-1, 1)
    if ((wanted < 0) | (wanted >= classes)).any():
        raise RuntimeError("target out of range")
    losses = (margin - scores.gather(1, wanted) + scores).relu()
    if p == 2:
        losses = losses * losses
    if weight is not None:
        losses = losses * weight[wanted]
    is_target = lampas.arange(classes) == wanted
    losses = losses.masked_fill(is_target, 0).sum(1) / classes
    return reduce_losses(losses.reshape(target.shape) if input.dim() < 2 else losses, reduction)


def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """Return max(0, 1 - (input[wanted] - input[other])) / C, summed over wanted and other classes, reduced.

    Args:
        input (Tensor): scores (C) or (N, C).
        target (Tensor): the wanted classes, int64, of the input's shape; what follows a -1 does not count.
        reduction (str): "mean", "sum" or "none".

    Example:
        >>> F.multilabel_margin_loss(lampas.tensor([0.5, 0.75]), lampas.tensor([0, -1]))
        tensor(0.6250)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    reduction_code(reduction)
    _check_scores(input)
    if target.shape != input.shape:
        raise RuntimeError(
            f"inconsistent target size: {list(target.shape)} for input of size: {list(input.shape)}"
        )
    classes = input.shape[-1] if input.dim() else 1
    scores, wanted = input.reshape(-1, classes), target.reshape(-1, classes)
    if ((wanted < -1) | (wanted >= classes)).any():
        raise RuntimeError("argument #2 'target' is out of range")
    counts = (wanted < 0).cumsum(1) == 0  # (N, C): before the first -1
    safe = wanted.masked_fill(~counts, 0)
    is_wanted = lampas.zeros_like(wanted).scatter_add(1, safe, counts.long()) > 0
    # (N, wanted, other)
    differences = (1 - (scores.gather(1, safe).unsqueeze(2) - scores.unsqueeze(1))).relu()
    left_out = ~counts.unsqueeze(2) | is_wanted.unsqueeze(1)
    losses = differences.masked_fill(left_out, 0).sum((1, 2)) / classes
    return reduce_losses(losses.reshape(()) if input.dim() < 2 else losses, reduction)


def multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """Return the mean over classes of the binary cross entropy of logits, reduced.

    Args:
        input (Tensor): logits (*, C).
        target (Tensor): 0 or 1, of the input's shape.
        weight (Tensor): a factor of each class's loss, broadcast.
        reduction (str): "mean", "sum" or "none".

    Example:
        >>> F.multilabel_soft_margin_loss(lampas.zeros(1, 2), lampas.tensor([[1.0, 0.0]]))
        tensor(0.6931)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not valid")
    if not target.is_floating_point():  # which binary_cross_entropy_with_logits refuses
        target = target.to(input.dtype)
    losses = _core.binary_cross_entropy_with_logits(input, target, weight, None, 0)
    return reduce_losses(losses.sum(-1) / input.shape[-1], reduction)
