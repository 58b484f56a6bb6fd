// Elements in double precision, and results back in the elements' type.
#pragma once

#include <complex>

#include "core/tensor/dtype.h"

namespace lampas::cpu {

template <class T>
struct WideType {
  using Type = double;
};
template <class T>
struct WideType<std::complex<T>> {
  using Type = std::complex<double>;
};
template <class T>
using Wide = typename WideType<T>::Type;

// 16-bit types convert through float.
template <class T>
inline constexpr bool is_half = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;

template <class T>
Wide<T> wide(T value) {
  if constexpr (is_half<T>)
    return static_cast<double>(static_cast<float>(value));
  else
    return Wide<T>(value);
}

template <class T, class V>
T stored(V value) {
  if constexpr (is_half<T>)
    return T(static_cast<float>(value));
  else
    return static_cast<T>(value);
}

}  // namespace lampas::cpu
