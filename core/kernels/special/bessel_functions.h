// Bessel functions and Airy's. Equations (A&S) are those of Abramowitz and Stegun, 1964.
#pragma once

#include <math.h>

#include <cmath>

#include "core/kernels/special/gamma_functions.h"

namespace lampas::special {

// The C library's, which are accurate over the whole range.
inline double bessel_j0(double x) { return ::j0(x); }
inline double bessel_j1(double x) { return ::j1(x); }
inline double bessel_y0(double x) { return x < 0 ? std::nan("") : ::y0(x); }
inline double bessel_y1(double x) { return x < 0 ? std::nan("") : ::y1(x); }

// exp(-x) I_order(x), x >= 0: the power series (A&S 9.6.10), whose terms are all positive, then the
// asymptotic one (9.7.1).
inline double scaled_bessel_i(int order, double x) {
  if (std::isnan(x)) return x;
  if (x <= 20) {
    double quarter_square = x * x / 4, term = order == 0 ? 1 : x / 2, sum = term;
    for (int k = 1; term > 1e-17 * sum; ++k) {
      term *= quarter_square / (k * (k + order));
      sum += term;
    }
    return std::exp(-x) * sum;
  }
  double mu = 4 * order * order, term = 1, sum = 1;
  for (int k = 1; k < 40 && std::fabs(term) > 1e-17; ++k) {
    double odd = 2 * k - 1;
    term *= -(mu - odd * odd) / (k * 8 * x);
    sum += term;
  }
  return sum / std::sqrt(2 * pi * x);
}

inline double i0e(double x) { return scaled_bessel_i(0, std::fabs(x)); }
inline double i1e(double x) { return std::copysign(scaled_bessel_i(1, std::fabs(x)), x); }
inline double i0(double x) { return i0e(x) * std::exp(std::fabs(x)); }
inline double i1(double x) { return i1e(x) * std::exp(std::fabs(x)); }

inline double modified_bessel_i0(double x) { return i0(x); }
inline double modified_bessel_i1(double x) { return i1(x); }

// exp(x) K_order(x), x > 0: the integral of exp(-x (cosh t - 1)) cosh(order t) over t > 0 (A&S 9.6.24) by
// the trapezoidal rule, which converges exponentially for such an integrand.
inline double scaled_bessel_k(double order, double x) {
  if (!(x >= 0)) return std::nan("");
  if (x == 0) return HUGE_VAL;
  if (std::isinf(x)) return 0;
  double step = x < 16 ? 0.125 : 0.5 / std::sqrt(x);
  double sum = 0.5;
  for (int k = 1;; ++k) {
    double t = k * step, half_sine = std::sinh(t / 2);
    double fall = 2 * x * half_sine * half_sine;  // x (cosh t - 1)
    double term = std::exp(-fall) * std::cosh(order * t);
    sum += term;
    if (fall > 1 && term < 1e-17 * sum) return step * sum;
  }
}

inline double scaled_modified_bessel_k0(double x) { return scaled_bessel_k(0, x); }
inline double scaled_modified_bessel_k1(double x) { return scaled_bessel_k(1, x); }
inline double modified_bessel_k0(double x) { return std::exp(-x) * scaled_bessel_k(0, x); }
inline double modified_bessel_k1(double x) { return std::exp(-x) * scaled_bessel_k(1, x); }

inline double spherical_bessel_j0(double x) {
  if (std::isinf(x)) return 0;
  return x == 0 ? 1 : std::sin(x) / x;
}

// Near zero by the power series (A&S 10.4.2), in long double as its terms cancel; for large x by
// K_{1/3} (10.4.14); for very negative x by the asymptotic series (10.4.60).
inline double airy_ai(double x) {
  if (!std::isfinite(x)) return std::nan("");
  if (x > 104) return 0;
  double zeta = 2.0 / 3 * std::pow(std::fabs(x), 1.5);
  if (x >= 1) return std::sqrt(x / 3) / pi * std::exp(-zeta) * scaled_bessel_k(1.0 / 3, zeta);
  if (x > -8) {
    constexpr long double at_zero = 0.355028053887817239260063L, slope = 0.258819403792806798405183L;
    long double cube = static_cast<long double>(x) * x * x, first = 1, second = x;
    long double sum = at_zero * first - slope * second;
    for (int k = 1; k < 100; ++k) {
      first *= cube / ((3 * k - 1) * (3 * k));
      second *= cube / ((3 * k) * (3 * k + 1));
      sum += at_zero * first - slope * second;
    }
    return static_cast<double>(sum);
  }
  double parts[2] = {0, 0}, term = 1;  // of even and odd powers of 1 / zeta
  for (int k = 0; k < 16; ++k) {
    if (k > 0) {
      double ratio = (6.0 * k - 5) * (6 * k - 3) * (6 * k - 1) / (216.0 * k * (2 * k - 1) * zeta);
      if (ratio > 1) break;  // the series begins to diverge
      term *= ratio;
    }
    parts[k % 2] += (k / 2) % 2 == 0 ? term : -term;
  }
  double angle = zeta + pi / 4;
  return (std::sin(angle) * parts[0] - std::cos(angle) * parts[1]) / std::sqrt(pi * std::sqrt(-x));
}

}  // namespace lampas::special
