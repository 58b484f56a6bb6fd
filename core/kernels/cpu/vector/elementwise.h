// The loops of elementwise rows that are compiled per instruction set: a table per set.
// Included by the kernels, which choose a table, and by the files that fill them.
#pragma once

#include "core/kernels/elementwise_rows.h"

namespace lampas::vector {

// The dtypes that are hot enough for one copy per set; elementwise_generic.h has the others.
enum class HotType : uint8_t { float32, float64, bfloat16, int32, int64 };
inline constexpr int hot_type_count = 5;

// Null where the row does not take the dtype.
struct UnaryTable {
  UnaryLoop loops[unary_function_count][hot_type_count];
};
struct BinaryTable {
  BinaryLoop loops[binary_function_count][hot_type_count];
};
struct ComparisonTable {
  BinaryLoop loops[comparison_function_count][hot_type_count];
};
struct TernaryTable {
  TernaryLoop loops[ternary_function_count][hot_type_count];
  // where(condition, a, b): `a` is the condition (bytes), then come b and c of 4 or 8 bytes each.
  TernaryLoop where_4_bytes;
  TernaryLoop where_8_bytes;
};

#define LAMPAS_DECLARE_TABLES(set)         \
  namespace set {                          \
  extern const UnaryTable unary;           \
  extern const BinaryTable binary;         \
  extern const ComparisonTable comparison; \
  extern const TernaryTable ternary;       \
  }
LAMPAS_DECLARE_TABLES(baseline)
LAMPAS_DECLARE_TABLES(avx2)
LAMPAS_DECLARE_TABLES(avx512)
#undef LAMPAS_DECLARE_TABLES

}  // namespace lampas::vector
