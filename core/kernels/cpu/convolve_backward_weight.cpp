// The gradient of a convolution's weight: chooses the way, and shares the units among threads.
#include <algorithm>

#include "core/kernels/cpu/cycle_estimates.h"
#include "core/kernels/cpu/weight_gradient.h"
#include "core/kernels/cpu/workspace.h"
#include "core/parallel/thread_pool.h"

namespace lampas::cpu {

template <typename T>
void convolve_backward_weight(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape,
                              const T* input, const T* grad_output, T* grad_weight) {
  const int64_t weight_size = shape.out_channels * shape.in_channels_of_group() * product_of(shape.kernel);
  if (weight_size == 0) return;
  if (shape.batch == 0 || product_of(shape.output) == 0) {
    std::fill_n(grad_weight, weight_size, T(0));
    return;
  }
  const auto worthy_threads = static_cast<int64_t>(std::min(shape.work() / work_worth_a_thread, 1e6));
  const int64_t threads = std::clamp<int64_t>(worthy_threads, 1, thread_count());
  auto gradient = weight_gradient_over_pixels(kernels, shape, input, grad_output, threads);
  auto over_channels = weight_gradient_over_channels(kernels, shape, input, grad_output);
  if (over_channels->cycles() < gradient->cycles()) gradient = std::move(over_channels);

  // Each part sums into memory of its own.
  const int64_t units = gradient->units();
  const int64_t parts = std::min(threads, units);
  const int64_t size = gradient->sums_size();
  Workspace<T> sums(parts * size);
  parallel_for(0, parts, 1, [&](int64_t first, int64_t last) {
    for (int64_t part = first; part < last; ++part) {
      gradient->sum_units(units * part / parts, units * (part + 1) / parts, sums.data() + part * size);
    }
  });
  for (int64_t part = 1; part < parts; ++part) {
    const T* sum = sums.data() + part * size;
    for (int64_t index = 0; index < size; ++index) sums[index] += sum[index];
  }
  gradient->finish(sums.data(), grad_weight);
}

template void convolve_backward_weight(const ConvolutionKernels<float>&, const ConvolutionShape&,
                                       const float*, const float*, float*);
template void convolve_backward_weight(const ConvolutionKernels<double>&, const ConvolutionShape&,
                                       const double*, const double*, double*);

}  // namespace lampas::cpu
