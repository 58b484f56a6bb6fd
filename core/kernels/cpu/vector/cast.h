// The conversions of contiguous runs that are compiled per instruction set: a table per set.
// Included by the kernels, which choose a table, and by the file that fills them.
#pragma once

#include <stdint.h>

namespace lampas::vector {

using CastRun = void (*)(const void* input, void* output, int64_t count);

// From a row's type to a column's; bool is read as uint8. float16 and bfloat16 meet float32 only.
struct CastTable {
  CastRun float32_to_bfloat16, float32_to_float16, bfloat16_to_float32, float16_to_float32;
  CastRun float32_to_float64, float64_to_float32;
  CastRun float32_to_int32, float32_to_int64, float64_to_int64;
  CastRun int32_to_float32, int64_to_float32, int64_to_float64;
  CastRun uint8_to_float32, uint8_to_int64, float32_to_uint8;
  CastRun int32_to_int64, int64_to_int32;
};

namespace baseline {
extern const CastTable cast;
}
namespace avx2 {
extern const CastTable cast;
}
namespace avx512 {
extern const CastTable cast;
}

}  // namespace lampas::vector
