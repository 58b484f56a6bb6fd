// The loops of ternary rows, and where().
#include "core/kernels/cpu/vector/loops.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

// `first_size` differs from `element_size` for where(), whose first operand is a byte.
__attribute__((noinline)) void strided_ternary(TernaryLoop loop, int64_t first_size, int64_t element_size,
                                               const void* a, const void* b, const void* c, void* output,
                                               int64_t count, int64_t a_stride, int64_t b_stride,
                                               int64_t c_stride, int64_t output_stride,
                                               const Parameter* parameters) {
  StridedOperand first(a, a_stride, first_size), second(b, b_stride, element_size),
      third(c, c_stride, element_size);
  StridedResult result(output, output_stride, element_size);
  for (; count > 0; count -= block_elements) {
    const int64_t part = count < block_elements ? count : block_elements;
    loop(first.next(part), second.next(part), third.next(part), result.next(), part, first.stride_of_next(),
         second.stride_of_next(), third.stride_of_next(), 1, parameters);
    result.finish(part);
  }
}

LAMPAS_INLINE bool all_direct(int64_t a_stride, int64_t b_stride, int64_t c_stride, int64_t output_stride,
                              int64_t count) {
  return is_direct(a_stride, count) && is_direct(b_stride, count) && is_direct(c_stride, count) &&
         (output_stride == 1 || count == 1);
}

template <class Row, class S>
void ternary_loop(const void* a, const void* b, const void* c, void* output, int64_t count, int64_t a_stride,
                  int64_t b_stride, int64_t c_stride, int64_t output_stride, const Parameter* parameters) {
  using V = Computed<S>;
  if (!all_direct(a_stride, b_stride, c_stride, output_stride, count)) {
    return strided_ternary(ternary_loop<Row, S>, sizeof(S), sizeof(S), a, b, c, output, count, a_stride,
                           b_stride, c_stride, output_stride, parameters);
  }
  const RowParameters<Row, V> row_parameters(parameters);
  S repeated_a[V::size], repeated_b[V::size], repeated_c[V::size];
  const S* first = start_of(a, a_stride, repeated_a);
  const S* second = start_of(b, b_stride, repeated_b);
  const S* third = start_of(c, c_stride, repeated_c);
  const int64_t first_step = step_of<V::size>(a_stride), second_step = step_of<V::size>(b_stride),
                third_step = step_of<V::size>(c_stride);
  S* target = (S*)output;
  for (; count >= V::size; count -= V::size, target += V::size) {
    store(Row::apply(load(first), load(second), load(third), row_parameters.values), target);
    first += first_step;
    second += second_step;
    third += third_step;
  }
  if (count > 0) {
    store(Row::apply(load(first, count), load(second, count), load(third, count), row_parameters.values),
          target, count);
  }
}

template <class T>
void where_loop(const void* condition, const void* a, const void* b, void* output, int64_t count,
                int64_t condition_stride, int64_t a_stride, int64_t b_stride, int64_t output_stride,
                const Parameter* parameters) {
  using V = Vector<T>;
  if (!all_direct(condition_stride, a_stride, b_stride, output_stride, count)) {
    return strided_ternary(where_loop<T>, 1, sizeof(T), condition, a, b, output, count, condition_stride,
                           a_stride, b_stride, output_stride, parameters);
  }
  uint8_t repeated_condition[V::size];
  T repeated_a[V::size], repeated_b[V::size];
  const uint8_t* conditions = start_of(condition, condition_stride, repeated_condition);
  const T* first = start_of(a, a_stride, repeated_a);
  const T* second = start_of(b, b_stride, repeated_b);
  const int64_t condition_step = step_of<V::size>(condition_stride), first_step = step_of<V::size>(a_stride),
                second_step = step_of<V::size>(b_stride);
  T* target = (T*)output;
  for (; count >= V::size; count -= V::size, target += V::size) {
    store(select(load_mask<T>(conditions), load(first), load(second)), target);
    conditions += condition_step;
    first += first_step;
    second += second_step;
  }
  if (count > 0) {
    store(select(load_mask<T>(conditions, count), load(first, count), load(second, count)), target, count);
  }
}

template <class Row, class S>
constexpr TernaryLoop ternary_loop_or_null() {
  if constexpr (takes<Row, S>()) return ternary_loop<Row, S>;
  return nullptr;
}

LAMPAS_TERNARY_ROWS(LAMPAS_TERNARY_FORMULA)

}  // namespace

#define LAMPAS_TABLE_ENTRY(name, row_domain, row_parameter_count)                             \
  {ternary_loop_or_null<name##_row, float>(), ternary_loop_or_null<name##_row, double>(),     \
   ternary_loop_or_null<name##_row, BFloat16>(), ternary_loop_or_null<name##_row, int32_t>(), \
   ternary_loop_or_null<name##_row, int64_t>()},
constinit const TernaryTable ternary = {
    {LAMPAS_TERNARY_ROWS(LAMPAS_TABLE_ENTRY)}, where_loop<int32_t>, where_loop<int64_t>};

}  // namespace lampas::vector::LAMPAS_SET
