// The loops of softmax and log-softmax over contiguous rows, compiled per instruction set.
// Included by the kernels, which choose a table, and by the file that fills them.
#pragma once

#include <stdint.h>

namespace lampas {

// `rows` rows of `columns` contiguous elements; row strides are counted in elements. The output may be the
// input. float16 and bfloat16 are computed in float32 and rounded once.
using SoftmaxRows = void (*)(const void* input, void* output, int64_t rows, int64_t columns,
                             int64_t input_row_stride, int64_t output_row_stride);

// From the gradient of the result and the result itself; all three are `columns` apart from row to row, and
// grad_input may be grad.
using SoftmaxBackwardRows = void (*)(const void* grad, const void* output, void* grad_input, int64_t rows,
                                     int64_t columns);

namespace vector {

enum class SoftmaxType : uint8_t { float32, float64, bfloat16, float16 };
inline constexpr int softmax_type_count = 4;

struct SoftmaxTable {
  SoftmaxRows softmax[softmax_type_count];
  SoftmaxRows log_softmax[softmax_type_count];
  SoftmaxBackwardRows softmax_backward[softmax_type_count];
  SoftmaxBackwardRows log_softmax_backward[softmax_type_count];
};

namespace baseline {
extern const SoftmaxTable softmax;
}
namespace avx2 {
extern const SoftmaxTable softmax;
}
namespace avx512 {
extern const SoftmaxTable softmax;
}

}  // namespace vector
}  // namespace lampas
