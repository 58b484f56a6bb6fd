// Formulas around the gamma function. Equations (A&S) are those of Abramowitz and Stegun, "Handbook of
// Mathematical Functions", 1964.
#pragma once

#include <math.h>

#include <algorithm>
#include <cmath>

namespace lampas::special {

inline constexpr double pi = 3.14159265358979323846;

inline double lgamma(double x) {
  int sign;
  return ::lgamma_r(x, &sign);  // std::lgamma writes a global
}

// Reflected (A&S 6.3.7) to x > 0, raised (6.3.5) to x >= 10, then the asymptotic series (6.3.18).
inline double digamma(double x) {
  if (x == 0) return std::copysign(HUGE_VAL, -x);
  double result = 0;
  if (x < 0) {
    if (x == std::trunc(x)) return std::nan("");
    result = -pi / std::tan(pi * (x - std::trunc(x)));
    x = 1 - x;
  }
  for (; x < 10; ++x) result -= 1 / x;
  // B(2k) / 2k
  constexpr double coefficients[] = {1.0 / 12,  -1.0 / 120,     1.0 / 252, -1.0 / 240,
                                     1.0 / 132, -691.0 / 32760, 1.0 / 12,  -3617.0 / 8160};
  double inverse_square = 1 / (x * x), power = 1, series = 0;
  for (double coefficient : coefficients) series += coefficient * (power *= inverse_square);
  return result + (std::log(x) - 0.5 / x - series);
}

// sum over k >= 0 of (q + k)^-s: the first terms one by one, the rest by Euler and Maclaurin's formula.
inline double zeta(double s, double q) {
  if (s == 1) return HUGE_VAL;
  if (!(s > 1) || std::isnan(q)) return std::nan("");
  if (q <= 0) {
    if (q == std::floor(q)) return HUGE_VAL;
    if (s != std::floor(s)) return std::nan("");
    if (q < -1e6) {  // the terms below zero as the difference of two sums: there are too many of them
      double first = q - std::floor(q), sign = std::fmod(s, 2) == 0 ? 1 : -1;
      return zeta(s, first) + sign * (zeta(s, 1 - first) - zeta(s, 1 - q));
    }
  }
  double sum = 0, a = q;
  for (double limit = std::max(10.0, 2 * s); a < limit; ++a) {
    double term = std::pow(a, -s);
    sum += term;
    if (std::isnan(sum) || (a > 0 && term <= 1e-17 * sum)) return sum;  // both are 0 where s is large
  }
  // B(2k) / (2k)!
  constexpr double coefficients[] = {1.0 / 12,          -1.0 / 720,
                                     1.0 / 30240,       -1.0 / 1209600,
                                     1.0 / 47900160,    -691.0 / 1307674368000,
                                     1.0 / 74724249600, -3617.0 / 10670622842880000};
  double power = std::pow(a, -s), factor = s / a;
  sum += power * a / (s - 1) + power / 2;
  for (int k = 0; k < 8; ++k) {
    double term = coefficients[k] * factor * power;
    sum += term;
    if (std::fabs(term) < 1e-17 * std::fabs(sum)) break;
    factor *= (s + 2 * k + 1) * (s + 2 * k + 2) / (a * a);
  }
  return sum;
}

// The n-th derivative of digamma (A&S 6.4.10); of n = 1 reflected (6.4.7) below 1/2.
inline double polygamma(double n, double x) {
  if (n == 0) return digamma(x);
  if (n == 1) {
    if (x > 1e9) return 1 / x;
    if (x >= 0.5) return zeta(2, x);
    double sine = std::sin(pi * x);
    return pi * pi / (sine * sine) - zeta(2, 1 - x);
  }
  double sign = std::fmod(n, 2) == 1 ? 1 : -1;
  return sign * std::exp(lgamma(n + 1)) * zeta(n + 1, x);
}

// x^a exp(-x) / gamma(a + 1). Of large a by Stirling's series, where powers would cancel.
inline double gamma_density(double a, double x) {
  if (a <= 20) return std::exp(a * std::log(x) - x - lgamma(a + 1));
  double distance = (x - a) / a, square = a * a;
  double correction = 1 / (12 * a) * (1 - 1 / (30 * square) * (1 - 2 / (7 * square)));
  return std::exp(a * (std::log1p(distance) - distance) - correction) / std::sqrt(2 * pi * a);
}

// The lower part by its series (A&S 6.5.29), good where x is not much above a.
inline double lower_gamma_series(double a, double x) {
  double term = 1, sum = 1;
  for (double n = 1; n < 1e6; ++n) {
    term *= x / (a + n);
    sum += term;
    if (term < 1e-17 * sum) break;
  }
  return gamma_density(a, x) * sum;
}

// The upper part by its continued fraction (A&S 6.5.31), evaluated by Lentz's method, where x > a.
inline double upper_gamma_fraction(double a, double x) {
  double b = x + 1 - a, c = 1e300, d = 1 / b, fraction = d;
  for (double n = 1; n < 1e6; ++n) {
    double numerator = -n * (n - a);
    b += 2;
    d = numerator * d + b;
    c = b + numerator / c;
    if (std::fabs(d) < 1e-300) d = 1e-300;
    if (std::fabs(c) < 1e-300) c = 1e-300;
    d = 1 / d;
    fraction *= d * c;
    if (std::fabs(d * c - 1) < 1e-16) break;
  }
  return gamma_density(a, x) * a * fraction;
}

// The regularised incomplete gamma functions: the share of the gamma distribution below x, or above.
template <bool upper>
double incomplete_gamma(double a, double x) {
  constexpr double none = upper ? 1 : 0, whole = upper ? 0 : 1;
  if (!(x >= 0) || !(a >= 0)) return std::nan("");
  if (a == 0) return x > 0 ? whole : std::nan("");
  if (x == 0) return none;
  if (std::isinf(a)) return std::isinf(x) ? std::nan("") : none;
  if (std::isinf(x)) return whole;
  if (x > 1 && x > a) {
    double above = upper_gamma_fraction(a, x);
    return upper ? above : 1 - above;
  }
  double below = lower_gamma_series(a, x);
  return upper ? 1 - below : below;
}
inline double igamma(double a, double x) { return incomplete_gamma<false>(a, x); }
inline double igammac(double a, double x) { return incomplete_gamma<true>(a, x); }

}  // namespace lampas::special
