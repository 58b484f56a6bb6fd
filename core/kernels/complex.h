// Contracts: functions of complex numbers.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// source, destination: the same sizes and complex dtype, any strides.
inline constinit Kernel<void(const Tensor& source, const Tensor& destination)> conjugate{"conjugate"};
// input: complex; output: the same sizes, the real dtype of its parts. Its absolute value.
inline constinit Kernel<void(const Tensor& input, const Tensor& output)> magnitude{"magnitude"};

}  // namespace lampas::kernels
