// Operators of tensors and numbers, so that derivatives read as formulas. `using namespace arithmetic;`
#pragma once

#include "core/ops/binary.h"
#include "core/ops/unary.h"

namespace lampas::arithmetic {

inline Tensor operator-(const Tensor& a) { return neg(a); }
inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b, 1); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return sub(a, b, 1); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return mul(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return div(a, b); }

// Numbers are weak: they take the tensor's dtype.
inline Tensor operator+(const Tensor& a, double b) { return add(a, number_tensor(b), 1); }
inline Tensor operator-(const Tensor& a, double b) { return sub(a, number_tensor(b), 1); }
inline Tensor operator*(const Tensor& a, double b) { return mul(a, number_tensor(b)); }
inline Tensor operator/(const Tensor& a, double b) { return div(a, number_tensor(b)); }
inline Tensor operator+(double a, const Tensor& b) { return b + a; }
inline Tensor operator-(double a, const Tensor& b) { return sub(number_tensor(a), b, 1); }
inline Tensor operator*(double a, const Tensor& b) { return b * a; }
inline Tensor operator/(double a, const Tensor& b) { return div(number_tensor(a), b); }

}  // namespace lampas::arithmetic
