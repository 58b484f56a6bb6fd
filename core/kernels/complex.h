// Contracts: functions of complex numbers.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// source, destination: the same sizes and complex dtype, any strides.
inline constinit Kernel<void(const Tensor& source, const Tensor& destination)> conjugate{"conjugate"};
// input: complex; output: the same sizes, the real dtype of its parts. Its absolute value.
inline constinit Kernel<void(const Tensor& input, const Tensor& output)> magnitude{"magnitude"};
// input: complex, or of the output's dtype; output: a real floating dtype. Its angle in radians.
inline constinit Kernel<void(const Tensor& input, const Tensor& output)> angle{"angle"};
// real, imaginary: the sizes and real dtype of the output's parts, any strides.
inline constinit Kernel<void(const Tensor& real, const Tensor& imaginary, const Tensor& output)> join_parts{
    "join_parts"};

}  // namespace lampas::kernels
