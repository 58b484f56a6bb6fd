// Elementary functions of one or two numbers that are rare enough to be computed one by one, in double.
#pragma once

#include <cmath>
#include <complex>

namespace lampas::special {

using ComplexNumber = std::complex<double>;

#define LAMPAS_OF_REAL_AND_COMPLEX(name)                \
  inline double name(double x) { return std::name(x); } \
  inline ComplexNumber name(ComplexNumber x) { return std::name(x); }
LAMPAS_OF_REAL_AND_COMPLEX(tan)
LAMPAS_OF_REAL_AND_COMPLEX(asin)
LAMPAS_OF_REAL_AND_COMPLEX(acos)
LAMPAS_OF_REAL_AND_COMPLEX(atan)
LAMPAS_OF_REAL_AND_COMPLEX(sinh)
LAMPAS_OF_REAL_AND_COMPLEX(cosh)
LAMPAS_OF_REAL_AND_COMPLEX(asinh)
LAMPAS_OF_REAL_AND_COMPLEX(acosh)
LAMPAS_OF_REAL_AND_COMPLEX(atanh)
LAMPAS_OF_REAL_AND_COMPLEX(log10)
#undef LAMPAS_OF_REAL_AND_COMPLEX

inline constexpr double ln_2 = 0.69314718055994530942;

inline double exp2(double x) { return std::exp2(x); }
inline ComplexNumber exp2(ComplexNumber x) { return std::exp(x * ln_2); }
inline double log2(double x) { return std::log2(x); }
inline ComplexNumber log2(ComplexNumber x) { return std::log(x) / ln_2; }
inline double expm1(double x) { return std::expm1(x); }
// exp(a + ib) - 1 = expm1(a) cos b - 2 sin(b/2)^2 + i exp(a) sin b
inline ComplexNumber expm1(ComplexNumber x) {
  double half = std::sin(x.imag() / 2);
  return {std::expm1(x.real()) * std::cos(x.imag()) - 2 * half * half,
          std::exp(x.real()) * std::sin(x.imag())};
}
// sin(pi x) / (pi x)
template <class Number>
Number sinc(Number x) {
  if (x == Number(0)) return Number(1);
  Number scaled = x * 3.14159265358979323846;
  return std::sin(scaled) / scaled;
}

inline double atan2(double y, double x) { return std::atan2(y, x); }
inline double hypot(double x, double y) { return std::hypot(x, y); }
inline double copysign(double x, double y) { return std::copysign(x, y); }
inline double fmod(double x, double y) { return std::fmod(x, y); }
inline double fmax(double x, double y) { return std::fmax(x, y); }
inline double fmin(double x, double y) { return std::fmin(x, y); }

// Python's %: of y's sign.
inline double remainder(double x, double y) {
  double rest = std::fmod(x, y);
  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

// Python's //: from the exact remainder, as x / y may round up to the next integer.
inline double floor_divide(double x, double y) {
  if (y == 0) return x / y;
  double rest = std::fmod(x, y), quotient = (x - rest) / y;
  if (rest != 0 && (y < 0) != (rest < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(0.0, x / y);
  double whole = std::floor(quotient);
  return quotient - whole > 0.5 ? whole + 1 : whole;
}

// 0 of NaN too, as PyTorch has it.
inline double heaviside(double x, double at_zero) { return x == 0 ? at_zero : x > 0 ? 1 : 0; }

inline double xlogy(double x, double y) {
  if (std::isnan(y)) return y;
  return x == 0 ? 0 : x * std::log(y);
}
inline double xlog1py(double x, double y) {
  if (std::isnan(y)) return y;
  return x == 0 ? 0 : x * std::log1p(y);
}

// log(exp(x) + exp(y)) = max + log(1 + exp(min - max))
inline double logaddexp(double x, double y) {
  if (std::isinf(x) && x == y) return x;
  return std::fmax(x, y) + std::log1p(std::exp(-std::fabs(x - y)));
}
inline double logaddexp2(double x, double y) {
  if (std::isinf(x) && x == y) return x;
  return std::fmax(x, y) + std::log1p(std::exp2(-std::fabs(x - y))) / ln_2;
}

}  // namespace lampas::special
