// Contracts: copying with conversion, filling, and reading one element.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// source, destination: the same sizes, any strides and dtypes, one device.
inline constinit Kernel<void(const Tensor& source, const Tensor& destination)> copy{"copy"};
// destination: any sizes and strides; every element becomes `value`.
inline constinit Kernel<void(const Scalar& value, const Tensor& destination)> fill{"fill"};

// input: one element, which becomes `value`.
inline constinit Kernel<void(const Tensor& input, Scalar& value)> read{"read"};

// source and destination: the same sizes, on any two devices, one of them a CPU.
void copy_across(const Tensor& source, const Tensor& destination);

}  // namespace lampas::kernels
