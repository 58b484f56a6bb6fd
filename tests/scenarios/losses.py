"""Losses and distances made of other ops: values, gradients and errors, to play with lampas and PyTorch."""

import numpy as np
from ops.cases.loss import REDUCTIONS, between, constant, signed_samples, signs
from ops.sample import Input, Sample, Values
from ops.tensors import build

from scenarios.playing import attempt, attempt_all


def kl_div_samples(values):
    for reduction in (*REDUCTIONS, "batchmean"):
        for log_target in (False, True):
            target = between(values, 0.1, 0.9, 3, 4)
            yield Sample(values.tensor(3, 4), target, reduction=reduction, log_target=log_target)
    zeros = Input(np.array([[0.0, 0.5], [1.0, 0.0]]), values.dtype, constant=True)
    yield Sample(values.tensor(2, 2), zeros, reduction="sum")


def poisson_samples(values):
    for reduction in REDUCTIONS:
        for log_input in (False, True):
            counts = Input(np.array([[0.0, 1.0, 2.0, 7.0]] * 3), values.dtype, constant=True)
            yield Sample(
                between(values, 0.5, 3, 3, 4),
                counts,
                log_input=log_input,
                full=log_input,
                reduction=reduction,
            )


def gaussian_samples(values):
    for reduction in REDUCTIONS:
        for shape in ((3, 4), (3, 1), (3,)):
            yield Sample(
                values.tensor(3, 4),
                values.tensor(3, 4),
                values.positive(*shape),
                full=True,
                reduction=reduction,
            )
    yield Sample(values.tensor(3, 4), values.tensor(3, 4), 0.5)


def wrong_gaussian(values):
    yield Sample(values.tensor(3, 4), values.tensor(3, 4), values.numbers([-1.0, 1.0, 1.0]))
    yield Sample(values.tensor(3, 4), values.tensor(3, 4), -1.0)
    yield Sample(values.tensor(3, 4), values.tensor(3, 4), values.positive(4))
    yield Sample(values.tensor(3, 4), values.tensor(3, 4), values.positive(3, 4), reduction="nonsense")


def ranking_samples(values):
    for reduction in REDUCTIONS:
        yield Sample(values.tensor(5), values.tensor(5), signs(values, 5), margin=0.5, reduction=reduction)


def wrong_ranking(values):
    yield Sample(values.tensor(5), values.tensor(5, 1), signs(values, 5))


def cosine_samples(values):
    for reduction in REDUCTIONS:
        yield Sample(
            values.tensor(5, 3), values.tensor(5, 3), signs(values, 5), margin=0.1, reduction=reduction
        )
    yield Sample(values.tensor(3), values.tensor(3), signs(values))


def wrong_cosine(values):
    yield Sample(values.tensor(5, 3), values.tensor(5, 3), signs(values, 5, 1))
    yield Sample(values.tensor(3), values.tensor(3), signs(values, 1))
    yield Sample(values.tensor(5, 3), values.tensor(4, 3), signs(values, 5))


def class_samples(values):
    for reduction in REDUCTIONS:
        weight = constant(values.positive(5))
        yield Sample(values.tensor(4, 5), values.at(0, 3, 4, 1), reduction=reduction)
        yield Sample(
            values.tensor(4, 5), values.at(0, 3, 4, 1), p=2, margin=0.5, weight=weight, reduction=reduction
        )
    yield Sample(values.tensor(5), values.indices(5))


def wrong_classes(values):
    yield Sample(values.tensor(4, 5), values.at(0, 3, 5, 1))
    yield Sample(values.tensor(4, 5), values.at(0, 3))
    yield Sample(values.tensor(4, 5, 2), values.at(0, 3, 3, 1))
    yield Sample(values.tensor(4, 5), values.at(0, 3, 4, 1), p=3)
    yield Sample(values.tensor(4, 5), values.at(0, 3, 4, 1), weight=values.tensor(4))
    yield Sample(values.tensor(4, 5), values.at(0, 3, 4, 1), weight=values.tensor(5, 1))


def label_sets(*rows):
    return Input(np.array(rows), "int64")


def label_set_samples(values):
    for reduction in REDUCTIONS:
        labels = label_sets([0, 3, -1, 1], [2, -1, 0, 0], [-1, 1, 2, 3], [3, 2, 1, 0])
        yield Sample(values.tensor(4, 4), labels, reduction=reduction)
    yield Sample(values.tensor(3), label_sets(2, -1, 0))


def wrong_label_sets(values):
    yield Sample(values.tensor(2, 2), label_sets([0, 2], [0, 1]))
    yield Sample(values.tensor(2, 2), label_sets([0, 1]))


def many_label_samples(values):
    for reduction in REDUCTIONS:
        yield Sample(values.tensor(3, 4), between(values, 0, 1, 3, 4, constant=True), reduction=reduction)
        weight = constant(values.positive(4))
        yield Sample(
            values.tensor(3, 4), between(values, 0, 1, 3, 4, constant=True), weight, reduction=reduction
        )
    yield Sample(values.tensor(3, 4), values.indices(2, 3, 4))


def triplet_samples(values):
    for reduction in REDUCTIONS:
        for swap in (False, True):
            yield Sample(*(values.tensor(4, 3) for _ in range(3)), margin=2.0, swap=swap, reduction=reduction)
    yield Sample(*(values.tensor(3) for _ in range(3)), p=3.0)


def wrong_triplets(values):
    yield Sample(values.tensor(4, 3), values.tensor(4, 3), values.tensor(3))
    yield Sample(*(values.tensor(4, 3) for _ in range(3)), margin=0)


def vector_pair_samples(values):
    yield Sample(values.tensor(4, 3), values.tensor(4, 3))
    yield Sample(values.tensor(4, 3), values.tensor(3))
    yield Sample(values.tensor(2, 3, 2), values.tensor(2, 3, 2))


def distance_samples(values):
    yield from vector_pair_samples(values)
    yield Sample(values.tensor(4, 3), values.tensor(4, 3), 3.0, 0.1, True)


def similarity_samples(values):
    yield from list(vector_pair_samples(values))[::2]
    yield Sample(values.tensor(2, 3, 2), values.tensor(2, 3, 2), dim=-1)


def normalize_samples(values):
    yield Sample(values.tensor(4, 3))
    yield Sample(values.tensor(2, 3, 2), 3.0, -1)
    yield Sample(values.tensor(2, 3, 2), 2.0, (0, 2))


def linear_cross_entropy_samples(values):
    yield Sample(values.tensor(4, 3), values.tensor(5, 3), values.indices(5, 4))
    yield Sample(values.tensor(3), values.tensor(5, 3), values.indices(5), linear_bias=values.tensor(5))
    yield Sample(values.tensor(4, 3), values.tensor(5, 2, 3), values.indices(5, 4, 2), reduction="none")


def wrong_linear_cross_entropy(values):
    yield Sample(values.tensor(4, 3), values.tensor(5, 2), values.indices(5, 4))
    yield Sample(values.tensor(4, 3), values.tensor(3), values.indices(5, 4))
    yield Sample(values.tensor(4, 3), values.tensor(5, 3), values.indices(5, 4), linear_bias=values.tensor(4))
    yield Sample(values.tensor(2, 4, 3), values.tensor(5, 3), values.indices(5, 4))


def no_errors(values):
    return []


ROWS = {
    "kl_div": (kl_div_samples, no_errors),
    "poisson_nll_loss": (poisson_samples, no_errors),
    "gaussian_nll_loss": (gaussian_samples, wrong_gaussian),
    "hinge_embedding_loss": (signed_samples, no_errors),
    "margin_ranking_loss": (ranking_samples, wrong_ranking),
    "cosine_embedding_loss": (cosine_samples, wrong_cosine),
    "multi_margin_loss": (class_samples, wrong_classes),
    "multilabel_margin_loss": (label_set_samples, wrong_label_sets),
    "multilabel_soft_margin_loss": (many_label_samples, no_errors),
    "triplet_margin_loss": (triplet_samples, wrong_triplets),
    "linear_cross_entropy": (linear_cross_entropy_samples, wrong_linear_cross_entropy),
    "pairwise_distance": (distance_samples, no_errors),
    "cosine_similarity": (similarity_samples, no_errors),
    "normalize": (normalize_samples, no_errors),
}


def value_and_gradients(framework, function, sample):
    """Return what the function gives for a sample, and the gradients of its sum."""
    arguments, keywords = build(framework, sample, requires_grad=True)
    result = function(*arguments, **keywords)
    result.sum().backward()
    inputs = [value for value in (*arguments, *keywords.values()) if isinstance(value, framework.Tensor)]
    return [result, [tensor.grad for tensor in inputs]]


def make_scenario(name, samples, wrong_samples):
    """Return a scenario that calls a function of nn.functional with all its samples."""

    def scenario(framework, nn):
        function = getattr(nn.functional, name)
        results = [
            [str(sample), value_and_gradients(framework, function, sample)]
            for sample in samples(Values("float64"))
        ]
        for sample in wrong_samples(Values("float64")):
            arguments, keywords = build(framework, sample)
            results.append(attempt(lambda a=arguments, k=keywords: function(*a, **k)))
        return results

    scenario.__name__ = name
    return scenario


SCENARIOS = [make_scenario(name, *row) for name, row in ROWS.items()]


def ctc_loss(framework, nn):
    loss_of = nn.functional.ctc_loss
    scores = framework.tensor(np.sin(1.3 * np.arange(60)).tolist(), dtype=framework.float64).view(5, 3, 4)
    log_probs = scores.log_softmax(2)
    targets = framework.tensor([[1, 2], [3, 3], [1, 0]])
    lengths, target_lengths = (5, 3, 4), (2, 2, 1)
    results = []
    for keywords in (
        {"reduction": "none"},
        {"reduction": "sum"},
        {},
        {"blank": 3, "zero_infinity": True},
        {"reduction": "none", "zero_infinity": True},
    ):
        # With a blank of 3, the second target is no sequence of labels, but still has a likelihood.
        leaf = log_probs.clone().requires_grad_()
        loss = loss_of(leaf, targets, lengths, target_lengths, **keywords)
        loss.sum().backward()
        results.append([loss, leaf.grad])
    joined = framework.tensor([1, 2, 3, 3, 1])
    counts = framework.tensor(target_lengths)
    results.append(loss_of(log_probs, joined, framework.tensor(lengths), counts))
    results.append(loss_of(log_probs[:, 0], targets[0], (5,), (2,), reduction="none"))
    results.append(loss_of(log_probs, targets, (0, 0, 5), (0, 1, 0), reduction="none"))
    results.append(loss_of(log_probs, targets, (5, 5, 5), (0, 0, 0)))
    results.append(repr(nn.CTCLoss(zero_infinity=True)))
    return results + attempt_all(
        lambda: loss_of(log_probs, targets, (5, 5), target_lengths),
        lambda: loss_of(log_probs, targets, lengths, (2, 2)),
        lambda: loss_of(log_probs, targets, (5, 6, 5), target_lengths),
        lambda: loss_of(log_probs, targets, (5, -1, 5), target_lengths),
        lambda: loss_of(log_probs, targets, lengths, (2, 3, 1)),
        lambda: loss_of(log_probs, targets, lengths, (2, -3, 1)),
        lambda: loss_of(log_probs, targets, lengths, target_lengths, blank=4),
        lambda: loss_of(log_probs, targets[:2], lengths, target_lengths),
        lambda: loss_of(log_probs, targets[None], lengths, target_lengths),
        lambda: loss_of(log_probs, joined, lengths, (2, 2, 2)),
        lambda: loss_of(log_probs[:0], targets, lengths, target_lengths),
        lambda: loss_of(log_probs.long(), targets, lengths, target_lengths),
        lambda: loss_of(log_probs, targets, framework.tensor([5.0, 3.0, 4.0]), counts),
        lambda: loss_of(log_probs, targets, lengths, target_lengths, reduction="most"),
    )


def layers_with_two_inputs_or_clusters(framework, nn):
    bilinear = nn.Bilinear(2, 3, 4).double()
    first, second = framework.arange(4.0).view(2, 2).double(), framework.arange(6.0).view(2, 3).double()
    adaptive = nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 10], head_bias=True).double()
    input = framework.arange(24.0).view(3, 8).double() / 10
    target = framework.tensor([2, 7, 19])
    results = [repr(bilinear), bilinear(first, second), repr(adaptive), sorted(adaptive.state_dict())]
    results += [adaptive(input, target), adaptive(input[0], target[0]), adaptive.predict(input)]
    results.append(adaptive.log_prob(input).exp().sum(1))
    return results + attempt_all(
        lambda: bilinear(first, second[:1]),
        lambda: bilinear(first, first),
        lambda: nn.AdaptiveLogSoftmaxWithLoss(8, 20, []),
        lambda: nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 4]),
        lambda: nn.AdaptiveLogSoftmaxWithLoss(8, 20, [20]),
        lambda: adaptive(input, target[:2]),
        lambda: adaptive(input[0], target),
        lambda: adaptive(input, target.view(3, 1)),
        lambda: adaptive(input, target + 1),
    )


SCENARIOS += [ctc_loss, layers_with_two_inputs_or_clusters]
