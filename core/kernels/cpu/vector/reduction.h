// The loops that fold rows or columns of a matrix, compiled per instruction set: a table per set.
// Included by the kernels, which choose a table, and by the file that fills them.
#pragma once

#include <stdint.h>

#include "core/kernels/fold.h"

namespace lampas {

inline constexpr int hot_fold_count = 7;  // any and all are compiled once

// What a fold is computed in and written as: bool for any and all; float32 for float16 and bfloat16; int64
// for the sum and the product of integers and bool; otherwise the elements' own dtype. Strides are counted
// in elements. An empty fold gives the identity: 0, 1, the lowest, the highest value, false, true.

// Rows to one value each: input(row, column) is input[row * row_stride + column * column_stride].
using FoldRows = void (*)(const void* input, void* output, int64_t rows, int64_t columns, int64_t row_stride,
                          int64_t column_stride, int64_t output_stride);

// Columns to one value each: both input and output are contiguous along the columns.
using FoldColumns = void (*)(const void* input, void* output, int64_t rows, int64_t columns,
                             int64_t row_stride);

// The largest (or smallest) element of each row, as it is stored, and its place. The first of equals wins;
// a NaN wins over every number. Rows are not empty. Either output may be null.
using ExtremeOfRows = void (*)(const void* input, void* values, int64_t* indices, int64_t rows,
                               int64_t columns, int64_t row_stride, int64_t column_stride);

// The same for each column: input, values and indices are contiguous along the columns.
using ExtremeOfColumns = void (*)(const void* input, void* values, int64_t* indices, int64_t rows,
                                  int64_t columns, int64_t row_stride);

namespace vector {

enum class FoldType : uint8_t { float32, float64, bfloat16, int64 };
inline constexpr int fold_type_count = 4;

struct ReductionTable {
  FoldRows rows[hot_fold_count][fold_type_count];
  FoldColumns columns[hot_fold_count][fold_type_count];
  // [0] maximum, [1] minimum
  ExtremeOfRows extreme_of_rows[2][fold_type_count];
  ExtremeOfColumns extreme_of_columns[2][fold_type_count];
};

namespace baseline {
extern const ReductionTable reduction;
}
namespace avx2 {
extern const ReductionTable reduction;
}
namespace avx512 {
extern const ReductionTable reduction;
}

}  // namespace vector
}  // namespace lampas
