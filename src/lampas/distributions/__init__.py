"""Distributions under the names of torch.distributions: draws, densities, entropies, divergences.

Each distribution has its file, which is named as PyTorch's.
"""

from lampas.distributions import constraints, transforms
from lampas.distributions.bernoulli import Bernoulli
from lampas.distributions.binomial import Binomial
from lampas.distributions.categorical import Categorical
from lampas.distributions.cauchy import Cauchy
from lampas.distributions.constraint_registry import biject_to, transform_to
from lampas.distributions.distribution import Distribution
from lampas.distributions.exp_family import ExponentialFamily
from lampas.distributions.exponential import Exponential
from lampas.distributions.geometric import Geometric
from lampas.distributions.gumbel import Gumbel
from lampas.distributions.half_cauchy import HalfCauchy
from lampas.distributions.half_normal import HalfNormal
from lampas.distributions.independent import Independent
from lampas.distributions.kl import kl_divergence, register_kl
from lampas.distributions.laplace import Laplace
from lampas.distributions.log_normal import LogNormal
from lampas.distributions.logistic_normal import LogisticNormal
from lampas.distributions.mixture_same_family import MixtureSameFamily
from lampas.distributions.multinomial import Multinomial
from lampas.distributions.multivariate_normal import MultivariateNormal
from lampas.distributions.normal import Normal
from lampas.distributions.one_hot_categorical import OneHotCategorical, OneHotCategoricalStraightThrough
from lampas.distributions.pareto import Pareto
from lampas.distributions.poisson import Poisson
from lampas.distributions.relaxed_bernoulli import RelaxedBernoulli
from lampas.distributions.relaxed_categorical import RelaxedOneHotCategorical
from lampas.distributions.transformed_distribution import TransformedDistribution
from lampas.distributions.transforms import (
    AbsTransform,
    AffineTransform,
    ComposeTransform,
    CumulativeDistributionTransform,
    ExpTransform,
    IndependentTransform,
    LowerCholeskyTransform,
    PositiveDefiniteTransform,
    PowerTransform,
    ReshapeTransform,
    SigmoidTransform,
    SoftmaxTransform,
    SoftplusTransform,
    StickBreakingTransform,
    TanhTransform,
    Transform,
    identity_transform,
)
from lampas.distributions.uniform import Uniform
from lampas.distributions.weibull import Weibull

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "Bernoulli",
    "Binomial",
    "Categorical",
    "Cauchy",
    "ComposeTransform",
    "CumulativeDistributionTransform",
    "Distribution",
    "ExpTransform",
    "Exponential",
    "ExponentialFamily",
    "Geometric",
    "Gumbel",
    "HalfCauchy",
    "HalfNormal",
    "Independent",
    "IndependentTransform",
    "Laplace",
    "LogNormal",
    "LogisticNormal",
    "LowerCholeskyTransform",
    "MixtureSameFamily",
    "Multinomial",
    "MultivariateNormal",
    "Normal",
    "OneHotCategorical",
    "OneHotCategoricalStraightThrough",
    "Pareto",
    "Poisson",
    "PositiveDefiniteTransform",
    "PowerTransform",
    "RelaxedBernoulli",
    "RelaxedOneHotCategorical",
    "ReshapeTransform",
    "SigmoidTransform",
    "SoftmaxTransform",
    "SoftplusTransform",
    "StickBreakingTransform",
    "TanhTransform",
    "Transform",
    "TransformedDistribution",
    "Uniform",
    "Weibull",
    "biject_to",
    "identity_transform",
    "kl_divergence",
    "register_kl",
    "transform_to",
]
