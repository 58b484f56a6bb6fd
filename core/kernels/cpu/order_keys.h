// Numbers of every real dtype as unsigned integers in the same order, so that ordering needs few copies.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>

#include "core/tensor/dtype.h"

namespace lampas::cpu {

// 64 bits for the dtypes that need them, else 32. NaN is the greatest key; both zeros have one key.
template <class Key, class T>
Key order_key(T value) {
  if constexpr (std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>) {
    return order_key<Key>(static_cast<float>(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    using Bits = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
    constexpr Bits sign = Bits{1} << (8 * sizeof(T) - 1);
    if (value != value) return std::numeric_limits<Key>::max();
    if (value == 0) return static_cast<Key>(sign);
    Bits bits;
    std::memcpy(&bits, &value, sizeof bits);
    return static_cast<Key>(bits & sign ? ~bits : bits | sign);
  } else if constexpr (std::is_signed_v<T>) {
    constexpr Key sign = Key{1} << (8 * sizeof(Key) - 1);
    return static_cast<Key>(value) ^ sign;
  } else {
    return static_cast<Key>(value);
  }
}

}  // namespace lampas::cpu
