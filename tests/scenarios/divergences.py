"""Divergences of pairs of distributions, and how they are registered."""

from scenarios.playing import attempt_all, quiet
from scenarios.probability import differentiated

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> nested values to those played with lampas and with PyTorch."""
    SCENARIOS.append(quiet(function))
    return function


DIVERGENT = {
    "Normal": [(0.5, 1.0), (-1.0, 2.5)],
    "Uniform": [(0.25, 0.75), (0.0, 2.5)],
    "Laplace": [(0.5, 1.0), (-1.0, 2.5)],
    "Cauchy": [(0.5, 1.0), (-1.0, 2.5)],
    "Gumbel": [(0.5, 1.0), (-1.0, 2.5)],
    "LogNormal": [(0.5, 1.0), (-1.0, 2.5)],
    "HalfNormal": [(0.5,), (2.5,)],
    "Pareto": [(1.0, 0.5), (0.25, 3.0), (1.0, 1.5)],
    "Exponential": [(0.5,), (2.5,)],
    "Poisson": [(0.5,), (2.5,)],
    "Bernoulli": [(0.5,), (0.75,), (1.0,), (0.0,)],
    "Geometric": [(0.5,), (0.75,)],
    "Binomial": [(4, 0.5), (4, 0.75), (6, 0.75)],
    "Categorical": [([0.5, 0.5],), ([0.75, 0.25],), ([1.0, 0.0],)],
    "OneHotCategorical": [([0.5, 0.5],), ([0.75, 0.25],)],
    "MultivariateNormal": [
        ([0.5, 1.0], [[2.0, 0.5], [0.5, 1.0]]),
        ([0.0, 1.0], [[1.0, 0.0], [0.0, 1.0]]),
    ],
    "Multinomial": [(3, [0.5, 0.5])],
}


@scenario
def divergences_of_all_pairs(framework, nn):
    distributions = framework.distributions
    pool = []
    for name, rows in DIVERGENT.items():
        for row in rows:
            tensors = [
                number
                if isinstance(number, int)
                else framework.tensor(number, dtype=framework.float64, requires_grad=True)
                for number in row
            ]
            leaves = [each for each in tensors if isinstance(each, framework.Tensor)]
            pool.append((f"{name} {row}", getattr(distributions, name)(*tensors), leaves))
    results = {}
    for p_name, p, p_leaves in pool:
        for q_name, q, q_leaves in pool:
            results[f"{p_name} {q_name}"] = differentiated(
                framework,
                [*p_leaves, *q_leaves],
                lambda: distributions.kl_divergence(p, q),  # noqa: B023
            )
    one, two = distributions.Normal(framework.zeros(2, 3), 1.0), distributions.Normal(framework.ones(3), 2.0)
    results["independent"] = attempt_all(
        lambda: distributions.kl_divergence(
            distributions.Independent(one, 1), distributions.Independent(two, 1)
        ),
        lambda: distributions.kl_divergence(
            distributions.Independent(one, 2), distributions.Independent(two, 1)
        ),
        lambda: distributions.kl_divergence(
            distributions.MultivariateNormal(framework.zeros(2), framework.eye(2)),
            distributions.MultivariateNormal(framework.zeros(3), framework.eye(3)),
        ),
        lambda: distributions.kl_divergence(
            distributions.MultivariateNormal(framework.ones(4, 1, 2), framework.eye(2).expand(4, 1, 2, 2)),
            distributions.MultivariateNormal(framework.zeros(2), framework.eye(2).expand(3, 2, 2) * 2),
        ),
    )
    # PyTorch's messages have many spaces within.
    for result in [*results.values(), *results["independent"]]:
        if isinstance(result, list) and isinstance(result[-1], str):
            result[-1] = " ".join(result[-1].split())
    return results


@scenario
def registered_divergences(framework, nn):
    distributions = framework.distributions

    class Tight(distributions.Normal):
        pass

    tight, normal = Tight(0.0, 1.0), distributions.Normal(1.0, 2.0)
    results = [distributions.kl_divergence(tight, normal)]
    distributions.register_kl(Tight, distributions.Normal)(lambda p, q: framework.tensor(7.0))
    results += [distributions.kl_divergence(tight, normal), distributions.kl_divergence(tight, tight)]
    distributions.register_kl(distributions.Normal, Tight)(lambda p, q: framework.tensor(8.0))
    results += [distributions.kl_divergence(normal, tight), distributions.kl_divergence(normal, normal)]
    distributions.register_kl(Tight, Tight)(lambda p, q: framework.tensor(9.0))
    return [*results, distributions.kl_divergence(tight, tight)]


def ambiguous_divergence(framework, nn):
    """The warning counts here."""
    distributions = framework.distributions

    class Left(distributions.Laplace):
        pass

    class Right(distributions.Laplace):
        pass

    distributions.register_kl(Left, distributions.Laplace)(lambda p, q: framework.tensor(7.0))
    distributions.register_kl(distributions.Laplace, Right)(lambda p, q: framework.tensor(8.0))
    return distributions.kl_divergence(Left(0.0, 1.0), Right(0.0, 1.0))


SCENARIOS.append(ambiguous_divergence)
