// Products of matrices on raw memory, any strides: what matmul and convolution are made of on the CPU.
#pragma once

#include <cstdint>

#include "core/kernels/cpu/vector/matmul_table.h"

namespace lampas::cpu {

// C = alpha * A B + beta * C + bias, with A (rows x depth), B (depth x columns), C (rows x columns).
// Strides count elements and may be anything, 0 and negative included, as long as C's elements are distinct.
template <typename T>
struct MatrixProduct {
  int64_t rows;
  int64_t columns;
  int64_t depth;
  const T* a;
  int64_t a_row_stride;
  int64_t a_column_stride;
  const T* b;
  int64_t b_row_stride;
  int64_t b_column_stride;
  T* c;
  int64_t c_row_stride;
  int64_t c_column_stride;
  T alpha = 1;
  T beta = 0;               // 0 writes C without reading it
  const T* bias = nullptr;  // one value a column, adjacent, or null
};

// T: float, double, int32_t or int64_t, which wrap around. Uses the thread pool where the product is large
// enough to gain from it.
template <typename T>
void multiply(const vector::MatmulFunctions<T>& functions, const MatrixProduct<T>& product);

}  // namespace lampas::cpu
