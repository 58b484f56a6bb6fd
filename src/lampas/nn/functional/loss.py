"""Losses."""

import math
import warnings

import lampas
from lampas import _core
from lampas.argument_checks import check_tensors
from lampas.nn.functional.connection import linear
from lampas.nn.reduction import reduce_losses, reduction_code, reduction_name

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "gaussian_nll_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "linear_cross_entropy",
    "mse_loss",
    "nll_loss",
    "poisson_nll_loss",
    "smooth_l1_loss",
]


def nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
    """Return the negative log likelihood of the target classes.

    Args:
        input (Tensor): log-probabilities of shape (C), (N, C) or (N, C, d1, ...).
        target (Tensor): class indices of shape (), (N) or (N, d1, ...), int64.
        weight (Tensor): one weight per class, shape (C); the mean is weighted too.
        ignore_index (int): targets of this value count nothing.
        reduction (str): "mean", "sum" or "none".

    Example:
        >>> F.nll_loss(lampas.tensor([[-0.5, -1.0]]), lampas.tensor([1]))
        tensor(1.)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    return _core.nll_loss(input, target, weight, reduction_code(reduction), ignore_index)


def cross_entropy(
    input,
    target,
    weight=None,
    size_average=None,
    ignore_index=-100,
    reduce=None,
    reduction="mean",
    label_smoothing=0.0,
):
    """Return the cross entropy between logits and target classes: log_softmax, then nll_loss.

    Args:
        input (Tensor): logits of shape (C), (N, C) or (N, C, d1, ...).
        target (Tensor): class indices of shape (), (N) or (N, d1, ...), or probabilities, shaped as input.
        weight (Tensor): one weight per class, shape (C).
        ignore_index (int): class indices of this value count nothing.
        reduction (str): "mean", "sum" or "none".
        label_smoothing (float): how much of the target is spread evenly over all classes, in [0, 1].

    Example:
        >>> F.cross_entropy(lampas.zeros(1, 2), lampas.tensor([1]))
        tensor(0.6931)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    code = reduction_code(reduction)
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    check_tensors("cross_entropy_loss", input=input, target=target)
    class_dim = 0 if input.dim() == 1 else 1
    if input.shape == target.shape:
        if not target.is_floating_point():
            raise RuntimeError(
                "Expected floating point type for target with class probabilities, got "
                + lampas.typename(target).removeprefix("torch.").removesuffix("Tensor")
            )
        if ignore_index >= 0:
            raise RuntimeError("ignore_index is not supported for floating point target")
        return _cross_entropy_of_probabilities(input, target, weight, class_dim, reduction, label_smoothing)
    log_probabilities = input.log_softmax(class_dim)
    loss = _core.nll_loss(log_probabilities, target, weight, code, ignore_index)
    if label_smoothing == 0.0:
        return loss
    spread = _spread_loss(log_probabilities, target, weight, class_dim, reduction, ignore_index)
    return loss * (1 - label_smoothing) + spread * (label_smoothing / input.shape[class_dim])


def _class_weights(weight, input, class_dim):
    """Return the class weights in a shape that broadcasts over `input`."""
    shape = [1] * input.dim()
    shape[class_dim] = weight.shape[0]
    return weight.view(shape)


def _cross_entropy_of_probabilities(input, target, weight, class_dim, reduction, label_smoothing):
    classes = input.shape[class_dim]
    if label_smoothing > 0.0:
        target = target * (1 - label_smoothing) + label_smoothing / classes
    products = input.log_softmax(class_dim) * target
    if weight is not None:
        products = products * _class_weights(weight, input, class_dim)
    if reduction == "none":
        return -products.sum(class_dim)
    if reduction == "sum":
        return -products.sum()
    return -products.sum() / (input.numel() / classes)


def _spread_loss(log_probabilities, target, weight, class_dim, reduction, ignore_index):
    """Return the loss against every class at once, the part of the target that label smoothing spreads."""
    if weight is not None:
        log_probabilities = log_probabilities * _class_weights(weight, log_probabilities, class_dim)
    counted = target != ignore_index
    losses = -log_probabilities.sum(class_dim) * counted
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if weight is None:
        return losses.sum() / counted.sum()
    # The sum of the targets' weights is the loss of log-probabilities that are -1 everywhere.
    minus_one = lampas.zeros_like(log_probabilities) - 1
    return losses.sum() / _core.nll_loss(minus_one, target, weight, reduction_code("sum"), ignore_index)


def linear_cross_entropy(
    input,
    linear_weight,
    target,
    *,
    linear_bias=None,
    weight=None,
    reduction="mean",
    ignore_index=None,
    label_smoothing=0.0,
    options=None,
):
    """Return the cross entropy between linear(input, linear_weight, linear_bias) and the targets.

    Args:
        input (Tensor): shape (in_features) or (N, in_features).
        linear_weight (Tensor): shape (C, in_features) or (C, d1, ..., in_features).
        target (Tensor): class indices or probabilities, as for `cross_entropy`.
        linear_bias (Tensor): shape (C) or (C, d1, ...).
        weight, reduction, ignore_index, label_smoothing: as for `cross_entropy`.
        options: accepted as in PyTorch, where it saves memory; without effect.

    Example:
        >>> F.linear_cross_entropy(lampas.zeros(1, 3), lampas.ones(2, 3), lampas.tensor([1]))
        tensor(0.6931)
    """
    if input.dim() < 1 or input.dim() > 2:
        raise RuntimeError(f"expected input with dimensionality 1 or 2, got {input.dim()}")
    if linear_weight.dim() < 2:
        raise RuntimeError(
            f"expected linear_weight with dimensionality at least 2, got {linear_weight.dim()}"
        )
    classes, *places, features = linear_weight.shape
    if input.shape[-1] != features:
        raise RuntimeError(
            "expected equal input and linear_weight last dimensions (in_features), got "
            f"{input.shape[-1]} and {features}, respectively"
        )
    if linear_bias is not None and tuple(linear_bias.shape) != (classes, *places):
        raise RuntimeError(f"expected linear_bias shape {(classes, *places)}, got {tuple(linear_bias.shape)}")
    if places and input.dim() == 1:
        raise RuntimeError(
            f"K-dimensional loss defined by linear_weight shape {tuple(linear_weight.shape)} requires "
            f"batched input, (N, {features}), got unbatched input with shape {tuple(input.shape)}"
        )
    shape = (*input.shape[:-1], classes, *places)
    if tuple(target.shape) == shape and ignore_index is not None:
        raise RuntimeError("ignore_index cannot be specified when target contains probabilities")
    bias = None if linear_bias is None else linear_bias.reshape(-1)
    return cross_entropy(
        linear(input, linear_weight.reshape(-1, features), bias).reshape(shape),
        target,
        weight=weight,
        reduction=reduction,
        ignore_index=-100 if ignore_index is None else ignore_index,
        label_smoothing=label_smoothing,
    )


def _warn_of_broadcasting(input, target):
    if target.size() != input.size():
        warnings.warn(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}). "
            "This will likely lead to incorrect results due to broadcasting. "
            "Please ensure they have the same size.",
            stacklevel=3,
        )


def _weighted(losses, weight, input, reduction, weighted_mean):
    """Reduce losses times a weight per element; the mean may be over the weights instead of elements."""
    if weight.shape != input.shape:
        raise ValueError("Weights and input must have the same size.")
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"Invalid reduction mode: {reduction}. Expected one of 'none', 'mean', 'sum'.")
    losses = losses * weight
    if reduction == "mean" and weighted_mean:
        return losses.sum() / weight.sum()
    return reduce_losses(losses, reduction)


def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """Return the squared difference, element by element, reduced.

    Args:
        input (Tensor): any shape.
        target (Tensor): the same shape; another one is broadcast, with a warning.
        reduction (str): "mean", "sum" or "none".
        weight (Tensor): a weight per element, of the input's shape; the mean is weighted too.

    Example:
        >>> F.mse_loss(lampas.zeros(2), lampas.tensor([1.0, 3.0]))
        tensor(5.)
    """
    _warn_of_broadcasting(input, target)
    reduction = reduction_name(size_average, reduce, reduction)
    if weight is not None:
        return _weighted(_core.mse_loss(input, target, 0), weight, input, reduction, True)
    return _core.mse_loss(input, target, reduction_code(reduction))


def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """Return the distance |input - target|, element by element, reduced.

    Args:
        input (Tensor): any shape.
        target (Tensor): the same shape; another one is broadcast, with a warning.
        reduction (str): "mean", "sum" or "none".
        weight (Tensor): a weight per element, of the input's shape; the mean is weighted too.

    Example:
        >>> F.l1_loss(lampas.zeros(2), lampas.tensor([1.0, -3.0]))
        tensor(2.)
    """
    _warn_of_broadcasting(input, target)
    reduction = reduction_name(size_average, reduce, reduction)
    if weight is not None:
        return _weighted(_core.l1_loss(input, target, 0), weight, input, reduction, True)
    return _core.l1_loss(input, target, reduction_code(reduction))


def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    """Return a loss that is quadratic below a distance of beta, and linear from there on.

    With d = |input - target|: 0.5 * d² / beta where d < beta, else d - 0.5 * beta.

    Args:
        input (Tensor): any shape.
        target (Tensor): the same shape; another one is broadcast, with a warning.
        reduction (str): "mean", "sum" or "none".
        beta (float): RuntimeError for a negative one; at 0 this is `l1_loss`.

    Source: Girshick, "Fast R-CNN", 2015.

    Example:
        >>> F.smooth_l1_loss(lampas.tensor([1.0, 4.0]), lampas.tensor([1.0, 2.0]))
        tensor(0.7500)
    """
    _warn_of_broadcasting(input, target)
    code = reduction_code(reduction_name(size_average, reduce, reduction))
    if beta == 0.0:
        return _core.l1_loss(input, target, code)
    return _core.smooth_l1_loss(input, target, code, beta)


def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """Return a loss that is quadratic up to a distance of delta, and linear from there on.

    With d = |input - target|: 0.5 * d² where d <= delta, else delta * (d - 0.5 * delta).

    Args:
        input (Tensor): any shape.
        target (Tensor): the same shape; another one is broadcast, with a warning.
        reduction (str): "mean", "sum" or "none".
        delta (float): RuntimeError where it is not positive.
        weight (Tensor): a weight per element, of the input's shape.

    Source: Huber, "Robust estimation of a location parameter", 1964.

    Example:
        >>> F.huber_loss(lampas.tensor([1.0, 6.0]), lampas.tensor([1.0, 2.0]), delta=2.0)
        tensor(3.)
    """
    _warn_of_broadcasting(input, target)
    if weight is not None:
        return _weighted(_core.huber_loss(input, target, 0, delta), weight, input, reduction, False)
    return _core.huber_loss(input, target, reduction_code(reduction), delta)


def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """Return the cross entropy between probabilities and targets in [0, 1].

    Args:
        input (Tensor): probabilities of any shape; RuntimeError for one outside [0, 1].
        target (Tensor): the same shape, ValueError otherwise.
        weight (Tensor): a factor of each element's loss, broadcast.
        reduction (str): "mean", "sum" or "none".

    Example:
        >>> F.binary_cross_entropy(lampas.tensor([0.5]), lampas.tensor([1.0]))
        tensor(0.6931)
    """
    code = reduction_code(reduction_name(size_average, reduce, reduction))
    if target.size() != input.size():
        raise ValueError(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}) is "
            "deprecated. Please ensure they have the same size."
        )
    if weight is not None:
        weight = weight.expand(lampas.broadcast_shapes(target.shape, weight.shape))
    return _core.binary_cross_entropy(input, target, weight, code)


def binary_cross_entropy_with_logits(
    input, target, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None
):
    """Return the cross entropy between the probabilities sigmoid(input) and targets in [0, 1].

    Args:
        input (Tensor): logits of any shape and size; nothing overflows.
        target (Tensor): the same shape, ValueError otherwise.
        weight (Tensor): a factor of each element's loss, broadcast.
        reduction (str): "mean", "sum" or "none".
        pos_weight (Tensor): a factor of the part of the loss that goes with the target, broadcast.

    Example:
        >>> F.binary_cross_entropy_with_logits(lampas.tensor([0.0]), lampas.tensor([1.0]))
        tensor(0.6931)
    """
    code = reduction_code(reduction_name(size_average, reduce, reduction))
    if target.size() != input.size():
        raise ValueError(f"Target size ({target.size()}) must be the same as input size ({input.size()})")
    return _core.binary_cross_entropy_with_logits(input, target, weight, pos_weight, code)


def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    """Return the Kullback-Leibler divergence: target * (log(target) - input), reduced.

    Args:
        input (Tensor): log-probabilities of any shape.
        target (Tensor): probabilities, or log-probabilities with `log_target`; broadcast with the input.
        reduction (str): "batchmean" divides the sum by the batch size, as the definition does; "mean" (over
            elements), "sum" or "none".
        log_target (bool): whether the target is a logarithm too.

    Example:
        >>> F.kl_div(lampas.tensor([[0.5]]).log(), lampas.tensor([[1.0]]), reduction="batchmean")
        tensor(0.6931)
    """
    if size_average is None and reduce is None and reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
            "'mean' will be changed to behave the same as 'batchmean' in the next major release.",
            stacklevel=2,
        )
    reduction = reduction_name(size_average, reduce, reduction)
    if reduction != "batchmean":
        reduction_code(reduction)
    check_tensors("kl_div", input=input, target=target)
    for tensor in (input, target):
        if tensor.is_complex():
            raise RuntimeError("kl_div: Complex inputs not supported.")
        if not tensor.is_floating_point():
            raise RuntimeError("kl_div: Integral inputs not supported.")
    if log_target:
        losses = target.exp() * (target - input)
    else:
        # 0 log 0 is 0, and so is its derivative.
        losses = target * target.masked_fill(target == 0, 1).log() - target * input
    if reduction == "batchmean":
        return losses.sum() / input.shape[0] if input.dim() != 0 else losses.sum()
    return reduce_losses(losses, reduction)


def poisson_nll_loss(
    input,
    target,
    log_input=True,
    full=False,
    size_average=None,
    eps=1e-8,
    reduce=None,
    reduction="mean",
):
    """Return the negative log likelihood of counts under Poisson distributions.

    Args:
        input (Tensor): the distributions' means, or their logarithms, of any shape.
        target (Tensor): the counts, broadcast with the input.
        log_input (bool): whether the input is a logarithm.
        full (bool): add Stirling's approximation of log(target!) where the target is above 1.
        eps (float): keeps the logarithm of a mean from minus infinity.
        reduction (str): "mean", "sum" or "none".

    Example:
        >>> F.poisson_nll_loss(lampas.tensor([0.0]), lampas.tensor([3.0]))
        tensor(1.)
    """
    reduction = reduction_name(size_average, reduce, reduction)
    reduction_code(reduction)
    if log_input:
        losses = input.exp() - target * input
    else:
        losses = input - target * (input + eps).log()
    if full:
        stirling = target * target.log() - target + 0.5 * (2 * math.pi * target).log()
        losses = losses + stirling.masked_fill(target <= 1, 0)
    return reduce_losses(losses, reduction)


def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    """Return the negative log likelihood of targets under normal distributions.

    Args:
        input (Tensor): the means, of any shape.
        target (Tensor): broadcast with the input.
        var (Tensor or float): the variances: of the input's shape, or with one dimension of 1, or without
            the last dimension. ValueError for a negative one.
        full (bool): add the constant 0.5 * log(2 * pi).
        eps (float): the least variance that is used.
        reduction (str): "mean", "sum" or "none".

    Example:
        >>> F.gaussian_nll_loss(lampas.zeros(2), lampas.tensor([1.0, 3.0]), lampas.ones(2))
        tensor(2.5000)
    """
    if isinstance(var, float):
        if var < 0:
            raise ValueError("var has negative entry/entries")
        var = var * lampas.ones_like(input)
    elif (var < 0).any():
        raise ValueError("var has negative entry/entries")
    if var.shape != input.shape:
        if input.shape[:-1] == var.shape:
            var = var.unsqueeze(-1)
        elif input.dim() != var.dim() or 1 != sum(
            own for size, own in zip(input.shape, var.shape, strict=True) if size != own
        ):
            raise ValueError("var is of incorrect size")
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not valid")
    var = var.clone()
    with lampas.no_grad():  # the gradient passes the bound unchanged
        var.clamp_(min=eps)
    losses = 0.5 * (var.log() + (input - target) ** 2 / var)
    if full:
        losses = losses + 0.5 * math.log(2 * math.pi)
    return reduce_losses(losses, reduction)
