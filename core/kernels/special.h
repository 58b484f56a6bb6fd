// Contracts: elementwise functions that are rare enough to be compiled once, for all machines, and computed
// in double, one element after the other. A row each: its name in core/kernels/special/. To add a function:
// its formula there, its row here.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas {

// Of real and of complex numbers.
#define LAMPAS_SPECIAL_COMPLEX_ROWS(ROW) \
  ROW(tan)                               \
  ROW(asin)                              \
  ROW(acos)                              \
  ROW(atan)                              \
  ROW(sinh)                              \
  ROW(cosh)                              \
  ROW(asinh)                             \
  ROW(acosh)                             \
  ROW(atanh)                             \
  ROW(exp2)                              \
  ROW(expm1)                             \
  ROW(log2)                              \
  ROW(log10)                             \
  ROW(sinc)

#define LAMPAS_SPECIAL_REAL_ROWS(ROW) \
  ROW(erfc)                           \
  ROW(erfinv)                         \
  ROW(erfcx)                          \
  ROW(log_ndtr)                       \
  ROW(ndtri)                          \
  ROW(entr)                           \
  ROW(logit)                          \
  ROW(lgamma)                         \
  ROW(digamma)                        \
  ROW(i0)                             \
  ROW(i0e)                            \
  ROW(i1)                             \
  ROW(i1e)                            \
  ROW(bessel_j0)                      \
  ROW(bessel_j1)                      \
  ROW(bessel_y0)                      \
  ROW(bessel_y1)                      \
  ROW(modified_bessel_k0)             \
  ROW(modified_bessel_k1)             \
  ROW(scaled_modified_bessel_k0)      \
  ROW(scaled_modified_bessel_k1)      \
  ROW(spherical_bessel_j0)            \
  ROW(airy_ai)

#define LAMPAS_SPECIAL_BINARY_ROWS(ROW) \
  ROW(atan2)                            \
  ROW(hypot)                            \
  ROW(copysign)                         \
  ROW(fmod)                             \
  ROW(remainder)                        \
  ROW(floor_divide)                     \
  ROW(fmax)                             \
  ROW(fmin)                             \
  ROW(heaviside)                        \
  ROW(xlogy)                            \
  ROW(xlog1py)                          \
  ROW(logaddexp)                        \
  ROW(logaddexp2)                       \
  ROW(igamma)                           \
  ROW(igammac)                          \
  ROW(zeta)                             \
  ROW(polygamma)                        \
  ROW(chebyshev_polynomial_t)           \
  ROW(chebyshev_polynomial_u)           \
  ROW(chebyshev_polynomial_v)           \
  ROW(chebyshev_polynomial_w)           \
  ROW(shifted_chebyshev_polynomial_t)   \
  ROW(shifted_chebyshev_polynomial_u)   \
  ROW(shifted_chebyshev_polynomial_v)   \
  ROW(shifted_chebyshev_polynomial_w)   \
  ROW(hermite_polynomial_h)             \
  ROW(hermite_polynomial_he)            \
  ROW(laguerre_polynomial_l)            \
  ROW(legendre_polynomial_p)

#define LAMPAS_ROW_NAME(name) name,
enum class SpecialUnary : uint8_t {
  LAMPAS_SPECIAL_COMPLEX_ROWS(LAMPAS_ROW_NAME) LAMPAS_SPECIAL_REAL_ROWS(LAMPAS_ROW_NAME)
};
enum class SpecialBinary : uint8_t { LAMPAS_SPECIAL_BINARY_ROWS(LAMPAS_ROW_NAME) };
#undef LAMPAS_ROW_NAME

namespace kernels {

// Inputs broadcast to the output's sizes and have its dtype, a floating one, of the first rows of
// SpecialUnary also a complex one; any strides. An input may be the output.
inline constinit Kernel<void(SpecialUnary function, const Tensor& input, const Tensor& output)> special_unary{
    "special_unary"};
inline constinit Kernel<void(SpecialBinary function, const Tensor& input, const Tensor& other,
                             const Tensor& output)>
    special_binary{"special_binary"};
// The next number after `input` towards `other`, in the dtype of all three, a floating one.
inline constinit Kernel<void(const Tensor& input, const Tensor& other, const Tensor& output)> nextafter{
    "nextafter"};
// input = mantissa * 2^exponent, 1/2 <= |mantissa| < 1; mantissa in the input's dtype, exponent int32.
inline constinit Kernel<void(const Tensor& input, const Tensor& mantissa, const Tensor& exponent)> frexp{
    "frexp"};

}  // namespace kernels
}  // namespace lampas
