"""Kullback-Leibler divergences: the registry, and the formulas of pairs of distributions."""

import math
import warnings

from lampas import _core
from lampas._core import softplus
from lampas.distributions.bernoulli import Bernoulli
from lampas.distributions.binomial import Binomial
from lampas.distributions.categorical import Categorical
from lampas.distributions.cauchy import Cauchy
from lampas.distributions.distribution import Distribution
from lampas.distributions.exp_family import ExponentialFamily
from lampas.distributions.exponential import Exponential
from lampas.distributions.geometric import Geometric
from lampas.distributions.gumbel import Gumbel
from lampas.distributions.half_normal import HalfNormal
from lampas.distributions.independent import Independent
from lampas.distributions.laplace import Laplace
from lampas.distributions.multivariate_normal import (
    MultivariateNormal,
    half_log_determinant,
    squared_mahalanobis,
)
from lampas.distributions.normal import Normal
from lampas.distributions.one_hot_categorical import OneHotCategorical
from lampas.distributions.pareto import Pareto
from lampas.distributions.poisson import Poisson
from lampas.distributions.transformed_distribution import TransformedDistribution
from lampas.distributions.uniform import Uniform
from lampas.distributions.utils import euler_constant, sum_rightmost
from lampas.functional import broadcast_shapes
from lampas.linalg import solve_triangular

__all__ = ["kl_divergence", "register_kl"]

_formulas = {}  # (type of p, type of q) -> function (p, q)
_chosen = {}  # the same for pairs that were asked for, subclasses among them


def register_kl(type_p, type_q):
    """Return a decorator that registers a function (p, q) as the divergence of two types.

    It serves subclasses too, where nothing nearer is registered.

    Raises TypeError for what is no Distribution.

    Example:
        >>> class Tight(Normal):
        ...     pass
        >>> @register_kl(Tight, Tight)
        ... def tight(p, q):
        ...     return lampas.zeros(())
        >>> kl_divergence(Tight(0.0, 1.0), Tight(1.0, 1.0))
        tensor(0.)
    """
    for name, kind in (("type_p", type_p), ("type_q", type_q)):
        if not (isinstance(kind, type) and issubclass(kind, Distribution)):
            raise TypeError(f"Expected {name} to be a Distribution subclass but got {kind}")

    def register(function):
        _formulas[type_p, type_q] = function
        _chosen.clear()
        return function

    return register


def _formula_for(type_p, type_q):
    """Return the function registered for the nearest types, None where there is none."""
    distances = [
        (type_p.__mro__.index(p), type_q.__mro__.index(q), (p, q))
        for p, q in _formulas
        if issubclass(type_p, p) and issubclass(type_q, q)
    ]
    if not distances:
        return None
    by_p = min(distances)[2]
    by_q = min((q_distance, p_distance, pair) for p_distance, q_distance, pair in distances)[2]
    if by_p != by_q:
        names = [kind.__name__ for kind in (type_p, type_q, *by_p, *by_q)]
        warnings.warn(
            "Ambiguous kl_divergence({}, {}). Please register_kl({}, {})".format(
                *names[:2], names[2], names[5]
            ),
            RuntimeWarning,
            stacklevel=4,
        )
    return _formulas[by_p]


def kl_divergence(p, q):
    """Return the mean, under p, of log p - log q: the Kullback-Leibler divergence KL(p || q).

    Args:
        p, q (Distribution): of a pair of types that `register_kl` knows.

    Returns a tensor of the batch's shape. Raises NotImplementedError for other pairs.

    Example:
        >>> kl_divergence(Normal(0.0, 1.0), Normal(1.0, 1.0))
        tensor(0.5000)
    """
    pair = type(p), type(q)
    if pair not in _chosen:
        _chosen[pair] = _formula_for(*pair)
    formula = _chosen[pair]
    if formula is None:
        raise NotImplementedError(
            f"No KL(p || q) is implemented for p type {pair[0].__name__} and q type {pair[1].__name__}"
        )
    return formula(p, q)


@register_kl(Bernoulli, Bernoulli)
def _bernoulli_bernoulli(p, q):
    # p log(p / q) + (1 - p) log((1 - p) / (1 - q)), in log odds; 0 log 0 counts as 0.
    of_one = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    of_one = of_one.masked_fill(q.probs == 0, math.inf).masked_fill(p.probs == 0, 0)
    of_zero = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    of_zero = of_zero.masked_fill(q.probs == 1, math.inf).masked_fill(p.probs == 1, 0)
    return of_one + of_zero


@register_kl(Bernoulli, Poisson)
def _bernoulli_poisson(p, q):
    return -p.entropy() - (p.probs * q.rate.log() - q.rate)


@register_kl(Binomial, Binomial)
def _binomial_binomial(p, q):
    # With as many trials, n times the divergence of one; with more, p gives what q cannot.
    if (p.total_count < q.total_count).any():
        raise NotImplementedError(
            "KL between Binomials where q.total_count > p.total_count is not implemented"
        )
    of_trials = p.total_count * (p.probs * (p.logits - q.logits) + (-p.probs).log1p() - (-q.probs).log1p())
    return of_trials.masked_fill(p.total_count > q.total_count, math.inf)


@register_kl(Categorical, Categorical)
def _categorical_categorical(p, q):
    terms = p.probs * (p.logits - q.logits)
    return terms.masked_fill(q.probs == 0, math.inf).masked_fill(p.probs == 0, 0).sum(-1)


@register_kl(OneHotCategorical, OneHotCategorical)
def _one_hot_one_hot(p, q):
    return _categorical_categorical(p._categorical, q._categorical)


@register_kl(Cauchy, Cauchy)
def _cauchy_cauchy(p, q):
    # F. Chyzak and F. Nielsen, "A closed-form formula for the Kullback-Leibler divergence between Cauchy
    # distributions", 2019.
    squares = (p.scale + q.scale) ** 2 + (p.loc - q.loc) ** 2
    return squares.log() - (4 * p.scale * q.scale).log()


@register_kl(Exponential, Exponential)
def _exponential_exponential(p, q):
    ratio = q.rate / p.rate
    return ratio - ratio.log() - 1


@register_kl(Exponential, Gumbel)
def _exponential_gumbel(p, q):
    product, shift = p.rate * q.scale, q.loc / q.scale
    return product.log() - 1 + 1 / product - shift + shift.exp() * product / (1 + product)


@register_kl(Exponential, Normal)
def _exponential_normal(p, q):
    variance = q.scale**2
    squares = 2 / p.rate**2 - 2 * q.loc / p.rate + q.loc**2
    return p.rate.log() - 1 + 0.5 * (2 * math.pi * variance).log() + 0.5 * squares / variance


@register_kl(Geometric, Geometric)
def _geometric_geometric(p, q):
    return -p.entropy() - (-q.probs).log1p() / p.probs - q.logits


@register_kl(Gumbel, Gumbel)
def _gumbel_gumbel(p, q):
    ratio = p.scale / q.scale
    shift = (q.loc - p.loc) / q.scale
    mean_exp = (shift + (1 + ratio).lgamma()).exp()
    return mean_exp - 1 - ratio.log() - shift + (ratio - 1) * euler_constant


@register_kl(Gumbel, Normal)
def _gumbel_normal(p, q):
    squares = p.variance + (p.mean - q.loc) ** 2
    return 0.5 * squares / q.scale**2 + (math.sqrt(2 * math.pi) * q.scale).log() - p.entropy()


@register_kl(HalfNormal, HalfNormal)
def _half_normal_half_normal(p, q):
    return _normal_normal(p.base_dist, q.base_dist)


@register_kl(Independent, Independent)
def _independent_independent(p, q):
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError
    return sum_rightmost(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)


@register_kl(Laplace, Laplace)
def _laplace_laplace(p, q):
    ratio = p.scale / q.scale
    distance = (p.loc - q.loc).abs()
    return -ratio.log() + distance / q.scale + ratio * (-distance / p.scale).exp() - 1


@register_kl(Laplace, Normal)
def _laplace_normal(p, q):
    variance = q.scale**2
    squares = p.scale**2 + 0.5 * (p.loc - q.loc) ** 2
    return squares / variance + 0.5 * (2 * math.pi * variance).log() - (2 * p.scale).log() - 1


@register_kl(MultivariateNormal, MultivariateNormal)
def _multivariate_multivariate(p, q):
    if p.event_shape != q.event_shape:
        raise ValueError(
            "KL-divergence between two Multivariate Normals with different event shapes cannot be computed"
        )
    # 1/2 (log det Q/P + trace(Q^-1 P) + squared distance of the means in Q - K).
    ours, theirs = p._unbroadcasted_scale_tril, q._unbroadcasted_scale_tril
    batch_shape = broadcast_shapes(ours.shape[:-2], theirs.shape[:-2])
    size = p.event_shape + p.event_shape
    quotient = solve_triangular(
        theirs.expand(batch_shape + size), ours.expand(batch_shape + size), upper=False
    )
    trace = (quotient**2).sum((-2, -1))
    determinants = half_log_determinant(theirs) - half_log_determinant(ours)
    return determinants + 0.5 * (trace + squared_mahalanobis(theirs, q.loc - p.loc) - p.event_shape[0])


@register_kl(Normal, Normal)
def _normal_normal(p, q):
    ratio = (p.scale / q.scale) ** 2
    distance = ((p.loc - q.loc) / q.scale) ** 2
    return 0.5 * (ratio + distance - 1 - ratio.log())


@register_kl(Normal, Gumbel)
def _normal_gumbel(p, q):
    distance = (p.loc - q.loc) / q.scale
    ratio = (p.scale / q.scale) ** 2
    entropy = (p.scale * math.sqrt(2 * math.pi) / q.scale).log() + 0.5
    return distance + (-distance + 0.5 * ratio).exp() - entropy


@register_kl(Normal, Laplace)
def _normal_laplace(p, q):
    # The mean of |x - q.loc| under p, by the error function.
    distance = p.loc - q.loc
    standard = distance / p.scale
    mean_distance = (
        p.scale * math.sqrt(2 / math.pi) * (-0.5 * standard**2).exp()
        + distance * (math.sqrt(0.5) * standard).erf()
    )
    return mean_distance / q.scale - (p.scale / q.scale).log() - (0.5 * math.log(0.5 * math.pi) + 0.5)


@register_kl(Pareto, Pareto)
def _pareto_pareto(p, q):
    ratio = q.alpha / p.alpha
    divergence = q.alpha * (p.scale / q.scale).log() - ratio.log() + ratio - 1
    return divergence.masked_fill(p.scale < q.scale, math.inf)


@register_kl(Pareto, Exponential)
def _pareto_exponential(p, q):
    # With infinite mean, where alpha is at most 1, the divergence is infinite too.
    product = p.scale * q.rate
    divergence = (p.alpha / product).log() + p.alpha * product / (p.alpha - 1) - 1 / p.alpha - 1
    return divergence.masked_fill(p.alpha <= 1, math.inf)


@register_kl(Pareto, Normal)
def _pareto_normal(p, q):
    # Moments exist for an alpha above 2 only; elsewhere these are no moments, and the divergence is infinite.
    mean = p.alpha * p.scale / (p.alpha - 1)
    squares = p.alpha * p.scale**2 / (p.alpha - 2) - 2 * q.loc * mean + q.loc**2
    constant = (math.sqrt(2 * math.pi) * q.scale * p.alpha / p.scale).log()
    divergence = constant - 1 / p.alpha - 1 + 0.5 * squares / q.scale**2
    return divergence.masked_fill(p.alpha <= 2, math.inf)


@register_kl(Poisson, Poisson)
def _poisson_poisson(p, q):
    return p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)


@register_kl(TransformedDistribution, TransformedDistribution)
def _transformed_transformed(p, q):
    # An invertible transform that both have changes nothing.
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError
    divergence = kl_divergence(p.base_dist, q.base_dist)
    return sum_rightmost(divergence, len(p.event_shape) - len(p.base_dist.event_shape))


@register_kl(Uniform, Uniform)
def _uniform_uniform(p, q):
    divergence = ((q.high - q.low) / (p.high - p.low)).log()
    return divergence.masked_fill((q.low > p.low) | (q.high < p.high), math.inf)


@register_kl(Uniform, Exponential)
def _uniform_exponential(p, q):
    divergence = q.rate * (p.high + p.low) / 2 - ((p.high - p.low) * q.rate).log()
    return divergence.masked_fill(p.low < 0, math.inf)


@register_kl(Uniform, Gumbel)
def _uniform_gumbel(p, q):
    width = (p.high - p.low) / q.scale
    low, high = (p.low - q.loc) / q.scale, (p.high - q.loc) / q.scale
    return (low + high) / 2 + ((-low).exp() - (-high).exp()) / width - width.log()


@register_kl(Uniform, Pareto)
def _uniform_pareto(p, q):
    # The mean of log x under p is (b log b - a log a) / (b - a) - 1.
    width = p.high - p.low
    mean_log = (p.high.xlogy(p.high) - p.low.xlogy(p.low)) / width - 1
    divergence = (1 + q.alpha) * mean_log - (q.alpha * q.scale**q.alpha * width).log()
    return divergence.masked_fill(p.low < q.scale, math.inf)


@register_kl(Uniform, Normal)
def _uniform_normal(p, q):
    width = p.high - p.low
    squares = width**2 / 12 + ((p.high + p.low) / 2 - q.loc) ** 2
    return 0.5 * squares / q.scale**2 - width.log() + (math.sqrt(2 * math.pi) * q.scale).log()


@register_kl(ExponentialFamily, ExponentialFamily)
def _exponential_families(p, q):
    # The Bregman divergence of the log normalizer between the natural parameters.
    if type(p) is not type(q):
        raise NotImplementedError(
            "The cross KL-divergence between different exponential families cannot be computed using Bregman "
            "divergences"
        )
    parameters, normalizer, means = p._normalizer_and_means()
    others = q._natural_params
    divergence = q._log_normalizer(*others) - normalizer
    for ours, theirs, mean in zip(parameters, others, means, strict=True):
        divergence = divergence - sum_rightmost((theirs - ours) * mean, len(q.event_shape))
    return divergence


def _infinite(p, q):
    """Return inf of the batches' common shape: p gives what q cannot."""
    shape = broadcast_shapes(p.batch_shape, q.batch_shape)
    like = p.mean
    return _core.full(shape, math.inf, dtype=like.dtype, device=like.device)


for _pair in [
    (Exponential, Pareto),
    (Exponential, Uniform),
    (Gumbel, Exponential),
    (Gumbel, Pareto),
    (Gumbel, Uniform),
    (Laplace, Exponential),
    (Laplace, Pareto),
    (Laplace, Uniform),
    (Normal, Exponential),
    (Normal, Pareto),
    (Normal, Uniform),
    (Pareto, Uniform),
    (Poisson, Bernoulli),
    (Poisson, Binomial),
]:
    register_kl(*_pair)(_infinite)
