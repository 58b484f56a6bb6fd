"""Layers that compute a loss."""

from lampas.nn import functional
from lampas.nn.modules.module import Module
from lampas.nn.reduction import reduction_name

__all__ = ["CrossEntropyLoss", "MSELoss", "NLLLoss"]


class _Loss(Module):
    def __init__(self, size_average=None, reduce=None, reduction="mean"):
        super().__init__()
        self.reduction = reduction_name(size_average, reduce, reduction)


class _WeightedLoss(_Loss):
    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


class NLLLoss(_WeightedLoss):
    """The negative log likelihood of target classes; see `functional.nll_loss`.

    Example:
        >>> nn.NLLLoss()(lampas.tensor([[-0.5, -1.0]]), lampas.tensor([1]))
        tensor(1.)
    """

    def __init__(self, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input, target):
        return functional.nll_loss(
            input, target, weight=self.weight, ignore_index=self.ignore_index, reduction=self.reduction
        )


class CrossEntropyLoss(_WeightedLoss):
    """The cross entropy between logits and target classes; see `functional.cross_entropy`.

    Example:
        >>> nn.CrossEntropyLoss()(lampas.zeros(1, 2), lampas.tensor([1]))
        tensor(0.6931)
    """

    def __init__(
        self,
        weight=None,
        size_average=None,
        ignore_index=-100,
        reduce=None,
        reduction="mean",
        label_smoothing=0.0,
    ):
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input, target):
        return functional.cross_entropy(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class MSELoss(_Loss):
    """The squared difference between input and target; see `functional.mse_loss`.

    Example:
        >>> nn.MSELoss()(lampas.zeros(2), lampas.tensor([1.0, 3.0]))
        tensor(5.)
    """

    def forward(self, input, target):
        return functional.mse_loss(input, target, reduction=self.reduction)
