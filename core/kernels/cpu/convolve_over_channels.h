// Convolution with lanes along the result channels: every pixel is multiplied where it lies, so that strides,
// odd widths and many taps cost no copies, and no lane is lost but those behind the last channel.
#pragma once

#include "core/kernels/cpu/convolve.h"

namespace lampas::cpu {

// Clock cycles that an image of a group will take, by estimate.
template <typename T>
double cycles_over_channels(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape);

// The same as `convolve`.
template <typename T>
void convolve_over_channels(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape,
                            const T* input, const T* weight, const T* bias, T* output);

}  // namespace lampas::cpu
