// A sparse linear map along lines: rows are added up in loops that the compiler vectorises.
#include "core/kernels/cpu/vector/line_map.h"

#include "core/kernels/cpu/vector/set.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

template <class T>
void map_lines(const T* input, const int64_t* starts, const int64_t* columns, const T* weights, int64_t rows,
               int64_t inner, T* output) {
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t begin = starts[row], end = starts[row + 1];
    if (inner == 1) {
      T sum = 0;
      for (int64_t i = begin; i < end; ++i) sum += weights[i] * input[columns[i]];
      output[row] = sum;
      continue;
    }
    T* __restrict target = output + row * inner;
    if (begin == end) {
      for (int64_t x = 0; x < inner; ++x) target[x] = 0;
      continue;
    }
    const T* first = input + columns[begin] * inner;
    const T first_weight = weights[begin];
    for (int64_t x = 0; x < inner; ++x) target[x] = first_weight * first[x];
    for (int64_t i = begin + 1; i < end; ++i) {
      const T* source = input + columns[i] * inner;
      const T weight = weights[i];
      for (int64_t x = 0; x < inner; ++x) target[x] += weight * source[x];
    }
  }
}

}  // namespace

constinit const LineMapTable line_map = {map_lines<float>, map_lines<double>};

}  // namespace lampas::vector::LAMPAS_SET
