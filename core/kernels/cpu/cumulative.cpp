// Cumulative folds on the CPU: one line of elements at a time, in double precision for floats.
#include "core/kernels/cumulative.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <type_traits>

#include "core/kernels/cpu/iteration.h"
#include "core/kernels/cpu/wide_numbers.h"

namespace lampas {
namespace {

using cpu::stored;
using kernels::Cumulative;

// What a running result is kept in: integers wrap around, so theirs has no sign.
template <class T>
using Running = std::conditional_t<std::is_integral_v<T>, uint64_t, cpu::Wide<T>>;

template <class V>
struct RunningSum {
  V sum{};
  V add(V element) { return sum += element; }
};

template <class V>
struct RunningProduct {
  V product{1};
  V add(V element) { return product *= element; }
};

double real_part(double value) { return value; }
double real_part(std::complex<double> value) { return value.real(); }

// log(sum) + greatest, where the exponentials are taken less the greatest element so far.
template <class V>
struct RunningLogarithm {
  double greatest = -std::numeric_limits<double>::infinity();
  V sum{};
  V add(V element) {
    const double size = real_part(element);
    if (size > greatest || std::isnan(size)) {
      sum *= std::exp(greatest - size);
      greatest = size;
    }
    // An infinite one less itself is no number.
    sum += std::isinf(greatest) ? V(size == greatest) : std::exp(element - greatest);
    return greatest + std::log(sum);
  }
};

template <class State, class T>
void fold_line(const T* input, T* output, int64_t count, int64_t input_stride, int64_t output_stride) {
  State state;
  for (int64_t i = 0; i < count; ++i)
    output[i * output_stride] = stored<T>(state.add(static_cast<Running<T>>(input[i * input_stride])));
}

template <class T>
using FoldLine = void (*)(const T*, T*, int64_t, int64_t, int64_t);

template <class T>
FoldLine<T> line_of(Cumulative function) {
  using V = Running<T>;
  if (function == Cumulative::sum) return fold_line<RunningSum<V>, T>;
  if (function == Cumulative::product) return fold_line<RunningProduct<V>, T>;
  if constexpr (!std::is_integral_v<T>) return fold_line<RunningLogarithm<V>, T>;
  return nullptr;
}

// Calls body(input offset, output offset) for each line along `dim`, in parallel.
template <class Body>
void for_each_line(const Tensor& input, const Tensor& output, int64_t dim, Body&& body) {
  const int64_t length = input.sizes()[dim];
  const int64_t grain = std::max<int64_t>(1, cpu::elementwise_grain / length);
  parallel_for(0, input.numel() / length, grain, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      int64_t rest = line, source = 0, target = 0;
      for (int64_t i = input.dim() - 1; i >= 0; --i) {
        if (i == dim) continue;
        source += rest % input.sizes()[i] * input.strides()[i];
        target += rest % input.sizes()[i] * output.strides()[i];
        rest /= input.sizes()[i];
      }
      body(source, target);
    }
  });
}

void cumulative_on_cpu(Cumulative function, const Tensor& input, int64_t dim, bool reverse,
                       const Tensor& output) {
  if (input.numel() == 0) return;
  const int64_t length = input.sizes()[dim];
  const int64_t step = input.strides()[dim], output_step = output.strides()[dim];
  visit(output.dtype(), [&]<class T>() {
    const FoldLine<T> fold = line_of<T>(function);
    const T* from = input.data<T>() + (reverse ? (length - 1) * step : 0);
    T* to = output.data<T>() + (reverse ? (length - 1) * output_step : 0);
    for_each_line(input, output, dim, [&](int64_t source, int64_t target) {
      fold(from + source, to + target, length, reverse ? -step : step, reverse ? -output_step : output_step);
    });
  });
}

double conjugate_of(double value) { return value; }
std::complex<double> conjugate_of(std::complex<double> value) { return std::conj(value); }

// e^difference; one where both were the same infinity.
template <class V>
V exponential(V minuend, V subtrahend) {
  return minuend == subtrahend ? V(1) : std::exp(minuend - subtrahend);
}

// Step by step, so that every factor's exponent is at most zero: the results grow.
template <class T>
void sum_exponentials_of_line(const T* weights, const T* exponents, const T* results, T* output,
                              int64_t count, int64_t stride, bool reverse) {
  using V = Running<T>;
  V sum{};
  for (int64_t step = 0; step < count; ++step) {
    const int64_t i = (reverse ? count - 1 - step : step) * stride;
    const V weight = static_cast<V>(weights[i]), result = static_cast<V>(results[i]);
    const V own = std::exp(static_cast<V>(exponents[i]) - result);
    if (reverse) {
      if (step > 0) sum *= conjugate_of(exponential(result, static_cast<V>(results[i + stride])));
      sum += weight;
      output[i] = stored<T>(sum * conjugate_of(own));
    } else {
      if (step > 0) sum *= exponential(static_cast<V>(results[i - stride]), result);
      sum += weight * own;
      output[i] = stored<T>(sum);
    }
  }
}

void exponential_sums_on_cpu(const Tensor& weights, const Tensor& exponents, const Tensor& results,
                             int64_t dim, bool reverse, const Tensor& output) {
  if (output.numel() == 0) return;
  visit(output.dtype(), [&]<class T>() {
    if constexpr (!std::is_integral_v<T>) {
      for_each_line(output, output, dim, [&](int64_t offset, int64_t) {
        sum_exponentials_of_line(weights.data<T>() + offset, exponents.data<T>() + offset,
                                 results.data<T>() + offset, output.data<T>() + offset, output.sizes()[dim],
                                 output.strides()[dim], reverse);
      });
    }
  });
}

void cumulative_extreme_on_cpu(bool largest, const Tensor& input, int64_t dim, const Tensor& values,
                               const Tensor& indices) {
  if (input.numel() == 0) return;
  const int64_t length = input.sizes()[dim], step = input.strides()[dim];
  visit(input.dtype(), [&]<class T>() {
    if constexpr (std::is_convertible_v<T, double>) {
      const T* from = input.data<T>();
      T* to = values.data<T>();
      int64_t* places = indices.data<int64_t>();
      for_each_line(input, values, dim, [&](int64_t source, int64_t target) {
        T best = from[source];
        int64_t place = 0;
        for (int64_t i = 0; i < length; ++i) {
          const T element = from[source + i * step];
          const bool wins = element != element || (largest ? element >= best : element <= best);
          if (wins) {
            best = element;
            place = i;
          }
          to[target + i * values.strides()[dim]] = best;
          places[target + i * values.strides()[dim]] = place;
        }
      });
    }
  });
}

const Implement implement_cumulative(kernels::cumulative, DeviceKind::cpu, cumulative_on_cpu);
const Implement implement_exponential_sums(kernels::exponential_sums, DeviceKind::cpu,
                                           exponential_sums_on_cpu);
const Implement implement_cumulative_extreme(kernels::cumulative_extreme, DeviceKind::cpu,
                                             cumulative_extreme_on_cpu);

}  // namespace
}  // namespace lampas
