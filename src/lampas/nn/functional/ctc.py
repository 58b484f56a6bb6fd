"""The loss of connectionist temporal classification."""

import math

import lampas
from lampas.autograd import Function
from lampas.nn.reduction import reduce_losses, reduction_code

__all__ = ["ctc_loss"]

_CHECKED_BY = "(while checking arguments for ctc_loss_allocate_outputs)"


def _log_sum(*summands):
    """Return log(exp(a) + exp(b) + ...); minus infinity where all are."""
    stacked = lampas.stack(summands)
    largest = stacked.amax(0)
    largest = largest.masked_fill(largest == -math.inf, 0)
    return (stacked - largest).exp().sum(0).log() + largest


def _shifted(scores, places):
    """Move (batch, states) to the right, or with a negative number to the left; minus infinity comes in."""
    width = scores.shape[1]
    moved = min(abs(places), width)
    gap = scores.new_full((scores.shape[0], moved), -math.inf)
    if places > 0:
        return lampas.cat([gap, scores[:, : width - moved]], 1)
    return lampas.cat([scores[:, moved:], gap], 1)


class _Paths:
    """The states of all target sequences: each label with a blank before, between and behind.

    Attributes:
        labels: (batch, states) int64, states = 2 * longest target + 1.
        can_skip: (batch, states), whether a path may come from two states before, past a blank.
        ends: (batch, states), the states in which a path may end: the last label and the blank behind it.
    """

    def __init__(self, targets, target_lengths, blank):
        batch, longest = targets.shape
        self.labels = targets.new_full((batch, 2 * longest + 1), blank)
        self.labels[:, 1::2] = targets
        before = _shifted(self.labels.double(), 2)
        self.can_skip = (self.labels != blank) & (self.labels != before)
        self.can_skip[:, :2] = False
        states = lampas.arange(2 * longest + 1)
        last = 2 * target_lengths.unsqueeze(1)
        self.ends = (states == last) | (states == last - 1)

    def scores_of_labels(self, log_probs):
        """Return (steps, batch, states): the log-probability of each state's label at each step."""
        steps = log_probs.shape[0]
        return log_probs.gather(2, self.labels.expand(steps, *self.labels.shape))


def _forward_scores(paths, scores):
    """Return log alpha (steps, batch, states): all ways that lead to a state at a step."""
    state = scores.new_full(scores.shape[1:], -math.inf)
    state[:, :2] = scores[0, :, :2]
    result = [state]
    for score in scores[1:]:
        skipped = _shifted(state, 2).masked_fill(~paths.can_skip, -math.inf)
        state = _log_sum(state, _shifted(state, 1), skipped) + score
        result.append(state)
    return lampas.stack(result)


def _backward_scores(paths, scores, input_lengths):
    """Return log beta (steps, batch, states): all ways from a state at a step to the end."""
    can_be_skipped_to = ~_shifted(paths.can_skip.double(), -2).eq(1)
    state = scores.new_full(scores.shape[1:], -math.inf)
    result = []
    for step in reversed(range(scores.shape[0])):
        skipped = _shifted(state, -2).masked_fill(can_be_skipped_to, -math.inf)
        state = _log_sum(state, _shifted(state, -1), skipped) + scores[step]
        is_last = (input_lengths == step + 1).unsqueeze(1)
        ending = scores[step].masked_fill(~paths.ends, -math.inf)
        state = lampas.where(is_last, ending, state)
        result.append(state)
    return lampas.stack(result[::-1])


class CtcLoss(Function):
    """The negative log-likelihood of each target, and its gradient by the forward-backward algorithm.

    The gradient is PyTorch's: it holds for log-probabilities that come from a log_softmax.
    """

    @staticmethod
    def forward(ctx, log_probs, targets, input_lengths, target_lengths, blank, zero_infinity):
        paths = _Paths(targets, target_lengths, blank)
        scores = paths.scores_of_labels(log_probs)
        alpha = _forward_scores(paths, scores)
        last_steps = (input_lengths - 1).clamp(min=0)
        last = alpha[last_steps, lampas.arange(len(last_steps))].masked_fill(~paths.ends, -math.inf)
        losses = -last.logsumexp(1)
        # Without any step there is one way to an empty target and none to others.
        empty = lampas.where(target_lengths == 0, 0.0, math.inf).to(losses.dtype)
        losses = lampas.where(input_lengths == 0, empty, losses)
        ctx.paths, ctx.input_lengths, ctx.zero_infinity = paths, input_lengths, zero_infinity
        ctx.save_for_backward(log_probs, alpha, losses)
        return losses

    @staticmethod
    def backward(ctx, grad):
        log_probs, alpha, losses = ctx.saved_tensors
        scores = ctx.paths.scores_of_labels(log_probs)
        beta = _backward_scores(ctx.paths, scores, ctx.input_lengths)
        # How likely a path that spells the target is in a state at a step.
        posterior = (alpha + beta - scores + losses.unsqueeze(1)).exp()
        posterior = posterior.masked_fill(alpha + beta == -math.inf, 0)
        places = ctx.paths.labels.expand(*scores.shape)
        of_labels = lampas.zeros_like(log_probs).scatter_add(2, places, posterior)
        result = (log_probs.exp() - of_labels) * grad.unsqueeze(1)
        result = result.masked_fill((losses == math.inf).unsqueeze(1), math.nan)
        if ctx.zero_infinity:
            result = result.masked_fill((losses == math.inf).unsqueeze(1), 0)
        steps = lampas.arange(log_probs.shape[0]).unsqueeze(1)
        result = result.masked_fill((steps >= ctx.input_lengths).unsqueeze(2), 0)
        return result, None, None, None, None, None


CtcLoss._backward_cls.__name__ = "CtcLossBackward0"  # what PyTorch calls the node


def _lengths(name, lengths, batch, most):
    if not isinstance(lengths, (lampas.Tensor, list, tuple)):
        raise TypeError(f"ctc_loss(): argument '{name}' must be Tensor or tuple of ints")
    lengths = lampas.as_tensor(lengths)
    if lengths.is_floating_point() or lengths.is_complex():
        raise RuntimeError(f"{name} must be integral")
    lengths = lengths.to(lampas.int64).reshape(-1)
    if lengths.shape[0] != batch:
        raise RuntimeError(f"{name} must be of size batch_size")
    for length in lengths.tolist():
        if length < 0:
            raise RuntimeError(
                f"Expected {name} to have value at least 0, but got value {length} {_CHECKED_BY}"
            )
        if most is not None and length > most:
            raise RuntimeError(
                f"Expected {name} to have value at most {most}, but got value {length} {_CHECKED_BY}"
            )
    return lengths


def _padded_targets(targets, target_lengths, batch, blank):
    """Return the targets as (batch, longest) int64, whether they are given so or one after the other."""
    if targets.dim() not in (1, 2):
        raise RuntimeError(
            f"Expected 1 to 2 dimensions, but got {targets.dim()}-dimensional tensor for argument #2 "
            f"'targets' {_CHECKED_BY}"
        )
    counts = target_lengths.tolist()
    longest = max(counts)
    if targets.dim() == 2:
        if targets.shape[0] != batch:
            raise RuntimeError(
                f"Expected tensor to have size {batch} at dimension 0, but got size {targets.shape[0]} for "
                f"argument #2 'targets' {_CHECKED_BY}"
            )
        if targets.shape[1] < longest:
            raise RuntimeError(
                f"Expected tensor to have size at least {longest} at dimension 1, but got size "
                f"{targets.shape[1]} for argument #2 'targets' {_CHECKED_BY}"
            )
        rows = [row[:count] for row, count in zip(targets, counts, strict=True)]
    else:
        if targets.shape[0] != sum(counts):
            raise RuntimeError(
                f"Expected tensor to have size {sum(counts)} at dimension 0, but got size "
                f"{targets.shape[0]} for argument #2 'targets' {_CHECKED_BY}"
            )
        rows = targets.split(counts)
    padded = lampas.full((batch, longest), blank, dtype=lampas.int64)
    for i, row in enumerate(rows):
        padded[i, : counts[i]] = row.to(lampas.int64)
    return padded


def ctc_loss(
    log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False
):
    """Return the negative log-likelihood of label sequences under all their alignments with the input.

    An alignment says one label or blank at each step; repeated labels count once, blanks not at all.

    Args:
        log_probs (Tensor): (T, N, C) or (T, C), from a log_softmax over the labels.
        targets (Tensor): (N, S) or (S), or (sum of target_lengths): labels other than the blank.
        input_lengths (Tensor or tuple): (N), each at most T.
        target_lengths (Tensor or tuple): (N), each at most S.
        blank (int): the label that says nothing.
        reduction (str): "mean" divides each loss by its target's length before; "sum" or "none".
        zero_infinity (bool): targets longer than their input can say count 0, not infinity.

    Raises:
        RuntimeError: for lengths, targets or a blank that do not fit.

    Source: Graves et al., "Connectionist temporal classification", 2006.

    Example:
        >>> log_probs = lampas.zeros(2, 1, 2).log_softmax(2)
        >>> F.ctc_loss(log_probs, lampas.tensor([[1]]), (2,), (1,)).exp()
        tensor(1.3333)
    """
    reduction_code(reduction)
    is_batched = log_probs.dim() == 3
    if log_probs.dim() == 2 and targets.dim() == 1:
        log_probs, targets = log_probs.unsqueeze(1), targets.unsqueeze(0)
    elif not is_batched:
        raise RuntimeError(
            f"Expected 3-dimensional tensor, but got {log_probs.dim()}-dimensional tensor for argument #1 "
            f"'log_probs' {_CHECKED_BY}"
        )
    if log_probs.numel() == 0:
        raise RuntimeError("log_probs tensor must not be empty")
    if not log_probs.is_floating_point():
        name = lampas.typename(log_probs).removeprefix("torch.").removesuffix("Tensor")
        raise NotImplementedError(f"\"ctc_loss_cpu\" not implemented for '{name}'")
    steps, batch, classes = log_probs.shape
    if not 0 <= blank < classes:
        raise RuntimeError("blank must be in label range")
    input_lengths = _lengths("input_lengths", input_lengths, batch, steps)
    target_lengths = _lengths("target_lengths", target_lengths, batch, None)
    padded = _padded_targets(targets, target_lengths, batch, blank)
    if ((padded < 0) | (padded >= classes)).any():
        raise RuntimeError(f"Expected targets to be labels from 0 to {classes - 1} {_CHECKED_BY}")
    losses = CtcLoss.apply(log_probs, padded, input_lengths, target_lengths, blank, zero_infinity)
    if zero_infinity:
        losses = losses.masked_fill(losses == math.inf, 0)
    if reduction == "mean":
        losses = losses / target_lengths.clamp(min=1)
    losses = reduce_losses(losses, reduction)
    return losses if is_batched or reduction != "none" else losses.squeeze(0)
