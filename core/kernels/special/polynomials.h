// Orthogonal polynomials of degree n, by their recurrences in n (Abramowitz and Stegun, table 22.7); those of
// Chebyshev by their definition as functions of the angle arccos(x) where |x| < 1.
#pragma once

#include <cmath>
#include <cstdint>

namespace lampas::special {

// p(k + 1) = next(k, p(k), p(k - 1)) up to k = n, from p(0) = 1 and p(1) = first.
template <class Next>
double by_recurrence(double n, double first, Next next) {
  auto degree = static_cast<int64_t>(n);
  if (degree < 0) return 0;
  if (degree == 0) return 1;
  double before = 1, now = first;
  for (int64_t k = 1; k < degree; ++k) {
    double after = next(static_cast<double>(k), now, before);
    if (std::isnan(after)) return after;
    before = now;
    now = after;
  }
  return now;
}

// All four kinds of Chebyshev's follow p(k + 1) = 2x p(k) - p(k - 1).
inline double chebyshev_recurrence(double x, double n, double first) {
  return by_recurrence(n, first, [x](double, double now, double before) { return 2 * x * now - before; });
}
inline bool has_angle(double x, double n) { return n > 6 && std::fabs(x) < 1; }

inline double chebyshev_polynomial_t(double x, double n) {
  if (has_angle(x, n)) return std::cos(std::trunc(n) * std::acos(x));
  return chebyshev_recurrence(x, n, x);
}
inline double chebyshev_polynomial_u(double x, double n) {
  if (!has_angle(x, n)) return chebyshev_recurrence(x, n, 2 * x);
  double angle = std::acos(x);
  return std::sin((std::trunc(n) + 1) * angle) / std::sin(angle);
}
inline double chebyshev_polynomial_v(double x, double n) {
  if (!has_angle(x, n)) return chebyshev_recurrence(x, n, 2 * x - 1);
  double angle = std::acos(x);
  return std::cos((std::trunc(n) + 0.5) * angle) / std::cos(angle / 2);
}
inline double chebyshev_polynomial_w(double x, double n) {
  if (!has_angle(x, n)) return chebyshev_recurrence(x, n, 2 * x + 1);
  double angle = std::acos(x);
  return std::sin((std::trunc(n) + 0.5) * angle) / std::sin(angle / 2);
}

inline double shifted_chebyshev_polynomial_t(double x, double n) {
  return chebyshev_polynomial_t(2 * x - 1, n);
}
inline double shifted_chebyshev_polynomial_u(double x, double n) {
  return chebyshev_polynomial_u(2 * x - 1, n);
}
inline double shifted_chebyshev_polynomial_v(double x, double n) {
  return chebyshev_polynomial_v(2 * x - 1, n);
}
inline double shifted_chebyshev_polynomial_w(double x, double n) {
  return chebyshev_polynomial_w(2 * x - 1, n);
}

inline double hermite_polynomial_h(double x, double n) {
  return by_recurrence(n, 2 * x,
                       [x](double k, double now, double before) { return 2 * x * now - 2 * k * before; });
}
inline double hermite_polynomial_he(double x, double n) {
  return by_recurrence(n, x, [x](double k, double now, double before) { return x * now - k * before; });
}
inline double laguerre_polynomial_l(double x, double n) {
  return by_recurrence(n, 1 - x, [x](double k, double now, double before) {
    return ((2 * k + 1 - x) * now - k * before) / (k + 1);
  });
}
inline double legendre_polynomial_p(double x, double n) {
  return by_recurrence(n, x, [x](double k, double now, double before) {
    return ((2 * k + 1) * x * now - k * before) / (k + 1);
  });
}

}  // namespace lampas::special
