// Contracts: elementwise functions of integers that the rows of elementwise_rows.h do not have.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// base, exponent, output: one integer dtype; the inputs broadcast. Wraps around on overflow. A negative
// exponent gives 0, except for the bases 1 and -1.
inline constinit Kernel<void(const Tensor& base, const Tensor& exponent, const Tensor& output)> integer_power{
    "integer_power"};

enum class IntegerFunction : uint8_t {
  fmod,          // of the dividend's sign
  remainder,     // of the divisor's sign
  floor_divide,  // rounded down
  trunc_divide,  // rounded towards zero
  gcd,
  lcm,
  left_shift,   // 0 where the shift is negative or as wide as the dtype
  right_shift,  // the sign alone where it is
  heaviside,
};
// input, other, output: one integer dtype (heaviside: bool too); the inputs broadcast. Division by zero
// throws.
inline constinit Kernel<void(IntegerFunction function, const Tensor& input, const Tensor& other,
                             const Tensor& output)>
    integer_binary{"integer_binary"};

enum class Bitwise : uint8_t { conjunction, disjunction, exclusive };
// input, other, output: one integer dtype or bool; the inputs broadcast.
inline constinit Kernel<void(Bitwise function, const Tensor& input, const Tensor& other,
                             const Tensor& output)>
    bitwise{"bitwise"};
// The complement of each bit; of bool, the negation.
inline constinit Kernel<void(const Tensor& input, const Tensor& output)> bitwise_not{"bitwise_not"};

}  // namespace lampas::kernels
