// Names, half-precision conversion and PyTorch's promotion lattice.
#include "core/tensor/dtype.h"

#include <atomic>

#include "core/tensor/error.h"

namespace lampas {
namespace {

constexpr const char* names[dtype_count] = {"uint8",   "int8",     "int16",   "int32",     "int64",
                                            "float16", "float32",  "float64", "complex64", "complex128",
                                            "bool",    "bfloat16", "uint16",  "uint32",    "uint64"};
constexpr const char* scalar_type_names[dtype_count] = {
    "Byte",         "Char",          "Short", "Int",      "Long",   "Half",   "Float", "Double",
    "ComplexFloat", "ComplexDouble", "Bool",  "BFloat16", "UInt16", "UInt32", "UInt64"};

std::atomic<DType> default_dtype_{DType::float32};

}  // namespace

const char* name_of(DType dtype) { return names[static_cast<int>(dtype)]; }
const char* scalar_type_name(DType dtype) { return scalar_type_names[static_cast<int>(dtype)]; }

DType default_dtype() { return default_dtype_.load(std::memory_order_relaxed); }
void set_default_dtype(DType dtype) { default_dtype_.store(dtype, std::memory_order_relaxed); }

Float16::Float16(float value) {
  uint32_t word;
  std::memcpy(&word, &value, sizeof word);
  uint32_t sign = (word >> 16) & 0x8000;
  uint32_t magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) {
    bits = static_cast<uint16_t>(sign | 0x7e00);
  } else if (magnitude >= 0x477ff000) {  // rounds to 65536 or more
    bits = static_cast<uint16_t>(sign | 0x7c00);
  } else if (magnitude < 0x38800000) {  // subnormal: let float addition round at the right bit
    float shifted;
    uint32_t half = 0x3f000000;
    std::memcpy(&shifted, &magnitude, sizeof shifted);
    float anchor;
    std::memcpy(&anchor, &half, sizeof anchor);
    shifted += anchor;
    uint32_t rounded;
    std::memcpy(&rounded, &shifted, sizeof rounded);
    bits = static_cast<uint16_t>(sign | (rounded - half));
  } else {
    magnitude += 0xc8000fff + ((magnitude >> 13) & 1);  // rebias by -112 and round to even
    bits = static_cast<uint16_t>(sign | (magnitude >> 13));
  }
}

Float16::operator float() const {
  uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  uint32_t exponent = (bits >> 10) & 0x1f;
  uint32_t mantissa = bits & 0x3ff;
  uint32_t word;
  if (exponent == 0x1f) {
    word = sign | 0x7f800000 | (mantissa << 13);
  } else if (exponent != 0) {
    word = sign | ((exponent + 112) << 23) | (mantissa << 13);
  } else {
    float value = static_cast<float>(mantissa) * 5.9604644775390625e-8f;  // 2^-24
    std::memcpy(&word, &value, sizeof word);
    word |= sign;
  }
  float value;
  std::memcpy(&value, &word, sizeof value);
  return value;
}

DType promote(DType left, DType right) {
  if (left == right) return left;
  int left_category = category(left), right_category = category(right);
  if (left_category == 3 || right_category == 3) {
    bool wide = left == DType::complex128 || right == DType::complex128 || left == DType::float64 ||
                right == DType::float64;
    return wide ? DType::complex128 : DType::complex64;
  }
  if (left_category != right_category) return left_category > right_category ? left : right;
  if (left_category == 2) {
    if (left == DType::float64 || right == DType::float64) return DType::float64;
    return DType::float32;  // float32 with a half type, or float16 with bfloat16
  }
  auto wide_unsigned = [](DType dtype) {
    return dtype == DType::uint16 || dtype == DType::uint32 || dtype == DType::uint64;
  };
  if (wide_unsigned(left) || wide_unsigned(right)) {
    DType other = wide_unsigned(left) ? right : left;
    DType wide = wide_unsigned(left) ? left : right;
    if (wide_unsigned(other)) return item_size(left) > item_size(right) ? left : right;
    if (other == DType::uint8) return wide;
    fail(ErrorKind::runtime,
         "Promotion for uint16, uint32, uint64 types is not supported, attempted to promote ",
         scalar_type_name(left), " and ", scalar_type_name(right));
  }
  if (left == DType::uint8 || right == DType::uint8) {
    DType other = left == DType::uint8 ? right : left;
    return other == DType::int8 ? DType::int16 : other;
  }
  return item_size(left) > item_size(right) ? left : right;
}

}  // namespace lampas
