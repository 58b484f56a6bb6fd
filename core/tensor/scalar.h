// A Python number on its way into an op: bool, int, float or complex.
#pragma once

#include <complex>
#include <cstdint>

#include "core/tensor/dtype.h"

namespace lampas {

class Scalar {
 public:
  enum class Kind : uint8_t { boolean, integer, real, complex };

  Scalar(bool value) : kind_(Kind::boolean), integer_(value) {}
  Scalar(int value) : kind_(Kind::integer), integer_(value) {}
  Scalar(int64_t value) : kind_(Kind::integer), integer_(value) {}
  Scalar(double value) : kind_(Kind::real), real_(value) {}
  Scalar(std::complex<double> value) : kind_(Kind::complex), real_(value.real()), imaginary_(value.imag()) {}

  Kind kind() const { return kind_; }
  bool is_integral() const { return kind_ <= Kind::integer; }

  template <class T>
  T to() const {
    if constexpr (std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>) {
      using Real = typename T::value_type;
      return T(static_cast<Real>(is_integral() ? static_cast<double>(integer_) : real_),
               static_cast<Real>(kind_ == Kind::complex ? imaginary_ : 0.0));
    } else if constexpr (std::is_same_v<T, bool>) {
      return is_integral() ? integer_ != 0 : (real_ != 0 || (kind_ == Kind::complex && imaginary_ != 0));
    } else if constexpr (std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>) {
      return T(static_cast<float>(is_integral() ? static_cast<double>(integer_) : real_));
    } else {
      return is_integral() ? static_cast<T>(integer_) : static_cast<T>(real_);
    }
  }
  // The type PyTorch gives a tensor made of this number.
  DType dtype() const {
    switch (kind_) {
      case Kind::boolean:
        return DType::bool_;
      case Kind::integer:
        return DType::int64;
      case Kind::real:
        return default_dtype();
      default:
        return default_dtype() == DType::float64 ? DType::complex128 : DType::complex64;
    }
  }
  bool equal(int64_t value) const {
    return is_integral() ? integer_ == value
                         : real_ == static_cast<double>(value) && (kind_ == Kind::real || imaginary_ == 0);
  }

 private:
  Kind kind_;
  union {
    int64_t integer_;
    double real_;
  };
  double imaginary_ = 0;
};

}  // namespace lampas
