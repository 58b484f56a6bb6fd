// Cumulative sums on the CPU: one line of elements at a time, in double precision for floats.
#include "core/kernels/cumulative.h"

#include <algorithm>
#include <complex>
#include <type_traits>

#include "core/kernels/cpu/iteration.h"

namespace lampas {
namespace {

// What a running sum is kept in: integers wrap around, so theirs has no sign.
template <class T>
struct RunningSum {
  using Type = std::conditional_t<std::is_integral_v<T>, uint64_t, double>;
};
template <class T>
struct RunningSum<std::complex<T>> {
  using Type = std::complex<double>;
};

template <class T>
void sum_line(const T* input, T* output, int64_t count, int64_t input_stride, int64_t output_stride) {
  typename RunningSum<T>::Type sum{};
  for (int64_t i = 0; i < count; ++i) {
    sum += static_cast<typename RunningSum<T>::Type>(input[i * input_stride]);
    if constexpr (std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>)
      output[i * output_stride] = T(static_cast<float>(sum));
    else
      output[i * output_stride] = static_cast<T>(sum);
  }
}

void cumulative_sum_on_cpu(const Tensor& input, int64_t dim, bool reverse, const Tensor& output) {
  if (input.numel() == 0) return;
  int64_t length = input.sizes()[dim];
  int64_t step = input.strides()[dim], output_step = output.strides()[dim];
  visit(output.dtype(), [&]<class T>() {
    const T* from = input.data<T>() + (reverse ? (length - 1) * step : 0);
    T* to = output.data<T>() + (reverse ? (length - 1) * output_step : 0);
    int64_t grain = std::max<int64_t>(1, cpu::elementwise_grain / length);
    parallel_for(0, input.numel() / length, grain, [&](int64_t begin, int64_t end) {
      for (int64_t line = begin; line < end; ++line) {
        int64_t rest = line, source = 0, target = 0;
        for (int64_t i = input.dim() - 1; i >= 0; --i) {
          if (i == dim) continue;
          source += rest % input.sizes()[i] * input.strides()[i];
          target += rest % input.sizes()[i] * output.strides()[i];
          rest /= input.sizes()[i];
        }
        sum_line(from + source, to + target, length, reverse ? -step : step,
                 reverse ? -output_step : output_step);
      }
    });
  });
}

const Implement implement_cumulative_sum(kernels::cumulative_sum, DeviceKind::cpu, cumulative_sum_on_cpu);

}  // namespace
}  // namespace lampas
