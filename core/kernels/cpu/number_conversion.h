// Conversions between real C++ number types with the results of PyTorch on x86, also where the language
// leaves them undefined. Includes nothing but integer types: the vector kernels use it too.
#pragma once

#include <stdint.h>

namespace lampas::numbers {

template <class T>
inline constexpr bool is_floating = false;
template <>
inline constexpr bool is_floating<float> = true;
template <>
inline constexpr bool is_floating<double> = true;

template <class T, class U>
inline constexpr bool is_same = false;
template <class T>
inline constexpr bool is_same<T, T> = true;

// Toward zero; the lowest integer stands for NaN and for what is out of range.
template <class From>
static inline int32_t truncate_to_int32(From value) {
  return value >= From(-2147483648.0) && value < From(2147483648.0) ? static_cast<int32_t>(value)
                                                                    : -2147483647 - 1;
}
template <class From>
static inline int64_t truncate_to_int64(From value) {
  return value >= From(-9223372036854775808.0) && value < From(9223372036854775808.0)
             ? static_cast<int64_t>(value)
             : -9223372036854775807 - 1;
}

// The integer types of up to 16 bits keep the low bits of an int32, uint32 those of an int64; uint64 has a
// range of its own above 2^63 and is 0 from 2^64 on.
template <class To, class From>
static inline To convert(From value) {
  if constexpr (is_same<To, bool>) {
    return value != From(0);
  } else if constexpr (!is_floating<From> || is_floating<To>) {
    return static_cast<To>(value);
  } else if constexpr (is_same<To, uint64_t>) {
    if (value < From(9223372036854775808.0) || value != value) {
      return static_cast<uint64_t>(truncate_to_int64(value));
    }
    return value < From(18446744073709551616.0) ? static_cast<uint64_t>(value) : 0;
  } else if constexpr (sizeof(To) == 8 || is_same<To, uint32_t>) {
    return static_cast<To>(truncate_to_int64(value));
  } else {
    return static_cast<To>(truncate_to_int32(value));
  }
}

}  // namespace lampas::numbers
