"""Losses."""

import warnings

import lampas
from lampas import _core
from lampas.nn.reduction import reduction_code, reduction_name

__all__ = ["cross_entropy", "mse_loss", "nll_loss"]


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
    if input.shape != target.shape:
        warnings.warn(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}). "
            "This will likely lead to incorrect results due to broadcasting. "
            "Please ensure they have the same size.",
            stacklevel=2,
        )
    reduction = reduction_name(size_average, reduce, reduction)
    if weight is None:
        return _core.mse_loss(input, target, reduction_code(reduction))
    if weight.shape != input.shape:
        raise ValueError("Weights and input must have the same size.")
    reduction_code(reduction)
    difference = input - target
    losses = difference * difference * weight
    if reduction == "none":
        return losses
    return losses.sum() if reduction == "sum" else losses.sum() / weight.sum()
