// Conversions of contiguous runs. The compiler turns the plain loops into vector code; the 16-bit floats
// go through registers of float.
#include "core/kernels/cpu/vector/cast.h"

#include "core/kernels/cpu/number_conversion.h"
#include "core/kernels/cpu/vector/vector.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

template <class From, class To>
void numbers_run(const void* input, void* output, int64_t count) {
  const From* __restrict__ source = (const From*)input;
  To* __restrict__ target = (To*)output;
  for (int64_t i = 0; i < count; ++i) target[i] = numbers::convert<To>(source[i]);
}

template <class From, class To>
void halves_run(const void* input, void* output, int64_t count) {
  const From* source = (const From*)input;
  To* target = (To*)output;
  int64_t i = 0;
  for (; i + Vector<float>::size <= count; i += Vector<float>::size) store(load(source + i), target + i);
  if (i < count) store(load(source + i, count - i), target + i, count - i);
}

}  // namespace

constinit const CastTable cast = {
    .float32_to_bfloat16 = halves_run<float, BFloat16>,
    .float32_to_float16 = halves_run<float, Float16>,
    .bfloat16_to_float32 = halves_run<BFloat16, float>,
    .float16_to_float32 = halves_run<Float16, float>,
    .float32_to_float64 = numbers_run<float, double>,
    .float64_to_float32 = numbers_run<double, float>,
    .float32_to_int32 = numbers_run<float, int32_t>,
    .float32_to_int64 = numbers_run<float, int64_t>,
    .float64_to_int64 = numbers_run<double, int64_t>,
    .int32_to_float32 = numbers_run<int32_t, float>,
    .int64_to_float32 = numbers_run<int64_t, float>,
    .int64_to_float64 = numbers_run<int64_t, double>,
    .uint8_to_float32 = numbers_run<uint8_t, float>,
    .uint8_to_int64 = numbers_run<uint8_t, int64_t>,
    .float32_to_uint8 = numbers_run<float, uint8_t>,
    .int32_to_int64 = numbers_run<int32_t, int64_t>,
    .int64_to_int32 = numbers_run<int64_t, int32_t>,
};

}  // namespace lampas::vector::LAMPAS_SET
