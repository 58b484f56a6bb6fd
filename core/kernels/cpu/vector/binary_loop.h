// The loop of a row with two operands, for arithmetic (binary.cpp) and comparisons (comparison.cpp).
#pragma once

#include "core/kernels/cpu/vector/loops.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

__attribute__((noinline)) void strided_binary(BinaryLoop loop, int64_t element_size, int64_t result_size,
                                              const void* a, const void* b, void* output, int64_t count,
                                              int64_t a_stride, int64_t b_stride, int64_t output_stride,
                                              const Parameter* parameters) {
  StridedOperand first(a, a_stride, element_size), second(b, b_stride, element_size);
  StridedResult result(output, output_stride, result_size);
  for (; count > 0; count -= block_elements) {
    const int64_t part = count < block_elements ? count : block_elements;
    loop(first.next(part), second.next(part), result.next(), part, first.stride_of_next(),
         second.stride_of_next(), 1, parameters);
    result.finish(part);
  }
}

template <class Row, class S>
void binary_loop(const void* a, const void* b, void* output, int64_t count, int64_t a_stride,
                 int64_t b_stride, int64_t output_stride, const Parameter* parameters) {
  using V = Computed<S>;
  using Result = typename StoredResult<decltype(Row::apply(V(), V(), (const V*)nullptr)), S>::Type;
  if (!is_direct(a_stride, count) || !is_direct(b_stride, count) || (output_stride != 1 && count != 1)) {
    return strided_binary(binary_loop<Row, S>, sizeof(S), sizeof(Result), a, b, output, count, a_stride,
                          b_stride, output_stride, parameters);
  }
  const RowParameters<Row, V> row_parameters(parameters);
  S repeated_a[V::size], repeated_b[V::size];
  const S* first = start_of(a, a_stride, repeated_a);
  const S* second = start_of(b, b_stride, repeated_b);
  const int64_t first_step = step_of<V::size>(a_stride), second_step = step_of<V::size>(b_stride);
  Result* target = (Result*)output;
  for (; count >= V::size; count -= V::size, target += V::size) {
    store(Row::apply(load(first), load(second), row_parameters.values), target);
    first += first_step;
    second += second_step;
  }
  if (count > 0) {
    store(Row::apply(load(first, count), load(second, count), row_parameters.values), target, count);
  }
}

template <class Row, class S>
constexpr BinaryLoop binary_loop_or_null() {
  if constexpr (takes<Row, S>()) return binary_loop<Row, S>;
  return nullptr;
}

#define LAMPAS_BINARY_TABLE_ENTRY(name, row_domain, row_parameter_count)                    \
  {binary_loop_or_null<name##_row, float>(), binary_loop_or_null<name##_row, double>(),     \
   binary_loop_or_null<name##_row, BFloat16>(), binary_loop_or_null<name##_row, int32_t>(), \
   binary_loop_or_null<name##_row, int64_t>()},

}  // namespace
}  // namespace lampas::vector::LAMPAS_SET
