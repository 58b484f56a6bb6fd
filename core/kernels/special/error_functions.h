// Formulas around the error function: scaled, inverse, and of the normal distribution.
#pragma once

#include <cmath>
#include <limits>

namespace lampas::special {

inline constexpr double sqrt_2 = 1.41421356237309504880, two_over_sqrt_pi = 1.12837916709551257390;

inline double erfc(double x) { return std::erfc(x); }

// exp(x^2) erfc(x). From 10 on by the asymptotic series 1 / (x sqrt(pi)) sum (-1)^n (2n - 1)!! / (2x^2)^n
// (Abramowitz and Stegun 7.1.23).
inline double erfcx(double x) {
  if (x < 10) {
    double square = x * x, rounded_away = std::fma(x, x, -square);
    if (std::isinf(square)) return square;  // -infinity
    double scale = std::exp(square);
    return std::isinf(scale) ? scale : scale * std::erfc(x) * (1 + rounded_away);
  }
  double half_inverse_square = 1 / (2 * x * x), term = 1, sum = 1;
  for (int n = 1; n <= 13; ++n) {
    term *= -(2 * n - 1) * half_inverse_square;
    sum += term;
  }
  return two_over_sqrt_pi / 2 / x * sum;
}

// A first guess of erfinv(y) from log(1 - y^2), to 2e-3: S. Winitzki, "A handy approximation for the error
// function and its inverse", 2008.
inline double guess_inverse(double log_of_rest) {
  constexpr double a = 0.147;
  double middle = 4.33074675034 + log_of_rest / 2;  // 2 / (pi a)
  return std::sqrt(-log_of_rest / a / (std::sqrt(middle * middle - log_of_rest / a) + middle));
}

// The x >= 0 with erfc(x) = q, 0 < q <= 1: Newton's method on log(erfc(x)), which is nearly a parabola.
inline double erfc_inverse(double q) {
  double x = guess_inverse(std::log(q) + std::log(2 - q));
  for (int step = 0; step < 5; ++step) {
    double scaled = erfcx(x);
    double distance = std::log(scaled / q) - x * x;
    x += distance * scaled / two_over_sqrt_pi;
  }
  return x;
}

// By Newton's method on erf for small |y|, on the tail beyond.
inline double erfinv(double y) {
  double magnitude = std::fabs(y);
  if (!(magnitude < 1)) return magnitude == 1 ? std::copysign(HUGE_VAL, y) : std::nan("");
  if (magnitude >= 0.5) return std::copysign(erfc_inverse(1 - magnitude), y);
  double x = guess_inverse(std::log1p(-y * y));
  for (int step = 0; step < 3; ++step) x -= (std::erf(x) - magnitude) / (two_over_sqrt_pi * std::exp(-x * x));
  return std::copysign(x, y);
}

// The normal distribution's quantile.
inline double ndtri(double p) {
  if (!(p > 0 && p < 1)) return p == 0 ? -HUGE_VAL : p == 1 ? HUGE_VAL : std::nan("");
  if (p > 0.25 && p < 0.75) return sqrt_2 * erfinv(2 * p - 1);
  return p < 0.5 ? -sqrt_2 * erfc_inverse(2 * p) : sqrt_2 * erfc_inverse(2 * (1 - p));
}

// The logarithm of the normal distribution's share below x.
inline double log_ndtr(double x) {
  if (x < -1) return std::log(erfcx(-x / sqrt_2) / 2) - x * x / 2;
  return std::log1p(-std::erfc(x / sqrt_2) / 2);
}

// -x log(x)
inline double entr(double x) {
  if (std::isnan(x) || x > 0) return -x * std::log(x);
  return x == 0 ? 0 : -HUGE_VAL;
}

// log(x / (1 - x))
inline double logit(double x) { return std::log(x / (1 - x)); }

}  // namespace lampas::special
