"""Distributions that programs define themselves, on top of those that are there."""

from scenarios.playing import attempt, attempt_all, quiet
from scenarios.probability import differentiated

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> nested values to those played with lampas and with PyTorch."""
    SCENARIOS.append(quiet(function))
    return function


@scenario
def classes_of_ones_own(framework, nn):
    distributions = framework.distributions
    constraints = distributions.constraints

    class Shifted(distributions.Normal):
        def __init__(self, loc):
            super().__init__(loc + 1, framework.ones_like(loc))

    class Coin(distributions.Distribution):
        arg_constraints = {"weight": constraints.unit_interval}
        has_enumerate_support = True

        def __init__(self, weight, validate_args=None):
            self.weight = weight
            super().__init__(weight.shape, validate_args=validate_args)

        @constraints.dependent_property(is_discrete=True, event_dim=0)
        def support(self):
            return constraints.boolean

        @property
        def mean(self):
            return self.weight

        def log_prob(self, value):
            if self._validate_args:
                self._validate_sample(value)
            return framework.where(value == 1, self.weight, 1 - self.weight).log()

        def sample(self, sample_shape=()):
            with framework.no_grad():
                return framework.bernoulli(self.weight.expand(self._extended_shape(sample_shape)))

    class Nothing(distributions.Distribution):
        arg_constraints = {}

    zeros, halves = framework.zeros(2), framework.full((2,), 0.5)
    coin = Coin(halves)
    return attempt_all(
        lambda: repr(Shifted(zeros)),
        lambda: Shifted(zeros).sample((2,)),
        lambda: Shifted(zeros).expand((3, 2)),
        lambda: repr(coin),
        lambda: coin.sample((3,)),
        lambda: coin.log_prob(framework.tensor([0.0, 1.0])),
        lambda: coin.log_prob(framework.tensor([0.5, 1.0])),
        lambda: coin.variance,
        lambda: coin.entropy(),
        lambda: coin.mode,
        lambda: Coin(2 * halves + 1),
        lambda: repr(Coin.support.event_dim),
        lambda: Nothing().expand((2,)),
        lambda: Nothing().log_prob(zeros),
        lambda: Nothing().support,
        lambda: repr(Nothing()),
    )


@scenario
def exponential_families(framework, nn):
    distributions = framework.distributions

    class Counts(distributions.ExponentialFamily):
        """Vectors of log density x . a - |exp(a)| + log h, whose log h has the mean 0.25."""

        arg_constraints = {"logarithms": distributions.constraints.real_vector}
        support = distributions.constraints.real_vector
        _mean_carrier_measure = 0.25

        def __init__(self, logarithms):
            self.logarithms = logarithms
            super().__init__(logarithms.shape[:-1], logarithms.shape[-1:])

        @property
        def _natural_params(self):
            return (self.logarithms,)

        def _log_normalizer(self, logarithms):
            return logarithms.exp().sum(-1)

    parameters = framework.tensor([[0.25, 1.5], [-0.5, 2.0]], dtype=framework.float64)
    first, second = Counts(parameters), Counts(parameters**2)
    results = attempt_all(
        lambda: first.entropy(),
        lambda: first.perplexity(),
        lambda: distributions.kl_divergence(first, second),
        lambda: distributions.ExponentialFamily().entropy(),
    )
    positive = parameters.abs()
    for family in (
        distributions.Normal(parameters, positive),
        distributions.Bernoulli(logits=parameters),
        distributions.Exponential(positive),
        distributions.Poisson(positive),
    ):
        natural = family._natural_params
        results.append([list(natural), family._log_normalizer(*natural)])
    return results


@scenario
def classes_of_programs(framework, nn):
    """What programs write: a squashed normal (SAC), sums over actions (PPO), parameters of one's own."""
    distributions = framework.distributions

    class Tanh(distributions.transforms.Transform):
        domain = distributions.constraints.real
        codomain = distributions.constraints.interval(-1.0, 1.0)
        bijective = True
        sign = 1

        def __init__(self, cache_size=1):
            super().__init__(cache_size=cache_size)

        def _call(self, x):
            return x.tanh()

        def _inverse(self, y):
            return y.atanh()

        def log_abs_det_jacobian(self, x, y):
            return (1 - y**2).log()

    class Squashed(distributions.TransformedDistribution):
        def __init__(self, loc, scale):
            self.loc = loc
            super().__init__(distributions.Normal(loc, scale), [Tanh()])

        @property
        def mean(self):
            return self.loc.tanh()

    class Actions(distributions.Normal):
        def log_prob(self, actions):
            return super().log_prob(actions).sum(-1, keepdim=True)

        def entropy(self):
            return super().entropy().sum(-1)

    class Scaled(distributions.Normal):
        def __init__(self, loc, scale, factor):
            self.factor = factor
            super().__init__(loc, scale)

        def expand(self, batch_shape, _instance=None):
            new = self._get_checked_instance(Scaled, _instance)
            new.factor = self.factor.expand(batch_shape)
            return super().expand(batch_shape, _instance=new)

    loc = framework.tensor([[0.25, 2.0], [-3.0, 0.5]], dtype=framework.float64, requires_grad=True)
    scale = framework.ones_like(loc).requires_grad_()
    squashed, actions = Squashed(loc, scale), Actions(loc, scale)
    scaled = Scaled(loc, scale, loc).expand((3, 2, 2))
    results = [repr(squashed), repr(squashed.support), squashed.mean, repr(actions), repr(scaled)]
    results += [
        differentiated(framework, [loc, scale], lambda: squashed.log_prob(squashed.rsample()).sum(-1)),
        differentiated(framework, [loc, scale], lambda: actions.log_prob(actions.sample())),
        differentiated(framework, [loc, scale], lambda: actions.entropy()),
        [list(scaled.factor.shape), list(scaled.batch_shape)],
    ]
    return results + attempt_all(
        lambda: squashed.expand((3, 2, 2)),
        lambda: squashed.entropy(),
        lambda: repr(actions.expand((3, 2, 2))),
    )


def without_constraints(framework, nn):
    """The warning counts here."""

    class Bare(framework.distributions.Distribution):
        pass

    return [list(Bare().batch_shape), attempt(lambda: Bare().arg_constraints)]


SCENARIOS.append(without_constraints)
