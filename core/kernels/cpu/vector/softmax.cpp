// softmax(x)_i = exp(x_i - m) / sum_j exp(x_j - m) and log_softmax(x)_i = x_i - m - log(sum_j exp(x_j - m)),
// m the row's largest element, with their derivatives.
#include "core/kernels/cpu/vector/softmax.h"

#include "core/kernels/cpu/vector/columns.h"
#include "core/kernels/cpu/vector/elementary_functions.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

template <class S>
void softmax_rows(const void* input, void* output, int64_t rows, int64_t columns, int64_t input_row_stride,
                  int64_t output_row_stride) {
  using V = Computed<S>;
  // A term stored as S must be read back as it was; of float16 and bfloat16 it is computed twice.
  constexpr bool keeps_terms = sizeof(S) == sizeof(typename V::Element);
  for (int64_t row = 0; row < rows; ++row) {
    const S* source = (const S*)input + row * input_row_stride;
    S* target = (S*)output + row * output_row_stride;
    const V largest(fold_run<MaximumFold>(source, columns));
    const auto term = [&](int64_t column, auto... count) LAMPAS_INLINE_LAMBDA {
      const V exponential = exp(load(source + column, count...) - largest);
      if constexpr (keeps_terms) store(exponential, target + column, count...);
      return first_lanes_of(exponential, count...);
    };
    const V sum(sum_over_columns<V>(columns, term));
    over_columns<V::size>(0, columns, [&](int64_t column, auto... count) LAMPAS_INLINE_LAMBDA {
      const V exponential = keeps_terms ? load(target + column, count...) : term(column, count...);
      store(exponential / sum, target + column, count...);
    });
  }
}

// A register's worth of rows at a time, so that their logarithms are taken at once.
template <class S>
void log_softmax_rows(const void* input, void* output, int64_t rows, int64_t columns,
                      int64_t input_row_stride, int64_t output_row_stride) {
  using V = Computed<S>;
  using T = typename V::Element;
  for (int64_t begin = 0; begin < rows; begin += V::size) {
    const int64_t here = rows - begin < V::size ? rows - begin : V::size;
    const S* source = (const S*)input + begin * input_row_stride;
    S* target = (S*)output + begin * output_row_stride;
    T largest[V::size], sums[V::size] = {};
    for (int64_t row = 0; row < here; ++row) {
      const S* elements = source + row * input_row_stride;
      largest[row] = fold_run<MaximumFold>(elements, columns);
      const V shift(largest[row]);
      sums[row] = sum_over_columns<V>(columns, [&](int64_t column, auto... count) LAMPAS_INLINE_LAMBDA {
        return first_lanes_of(exp(load(elements + column, count...) - shift), count...);
      });
    }
    store(log(load(sums)), sums);
    for (int64_t row = 0; row < here; ++row) {
      const S* elements = source + row * input_row_stride;
      const V shift(largest[row]), log_sum(sums[row]);
      over_columns<V::size>(0, columns, [&](int64_t column, auto... count) LAMPAS_INLINE_LAMBDA {
        store(load(elements + column, count...) - shift - log_sum, target + row * output_row_stride + column,
              count...);
      });
    }
  }
}

// grad_input = (grad - sum(grad * output)) * output
template <class S>
void softmax_backward_rows(const void* grad, const void* output, void* grad_input, int64_t rows,
                           int64_t columns) {
  using V = Computed<S>;
  for (int64_t row = 0; row < rows; ++row) {
    const S* incoming = (const S*)grad + row * columns;
    const S* result = (const S*)output + row * columns;
    S* target = (S*)grad_input + row * columns;
    const V sum(sum_over_columns<V>(columns, [&](int64_t column, auto... count) LAMPAS_INLINE_LAMBDA {
      return load(incoming + column, count...) * load(result + column, count...);
    }));
    over_columns<V::size>(0, columns, [&](int64_t column, auto... count) LAMPAS_INLINE_LAMBDA {
      const V difference = load(incoming + column, count...) - sum;
      store(difference * load(result + column, count...), target + column, count...);
    });
  }
}

// grad_input = grad - exp(output) * sum(grad)
template <class S>
void log_softmax_backward_rows(const void* grad, const void* output, void* grad_input, int64_t rows,
                               int64_t columns) {
  using V = Computed<S>;
  for (int64_t row = 0; row < rows; ++row) {
    const S* incoming = (const S*)grad + row * columns;
    const S* result = (const S*)output + row * columns;
    S* target = (S*)grad_input + row * columns;
    const V sum(sum_over_columns<V>(columns, [&](int64_t column, auto... count) LAMPAS_INLINE_LAMBDA {
      return load(incoming + column, count...);
    }));
    over_columns<V::size>(0, columns, [&](int64_t column, auto... count) LAMPAS_INLINE_LAMBDA {
      const V share = exp(load(result + column, count...)) * sum;
      store(load(incoming + column, count...) - share, target + column, count...);
    });
  }
}

}  // namespace

#define LAMPAS_TYPES(loop) \
  { loop<float>, loop<double>, loop<BFloat16>, loop<Float16> }
constinit const SoftmaxTable softmax = {LAMPAS_TYPES(softmax_rows), LAMPAS_TYPES(log_softmax_rows),
                                        LAMPAS_TYPES(softmax_backward_rows),
                                        LAMPAS_TYPES(log_softmax_backward_rows)};

}  // namespace lampas::vector::LAMPAS_SET
