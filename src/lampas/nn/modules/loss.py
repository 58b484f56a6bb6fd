"""Layers that compute a loss."""

import math
import warnings

import lampas
from lampas.nn import functional
from lampas.nn.modules.linear import Linear
from lampas.nn.modules.module import Module
from lampas.nn.reduction import reduction_name

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CTCLoss",
    "CrossEntropyLoss",
    "GaussianNLLLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "LinearCrossEntropyLoss",
    "MSELoss",
    "NLLLoss",
    "NLLLoss2d",
    "PoissonNLLLoss",
    "SmoothL1Loss",
]


class _Loss(Module):
    def __init__(self, size_average=None, reduce=None, reduction="mean"):
        super().__init__()
        self.reduction = reduction_name(size_average, reduce, reduction)


class _WeightedLoss(_Loss):
    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


def _advice_on_classes(input, target):
    """Say which class numbers fit scores (N, classes, *), and what mends a usual mistake."""
    is_batch = input.dim() > 1
    classes = input.shape[1] if is_batch else input.shape[0]
    places = (input.shape[0], *input.shape[2:]) if is_batch else ()
    lines = [f"fits: a target of shape {places}, dtype torch.int64, from 0 to {classes - 1}"]
    if tuple(target.shape) == (*places, 1):
        lines.append("try: target.squeeze(-1)")
    elif target.shape == input.shape and is_batch:
        lines.append("try: target.argmax(1), where the target holds 1 at the class and 0 elsewhere")
    elif tuple(target.shape) == places and target.dtype not in (lampas.int64, lampas.uint8):
        lines.append("try: target.long()")
    elif tuple(target.shape) == places and target.numel():
        low, high = int(target.min()), int(target.max())
        if low >= 1 and high == classes:
            lines.append("try: target - 1, for these classes are counted from 1")
        elif high >= classes:
            lines.append(f"given are {low} to {high}; try: a network with {high + 1} outputs")
    return lines


def _advice_on_probabilities(input, target):
    """Say what mends a usual mistake with targets that are probabilities of their own."""
    if input.shape != target.shape:
        fits = f"fits: a target of shape {tuple(input.shape)}"
        return [fits, "try: target.view_as(input)"] if input.numel() == target.numel() else [fits]
    if not target.is_floating_point():
        return [f"fits: a target of dtype {input.dtype}", f"try: target.to({input.dtype})"]
    return []


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

    def _advice(self, input, target):
        return _advice_on_classes(input, target)


class NLLLoss2d(NLLLoss):
    """The old name of NLLLoss, which takes pictures as well."""

    def __init__(self, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
        warnings.warn(
            "NLLLoss2d has been deprecated. Please use NLLLoss instead as a drop-in replacement and see "
            "https://pytorch.org/docs/main/nn.html#torch.nn.NLLLoss for more details.",
            FutureWarning,
            stacklevel=2,
        )
        super().__init__(weight, size_average, ignore_index, reduce, reduction)


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

    def _advice(self, input, target):
        return _advice_on_classes(input, target)


class MSELoss(_Loss):
    """The squared difference between input and target; see `functional.mse_loss`.

    Example:
        >>> nn.MSELoss()(lampas.zeros(2), lampas.tensor([1.0, 3.0]))
        tensor(5.)
    """

    def forward(self, input, target):
        return functional.mse_loss(input, target, reduction=self.reduction)


class L1Loss(_Loss):
    """The distance between input and target; see `functional.l1_loss`.

    Example:
        >>> nn.L1Loss()(lampas.zeros(2), lampas.tensor([1.0, -3.0]))
        tensor(2.)
    """

    def __init__(self, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)

    def forward(self, input, target):
        return functional.l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    """A loss quadratic near the target and linear away from it; see `functional.smooth_l1_loss`.

    Example:
        >>> nn.SmoothL1Loss()(lampas.tensor([1.0, 4.0]), lampas.tensor([1.0, 2.0]))
        tensor(0.7500)
    """

    def __init__(self, size_average=None, reduce=None, reduction="mean", beta=1.0):
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input, target):
        return functional.smooth_l1_loss(input, target, beta=self.beta, reduction=self.reduction)


class HuberLoss(_Loss):
    """A loss quadratic near the target and linear away from it; see `functional.huber_loss`.

    Example:
        >>> nn.HuberLoss()(lampas.tensor([1.0, 4.0]), lampas.tensor([1.0, 2.0]))
        tensor(0.7500)
    """

    def __init__(self, reduction="mean", delta=1.0):
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input, target):
        return functional.huber_loss(input, target, delta=self.delta, reduction=self.reduction)


class BCELoss(_WeightedLoss):
    """The cross entropy between probabilities and targets in [0, 1]; see `functional.binary_cross_entropy`.

    Example:
        >>> nn.BCELoss()(lampas.tensor([0.5]), lampas.tensor([1.0]))
        tensor(0.6931)
    """

    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean"):
        super().__init__(weight, size_average, reduce, reduction)

    def forward(self, input, target):
        return functional.binary_cross_entropy(input, target, weight=self.weight, reduction=self.reduction)

    def _advice(self, input, target):
        if input.shape == target.shape and not bool(((input >= 0) & (input <= 1)).all()):
            return ["fits: an input from 0 to 1", "try: BCEWithLogitsLoss, or torch.sigmoid(input)"]
        return _advice_on_probabilities(input, target)


class BCEWithLogitsLoss(_Loss):
    """The cross entropy between sigmoid(input) and targets in [0, 1].

    See `functional.binary_cross_entropy_with_logits`.

    Example:
        >>> nn.BCEWithLogitsLoss()(lampas.tensor([0.0]), lampas.tensor([1.0]))
        tensor(0.6931)
    """

    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None):
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input, target):
        return functional.binary_cross_entropy_with_logits(
            input, target, weight=self.weight, pos_weight=self.pos_weight, reduction=self.reduction
        )

    def _advice(self, input, target):
        return _advice_on_probabilities(input, target)


class KLDivLoss(_Loss):
    """The Kullback-Leibler divergence of log-probabilities from a target; see `functional.kl_div`.

    Example:
        >>> nn.KLDivLoss(reduction="batchmean")(lampas.tensor([[0.5]]).log(), lampas.tensor([[1.0]]))
        tensor(0.6931)
    """

    def __init__(self, size_average=None, reduce=None, reduction="mean", log_target=False):
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input, target):
        return functional.kl_div(input, target, log_target=self.log_target, reduction=self.reduction)


class PoissonNLLLoss(_Loss):
    """The negative log likelihood of counts under Poisson distributions; see `functional.poisson_nll_loss`.

    Example:
        >>> nn.PoissonNLLLoss()(lampas.tensor([0.0]), lampas.tensor([3.0]))
        tensor(1.)
    """

    def __init__(
        self, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None, reduction="mean"
    ):
        super().__init__(size_average, reduce, reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, input, target):
        return functional.poisson_nll_loss(
            input, target, log_input=self.log_input, full=self.full, eps=self.eps, reduction=self.reduction
        )


class GaussianNLLLoss(_Loss):
    """The negative log likelihood of targets under normal distributions; see `functional.gaussian_nll_loss`.

    Example:
        >>> nn.GaussianNLLLoss()(lampas.zeros(2), lampas.tensor([1.0, 3.0]), lampas.ones(2))
        tensor(2.5000)
    """

    def __init__(self, *, full=False, eps=1e-6, reduction="mean"):
        super().__init__(reduction=reduction)
        self.full = full
        self.eps = eps

    def forward(self, input, target, var):
        return functional.gaussian_nll_loss(
            input, target, var, full=self.full, eps=self.eps, reduction=self.reduction
        )


class CTCLoss(_Loss):
    """The loss of label sequences that are not aligned with the input; see `functional.ctc_loss`.

    Example:
        >>> log_probs = lampas.zeros(2, 1, 2).log_softmax(2)
        >>> nn.CTCLoss()(log_probs, lampas.tensor([[1]]), (2,), (1,)).exp()
        tensor(1.3333)
    """

    def __init__(self, blank=0, reduction="mean", zero_infinity=False):
        super().__init__(reduction=reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(self, log_probs, targets, input_lengths, target_lengths):
        return functional.ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            self.blank,
            self.reduction,
            self.zero_infinity,
        )


class LinearCrossEntropyLoss(_WeightedLoss):
    """A linear layer and the cross entropy of what it gives; see `functional.linear_cross_entropy`.

    Args:
        in_features (int): size of the input.
        num_classes (int): number of classes.
        out_features (tuple): further dimensions of the targets.
        bias (bool): whether the layer adds a bias.
        reduction, weight, ignore_index, label_smoothing: those of CrossEntropyLoss.
        options: accepted as in PyTorch, where it saves memory; without effect.

    Example:
        >>> nn.LinearCrossEntropyLoss(4, 3)(lampas.zeros(2, 4), lampas.tensor([0, 2]))
        tensor(1.0986, grad_fn=<NllLossBackward0>)
    """

    def __init__(
        self,
        in_features,
        num_classes,
        *,
        out_features=(),
        bias=False,
        device=None,
        dtype=None,
        reduction="mean",
        weight=None,
        ignore_index=None,
        label_smoothing=0.0,
        options=None,
    ):
        if weight is not None and tuple(weight.shape) != (num_classes,):
            raise RuntimeError(f"expected weight shape to be {(num_classes,)}, got {tuple(weight.shape)}")
        if not 0 <= label_smoothing <= 1.0:
            raise RuntimeError(f"expected label_smoothing to be in range [0, 1], got {label_smoothing}")
        super().__init__(weight, reduction=reduction)
        self.num_classes = num_classes
        self.out_features = out_features
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing
        rows = num_classes * math.prod(out_features)
        self.linear = Linear(in_features, rows, bias=bias, device=device, dtype=dtype)
        self.options = options

    def forward(self, input, target):
        shape = (self.num_classes, *self.out_features)
        bias = self.linear.bias
        return functional.linear_cross_entropy(
            input,
            self.linear.weight.reshape(*shape, self.linear.in_features),
            target,
            linear_bias=None if bias is None else bias.reshape(shape),
            weight=self.weight,
            reduction=self.reduction,
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing,
            options=self.options,
        )

    def extra_repr(self):
        return (
            f"in_features={self.linear.in_features}, num_classes={self.num_classes}, "
            f"out_features={self.out_features}, bias={self.linear.bias is not None}, "
            f"reduction={self.reduction}, ignore_index={self.ignore_index}, "
            f"label_smoothing={self.label_smoothing}, options={self.options}"
        )
