// The loop of a row with one operand, for elementwise.h's functions (unary.cpp) and special ones
// (special.cpp).
#pragma once

#include "core/kernels/cpu/vector/loops.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

__attribute__((noinline)) void strided_unary(UnaryLoop loop, int64_t element_size, int64_t result_size,
                                             const void* input, void* output, int64_t count,
                                             int64_t input_stride, int64_t output_stride,
                                             const Parameter* parameters) {
  StridedOperand operand(input, input_stride, element_size);
  StridedResult result(output, output_stride, result_size);
  for (; count > 0; count -= block_elements) {
    const int64_t part = count < block_elements ? count : block_elements;
    loop(operand.next(part), result.next(), part, operand.stride_of_next(), 1, parameters);
    result.finish(part);
  }
}

template <class Row, class S>
void unary_loop(const void* input, void* output, int64_t count, int64_t input_stride, int64_t output_stride,
                const Parameter* parameters) {
  using V = Computed<S>;
  using Result = typename StoredResult<decltype(Row::apply(V(), (const V*)nullptr)), S>::Type;
  if (!is_direct(input_stride, count) || (output_stride != 1 && count != 1)) {
    return strided_unary(unary_loop<Row, S>, sizeof(S), sizeof(Result), input, output, count, input_stride,
                         output_stride, parameters);
  }
  const RowParameters<Row, V> row_parameters(parameters);
  S repeated[V::size];
  const S* source = start_of(input, input_stride, repeated);
  const int64_t step = step_of<V::size>(input_stride);
  Result* target = (Result*)output;
  for (; count >= V::size; count -= V::size, source += step, target += V::size) {
    store(Row::apply(load(source), row_parameters.values), target);
  }
  if (count > 0) store(Row::apply(load(source, count), row_parameters.values), target, count);
}

template <class Row, class S>
constexpr UnaryLoop unary_loop_or_null() {
  if constexpr (takes<Row, S>()) return unary_loop<Row, S>;
  return nullptr;
}

}  // namespace
}  // namespace lampas::vector::LAMPAS_SET
