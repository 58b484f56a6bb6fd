// The loops of pooling that training spends its time in, compiled per instruction set.
// Included by the kernels, which choose a table, and by the file that fills them.
#pragma once

#include <stdint.h>

namespace lampas::vector {

// Windows of 2 x 2 elements beside each other. input (height, width), output (out_height, out_width) with
// 2 * out_height <= height and 2 * out_width <= width; indices, as output or null, count in the input.
template <class T>
using MaxPoolPairs = void (*)(const T* input, int64_t width, int64_t out_height, int64_t out_width, T* output,
                              int64_t* indices);

struct PoolingTable {
  MaxPoolPairs<float> max_pool_pairs_float32;
  MaxPoolPairs<double> max_pool_pairs_float64;
};

namespace baseline {
extern const PoolingTable pooling;
}
namespace avx2 {
extern const PoolingTable pooling;
}
namespace avx512 {
extern const PoolingTable pooling;
}

}  // namespace lampas::vector
