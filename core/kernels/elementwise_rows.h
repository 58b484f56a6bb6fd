// One row per elementwise function: its name (a formula of scalar_functions.h or a primitive), the
// dtypes it takes, how many numbers it takes besides its elements. To add a function: its formula,
// its row here. Functions whose formula gives a truth value write bool.
#pragma once

#include <stdint.h>

namespace lampas {

// Which dtypes a row takes.
enum class Domain : uint8_t {
  real_floats,   // float16, bfloat16, float32, float64
  floats,        // and complex
  real_numbers,  // integers and real floats
  ordered,       // and bool
  numbers,       // integers, real floats, complex
  all,           // and bool
};

#define LAMPAS_UNARY_ROWS(ROW)      \
  ROW(neg, numbers, 0)              \
  ROW(abs, numbers, 0)              \
  ROW(reciprocal, floats, 0)        \
  ROW(sqrt, floats, 0)              \
  ROW(rsqrt, floats, 0)             \
  ROW(exp, floats, 0)               \
  ROW(log, floats, 0)               \
  ROW(log1p, floats, 0)             \
  ROW(tanh, floats, 0)              \
  ROW(sigmoid, floats, 0)           \
  ROW(erf, real_floats, 0)          \
  ROW(sin, floats, 0)               \
  ROW(cos, floats, 0)               \
  ROW(relu, real_numbers, 0)        \
  ROW(square, numbers, 0)           \
  ROW(cube, real_floats, 0)         \
  ROW(sign, ordered, 0)             \
  ROW(clamp, real_numbers, 2)       \
  ROW(isnan, floats, 0)             \
  ROW(logical_not, all, 0)          \
  ROW(floor, real_floats, 0)        \
  ROW(ceil, real_floats, 0)         \
  ROW(trunc, real_floats, 0)        \
  ROW(round, real_floats, 0)        \
  ROW(frac, real_floats, 0)         \
  ROW(silu, floats, 0)              \
  ROW(gelu, real_floats, 0)         \
  ROW(gelu_by_tanh, real_floats, 0) \
  ROW(mish, real_floats, 0)         \
  ROW(hardswish, real_floats, 0)    \
  ROW(hardsigmoid, real_floats, 0)  \
  ROW(log_sigmoid, real_floats, 0)  \
  ROW(leaky_relu, real_floats, 1)   \
  ROW(softshrink, real_floats, 1)   \
  ROW(hardshrink, real_floats, 1)   \
  ROW(softplus, real_floats, 2)     \
  ROW(threshold, real_numbers, 2)   \
  ROW(elu, real_floats, 3)

#define LAMPAS_BINARY_ROWS(ROW)                         \
  ROW(add, all, 0)                                      \
  ROW(add_scaled, numbers, 1)                           \
  ROW(sub, numbers, 0)                                  \
  ROW(mul, all, 0)                                      \
  ROW(div, floats, 0)                                   \
  ROW(maximum, ordered, 0)                              \
  ROW(minimum, ordered, 0)                              \
  ROW(pow, floats, 0)                                   \
  ROW(threshold_backward, real_numbers, 1)              \
  ROW(prelu, real_floats, 0)                            \
  ROW(sigmoid_backward, real_floats, 0)                 \
  ROW(squared_difference, real_floats, 0)               \
  ROW(smooth_l1, real_floats, 1)                        \
  ROW(huber, real_floats, 1)                            \
  ROW(soft_margin, real_floats, 0)                      \
  ROW(binary_cross_entropy, real_floats, 0)             \
  ROW(binary_cross_entropy_with_logits, real_floats, 0) \
  ROW(tanh_backward, real_floats, 0)

#define LAMPAS_COMPARISON_ROWS(ROW) \
  ROW(eq, all, 0)                   \
  ROW(ne, all, 0)                   \
  ROW(lt, ordered, 0)               \
  ROW(le, ordered, 0)               \
  ROW(gt, ordered, 0)               \
  ROW(ge, ordered, 0)

#define LAMPAS_TERNARY_ROWS(ROW) \
  ROW(addcmul, numbers, 1)       \
  ROW(addcdiv, floats, 1)        \
  ROW(lerp, real_floats, 0)

#define LAMPAS_ROW_NAME(name, domain, parameter_count) name,
enum class UnaryFunction : uint8_t { LAMPAS_UNARY_ROWS(LAMPAS_ROW_NAME) };
enum class BinaryFunction : uint8_t { LAMPAS_BINARY_ROWS(LAMPAS_ROW_NAME) };
enum class ComparisonFunction : uint8_t { LAMPAS_COMPARISON_ROWS(LAMPAS_ROW_NAME) };
enum class TernaryFunction : uint8_t { LAMPAS_TERNARY_ROWS(LAMPAS_ROW_NAME) };
#undef LAMPAS_ROW_NAME

#define LAMPAS_ROW_COUNT(name, domain, parameter_count) +1
inline constexpr int unary_function_count = 0 LAMPAS_UNARY_ROWS(LAMPAS_ROW_COUNT);
inline constexpr int binary_function_count = 0 LAMPAS_BINARY_ROWS(LAMPAS_ROW_COUNT);
inline constexpr int comparison_function_count = 0 LAMPAS_COMPARISON_ROWS(LAMPAS_ROW_COUNT);
inline constexpr int ternary_function_count = 0 LAMPAS_TERNARY_ROWS(LAMPAS_ROW_COUNT);
#undef LAMPAS_ROW_COUNT

// A number that a row takes besides its elements, in every form a dtype may read it: integer dtypes
// read `integer`, real ones `real`, complex ones `real` and `imaginary`.
struct Parameter {
  double real = 0;
  double imaginary = 0;
  int64_t integer = 0;
};

// Strides are counted in elements; 0 repeats one element. `parameters` may be null for rows without.
using UnaryLoop = void (*)(const void* input, void* output, int64_t count, int64_t input_stride,
                           int64_t output_stride, const Parameter* parameters);
using BinaryLoop = void (*)(const void* a, const void* b, void* output, int64_t count, int64_t a_stride,
                            int64_t b_stride, int64_t output_stride, const Parameter* parameters);
using TernaryLoop = void (*)(const void* a, const void* b, const void* c, void* output, int64_t count,
                             int64_t a_stride, int64_t b_stride, int64_t c_stride, int64_t output_stride,
                             const Parameter* parameters);

}  // namespace lampas
