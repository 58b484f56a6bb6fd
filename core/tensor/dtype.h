// Element types: their sizes, names, C++ types, and the type in which two of them meet.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace lampas {

enum class DType : uint8_t {
  uint8,
  int8,
  int16,
  int32,
  int64,
  float16,
  float32,
  float64,
  complex64,
  complex128,
  bool_,
  bfloat16,
  uint16,
  uint32,
  uint64,
};
inline constexpr int dtype_count = 15;

// IEEE half and Google's bfloat16 are storage types: arithmetic happens in float.
struct Float16 {
  uint16_t bits = 0;
  Float16() = default;
  explicit Float16(float value);
  operator float() const;
};

struct BFloat16 {
  uint16_t bits = 0;
  BFloat16() = default;
  explicit BFloat16(float value) {
    uint32_t word;
    std::memcpy(&word, &value, sizeof word);
    if (value != value) {
      bits = 0x7fc0;
    } else {
      word += 0x7fff + ((word >> 16) & 1);  // round to nearest, ties to even
      bits = static_cast<uint16_t>(word >> 16);
    }
  }
  operator float() const {
    uint32_t word = static_cast<uint32_t>(bits) << 16;
    float value;
    std::memcpy(&value, &word, sizeof value);
    return value;
  }
};

inline constexpr uint8_t item_sizes[dtype_count] = {1, 1, 2, 4, 8, 2, 4, 8, 8, 16, 1, 2, 2, 4, 8};
inline constexpr size_t item_size(DType dtype) { return item_sizes[static_cast<int>(dtype)]; }

const char* name_of(DType dtype);           // "float32"
const char* scalar_type_name(DType dtype);  // "Float", as PyTorch's messages say it

inline constexpr bool is_floating(DType dtype) {
  return dtype == DType::float32 || dtype == DType::float64 || dtype == DType::float16 ||
         dtype == DType::bfloat16;
}
inline constexpr bool is_complex(DType dtype) {
  return dtype == DType::complex64 || dtype == DType::complex128;
}
inline constexpr bool is_integral(DType dtype, bool include_bool = true) {
  return !is_floating(dtype) && !is_complex(dtype) && (include_bool || dtype != DType::bool_);
}
inline constexpr bool is_differentiable(DType dtype) { return is_floating(dtype) || is_complex(dtype); }
inline constexpr bool is_signed(DType dtype) {
  return !(dtype == DType::bool_ || dtype == DType::uint8 || dtype == DType::uint16 ||
           dtype == DType::uint32 || dtype == DType::uint64);
}
inline constexpr DType real_dtype(DType dtype) {
  return dtype == DType::complex64 ? DType::float32 : dtype == DType::complex128 ? DType::float64 : dtype;
}

// 0 bool, 1 integer, 2 floating, 3 complex: PyTorch's promotion categories.
inline constexpr int category(DType dtype) {
  return dtype == DType::bool_ ? 0 : is_complex(dtype) ? 3 : is_floating(dtype) ? 2 : 1;
}
// Throws where PyTorch has no common type (uint16 and wider unsigned types with signed ones).
DType promote(DType left, DType right);
// Whether PyTorch lets a result of type `from` be written into a tensor of type `to`.
inline constexpr bool can_cast(DType from, DType to) {
  if (is_complex(from) && !is_complex(to)) return false;
  if (is_floating(from) && is_integral(to)) return false;
  return !(from != DType::bool_ && to == DType::bool_);
}

DType default_dtype();
void set_default_dtype(DType dtype);

template <class T>
struct DTypeOf;
template <DType dtype>
struct TypeOf;
#define LAMPAS_DTYPE(type, value)                \
  template <>                                    \
  struct DTypeOf<type> {                         \
    static constexpr DType dtype = DType::value; \
  };                                             \
  template <>                                    \
  struct TypeOf<DType::value> {                  \
    using Type = type;                           \
  };
LAMPAS_DTYPE(uint8_t, uint8)
LAMPAS_DTYPE(int8_t, int8)
LAMPAS_DTYPE(int16_t, int16)
LAMPAS_DTYPE(int32_t, int32)
LAMPAS_DTYPE(int64_t, int64)
LAMPAS_DTYPE(Float16, float16)
LAMPAS_DTYPE(float, float32)
LAMPAS_DTYPE(double, float64)
LAMPAS_DTYPE(std::complex<float>, complex64)
LAMPAS_DTYPE(std::complex<double>, complex128)
LAMPAS_DTYPE(bool, bool_)
LAMPAS_DTYPE(BFloat16, bfloat16)
LAMPAS_DTYPE(uint16_t, uint16)
LAMPAS_DTYPE(uint32_t, uint32)
LAMPAS_DTYPE(uint64_t, uint64)
#undef LAMPAS_DTYPE

// Calls body.operator()<T>() with the C++ type of `dtype`.
template <class Body>
decltype(auto) visit(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::uint8:
      return body.template operator()<uint8_t>();
    case DType::int8:
      return body.template operator()<int8_t>();
    case DType::int16:
      return body.template operator()<int16_t>();
    case DType::int32:
      return body.template operator()<int32_t>();
    case DType::int64:
      return body.template operator()<int64_t>();
    case DType::float16:
      return body.template operator()<Float16>();
    case DType::float32:
      return body.template operator()<float>();
    case DType::float64:
      return body.template operator()<double>();
    case DType::complex64:
      return body.template operator()<std::complex<float>>();
    case DType::complex128:
      return body.template operator()<std::complex<double>>();
    case DType::bool_:
      return body.template operator()<bool>();
    case DType::bfloat16:
      return body.template operator()<BFloat16>();
    case DType::uint16:
      return body.template operator()<uint16_t>();
    case DType::uint32:
      return body.template operator()<uint32_t>();
    case DType::uint64:
      return body.template operator()<uint64_t>();
  }
  __builtin_unreachable();
}

}  // namespace lampas
