"""Special functions. The references are definitions: integrals, sums and inverses, evaluated plainly."""

import math
import statistics

import numpy as np

from ops.case import OpCase
from ops.cases.unary import EVERY_FORM, floating, wrong_arguments
from ops.sample import FLOATS, INTEGERS, REAL_FLOATS, Sample

NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)


def integral(function, low, high):
    """The integral over t of function(x, t) for every x, by Gauss and Legendre's rule."""
    t = (NODES * (high - low) + high + low) / 2
    weights = WEIGHTS * (high - low) / 2

    @floating
    def apply(input):
        return (function(input[..., None], t) * weights).sum(-1)

    return apply


def each(function):
    return floating(np.vectorize(function, otypes=[float]))


def bessel_j(order):
    return integral(lambda x, t: np.cos(order * t - x * np.sin(t)) / np.pi, 0, np.pi)


def bessel_y(order):
    bounded = integral(lambda x, t: np.sin(x * np.sin(t) - order * t) / np.pi, 0, np.pi)
    sign = (-1) ** order
    fading = integral(
        lambda x, t: (np.exp(order * t) + sign * np.exp(-order * t)) * np.exp(-x * np.sinh(t)) / np.pi, 0, 8
    )
    return lambda input: bounded(input) - fading(input)


def bessel_i(order):
    return integral(lambda x, t: np.exp(x * np.cos(t)) * np.cos(order * t) / np.pi, 0, np.pi)


def bessel_k(order):
    return integral(lambda x, t: np.exp(-x * np.cosh(t)) * np.cosh(order * t), 0, 8)


def scaled(function, sign):
    return lambda input: np.exp(sign * np.abs(floating(np.array)(input))) * function(input)


def airy(input):
    """The contour integral of exp(i (t^3 / 3 + x t)), turned so that t^3 becomes i s^3."""
    turn = np.exp(1j * np.pi / 6)
    return integral(lambda x, s: (turn * np.exp(-(s**3) / 3 + 1j * x * turn * s)).real / np.pi, 0, 6)(input)


def zeta(s, q):
    """Hurwitz's sum: a thousand terms, then an integral and Euler and Maclaurin's first corrections."""
    s, q = np.broadcast_arrays(np.float64(s), np.float64(q))
    terms = np.arange(1000.0)
    rest = q + 1000
    head = ((q[..., None] + terms) ** -s[..., None]).sum(-1)
    return head + rest ** (1 - s) / (s - 1) + rest**-s / 2 + s * rest ** (-s - 1) / 12


@floating
def digamma(input):
    """Raised by a thousand, where the asymptotic series needs two terms."""
    terms = np.arange(1000.0)
    large = input + 1000
    return np.log(large) - 0.5 / large - 1 / (12 * large**2) - (1 / (input[..., None] + terms)).sum(-1)


def polygamma(input, n):
    return digamma(input) if n == 0 else (-1) ** (n + 1) * math.factorial(n) * zeta(n + 1, input)


def normal_quantile(p):
    return statistics.NormalDist().inv_cdf(p)


def normal_share(x):
    return math.erfc(-x / math.sqrt(2)) / 2


def lower_gamma(a, x):
    """x^a exp(-x) times the sum of x^k / gamma(a + k + 1)."""
    terms = [math.exp((a + k) * math.log(x) - x - math.lgamma(a + k + 1)) for k in range(120)]
    return math.fsum(terms)


def between(low, high):
    """Samples of numbers between two bounds; integers and truth values are 1 then."""

    def samples(values):
        for shape in [(3, 4), (), (0, 3), (37,)]:
            uniform = values.random.uniform(low, high, shape)
            yield Sample(
                values.positive(*shape).with_values(uniform if values.is_floating else np.ones(shape))
            )

    return samples


positive = between(0.3, 4)
symmetric = between(-3, 3)
share = between(0.05, 0.49)  # and twice such numbers


def logit_samples(values):
    yield from share(values)
    if values.is_floating:
        yield Sample(values.numbers([0.01, 0.5, 0.99]), 0.1)
        yield Sample(values.numbers([0.0, 1.0, -1.0, 2.0, np.nan])).special()
        yield Sample(values.numbers([0.0, 1.0, -1.0, 2.0]), 0.1).special()


def logit(input, eps=None):
    input = floating(np.array)(input)
    if eps is not None:
        input = np.clip(input, eps, 1 - eps)
    with np.errstate(divide="ignore"):
        return np.log(input / (1 - input))


def polygamma_samples(values):
    for n in (0, 1, 2):
        for sample in positive(values):
            yield Sample(n, *sample.arguments)


def polygamma_method_samples(values):
    for sample in positive(values):
        yield Sample(*sample.arguments, 2)


def mvlgamma_samples(values):
    for sample in positive(values):
        (input,) = sample.arguments
        yield Sample(input.with_values(input.values + 1), 3)


def mvlgamma(input, p):
    input = floating(np.array)(input)
    constant = p * (p - 1) / 4 * math.log(math.pi)
    return constant + sum(each(math.lgamma)(input - i / 2) for i in range(p))


def pairs(first, second):
    def samples(values):
        for one, other in zip(first(values), second(values), strict=True):
            yield Sample(*one.arguments, *other.arguments)

    return samples


def constant_first(samples):
    """The same with no gradient asked of the first tensor."""

    def of(values):
        for sample in samples(values):
            first, second = sample.arguments
            first.constant = True
            yield Sample(first, second)

    return of


def degrees(values):
    points = values.numbers([0.3, -0.7, 1.2, 0.0]) if values.is_floating else values.numbers([0, 1, 2, 3])
    for degree in (0, 1, 2, 5, 9):
        yield Sample(points, values.numbers(degree))
    yield Sample(points, values.numbers([[1], [4]]))
    yield Sample(points, 3)


def series(basis):
    """The polynomial of the given degree in one of NumPy's bases."""

    def value(x, n):
        return basis.basis(int(n))(float(x))

    return np.vectorize(value, otypes=[float])


def of_angle(function):
    """A Chebyshev polynomial: p(k + 1) = 2x p(k) - p(k - 1) from p(0) = 1 and p(1) = function(x)."""

    def value(x, n):
        before, now = 1.0, function(float(x))
        for _ in range(int(n)):
            before, now = now, 2 * float(x) * now - before
        return before

    return np.vectorize(value, otypes=[float])


def shifted(function):
    return lambda x, n: function(2 * np.float64(x) - 1, n)


def row(name, samples, reference, dtypes=REAL_FLOATS + INTEGERS, forms=EVERY_FORM, **properties):
    properties = {"tolerance": 8, "errors": wrong_arguments, **properties}
    return OpCase(name, samples, reference, forms, dtypes=dtypes, **properties)


def special(name, samples, reference, dtypes=REAL_FLOATS + INTEGERS, **properties):
    """A function of `lampas.special`."""
    forms = properties.pop("forms", "function out")
    function = f"special.{name}"
    return row(f"special_{name}", samples, reference, dtypes, forms, function=function, **properties)


def polynomial(name, reference):
    return special(name, degrees, reference, FLOATS, derivatives=0)


chebyshev_t = of_angle(lambda x: x)
chebyshev_u = of_angle(lambda x: 2 * x)
chebyshev_v = of_angle(lambda x: 2 * x - 1)
chebyshev_w = of_angle(lambda x: 2 * x + 1)

CASES = [
    row("erfc", symmetric, each(math.erfc)),
    row(
        "erfinv",
        share,
        each(lambda y: normal_quantile((y + 1) / 2) / math.sqrt(2)),
        REAL_FLOATS,
        tolerance=32,
    ),
    special("erfcx", positive, each(lambda x: math.exp(x * x) * math.erfc(x)), FLOATS + INTEGERS),
    special("ndtr", symmetric, each(normal_share), forms="function"),
    special("log_ndtr", symmetric, each(lambda x: math.log(normal_share(x))), FLOATS + INTEGERS),
    special("ndtri", share, each(normal_quantile), FLOATS),
    special("entr", positive, floating(lambda x: -x * np.log(x))),
    row("logit", logit_samples, logit, REAL_FLOATS),
    row("lgamma", positive, each(math.lgamma)),
    row("digamma", positive, digamma),
    row("polygamma", polygamma_samples, lambda n, x: polygamma(x, n), forms="function", tolerance=64),
    row("polygamma.method", polygamma_method_samples, polygamma, forms="method in_place", tolerance=64),
    row("mvlgamma", mvlgamma_samples, mvlgamma, REAL_FLOATS, tolerance=16),
    row("i0", symmetric, bessel_i(0)),
    special("i0e", symmetric, scaled(bessel_i(0), -1)),
    special("i1", symmetric, bessel_i(1)),
    special("i1e", symmetric, scaled(bessel_i(1), -1)),
    *[special(f"bessel_j{n}", symmetric, bessel_j(n), FLOATS, derivatives=0) for n in (0, 1)],
    *[special(f"bessel_y{n}", positive, bessel_y(n), FLOATS, derivatives=0) for n in (0, 1)],
    *[special(f"modified_bessel_i{n}", symmetric, bessel_i(n), FLOATS, derivatives=0) for n in (0, 1)],
    *[special(f"modified_bessel_k{n}", positive, bessel_k(n), FLOATS, derivatives=0) for n in (0, 1)],
    *[
        special(f"scaled_modified_bessel_k{n}", positive, scaled(bessel_k(n), 1), FLOATS, derivatives=0)
        for n in (0, 1)
    ],
    special("spherical_bessel_j0", positive, floating(lambda x: np.sin(x) / x), FLOATS, derivatives=0),
    special("airy_ai", symmetric, airy, FLOATS, derivatives=0),
    row(
        "igamma", constant_first(pairs(positive, positive)), np.vectorize(lower_gamma, otypes=[float]), FLOATS
    ),
    row(
        "igammac",
        constant_first(pairs(positive, positive)),
        lambda a, x: 1 - np.vectorize(lower_gamma, otypes=[float])(a, x),
        FLOATS,
    ),
    special("zeta", constant_first(pairs(between(1.5, 6), positive)), zeta, FLOATS),
    polynomial("chebyshev_polynomial_t", chebyshev_t),
    polynomial("chebyshev_polynomial_u", chebyshev_u),
    polynomial("chebyshev_polynomial_v", chebyshev_v),
    polynomial("chebyshev_polynomial_w", chebyshev_w),
    polynomial("shifted_chebyshev_polynomial_t", shifted(chebyshev_t)),
    polynomial("shifted_chebyshev_polynomial_u", shifted(chebyshev_u)),
    polynomial("shifted_chebyshev_polynomial_v", shifted(chebyshev_v)),
    polynomial("shifted_chebyshev_polynomial_w", shifted(chebyshev_w)),
    polynomial("hermite_polynomial_h", series(np.polynomial.Hermite)),
    polynomial("hermite_polynomial_he", series(np.polynomial.HermiteE)),
    polynomial("laguerre_polynomial_l", series(np.polynomial.Laguerre)),
    polynomial("legendre_polynomial_p", series(np.polynomial.Legendre)),
]
