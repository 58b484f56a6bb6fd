// The folds compiled once, for the dtypes without a copy per instruction set, and the choice between them
// and the instruction set's.
#include "core/kernels/cpu/reduction_loops.h"

#include <limits>
#include <type_traits>

#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/scalar_numbers.h"

namespace lampas::cpu {
namespace {

using formulas::Complex;
using formulas::isnan;
using formulas::Value;
using formulas::Wrapping;

// A fold's accumulator for elements stored as S, how an element becomes one, and how two combine.
template <class S>
using Accumulator = std::conditional_t<std::is_integral_v<S>, Wrapping<int64_t>, Value<S>>;

template <class S>
Accumulator<S> accumulated(S element) {
  if constexpr (std::is_integral_v<S>) {
    return Wrapping<int64_t>(element);
  } else {
    return formulas::value_of(element);
  }
}

template <class S>
struct SumOf {
  using Result = Accumulator<S>;
  static Result identity() { return Result(0); }
  static Result take(S element) { return accumulated(element); }
  static Result combine(Result a, Result b) { return a + b; }
};

template <class S>
struct SquareSumOf : SumOf<S> {
  static auto take(S element) { return accumulated(element) * accumulated(element); }
};
template <class S>
struct MagnitudeSumOf : SumOf<S> {
  static auto take(S element) { return formulas::abs(accumulated(element)); }
};
template <class S>
struct NumberSumOf : SumOf<S> {
  static auto take(S element) {
    return isnan(accumulated(element)) ? SumOf<S>::identity() : accumulated(element);
  }
};

template <class S>
struct ProductOf {
  using Result = Accumulator<S>;
  static Result identity() { return Result(1); }
  static Result take(S element) { return accumulated(element); }
  static Result combine(Result a, Result b) { return a * b; }
};

template <class T>
constexpr T lowest() {
  return std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
}
template <class T>
constexpr T highest() {
  return std::is_floating_point_v<T> ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
}

// The order of elements; halves are compared as float.
template <class S>
using Ordered = std::conditional_t<std::is_integral_v<S>, S, Value<S>>;

template <class S>
struct MaximumOf {
  using Result = Ordered<S>;
  static Result identity() { return lowest<Result>(); }
  static Result take(S element) { return Result(element); }
  static bool wins(Result a, Result b) { return a > b || (a != a && b == b); }
  static Result combine(Result a, Result b) { return wins(b, a) ? b : a; }
};

template <class S>
struct MinimumOf {
  using Result = Ordered<S>;
  static Result identity() { return highest<Result>(); }
  static Result take(S element) { return Result(element); }
  static bool wins(Result a, Result b) { return a < b || (a != a && b == b); }
  static Result combine(Result a, Result b) { return wins(b, a) ? b : a; }
};

template <class S>
bool is_true(S element) {
  return !(formulas::value_of(element) == Value<S>(0));
}

template <class S>
struct AnyOf {
  using Result = bool;
  static Result identity() { return false; }
  static Result take(S element) { return is_true(element); }
  static Result combine(Result a, Result b) { return a || b; }
};

template <class S>
struct AllOf {
  using Result = bool;
  static Result identity() { return true; }
  static Result take(S element) { return is_true(element); }
  static Result combine(Result a, Result b) { return a && b; }
};

// Pairwise, so that the error of a sum grows with the logarithm of the count.
constexpr int64_t in_order = 64;

template <class Operation, class S>
typename Operation::Result fold_run(const S* source, int64_t count, int64_t stride) {
  if (count > in_order) {
    const int64_t half = count / 2;
    // In the memory's order, which the arguments of a call need not be.
    const auto first = fold_run<Operation>(source, half, stride);
    const auto second = fold_run<Operation>(source + half * stride, count - half, stride);
    return Operation::combine(first, second);
  }
  typename Operation::Result total = Operation::identity();
  for (int64_t i = 0; i < count; ++i) total = Operation::combine(total, Operation::take(source[i * stride]));
  return total;
}

template <class Operation, class S>
void rows_loop(const void* input, void* output, int64_t rows, int64_t columns, int64_t row_stride,
               int64_t column_stride, int64_t output_stride) {
  const S* source = static_cast<const S*>(input);
  auto* target = static_cast<typename Operation::Result*>(output);
  for (int64_t row = 0; row < rows; ++row) {
    target[row * output_stride] = fold_run<Operation>(source + row * row_stride, columns, column_stride);
  }
}

template <class Operation, class S>
void columns_loop(const void* input, void* output, int64_t rows, int64_t columns, int64_t row_stride) {
  const S* source = static_cast<const S*>(input);
  auto* target = static_cast<typename Operation::Result*>(output);
  for (int64_t column = 0; column < columns; ++column) {
    target[column] = fold_run<Operation>(source + column, rows, row_stride);
  }
}

// The place of the winner in a run, the first of equals.
template <class Operation, class S>
int64_t place_of_extreme(const S* source, int64_t count, int64_t stride) {
  int64_t best = 0;
  for (int64_t i = 1; i < count; ++i) {
    if (Operation::wins(Operation::take(source[i * stride]), Operation::take(source[best * stride])))
      best = i;
  }
  return best;
}

template <class Operation, class S>
void extreme_of_rows_loop(const void* input, void* values, int64_t* indices, int64_t rows, int64_t columns,
                          int64_t row_stride, int64_t column_stride) {
  for (int64_t row = 0; row < rows; ++row) {
    const S* source = static_cast<const S*>(input) + row * row_stride;
    const int64_t place = place_of_extreme<Operation>(source, columns, column_stride);
    if (values != nullptr) static_cast<S*>(values)[row] = source[place * column_stride];
    if (indices != nullptr) indices[row] = place;
  }
}

template <class Operation, class S>
void extreme_of_columns_loop(const void* input, void* values, int64_t* indices, int64_t rows, int64_t columns,
                             int64_t row_stride) {
  extreme_of_rows_loop<Operation, S>(input, values, indices, columns, rows, 1, row_stride);
}

// The column of an instruction set's table, or -1.
constexpr int hot_index(DType dtype) {
  switch (dtype) {
    case DType::float32:
      return static_cast<int>(vector::FoldType::float32);
    case DType::float64:
      return static_cast<int>(vector::FoldType::float64);
    case DType::bfloat16:
      return static_cast<int>(vector::FoldType::bfloat16);
    case DType::int64:
      return static_cast<int>(vector::FoldType::int64);
    default:
      return -1;
  }
}

const vector::ReductionTable& table() {
  return choose(vector::baseline::reduction, vector::avx2::reduction, vector::avx512::reduction);
}

// Calls body.operator()<Operation, S>() for the fold and dtype, or gives null; the hot folds are not
// compiled here again.
template <class Loop, class Body>
Loop with_operation(Fold fold, DType dtype, Body&& body) {
  return visit(dtype, [&]<class S>() -> Loop {
    if (fold == Fold::any) return body.template operator()<AnyOf<S>, S>();
    if (fold == Fold::all) return body.template operator()<AllOf<S>, S>();
    if constexpr (hot_index(DTypeOf<S>::dtype) < 0) {
      if (fold == Fold::sum) return body.template operator()<SumOf<S>, S>();
      if (fold == Fold::product) return body.template operator()<ProductOf<S>, S>();
      if constexpr (is_floating(DTypeOf<S>::dtype)) {
        if (fold == Fold::square_sum) return body.template operator()<SquareSumOf<S>, S>();
        if (fold == Fold::magnitude_sum) return body.template operator()<MagnitudeSumOf<S>, S>();
        if (fold == Fold::number_sum) return body.template operator()<NumberSumOf<S>, S>();
      }
      if constexpr (!is_complex(DTypeOf<S>::dtype)) {
        if (fold == Fold::maximum) return body.template operator()<MaximumOf<S>, S>();
        if (fold == Fold::minimum) return body.template operator()<MinimumOf<S>, S>();
      }
    }
    return nullptr;
  });
}

template <template <class> class Operation>
ExtremeOfRows extreme_of_rows(DType dtype, int row_of_table) {
  if (hot_index(dtype) >= 0) return table().extreme_of_rows[row_of_table][hot_index(dtype)];
  return visit(dtype, []<class S>() -> ExtremeOfRows {
    if constexpr (is_complex(DTypeOf<S>::dtype) || hot_index(DTypeOf<S>::dtype) >= 0) {
      return nullptr;
    } else {
      return extreme_of_rows_loop<Operation<S>, S>;
    }
  });
}

template <template <class> class Operation>
ExtremeOfColumns extreme_of_columns(DType dtype, int row_of_table) {
  if (hot_index(dtype) >= 0) return table().extreme_of_columns[row_of_table][hot_index(dtype)];
  return visit(dtype, []<class S>() -> ExtremeOfColumns {
    if constexpr (is_complex(DTypeOf<S>::dtype) || hot_index(DTypeOf<S>::dtype) >= 0) {
      return nullptr;
    } else {
      return extreme_of_columns_loop<Operation<S>, S>;
    }
  });
}

}  // namespace

FoldRows fold_rows(Fold fold, DType dtype) {
  const int operation = static_cast<int>(fold);
  if (operation < hot_fold_count && hot_index(dtype) >= 0) return table().rows[operation][hot_index(dtype)];
  return with_operation<FoldRows>(fold, dtype,
                                  []<class Operation, class S>() { return rows_loop<Operation, S>; });
}

FoldColumns fold_columns(Fold fold, DType dtype) {
  const int operation = static_cast<int>(fold);
  if (operation < hot_fold_count && hot_index(dtype) >= 0)
    return table().columns[operation][hot_index(dtype)];
  return with_operation<FoldColumns>(fold, dtype,
                                     []<class Operation, class S>() { return columns_loop<Operation, S>; });
}

ExtremeOfRows maximum_of_rows(DType dtype) { return extreme_of_rows<MaximumOf>(dtype, 0); }
ExtremeOfRows minimum_of_rows(DType dtype) { return extreme_of_rows<MinimumOf>(dtype, 1); }
ExtremeOfColumns maximum_of_columns(DType dtype) { return extreme_of_columns<MaximumOf>(dtype, 0); }
ExtremeOfColumns minimum_of_columns(DType dtype) { return extreme_of_columns<MinimumOf>(dtype, 1); }

}  // namespace lampas::cpu
