"""Distributions: values, gradients, samples from seeds, shapes, and what is refused."""

import copy
import inspect
import math

from scenarios.playing import attempt, attempt_all, quiet

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> nested values to those played with lampas and with PyTorch."""
    SCENARIOS.append(quiet(function))
    return function


# Name, parameters, and values at which densities are asked for; numbers in lists become float64 tensors.
CONTINUOUS = [
    ("Normal", {"loc": [0.5, -1.0], "scale": [1.0, 2.5]}, [[0.2, -3.0], [1.0, 40.0]]),
    ("Uniform", {"low": [0.0, -1.0], "high": [1.0, 2.5]}, [[0.2, 2.5], [0.0, 0.4]]),
    ("Exponential", {"rate": [0.5, 3.0]}, [[0.2, 0.0], [1.0, 4.0]]),
    ("Laplace", {"loc": [0.5, -1.0], "scale": [1.0, 2.5]}, [[0.2, -1.0], [0.75, 4.0]]),
    ("Cauchy", {"loc": [0.5, -1.0], "scale": [1.0, 2.5]}, [[0.2, -3.0], [0.75, 4.0]]),
    ("Gumbel", {"loc": [0.5, -1.0], "scale": [1.0, 2.5]}, [[0.2, -3.0], [0.75, 4.0]]),
    ("LogNormal", {"loc": [0.5, -1.0], "scale": [1.0, 0.5]}, [[0.2, 3.0], [0.75, 4.0]]),
    ("HalfNormal", {"scale": [0.5, 2.0]}, [[0.2, 0.0], [0.75, 4.0]]),
    ("HalfCauchy", {"scale": [0.5, 2.0]}, [[0.2, 3.0], [0.75, 4.0]]),
    ("Weibull", {"scale": [0.5, 2.0], "concentration": [1.5, 3.0]}, [[0.2, 3.0], [0.75, 4.0]]),
    ("Pareto", {"scale": [0.5, 2.0], "alpha": [1.5, 3.0]}, [[0.75, 3.0], [0.5, 4.0]]),
    ("LogisticNormal", {"loc": [0.5, -2.0], "scale": [1.5, 3.0]}, [[0.75, 0.125, 0.125], [0.5, 0.3, 0.2]]),
    ("RelaxedBernoulli", {"temperature": 0.7, "probs": [0.2, 0.9]}, [[0.2, 0.3], [0.75, 0.5]]),
    ("RelaxedBernoulli", {"temperature": 0.7, "logits": [0.2, -0.9]}, [[0.2, 0.3], [0.75, 0.5]]),
    ("RelaxedOneHotCategorical", {"temperature": 0.7, "probs": [[0.2, 0.8], [0.5, 0.6]]}, [0.4, 0.6]),
    ("RelaxedOneHotCategorical", {"temperature": 0.7, "logits": [0.2, 0.8]}, [[0.4, 0.6], [0.3, 0.7]]),
    (
        "MultivariateNormal",
        {"loc": [0.5, -1.0], "covariance_matrix": [[2.0, 0.5], [0.5, 1.0]]},
        [[0.2, -3.0], [0.75, 4.0]],
    ),
    (
        "MultivariateNormal",
        {"loc": [[0.5, -1.0], [0.0, 1.0]], "precision_matrix": [[2.0, 0.5], [0.5, 1.0]]},
        [0.2, -3.0],
    ),
    (
        "MultivariateNormal",
        {"loc": [0.5, -1.0], "scale_tril": [[[2.0, 0.0], [0.5, 1.0]], [[1.0, 0.0], [-1.0, 3.0]]]},
        [0.2, -3.0],
    ),
]
DISCRETE = [
    ("Bernoulli", {"probs": [0.25, 0.5, 0.0]}, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
    ("Bernoulli", {"logits": [0.25, -2.0]}, [[1.0, 0.0], [0.0, 1.0]]),
    ("Categorical", {"probs": [[1.0, 2.0, 0.0], [3.0, 1.0, 1.0]]}, [[1, 0], [2, 2]]),
    ("Categorical", {"logits": [1.0, 2.0, -1.0]}, [1, 0, 2]),
    ("OneHotCategorical", {"probs": [1.0, 2.0, 0.5]}, [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
    ("OneHotCategoricalStraightThrough", {"logits": [1.0, 2.0, 0.5]}, [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
    ("Geometric", {"probs": [0.25, 1.0]}, [[3.0, 0.0], [0.0, 0.0]]),
    ("Geometric", {"logits": [0.25, 3.0]}, [[3.0, 0.0], [0.0, 7.0]]),
    ("Poisson", {"rate": [0.5, 12.0]}, [[3.0, 0.0], [0.0, 7.0]]),
    ("Binomial", {"total_count": 5, "probs": [0.25, 0.9]}, [[3.0, 0.0], [0.0, 5.0]]),
    ("Binomial", {"total_count": 40.0, "logits": [0.0, -0.9]}, [[3.0, 0.0], [0.0, 40.0]]),
    ("Binomial", {"total_count": [3.0, 5.0], "logits": [0.5, -0.9]}, [[3.0, 0.0], [0.0, 5.0]]),
    ("Multinomial", {"total_count": 4, "probs": [1.0, 2.0, 0.0]}, [[1.0, 3.0, 0.0], [4.0, 0.0, 0.0]]),
    ("Multinomial", {"total_count": 4, "logits": [1.0, -math.inf, 2.0]}, [[1.0, 0.0, 3.0], [3.0, 1.0, 0.0]]),
    ("Multinomial", {"total_count": 4, "logits": [[1.0, 2.0], [0.0, 1.0]]}, [1.0, 3.0]),
]
PROPERTIES = (
    "batch_shape event_shape mean mode variance stddev support has_rsample has_enumerate_support param_shape "
    "probs logits loc scale covariance_matrix precision_matrix scale_tril"
)


def made(framework, name, parameters):
    """Return a distribution, and its parameters as leaves."""
    tensors = {
        key: framework.tensor(value, dtype=framework.float64, requires_grad=True)
        if isinstance(value, list) or key == "temperature"
        else value
        for key, value in parameters.items()
    }
    leaves = [each for each in tensors.values() if isinstance(each, framework.Tensor)]
    return getattr(framework.distributions, name)(**tensors), leaves


def shown(framework, value):
    """Return a value, and its node's gradients beside it; a constraint or a shape as text."""
    return value if isinstance(value, (framework.Tensor, bool, list)) else repr(value)


def differentiated(framework, leaves, compute):
    """Return what is computed and the gradients of the sum of its squares."""

    def run():
        result = compute()
        if not result.requires_grad:
            return result
        finite = result.masked_fill(~result.isfinite(), 0)
        grads = framework.autograd.grad((finite**2).sum(), leaves, allow_unused=True, retain_graph=True)
        return [result.detach(), *grads]

    return attempt(run)


def answers(framework, name, parameters, values):
    """Return all that a distribution tells about itself."""
    distribution, leaves = made(framework, name, parameters)
    values = framework.tensor(values, dtype=framework.float64 if "." in str(values) else framework.int64)
    tens = framework.tensor([[0.1, 0.9], [0.3, 0.5]], dtype=framework.float64)
    results = {"at first": repr(distribution)}
    calls = {
        "log_prob": lambda: distribution.log_prob(values),
        "cdf": lambda: distribution.cdf(values),
        "icdf": lambda: distribution.icdf(tens),
        "entropy": lambda: distribution.entropy(),
        "perplexity": lambda: distribution.perplexity(),
        "sample": lambda: distribution.sample(),
        "samples": lambda: distribution.sample((3, 2)),
        "rsample": lambda: distribution.rsample(),
        "rsamples": lambda: distribution.rsample(framework.Size([20])),
        "enumerate": lambda: distribution.enumerate_support(),
        "enumerate 1": lambda: distribution.enumerate_support(expand=False),
    }
    for key, call in calls.items():
        results[key] = differentiated(framework, leaves, call)
    for key in PROPERTIES.split():
        results[key] = attempt(lambda: shown(framework, getattr(distribution, key)))  # noqa: B023
    if name == "Geometric":  # it alone has no `param_shape` in PyTorch
        del results["param_shape"]
    results["at last"] = repr(distribution)
    expanded = attempt(lambda: distribution.expand((3, *distribution.batch_shape)))
    results["expanded"] = attempt_all(
        lambda: repr(expanded),
        lambda: list(expanded.batch_shape),
        lambda: expanded.sample((2,)),
        lambda: expanded.log_prob(values[0] if values.dim() > 1 else values),
        lambda: name == "Multinomial" or expanded.entropy(),  # where PyTorch's fails
        lambda: expanded.mean,
    )
    return results


def distribution_scenario(rows, title):
    """Add a scenario for each row."""
    counts = {}
    for name, parameters, values in rows:
        counts[name] = counts.get(name, 0) + 1

        def play(framework, nn, row=(name, parameters, values)):
            return answers(framework, *row)

        play.__name__ = f"{title}_{name}_{counts[name]}"
        scenario(play)


distribution_scenario(CONTINUOUS, "continuous")
distribution_scenario(DISCRETE, "discrete")


@scenario
def draws_of_float32(framework, nn):
    distributions = framework.distributions
    ones = framework.linspace(0.1, 0.9, 5)
    families = [
        *(distributions.Normal, distributions.Uniform, distributions.Laplace, distributions.Cauchy),
        *(distributions.Gumbel, distributions.LogNormal),
    ]
    alone = [
        *(distributions.Exponential, distributions.HalfNormal, distributions.HalfCauchy),
        *(distributions.Bernoulli, distributions.Geometric, distributions.Poisson, distributions.Categorical),
        distributions.OneHotCategorical,
    ]
    made_of_two = [family(ones - 1, ones) for family in families]
    return [each.sample((7,)) for each in [*made_of_two, *(family(ones) for family in alone)]]


@scenario
def numbers_as_parameters(framework, nn):
    distributions = framework.distributions
    results = []
    for distribution in (
        distributions.Normal(0, 1),
        distributions.Normal(framework.zeros(2), 2),
        distributions.Uniform(0, 3),
        distributions.Bernoulli(0.5),
        distributions.Bernoulli(logits=1),
        distributions.Exponential(2.0),
        distributions.Poisson(3),
        distributions.Geometric(0.25),
        distributions.HalfNormal(2),
        distributions.LogNormal(0.0, 1.0),
        distributions.Gumbel(0.0, 1.0),
        distributions.Laplace(0.0, 1.0),
    ):
        results.append([repr(distribution), distribution.sample(), distribution.sample((2,)).tolist()])
        results.append([str(distribution.sample().dtype), list(distribution.batch_shape)])
    return results


@scenario
def independent_dimensions(framework, nn):
    distributions = framework.distributions
    normal = distributions.Normal(framework.zeros(2, 3), framework.ones(3))
    results = []
    for count in (0, 1, 2):
        both = distributions.Independent(normal, count)
        results += [
            repr(both),
            list(both.batch_shape),
            list(both.event_shape),
            repr(both.support),
            both.log_prob(framework.ones(2, 3)),
            both.entropy(),
            both.rsample((2,)),
            [both.has_rsample, both.has_enumerate_support],
            both.mean,
            both.variance,
            both.expand((4, *both.batch_shape)).sample().shape == (4, 2, 3),
        ]
    classes = distributions.Independent(distributions.Categorical(framework.ones(2, 3)), 1)
    results += attempt_all(
        lambda: distributions.Independent(normal, 3),
        lambda: classes.enumerate_support(),
        lambda: classes.rsample(),
        lambda: classes.log_prob(framework.tensor([0, 1])),
        lambda: classes.log_prob(framework.tensor([0, 3])),
        lambda: [classes.has_enumerate_support, classes.has_rsample],
        lambda: distributions.Independent(classes, 0).has_enumerate_support,
        lambda: distributions.Independent(classes.base_dist, 0).has_enumerate_support,
        lambda: distributions.Independent(classes, 0).enumerate_support(),
    )
    return results


@scenario
def mixtures(framework, nn):
    distributions = framework.distributions
    weights = framework.tensor(
        [[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]], dtype=framework.float64, requires_grad=True
    )
    means = framework.linspace(-2, 2, 6, dtype=framework.float64).reshape(2, 3).requires_grad_()
    one = framework.ones((), dtype=framework.float64)
    of_numbers = distributions.MixtureSameFamily(
        distributions.Categorical(weights), distributions.Normal(means, one)
    )
    of_vectors = distributions.MixtureSameFamily(
        distributions.Categorical(weights[0]),
        distributions.Independent(distributions.Normal(means.reshape(3, 2), one), 1),
    )
    of_batches_of_vectors = distributions.MixtureSameFamily(
        distributions.Categorical(weights),
        distributions.Independent(distributions.Normal(framework.stack([means, means**2], -1), one), 1),
    )
    results = []
    pair = framework.stack([one, -one])
    for mixture, value in ((of_numbers, one), (of_vectors, pair), (of_batches_of_vectors, pair)):
        results += [
            repr(mixture),
            repr(mixture.support),
            list(mixture.batch_shape),
            list(mixture.event_shape),
        ]
        results += [
            differentiated(framework, [weights, means], compute)
            for compute in (
                lambda: mixture.mean,  # noqa: B023
                lambda: mixture.variance,  # noqa: B023
                lambda: mixture.log_prob(value),  # noqa: B023
                lambda: mixture.cdf(value),  # noqa: B023
                lambda: mixture.sample((4,)),  # noqa: B023
                lambda: mixture.expand((2, *mixture.batch_shape)).sample(),  # noqa: B023
                lambda: mixture.rsample(),  # noqa: B023
                lambda: mixture.entropy(),  # noqa: B023
            )
        ]
    three = distributions.Categorical(framework.ones(3))
    pair = distributions.Normal(framework.zeros(2), 1.0)
    results += attempt_all(
        lambda: distributions.MixtureSameFamily(pair, pair),
        lambda: distributions.MixtureSameFamily(three, 3),
        lambda: distributions.MixtureSameFamily(three, pair),
        lambda: distributions.MixtureSameFamily(
            distributions.Categorical(framework.ones(5, 2)),
            distributions.Normal(framework.zeros(3, 2), 1.0),
        ),
    )
    return results


@scenario
def wrong_parameters(framework, nn):
    distributions = framework.distributions
    ones, eye = framework.ones(2), framework.eye(2)
    nan = framework.tensor([1.0, float("nan")])
    vectors = distributions.MultivariateNormal
    return attempt_all(
        lambda: distributions.Normal(0.0, -1.0),
        lambda: distributions.Normal(nan, 1.0),
        lambda: distributions.Normal("a", 1.0),
        lambda: distributions.Normal(ones, framework.ones(3)),
        lambda: distributions.Normal(0.0, -1.0, validate_args=False).scale,
        lambda: distributions.Uniform(1.0, 0.0),
        lambda: distributions.Uniform(ones, ones),
        lambda: distributions.Categorical(),
        lambda: distributions.Categorical(ones, ones),
        lambda: distributions.Categorical(framework.tensor(1.0)),
        lambda: distributions.Categorical(logits=framework.tensor(1.0)),
        lambda: distributions.Categorical(framework.tensor([-1.0, 2.0])),
        lambda: distributions.Categorical(logits=nan),
        lambda: distributions.OneHotCategorical(nan),
        lambda: distributions.Bernoulli(),
        lambda: distributions.Bernoulli(1.5),
        lambda: distributions.Bernoulli(0.5, 0.5),
        lambda: distributions.Geometric(framework.tensor([0.0, 0.5])),
        lambda: distributions.Geometric(2.0),
        lambda: distributions.Exponential(0.0),
        lambda: distributions.Poisson(-1.0),
        lambda: distributions.Laplace(0.0, 0.0),
        lambda: distributions.HalfNormal(-ones),
        lambda: distributions.HalfCauchy(-ones),
        lambda: distributions.LogNormal(0.0, -1.0),
        lambda: distributions.Gumbel(0.0, -1.0),
        lambda: distributions.Cauchy(0.0, -1.0),
        lambda: distributions.Weibull(1.0, -1.0),
        lambda: distributions.Pareto(-1.0, 1.0),
        lambda: distributions.LogisticNormal(0.0, -1.0),
        lambda: distributions.Binomial(-1, ones),
        lambda: distributions.Binomial(2.5, ones),
        lambda: distributions.Binomial(2),
        lambda: distributions.Multinomial(ones, ones),
        lambda: distributions.Multinomial(2, -ones),
        lambda: vectors(framework.tensor(0.0), eye),
        lambda: vectors(ones),
        lambda: vectors(ones, eye, eye),
        lambda: vectors(ones, ones),
        lambda: vectors(ones, precision_matrix=ones),
        lambda: vectors(ones, scale_tril=ones),
        lambda: vectors(ones, framework.ones(2, 2)),
        lambda: vectors(ones, framework.tensor([[1.0, 0.5], [0.25, 1.0]])),
        lambda: vectors(ones, scale_tril=-eye),
        lambda: vectors(ones, scale_tril=framework.ones(2, 2)),
        lambda: distributions.RelaxedBernoulli(ones[0]),
        lambda: distributions.RelaxedOneHotCategorical(ones[0], -ones),
        lambda: distributions.Distribution.set_default_validate_args("yes"),
    )


@scenario
def wrong_values(framework, nn):
    distributions = framework.distributions
    ones = framework.ones(2)
    three = distributions.Normal(framework.zeros(3), 1.0)
    return attempt_all(
        lambda: three.log_prob(1.0),
        lambda: three.log_prob(ones),
        lambda: three.log_prob(framework.tensor([1.0, float("nan"), 1.0])),
        lambda: three.cdf(ones),
        lambda: three.sample(3),
        lambda: three.expand((2,)),
        lambda: three.enumerate_support(),
        lambda: distributions.Uniform(0.0, 1.0).log_prob(2 * ones),
        lambda: distributions.Uniform(0.0, 1.0).cdf(2 * ones),
        lambda: distributions.Uniform(0.0, 1.0, validate_args=False).log_prob(2 * ones),
        lambda: distributions.Uniform(0.0, 1.0, validate_args=False).cdf(2 * ones),
        lambda: distributions.Bernoulli(0.5).log_prob(2 * ones),
        lambda: distributions.Categorical(ones).log_prob(framework.tensor(2)),
        lambda: distributions.Categorical(ones).log_prob(framework.tensor(0.5)),
        lambda: distributions.Categorical(ones).rsample(),
        lambda: distributions.Categorical(ones).cdf(ones),
        lambda: distributions.OneHotCategorical(ones).log_prob(ones),
        lambda: distributions.OneHotCategorical(ones).log_prob(framework.ones(3)),
        lambda: distributions.Poisson(1.0).log_prob(-ones),
        lambda: distributions.Poisson(1.0).entropy(),
        lambda: distributions.Exponential(1.0).log_prob(-ones),
        lambda: distributions.Binomial(2, ones / 2).log_prob(3 * ones),
        lambda: distributions.Binomial(ones.cumsum(0), ones / 2).entropy(),
        lambda: distributions.Binomial(ones.cumsum(0), ones / 2).enumerate_support(),
        lambda: distributions.Multinomial(2, ones).log_prob(2 * ones),
        lambda: distributions.HalfNormal(1.0).log_prob(-ones),
        lambda: distributions.HalfNormal(1.0).cdf(-ones),
        lambda: distributions.HalfNormal(1.0, validate_args=False).log_prob(-ones),
        lambda: distributions.RelaxedBernoulli(ones[0], ones / 2).log_prob(2 * ones),
        lambda: distributions.RelaxedOneHotCategorical(ones[0], ones).log_prob(ones),
        lambda: distributions.kl_divergence(three, distributions.Categorical(ones)),
        lambda: distributions.MultivariateNormal(ones, framework.eye(2)).log_prob(framework.ones(3)),
    )


@scenario
def values_of_other_dtypes(framework, nn):
    distributions = framework.distributions
    numbers, flags = framework.tensor([1, 0]), framework.tensor([True, False])
    halves = framework.tensor([0.25, 0.75])
    results = attempt_all(
        lambda: distributions.Bernoulli(halves).log_prob(numbers),
        lambda: distributions.Bernoulli(halves).log_prob(flags),
        lambda: distributions.Categorical(halves).log_prob(numbers.float()),
        lambda: distributions.Categorical(halves).log_prob(numbers.int()),
        lambda: distributions.Categorical(numbers).sample(),
        lambda: distributions.Categorical(numbers.bool()).sample(),
        lambda: distributions.Bernoulli(numbers).sample(),
        lambda: distributions.Normal(0.0, 1.0).log_prob(numbers),
        lambda: distributions.Normal(numbers, numbers + 1).sample(),
        lambda: distributions.Normal(halves.double(), 1.0).log_prob(halves),
        lambda: distributions.Normal(halves.bfloat16(), 1.0).sample(),
        lambda: distributions.Uniform(numbers, numbers + 1).sample(),
        lambda: distributions.Poisson(numbers).sample(),
        lambda: distributions.Poisson(halves).log_prob(numbers),
        lambda: distributions.Geometric(halves).log_prob(numbers),
        lambda: distributions.Binomial(3, halves).log_prob(numbers),
        lambda: distributions.Multinomial(1, halves).log_prob(numbers),
        lambda: distributions.OneHotCategorical(halves).log_prob(numbers),
        lambda: distributions.Exponential(halves).log_prob(numbers),
        lambda: distributions.Categorical([0.5, 0.5]),
        lambda: distributions.Bernoulli(logits="a"),
        lambda: distributions.Normal([1.0], 2.0),
        lambda: distributions.Normal(None, 2.0),
        lambda: distributions.Categorical(halves).sample((0,)),
        lambda: distributions.Normal(halves, 1.0).sample((0,)),
        lambda: distributions.Normal(framework.zeros(0), 1.0).log_prob(framework.zeros(0)),
        lambda: distributions.Categorical(framework.ones(0, 3)).sample(),
    )
    with framework.no_grad():
        lazy = distributions.Categorical(logits=framework.zeros(3, requires_grad=True))
        kept = [lazy.probs.requires_grad, lazy.log_prob(numbers).requires_grad]
    return results + [[str(result.dtype), result] for result in results if hasattr(result, "dtype")] + kept


@scenario
def regions(framework, nn):
    constraints = framework.distributions.constraints
    values = framework.tensor([[-1.0, 0.0, 0.5], [1.0, 2.0, float("nan")], [0.25, 0.5, 0.25]])
    matrices = framework.stack(
        [framework.zeros(3, 3), framework.eye(3), framework.ones(3, 3), framework.ones(3, 3).tril(), values]
    )
    vectors = framework.tensor([[0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.25, 0.5, 0.25]])
    of_numbers = [
        constraints.boolean,
        constraints.nonnegative_integer,
        constraints.positive_integer,
        constraints.integer_interval(0, 1),
        constraints.real,
        constraints.positive,
        constraints.nonnegative,
        constraints.greater_than(0.5),
        constraints.greater_than_eq(0.5),
        constraints.less_than(0.5),
        constraints.unit_interval,
        constraints.interval(-1.0, 0.5),
        constraints.half_open_interval(-1.0, 0.5),
        constraints.real_vector,
        constraints.independent(constraints.positive, 1),
    ]
    of_vectors = [constraints.simplex, constraints.one_hot, constraints.multinomial(2)]
    of_matrices = [
        constraints.lower_triangular,
        constraints.lower_cholesky,
        constraints.positive_definite,
        constraints.positive_semidefinite,
        constraints.square,
        constraints.symmetric,
    ]
    results = []
    for regions, given in ((of_numbers, values), (of_vectors, vectors), (of_matrices, matrices)):
        for region in regions:
            results.append([repr(region), region.is_discrete, region.event_dim, region.check(given)])
    dependent = constraints.dependent
    return results + attempt_all(
        lambda: repr(dependent),
        lambda: dependent.check(values),
        lambda: dependent.event_dim,
        lambda: dependent.is_discrete,
        lambda: dependent(event_dim=2).event_dim,
        lambda: constraints.is_dependent(dependent),
        lambda: constraints.is_dependent(constraints.real),
        lambda: constraints.is_dependent(framework.distributions.Uniform.support),
        lambda: constraints.real_vector.check(framework.tensor(1.0)),
        lambda: constraints.Constraint().check(values),
    )


@scenario
def names_of_arguments(framework, nn):
    """What can be passed by name, and what each class says of itself without an object."""
    distributions = framework.distributions
    results = {}
    for name in sorted({row[0] for row in CONTINUOUS + DISCRETE} | {"Independent", "MixtureSameFamily"}):
        kind = getattr(distributions, name)
        results[name] = [
            list(inspect.signature(kind.__init__).parameters),
            attempt(lambda: sorted(kind.arg_constraints)),  # noqa: B023
            attempt(lambda: constraint_of(kind)),  # noqa: B023
            kind.has_enumerate_support if isinstance(kind.has_enumerate_support, bool) else None,
            kind.has_rsample if isinstance(kind.has_rsample, bool) else None,
        ]
    return results


def constraint_of(kind):
    """Return the constraint that a class has as its support, where it is no property."""
    is_dependent = isinstance(kind.support, property)
    return "dependent" if is_dependent else repr(kind.support)


@scenario
def copies(framework, nn):
    distributions = framework.distributions
    ones = framework.ones(2)
    results = []
    for distribution in (
        distributions.Normal(ones, ones),
        distributions.Categorical(ones),
        distributions.LogNormal(ones, ones),
        distributions.RelaxedBernoulli(ones[0], ones / 2),
        distributions.Independent(distributions.HalfNormal(ones), 1),
    ):
        distribution.log_prob(distribution.sample())
        copied = copy.deepcopy(distribution)
        framework.manual_seed(1)
        results.append([repr(copied), copied.sample(), copied.log_prob(copied.sample())])
    return results
