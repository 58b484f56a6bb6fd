// Conversion loops between all pairs of dtypes, strided; hot contiguous pairs are the instruction set's.
#include <complex>
#include <cstring>
#include <type_traits>

#include "core/kernels/cpu/elementwise_loops.h"
#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/number_conversion.h"
#include "core/kernels/cpu/vector/cast.h"

namespace lampas::cpu {
namespace {

template <class T>
inline constexpr bool is_complex_type = false;
template <class T>
inline constexpr bool is_complex_type<std::complex<T>> = true;
template <class T>
inline constexpr bool is_half_type = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;

// Complex numbers lose their imaginary part, except that they are true where either part is.
template <class To, class From>
inline To convert(From value) {
  if constexpr (std::is_same_v<To, From>) {
    return value;
  } else if constexpr (is_complex_type<From> && is_complex_type<To>) {
    return To(static_cast<typename To::value_type>(value.real()),
              static_cast<typename To::value_type>(value.imag()));
  } else if constexpr (is_complex_type<From> && std::is_same_v<To, bool>) {
    return value.real() != 0 || value.imag() != 0;
  } else if constexpr (is_complex_type<From>) {
    return convert<To>(value.real());
  } else if constexpr (is_complex_type<To>) {
    return To(convert<typename To::value_type>(value));
  } else if constexpr (is_half_type<From>) {
    return convert<To>(static_cast<float>(value));
  } else if constexpr (is_half_type<To>) {
    return To(static_cast<float>(value));
  } else {
    return numbers::convert<To>(value);
  }
}

// The instruction set's loop for a contiguous run; null where it has none.
template <class From, class To>
constexpr vector::CastRun vector::CastTable::*hot_run() {
  using vector::CastTable;
  if constexpr (std::is_same_v<From, float>) {
    if (std::is_same_v<To, BFloat16>) return &CastTable::float32_to_bfloat16;
    if (std::is_same_v<To, Float16>) return &CastTable::float32_to_float16;
    if (std::is_same_v<To, double>) return &CastTable::float32_to_float64;
    if (std::is_same_v<To, int32_t>) return &CastTable::float32_to_int32;
    if (std::is_same_v<To, int64_t>) return &CastTable::float32_to_int64;
    if (std::is_same_v<To, uint8_t>) return &CastTable::float32_to_uint8;
  } else if constexpr (std::is_same_v<To, float>) {
    if (std::is_same_v<From, BFloat16>) return &CastTable::bfloat16_to_float32;
    if (std::is_same_v<From, Float16>) return &CastTable::float16_to_float32;
    if (std::is_same_v<From, double>) return &CastTable::float64_to_float32;
    if (std::is_same_v<From, int32_t>) return &CastTable::int32_to_float32;
    if (std::is_same_v<From, int64_t>) return &CastTable::int64_to_float32;
    if (std::is_same_v<From, uint8_t> || std::is_same_v<From, bool>) return &CastTable::uint8_to_float32;
  } else if constexpr (std::is_same_v<To, int64_t>) {
    if (std::is_same_v<From, double>) return &CastTable::float64_to_int64;
    if (std::is_same_v<From, int32_t>) return &CastTable::int32_to_int64;
    if (std::is_same_v<From, uint8_t> || std::is_same_v<From, bool>) return &CastTable::uint8_to_int64;
  } else if constexpr (std::is_same_v<From, int64_t>) {
    if (std::is_same_v<To, double>) return &CastTable::int64_to_float64;
    if (std::is_same_v<To, int32_t>) return &CastTable::int64_to_int32;
  }
  return nullptr;
}

template <class From, class To>
void cast(const void* input, void* output, int64_t count, int64_t input_stride, int64_t output_stride,
          const Parameter*) {
  // A truth value is read as a byte: memory that is not filled yet, or not ours, holds others than 0 and 1.
  using Stored = std::conditional_t<std::is_same_v<From, bool>, uint8_t, From>;
  const Stored* from = static_cast<const Stored*>(input);
  To* to = static_cast<To*>(output);
  if (input_stride == 1 && output_stride == 1) {
    if constexpr (std::is_same_v<From, To>) {
      std::memmove(to, from, static_cast<size_t>(count) * sizeof(To));
      return;
    } else if constexpr (hot_run<From, To>() != nullptr) {
      const vector::CastTable& table =
          choose(vector::baseline::cast, vector::avx2::cast, vector::avx512::cast);
      return (table.*hot_run<From, To>())(input, output, count);
    } else if constexpr (std::is_same_v<To, bool> && !is_complex_type<From>) {
      const From zero(0);
      return comparison_loop(ComparisonFunction::ne, DTypeOf<From>::dtype)(input, &zero, output, count, 1, 0,
                                                                           1, nullptr);
    }
  }
  if (input_stride == 0 && count > 0) {
    const To value = convert<To>(static_cast<From>(*from));
    for (int64_t i = 0; i < count; ++i) to[i * output_stride] = value;
    return;
  }
  for (int64_t i = 0; i < count; ++i)
    to[i * output_stride] = convert<To>(static_cast<From>(from[i * input_stride]));
}

}  // namespace

UnaryLoop cast_loop(DType from, DType to) {
  return visit(from, [&]<class From>() -> UnaryLoop {
    return visit(to, [&]<class To>() -> UnaryLoop { return &cast<From, To>; });
  });
}

}  // namespace lampas::cpu
