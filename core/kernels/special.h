// Contracts: elementwise functions that are rare enough to be compiled once, for all machines, and computed
// in double, one element after the other; the CPU has many of them in registers of floats besides
// (cpu/vector/special.h). A row each: its name in core/kernels/special/. To add a function: its formula
// there, its row here, with the dtypes it takes: floats, or those of 32 and 64 bits (precise).
#pragma once

#include "core/kernels/kernel.h"

namespace lampas {

// Of real and of complex numbers.
#define LAMPAS_SPECIAL_COMPLEX_ROWS(ROW) \
  ROW(tan, floats)                       \
  ROW(asin, floats)                      \
  ROW(acos, floats)                      \
  ROW(atan, floats)                      \
  ROW(sinh, floats)                      \
  ROW(cosh, floats)                      \
  ROW(asinh, floats)                     \
  ROW(acosh, floats)                     \
  ROW(atanh, floats)                     \
  ROW(exp2, floats)                      \
  ROW(expm1, floats)                     \
  ROW(log2, floats)                      \
  ROW(log10, floats)                     \
  ROW(sinc, floats)

#define LAMPAS_SPECIAL_REAL_ROWS(ROW)     \
  ROW(erfc, floats)                       \
  ROW(erfinv, floats)                     \
  ROW(erfcx, precise)                     \
  ROW(log_ndtr, precise)                  \
  ROW(ndtri, precise)                     \
  ROW(entr, floats)                       \
  ROW(logit, floats)                      \
  ROW(lgamma, floats)                     \
  ROW(digamma, floats)                    \
  ROW(i0, floats)                         \
  ROW(i0e, floats)                        \
  ROW(i1, floats)                         \
  ROW(i1e, floats)                        \
  ROW(bessel_j0, precise)                 \
  ROW(bessel_j1, precise)                 \
  ROW(bessel_y0, precise)                 \
  ROW(bessel_y1, precise)                 \
  ROW(modified_bessel_i0, precise)        \
  ROW(modified_bessel_i1, precise)        \
  ROW(modified_bessel_k0, precise)        \
  ROW(modified_bessel_k1, precise)        \
  ROW(scaled_modified_bessel_k0, precise) \
  ROW(scaled_modified_bessel_k1, precise) \
  ROW(spherical_bessel_j0, precise)       \
  ROW(airy_ai, precise)

#define LAMPAS_SPECIAL_BINARY_ROWS(ROW)        \
  ROW(atan2, floats)                           \
  ROW(hypot, floats)                           \
  ROW(copysign, floats)                        \
  ROW(fmod, floats)                            \
  ROW(remainder, floats)                       \
  ROW(floor_divide, floats)                    \
  ROW(fmax, floats)                            \
  ROW(fmin, floats)                            \
  ROW(heaviside, floats)                       \
  ROW(xlogy, floats)                           \
  ROW(xlog1py, floats)                         \
  ROW(logaddexp, floats)                       \
  ROW(logaddexp2, floats)                      \
  ROW(igamma, floats)                          \
  ROW(igammac, floats)                         \
  ROW(zeta, precise)                           \
  ROW(polygamma, floats)                       \
  ROW(chebyshev_polynomial_t, precise)         \
  ROW(chebyshev_polynomial_u, precise)         \
  ROW(chebyshev_polynomial_v, precise)         \
  ROW(chebyshev_polynomial_w, precise)         \
  ROW(shifted_chebyshev_polynomial_t, precise) \
  ROW(shifted_chebyshev_polynomial_u, precise) \
  ROW(shifted_chebyshev_polynomial_v, precise) \
  ROW(shifted_chebyshev_polynomial_w, precise) \
  ROW(hermite_polynomial_h, precise)           \
  ROW(hermite_polynomial_he, precise)          \
  ROW(laguerre_polynomial_l, precise)          \
  ROW(legendre_polynomial_p, precise)

#define LAMPAS_ROW_NAME(name, dtypes) name,
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
