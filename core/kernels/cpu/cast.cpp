// Conversion loops between all pairs of dtypes, strided.
#include <complex>
#include <cstring>
#include <limits>

#include "core/kernels/cpu/elementwise_loops.h"

namespace lampas::cpu {
namespace {

template <class T>
inline constexpr bool is_complex_type = false;
template <class T>
inline constexpr bool is_complex_type<std::complex<T>> = true;
template <class T>
inline constexpr bool is_half_type = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;

// What PyTorch gives on x86: floats truncate to int64 and then wrap; out of range is the smallest int64.
template <class To>
To float_to_integer(double value) {
  bool in_range = value >= -9223372036854775808.0 && value < 9223372036854775808.0;
  if constexpr (std::is_same_v<To, uint64_t>) {
    if (value >= 9223372036854775808.0 && value < 18446744073709551616.0) return static_cast<uint64_t>(value);
  }
  return static_cast<To>(in_range ? static_cast<int64_t>(value) : std::numeric_limits<int64_t>::min());
}

template <class To, class From>
inline To convert(From value) {
  if constexpr (std::is_same_v<To, From>) {
    return value;
  } else if constexpr (is_complex_type<From>) {
    if constexpr (is_complex_type<To>)
      return To(static_cast<typename To::value_type>(value.real()),
                static_cast<typename To::value_type>(value.imag()));
    else if constexpr (std::is_same_v<To, bool>)
      return value.real() != 0 || value.imag() != 0;
    else
      return convert<To>(value.real());
  } else if constexpr (is_half_type<From>) {
    return convert<To>(static_cast<float>(value));
  } else if constexpr (is_complex_type<To>) {
    return To(convert<typename To::value_type>(value));
  } else if constexpr (is_half_type<To>) {
    return To(static_cast<float>(value));
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != From(0);
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    return float_to_integer<To>(static_cast<double>(value));
  } else {
    return static_cast<To>(value);
  }
}

template <class From, class To>
void cast(const void* input, void* output, int64_t count, int64_t input_stride, int64_t output_stride,
          const Parameter*) {
  const From* from = static_cast<const From*>(input);
  To* to = static_cast<To*>(output);
  if (input_stride == 1 && output_stride == 1) {
    if constexpr (std::is_same_v<From, To>) {
      std::memmove(to, from, static_cast<size_t>(count) * sizeof(To));
    } else {
      for (int64_t i = 0; i < count; ++i) to[i] = convert<To>(from[i]);
    }
    return;
  }
  if (input_stride == 0) {
    To value = convert<To>(*from);
    for (int64_t i = 0; i < count; ++i) to[i * output_stride] = value;
    return;
  }
  for (int64_t i = 0; i < count; ++i) to[i * output_stride] = convert<To>(from[i * input_stride]);
}

}  // namespace

UnaryLoop cast_loop(DType from, DType to) {
  return visit(from, [&]<class From>() -> UnaryLoop {
    return visit(to, [&]<class To>() -> UnaryLoop { return &cast<From, To>; });
  });
}

}  // namespace lampas::cpu
