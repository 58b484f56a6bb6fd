// The prelude of scalar_functions.h for one number at a time: the value types that elements of each
// dtype are computed in, and the primitives of those types.
#pragma once

#include <cmath>
#include <complex>
#include <concepts>
#include <cstdint>
#include <type_traits>

#include "core/tensor/dtype.h"

namespace lampas::formulas {

// An integer that wraps around on overflow, as PyTorch's do, without undefined behaviour.
template <std::integral T>
struct Wrapping {
  T value = 0;

  Wrapping() = default;
  template <class Number>
  explicit Wrapping(Number number) : value(static_cast<T>(number)) {}

  static Wrapping from_word(uint64_t word) { return Wrapping(word); }
  uint64_t word() const { return static_cast<uint64_t>(value); }

  friend Wrapping operator+(Wrapping a, Wrapping b) { return from_word(a.word() + b.word()); }
  friend Wrapping operator-(Wrapping a, Wrapping b) { return from_word(a.word() - b.word()); }
  friend Wrapping operator*(Wrapping a, Wrapping b) { return from_word(a.word() * b.word()); }
  friend Wrapping operator-(Wrapping a) { return from_word(-a.word()); }
  friend bool operator==(Wrapping a, Wrapping b) { return a.value == b.value; }
  friend auto operator<=>(Wrapping a, Wrapping b) { return a.value <=> b.value; }
};

// bool: addition is or, multiplication is and.
struct Boolean {
  bool value = false;

  Boolean() = default;
  template <class Number>
  explicit Boolean(Number number) : value(number != 0) {}

  friend Boolean operator+(Boolean a, Boolean b) { return Boolean(a.value | b.value); }
  friend Boolean operator*(Boolean a, Boolean b) { return Boolean(a.value & b.value); }
  friend bool operator==(Boolean a, Boolean b) { return a.value == b.value; }
  friend auto operator<=>(Boolean a, Boolean b) { return a.value <=> b.value; }
};

// A complex number with the plain product and the scaled quotient that PyTorch uses; std::complex would
// recover infinities from NaN products.
template <std::floating_point T>
struct Complex {
  T real = 0, imaginary = 0;

  Complex() = default;
  explicit Complex(double real_part, double imaginary_part = 0)
      : real(static_cast<T>(real_part)), imaginary(static_cast<T>(imaginary_part)) {}
  Complex(std::complex<T> value) : real(value.real()), imaginary(value.imag()) {}
  operator std::complex<T>() const { return {real, imaginary}; }

  friend Complex operator+(Complex a, Complex b) { return {{a.real + b.real, a.imaginary + b.imaginary}}; }
  friend Complex operator-(Complex a, Complex b) { return {{a.real - b.real, a.imaginary - b.imaginary}}; }
  friend Complex operator-(Complex a) { return {{-a.real, -a.imaginary}}; }
  friend Complex operator*(Complex a, Complex b) {
    return {{a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real}};
  }
  // R. L. Smith, "Algorithm 116: Complex division", 1962: divide by the larger part of b first.
  friend Complex operator/(Complex a, Complex b) {
    if (std::fabs(b.real) >= std::fabs(b.imaginary)) {
      if (b.real == 0 && b.imaginary == 0)
        return {{a.real / std::fabs(b.real), a.imaginary / std::fabs(b.real)}};
      const T ratio = b.imaginary / b.real, scale = 1 / (b.real + b.imaginary * ratio);
      return {{(a.real + a.imaginary * ratio) * scale, (a.imaginary - a.real * ratio) * scale}};
    }
    const T ratio = b.real / b.imaginary, scale = 1 / (b.real * ratio + b.imaginary);
    return {{(a.real * ratio + a.imaginary) * scale, (a.imaginary * ratio - a.real) * scale}};
  }
  friend bool operator==(Complex a, Complex b) { return a.real == b.real && a.imaginary == b.imaginary; }
};

template <class V>
V select(bool condition, V a, V b) {
  return condition ? a : b;
}

template <std::floating_point T>
bool isnan(T x) {
  return std::isnan(x);
}
template <std::integral T>
bool isnan(Wrapping<T>) {
  return false;
}
inline bool isnan(Boolean) { return false; }
template <class T>
bool isnan(Complex<T> x) {
  return std::isnan(x.real) || std::isnan(x.imaginary);
}

template <std::floating_point T>
T abs(T x) {
  return std::fabs(x);
}
template <std::integral T>
Wrapping<T> abs(Wrapping<T> x) {
  return x < Wrapping<T>(0) ? -x : x;
}
template <class T>
T abs(Complex<T> x) {
  return std::abs(std::complex<T>(x));
}

// Rounded once for real numbers.
template <std::floating_point T>
T multiply_add(T a, T b, T c) {
  return std::fma(a, b, c);
}
template <class V>
V multiply_add(V a, V b, V c) {
  return a * b + c;
}

// The C library's functions, for real and for complex numbers.
#define LAMPAS_LIBRARY_FUNCTION(name)     \
  template <std::floating_point T>        \
  T name(T x) {                           \
    return std::name(x);                  \
  }                                       \
  template <class T>                      \
  Complex<T> name(Complex<T> x) {         \
    return std::name(std::complex<T>(x)); \
  }
LAMPAS_LIBRARY_FUNCTION(sqrt)
LAMPAS_LIBRARY_FUNCTION(exp)
LAMPAS_LIBRARY_FUNCTION(log)
LAMPAS_LIBRARY_FUNCTION(tanh)
LAMPAS_LIBRARY_FUNCTION(sin)
LAMPAS_LIBRARY_FUNCTION(cos)
#undef LAMPAS_LIBRARY_FUNCTION

template <std::floating_point T>
T expm1(T x) {
  return std::expm1(x);
}
template <std::floating_point T>
T erf(T x) {
  return std::erf(x);
}
template <std::floating_point T>
T floor(T x) {
  return std::floor(x);
}
template <std::floating_point T>
T ceil(T x) {
  return std::ceil(x);
}
template <std::floating_point T>
T trunc(T x) {
  return std::trunc(x);
}
// Ties to even.
template <std::floating_point T>
T round(T x) {
  return std::nearbyint(x);
}
template <std::floating_point T>
T pow(T x, T y) {
  return std::pow(x, y);
}
template <class T>
Complex<T> pow(Complex<T> x, Complex<T> y) {
  return std::pow(std::complex<T>(x), std::complex<T>(y));
}

// The value type of elements stored as S.
template <class S>
struct ValueOf {
  using Type = Wrapping<S>;
};
template <>
struct ValueOf<bool> {
  using Type = Boolean;
};
template <>
struct ValueOf<Float16> {
  using Type = float;
};
template <>
struct ValueOf<BFloat16> {
  using Type = float;
};
template <std::floating_point S>
struct ValueOf<S> {
  using Type = S;
};
template <class T>
struct ValueOf<std::complex<T>> {
  using Type = Complex<T>;
};
template <class S>
using Value = typename ValueOf<S>::Type;

template <class S>
Value<S> value_of(S stored) {
  return Value<S>(stored);
}

// A formula's result as it is stored beside operands stored as S: truth values as bool, the magnitude of
// a complex number as its real type.
template <class S, class Result>
auto stored_as(Result result) {
  if constexpr (requires { result.value; }) {
    return result.value;  // Wrapping, Boolean
  } else if constexpr (std::is_same_v<Result, Value<S>>) {
    return S(result);
  } else {
    return result;
  }
}

}  // namespace lampas::formulas
