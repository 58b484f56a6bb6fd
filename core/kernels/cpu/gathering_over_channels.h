// Gathering with lanes along the result channels: every pixel is multiplied where it lies, so that strides,
// odd widths and many taps cost no copies, and no lane is lost but those behind the last channel.
#pragma once

#include "core/kernels/cpu/convolve.h"
#include "core/kernels/cpu/gathering.h"

namespace lampas::cpu {

// Clock cycles that an image of a group will take, by estimate; infinite where one pass does not write all
// results, which this way needs.
template <typename T>
double cycles_over_channels(const ConvolutionKernels<T>& kernels, const Gathering<T>& gathering);

// The same as `gather`.
template <typename T>
void gather_over_channels(const ConvolutionKernels<T>& kernels, const Gathering<T>& gathering);

}  // namespace lampas::cpu
