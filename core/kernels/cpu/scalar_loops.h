// The loops of elementwise rows over any dtype, one element at a time, for the dtypes that have no copy
// per instruction set; also what the tests compare those copies with.
#pragma once

#include "core/kernels/cpu/row_formula.h"
#include "core/kernels/cpu/scalar_numbers.h"
#include "core/kernels/scalar_functions.h"  // after its prelude, scalar_numbers.h

namespace lampas::scalar_loops {

using namespace lampas::formulas;

LAMPAS_UNARY_ROWS(LAMPAS_UNARY_FORMULA)
LAMPAS_BINARY_ROWS(LAMPAS_BINARY_FORMULA)
LAMPAS_COMPARISON_ROWS(LAMPAS_BINARY_FORMULA)
LAMPAS_TERNARY_ROWS(LAMPAS_TERNARY_FORMULA)

template <class Row, class S>
constexpr bool takes() {
  constexpr DType dtype = DTypeOf<S>::dtype;
  switch (Row::domain) {
    case Domain::real_floats:
      return is_floating(dtype);
    case Domain::floats:
      return is_floating(dtype) || is_complex(dtype);
    case Domain::real_numbers:
      return dtype != DType::bool_ && !is_complex(dtype);
    case Domain::ordered:
      return !is_complex(dtype);
    case Domain::numbers:
      return dtype != DType::bool_;
    case Domain::all:
      return true;
  }
}

template <class Row, class V>
struct RowParameters {
  V values[Row::parameter_count + 1] = {};  // never of size zero

  explicit RowParameters(const Parameter* parameters) {
    for (int i = 0; i < Row::parameter_count; ++i) {
      if constexpr (std::is_floating_point_v<V>) {
        values[i] = V(parameters[i].real);
      } else if constexpr (requires(V v) { v.imaginary; }) {
        values[i] = V(parameters[i].real, parameters[i].imaginary);
      } else {
        values[i] = V(parameters[i].integer);
      }
    }
  }
};

template <class Row, class S>
void unary_loop(const void* input, void* output, int64_t count, int64_t input_stride, int64_t output_stride,
                const Parameter* parameters) {
  const RowParameters<Row, Value<S>> row(parameters);
  const auto formula = [&](S x) { return stored_as<S>(Row::apply(value_of(x), row.values)); };
  const S* source = static_cast<const S*>(input);
  auto* target = static_cast<decltype(formula(S()))*>(output);
  for (int64_t i = 0; i < count; ++i) target[i * output_stride] = formula(source[i * input_stride]);
}

template <class Row, class S>
void binary_loop(const void* a, const void* b, void* output, int64_t count, int64_t a_stride,
                 int64_t b_stride, int64_t output_stride, const Parameter* parameters) {
  const RowParameters<Row, Value<S>> row(parameters);
  const auto formula = [&](S x, S y) {
    return stored_as<S>(Row::apply(value_of(x), value_of(y), row.values));
  };
  const S* first = static_cast<const S*>(a);
  const S* second = static_cast<const S*>(b);
  auto* target = static_cast<decltype(formula(S(), S()))*>(output);
  for (int64_t i = 0; i < count; ++i) {
    target[i * output_stride] = formula(first[i * a_stride], second[i * b_stride]);
  }
}

template <class Row, class S>
void ternary_loop(const void* a, const void* b, const void* c, void* output, int64_t count, int64_t a_stride,
                  int64_t b_stride, int64_t c_stride, int64_t output_stride, const Parameter* parameters) {
  const RowParameters<Row, Value<S>> row(parameters);
  const S* first = static_cast<const S*>(a);
  const S* second = static_cast<const S*>(b);
  const S* third = static_cast<const S*>(c);
  S* target = static_cast<S*>(output);
  for (int64_t i = 0; i < count; ++i) {
    target[i * output_stride] =
        stored_as<S>(Row::apply(value_of(first[i * a_stride]), value_of(second[i * b_stride]),
                                value_of(third[i * c_stride]), row.values));
  }
}

// Null where the row does not take the dtype.
template <class Row, class S>
constexpr UnaryLoop unary_loop_or_null() {
  if constexpr (takes<Row, S>()) return unary_loop<Row, S>;
  return nullptr;
}
template <class Row, class S>
constexpr BinaryLoop binary_loop_or_null() {
  if constexpr (takes<Row, S>()) return binary_loop<Row, S>;
  return nullptr;
}
template <class Row, class S>
constexpr TernaryLoop ternary_loop_or_null() {
  if constexpr (takes<Row, S>()) return ternary_loop<Row, S>;
  return nullptr;
}

}  // namespace lampas::scalar_loops
