"""Special functions far from where the rows of cases look: tails, large arguments, known values."""

import math

import pytest

import lampas
from lampas import special


def value(function, *numbers):
    return function(*(lampas.tensor(number, dtype=lampas.float64) for number in numbers)).item()


# (function, arguments, value): closed forms, or Abramowitz and Stegun's tables.
KNOWN = [
    (special.zeta, (2.0, 1.0), math.pi**2 / 6),
    (special.zeta, (10.86, 11.05), sum((11.05 + k) ** -10.86 for k in range(4000))),
    (special.digamma, (1.0,), -0.5772156649015329),
    (special.digamma, (-0.5,), 0.03648997397857652),
    (special.erfcx, (1e10,), 1e-10 / math.sqrt(math.pi)),
    (special.erfcx, (-30.0,), math.inf),
    (special.log_ndtr, (-30.0,), -454.32124395634634),
    (special.ndtri, (1e-300,), -37.0470961),
    (special.ndtri, (0.975,), 1.959963984540054),
    (special.erfinv, (0.5,), 0.4769362762044699),
    (special.i0e, (1e6,), 1 / math.sqrt(2e6 * math.pi)),
    (special.bessel_j0, (2.404825557695773,), 0.0),
    (special.bessel_y0, (0.8935769662791675,), 0.0),
    (special.modified_bessel_k0, (1e-8,), -math.log(0.5e-8) - 0.5772156649015329),
    (special.scaled_modified_bessel_k1, (1e6,), math.sqrt(math.pi / 2e6) * (1 + 3 / 8e6)),
    (special.airy_ai, (0.0,), 0.3550280538878172),
    (special.airy_ai, (-2.338107410459767,), 0.0),
    (special.airy_ai, (-12.828776752865757,), 0.0),
    (special.gammainc, (1.0, 3.0), 1 - math.exp(-3)),
    (special.gammaincc, (3.0, 100.0), math.exp(-100) * (1 + 100 + 5000)),
    (special.gammainc, (1e4, 1e4), 0.50132981),
    (special.legendre_polynomial_p, (0.5, 4.0), -0.2890625),
    (special.hermite_polynomial_h, (1.0, 5.0), -8.0),
    (special.chebyshev_polynomial_t, (0.3, 40.0), math.cos(40 * math.acos(0.3))),
]


@pytest.mark.parametrize(("function", "numbers", "expected"), KNOWN)
def test_known_values(function, numbers, expected):
    assert value(function, *numbers) == pytest.approx(expected, rel=2e-7, abs=1e-13)


def test_inverses_undo_their_functions():
    x = lampas.linspace(-5.5, 5.5, 200, dtype=lampas.float64)
    assert lampas.allclose(special.ndtri(special.ndtr(x[:100])), x[:100], rtol=1e-12)
    small = 10 ** lampas.linspace(-300, -1, 100, dtype=lampas.float64)
    assert lampas.allclose(special.erf(special.erfinv(small)), small, rtol=1e-13, atol=0)
    assert lampas.allclose(
        special.gammainc(x.abs(), x.abs()) + special.gammaincc(x.abs(), x.abs()),
        lampas.ones(200, dtype=x.dtype),
    )


def test_outside_of_their_domains():
    nan, inf = float("nan"), float("inf")
    assert [value(special.ndtri, p) for p in (0.0, 1.0)] == [-inf, inf]
    assert [value(special.erfinv, y) for y in (-1.0, 1.0)] == [-inf, inf]
    for function, number in [
        (special.ndtri, 1.5),
        (special.erfinv, -2.0),
        (special.bessel_y0, -1.0),
        (special.logit, 3.0),
    ]:
        assert math.isnan(value(function, number))
    assert math.isnan(value(special.gammainc, -1.0, 1.0)) and math.isnan(value(special.airy_ai, nan))
    assert value(special.zeta, 1.0, 2.0) == inf and value(special.modified_bessel_k0, 0.0) == inf
    assert value(lampas.floor_divide, 5.0, 0.0) == inf


def test_integers_divided_by_zero_raise():
    for function in (lampas.floor_divide, lampas.remainder, lampas.fmod):
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            function(lampas.tensor([1, 2]), lampas.tensor([1, 0]))
    lowest = lampas.tensor([-(2**63)])
    assert lampas.floor_divide(lowest, -1).tolist() == lowest.tolist()
    assert lampas.remainder(lowest, -1).tolist() == [0]


def test_derivatives_that_do_not_exist_raise():
    x = lampas.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="derivative for aten::floor_divide is not implemented"):
        (x // 2).sum().backward()
    with pytest.raises(NotImplementedError, match="the derivative for 'igamma: input' is not implemented"):
        lampas.igamma(x, lampas.ones(2)).sum().backward()
