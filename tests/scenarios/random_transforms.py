"""Transforms of random numbers, and the distributions that they make."""

from scenarios.playing import attempt, attempt_all, quiet
from scenarios.probability import differentiated, shown

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> nested values to those played with lampas and with PyTorch."""
    SCENARIOS.append(quiet(function))
    return function


def all_transforms(framework):
    transforms = framework.distributions.transforms
    scale = framework.tensor([2.0, -3.0], dtype=framework.float64)
    return [
        transforms.ExpTransform(),
        transforms.ExpTransform().inv,
        transforms.SigmoidTransform(),
        transforms.TanhTransform(),
        transforms.SoftplusTransform(),
        transforms.AbsTransform(),
        transforms.PowerTransform(scale.abs()),
        transforms.PowerTransform(2.0),
        transforms.AffineTransform(1.0, -2.0),
        transforms.AffineTransform(1.0, scale),
        transforms.AffineTransform(scale, 3.0, event_dim=1),
        transforms.IndependentTransform(transforms.TanhTransform(), 1),
        transforms.ReshapeTransform((2,), (2, 1)),
        transforms.ComposeTransform(
            [
                transforms.IndependentTransform(transforms.ExpTransform(), 1),
                transforms.IndependentTransform(transforms.TanhTransform(), 2),
            ]
        ),
        transforms.ComposeTransform([transforms.AffineTransform(0.0, 2.0), transforms.ExpTransform()]),
        transforms.ComposeTransform(
            [
                transforms.ExpTransform(),
                transforms.AffineTransform(scale, 3.0, event_dim=1),
                transforms.ReshapeTransform((2,), (1, 2)),
            ]
        ),
        transforms.identity_transform,
        transforms.SoftmaxTransform(),
        transforms.StickBreakingTransform(),
        transforms.LowerCholeskyTransform(),
        transforms.PositiveDefiniteTransform(),
        transforms.CumulativeDistributionTransform(framework.distributions.Normal(scale, scale.abs())),
        transforms.ComposeTransform(
            [
                transforms.StickBreakingTransform(),
                transforms.AffineTransform(0.0, 2.0),
                transforms.ExpTransform(),
            ]
        ),
    ]


@scenario
def transforms_there_and_back(framework, nn):
    x = framework.tensor([[0.25, 0.5], [0.75, 1.5]], dtype=framework.float64, requires_grad=True)
    results = []
    for transform in all_transforms(framework):
        y = transform(x)
        results.append(
            [
                repr(transform),
                repr(transform.inv),
                repr(transform.domain),
                repr(transform.codomain),
                transform.bijective,
                attempt(lambda: shown(framework, transform.sign)),  # noqa: B023
                attempt(lambda: transform.event_dim),  # noqa: B023
                y.detach(),
                transform.inv(y).detach(),
                attempt(lambda: transform.log_abs_det_jacobian(x, y).detach()),  # noqa: B023
                attempt(lambda: transform.inv.log_abs_det_jacobian(y, x).detach()),  # noqa: B023
                list(transform.forward_shape(framework.Size([5, 2]))),
                attempt(lambda: list(transform.inverse_shape(y.shape))),  # noqa: B023
                differentiated(framework, [x], lambda: transform.inv(transform(x))),  # noqa: B023
                differentiated(framework, [x], lambda: transform(x)),  # noqa: B023
                transform.inv.inv is transform or repr(transform.inv.inv),
            ]
        )
    return results


@scenario
def transforms_onto_constraints(framework, nn):
    constraints = framework.distributions.constraints
    biject_to, transform_to = framework.distributions.biject_to, framework.distributions.transform_to
    x = framework.tensor([[0.25, 0.5], [0.75, -1.5]], dtype=framework.float64)
    regions = [
        constraints.real,
        constraints.real_vector,
        constraints.positive,
        constraints.nonnegative,
        constraints.greater_than(1.0),
        constraints.greater_than_eq(1.0),
        constraints.less_than(2.0),
        constraints.unit_interval,
        constraints.interval(0, 1),
        constraints.interval(-1.0, x.exp()),
        constraints.half_open_interval(0.0, 2.0),
        constraints.simplex,
        constraints.lower_cholesky,
        constraints.positive_definite,
        constraints.positive_semidefinite,
        constraints.independent(constraints.positive, 1),
        constraints.boolean,
        constraints.dependent,
        constraints.interval,
        3,
    ]
    results = []
    for region in regions:
        for registry in (biject_to, transform_to):
            results += attempt_all(
                lambda: repr(registry(region)),  # noqa: B023
                lambda: registry(region)(x),  # noqa: B023
                lambda: region.check(registry(region)(x)),  # noqa: B023
            )

    class Even(constraints.Constraint):
        pass

    registry = type(biject_to)()
    made = registry.register(Even)(lambda constraint: framework.distributions.ExpTransform())
    return results + attempt_all(
        lambda: repr(made(Even())),
        lambda: repr(registry(Even())),
        lambda: repr(registry.register(constraints.real, made)(Even())),
        lambda: repr(registry(constraints.real)),
        lambda: biject_to(Even()),
        lambda: biject_to.register(3, made),
    )


@scenario
def caches_of_transforms(framework, nn):
    transforms = framework.distributions.transforms
    results = []
    for transform in (
        transforms.ExpTransform(),
        transforms.AffineTransform(1.0, 2.0),
        transforms.ComposeTransform([transforms.TanhTransform(), transforms.ExpTransform()]),
        transforms.IndependentTransform(transforms.ExpTransform(), 1),
        transforms.SigmoidTransform().inv,
    ):
        kept = transform.with_cache()
        x = framework.tensor([0.25])
        y = kept(x)
        results.append(
            [
                kept is transform,
                kept.with_cache(1) is kept,
                kept(x) is y,
                kept.inv(y) is x,
                transform.inv(transform(x)) is x,
                transform == kept,
            ]
        )
    results += attempt_all(lambda: transforms.ExpTransform(cache_size=2))
    same = [
        transforms.ExpTransform() == transforms.ExpTransform(),
        transforms.ExpTransform() == transforms.TanhTransform(),
        transforms.ExpTransform().inv == transforms.ExpTransform().inv,
        transforms.AffineTransform(0, 1) == transforms.AffineTransform(0, 1),
        transforms.AffineTransform(0, 1) == transforms.AffineTransform(0, 2),
        transforms.PowerTransform(2) == transforms.PowerTransform(2),
        transforms.identity_transform == transforms.ComposeTransform([]),
    ]
    return results + same


@scenario
def transformed_distributions(framework, nn):
    distributions = framework.distributions
    double = framework.float64
    loc = framework.tensor([0.5, -0.5], dtype=double, requires_grad=True)
    one = framework.ones((), dtype=double)
    scale = framework.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=double)
    results = []
    for transform in [each for each in all_transforms(framework) if each.bijective]:
        base = distributions.Uniform(loc + 1, loc + 1.5)
        distribution = attempt(lambda: distributions.TransformedDistribution(base, transform))  # noqa: B023
        drawn = distribution.sample((3,))
        results.append(
            [
                repr(distribution),
                list(distribution.batch_shape),
                list(distribution.event_shape),
                attempt(lambda: repr(distribution.support)),  # noqa: B023
                distribution.has_rsample,
                drawn,
                *(
                    differentiated(framework, [loc], compute)
                    for compute in (
                        lambda: distribution.log_prob(drawn),  # noqa: B023
                        lambda: distribution.rsample((2,)),  # noqa: B023
                        lambda: distribution.cdf(drawn),  # noqa: B023
                        lambda: distribution.icdf(loc + 0.5),  # noqa: B023
                        lambda: distribution.expand((3, *distribution.batch_shape)).rsample(),  # noqa: B023
                        lambda: distribution.entropy(),  # noqa: B023
                        lambda: distribution.mean,  # noqa: B023
                    )
                ),
            ]
        )
    # The transform has a batch that the base has not.
    wide = distributions.TransformedDistribution(
        distributions.Normal(0 * one, one), distributions.transforms.AffineTransform(0.0, scale)
    )
    vectors = distributions.TransformedDistribution(
        distributions.MultivariateNormal(loc.detach(), framework.eye(2, dtype=double)),
        [distributions.transforms.TanhTransform(), distributions.transforms.AffineTransform(0.0, 2.0)],
    )
    for distribution in (wide, vectors):
        drawn = distribution.sample((2,))
        results += [drawn, distribution.log_prob(drawn), list(distribution.batch_shape)]
        results += [list(distribution.event_shape), repr(distribution.support)]
    deep = distributions.transforms.ReshapeTransform((2, 2), (4,))
    return results + attempt_all(
        lambda: distributions.TransformedDistribution(wide, 3),
        lambda: distributions.TransformedDistribution(wide, [3]),
        lambda: distributions.TransformedDistribution(distributions.Normal(loc, one), deep),
        lambda: distributions.transforms.ReshapeTransform((2,), (3,)),
        lambda: deep.forward_shape((2,)),
        lambda: list(deep.forward_shape(framework.Size([2, 2]))),
        lambda: deep.forward_shape((2, 3)),
        lambda: distributions.LogNormal(0.0, 1.0).log_prob(-one),
    )
