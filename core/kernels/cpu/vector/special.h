// The special functions of core/kernels/special.h whose loops over floats are compiled per instruction set: a
// table per set. Included by the kernel, which chooses a table, and by the files that fill them.
#pragma once

#include "core/kernels/elementwise_rows.h"

namespace lampas::vector {

#define LAMPAS_FLOAT_UNARY_ROWS(ROW) \
  ROW(tan)                           \
  ROW(asin)                          \
  ROW(acos)                          \
  ROW(atan)                          \
  ROW(sinh)                          \
  ROW(cosh)                          \
  ROW(asinh)                         \
  ROW(acosh)                         \
  ROW(atanh)                         \
  ROW(log2)                          \
  ROW(log10)                         \
  ROW(sinc)                          \
  ROW(erfc)                          \
  ROW(entr)                          \
  ROW(logit)

#define LAMPAS_FLOAT_BINARY_ROWS(ROW) \
  ROW(atan2)                          \
  ROW(hypot)                          \
  ROW(fmod)                           \
  ROW(remainder)                      \
  ROW(floor_divide)                   \
  ROW(xlogy)                          \
  ROW(xlog1py)                        \
  ROW(logaddexp)                      \
  ROW(logaddexp2)

// These need no double.
#define LAMPAS_DIRECT_UNARY_ROWS(ROW) ROW(exp2) ROW(expm1)
#define LAMPAS_DIRECT_BINARY_ROWS(ROW) ROW(copysign) ROW(fmax) ROW(fmin) ROW(heaviside)

// Of float32 and of bfloat16.
template <class Loop>
struct FloatLoops {
  Loop float32, bfloat16;
};

#define LAMPAS_UNARY_ENTRY(name) FloatLoops<UnaryLoop> name;
#define LAMPAS_BINARY_ENTRY(name) FloatLoops<BinaryLoop> name;
struct SpecialTable {
  LAMPAS_FLOAT_UNARY_ROWS(LAMPAS_UNARY_ENTRY)
  LAMPAS_DIRECT_UNARY_ROWS(LAMPAS_UNARY_ENTRY)
  LAMPAS_FLOAT_BINARY_ROWS(LAMPAS_BINARY_ENTRY)
  LAMPAS_DIRECT_BINARY_ROWS(LAMPAS_BINARY_ENTRY)
};
#undef LAMPAS_UNARY_ENTRY
#undef LAMPAS_BINARY_ENTRY

namespace baseline {
extern const SpecialTable special;
}
namespace avx2 {
extern const SpecialTable special;
}
namespace avx512 {
extern const SpecialTable special;
}

}  // namespace lampas::vector
