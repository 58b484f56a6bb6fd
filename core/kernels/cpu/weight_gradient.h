// The gradient of a convolution's weight, as sums over units of work; two ways to fill the lanes of vectors.
#pragma once

#include <memory>

#include "core/kernels/cpu/convolve.h"

namespace lampas::cpu {

template <typename T>
class WeightGradient {
 public:
  virtual ~WeightGradient() = default;

  // Clock cycles of one image and group, by estimate.
  virtual double cycles() const = 0;
  virtual int64_t units() const = 0;
  virtual int64_t sums_size() const = 0;
  // sums = the sum over the units [first, last), in a layout of its own.
  virtual void sum_units(int64_t first, int64_t last, T* sums) const = 0;
  // grad_weight (out_channels, in_channels / groups, kernel...) from all units' sums.
  virtual void finish(const T* sums, T* grad_weight) const = 0;
};

// Lanes along the output's pixels: for few channels. There are units for so many threads.
template <typename T>
std::unique_ptr<WeightGradient<T>> weight_gradient_over_pixels(const ConvolutionKernels<T>& kernels,
                                                               const ConvolutionShape& shape, const T* input,
                                                               const T* grad_output, int64_t threads);

// Lanes along the input's channels: for many.
template <typename T>
std::unique_ptr<WeightGradient<T>> weight_gradient_over_channels(const ConvolutionKernels<T>& kernels,
                                                                 const ConvolutionShape& shape,
                                                                 const T* input, const T* grad_output);

}  // namespace lampas::cpu
