// Elementwise kernels for contiguous operands, one for each row and type, from the CPU's own formulas.
// Compiled at run time by NVRTC, which is handed the headers; `extern "C"` names are row_type.
#include "core/kernels/cuda/prelude.h"

#include "core/kernels/scalar_functions.h"

#include "core/kernels/elementwise_rows.h"

#define LAMPAS_PASS_0
#define LAMPAS_PASS_1 , parameters[0]
#define LAMPAS_PASS_2 , parameters[0], parameters[1]
#define LAMPAS_PASS_3 , parameters[0], parameters[1], parameters[2]

// A grid-stride loop: any grid covers any count.
#define LAMPAS_FOR_EACH(i, count)                                                        \
  for (long long i = blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x; i < (count); \
       i += static_cast<long long>(gridDim.x) * blockDim.x)

// Stores a result as what its formula gives: the operands' type, or bool.
template <class Result>
__device__ inline void store(void* output, long long i, Result result) {
  static_cast<Result*>(output)[i] = result;
}

namespace lampas::formulas {

#define LAMPAS_UNARY_KERNEL(type, name, passed)                                                              \
  extern "C" __global__ void unary_##name##_##type(const type* a, void* output, long long count,             \
                                                   const type* parameters) {                                 \
    LAMPAS_FOR_EACH(i, count) store(output, i, name(a[i] passed));                                           \
  }
#define LAMPAS_BINARY_KERNEL(type, name, passed)                                                             \
  extern "C" __global__ void binary_##name##_##type(const type* a, const type* b, void* output,              \
                                                    long long count, const type* parameters) {               \
    LAMPAS_FOR_EACH(i, count) store(output, i, name(a[i], b[i] passed));                                     \
  }
#define LAMPAS_TERNARY_KERNEL(type, name, passed)                                                            \
  extern "C" __global__ void ternary_##name##_##type(const type* a, const type* b, const type* c,            \
                                                     void* output, long long count, const type* parameters) { \
    LAMPAS_FOR_EACH(i, count) store(output, i, name(a[i], b[i], c[i] passed));                               \
  }

#define LAMPAS_FLOAT_UNARY(name, domain, count) LAMPAS_UNARY_KERNEL(float, name, LAMPAS_PASS_##count)
#define LAMPAS_DOUBLE_UNARY(name, domain, count) LAMPAS_UNARY_KERNEL(double, name, LAMPAS_PASS_##count)
#define LAMPAS_FLOAT_BINARY(name, domain, count) LAMPAS_BINARY_KERNEL(float, name, LAMPAS_PASS_##count)
#define LAMPAS_DOUBLE_BINARY(name, domain, count) LAMPAS_BINARY_KERNEL(double, name, LAMPAS_PASS_##count)
#define LAMPAS_FLOAT_TERNARY(name, domain, count) LAMPAS_TERNARY_KERNEL(float, name, LAMPAS_PASS_##count)
#define LAMPAS_DOUBLE_TERNARY(name, domain, count) LAMPAS_TERNARY_KERNEL(double, name, LAMPAS_PASS_##count)

LAMPAS_UNARY_ROWS(LAMPAS_FLOAT_UNARY)
LAMPAS_UNARY_ROWS(LAMPAS_DOUBLE_UNARY)
LAMPAS_BINARY_ROWS(LAMPAS_FLOAT_BINARY)
LAMPAS_BINARY_ROWS(LAMPAS_DOUBLE_BINARY)
LAMPAS_COMPARISON_ROWS(LAMPAS_FLOAT_BINARY)
LAMPAS_COMPARISON_ROWS(LAMPAS_DOUBLE_BINARY)
LAMPAS_TERNARY_ROWS(LAMPAS_FLOAT_TERNARY)
LAMPAS_TERNARY_ROWS(LAMPAS_DOUBLE_TERNARY)

}  // namespace lampas::formulas
