// The loop of a sparse linear map along lines, compiled per instruction set.
// Included by the kernels, which choose a table, and by the file that fills them.
#pragma once

#include <stdint.h>

namespace lampas::vector {

// input (in, inner), output (rows, inner), contiguous. Row o of the output is the sum of weights[i] times row
// columns[i] of the input, for i in starts[o] … starts[o + 1] - 1.
template <class T>
using MapLines = void (*)(const T* input, const int64_t* starts, const int64_t* columns, const T* weights,
                          int64_t rows, int64_t inner, T* output);

struct LineMapTable {
  MapLines<float> float32;
  MapLines<double> float64;
};

namespace baseline {
extern const LineMapTable line_map;
}
namespace avx2 {
extern const LineMapTable line_map;
}
namespace avx512 {
extern const LineMapTable line_map;
}

}  // namespace lampas::vector
