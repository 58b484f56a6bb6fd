// Contracts: softmax and log-softmax along one dim, and their gradients.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// input, output: the same sizes, at least one dim, and one floating dtype; any strides.
inline constinit Kernel<void(const Tensor& input, int64_t dim, bool logarithm, const Tensor& output)> softmax{
    "softmax"};
// From the gradient of the result and the result; all of the same sizes and dtype.
inline constinit Kernel<void(const Tensor& grad, const Tensor& result, int64_t dim, bool logarithm,
                             const Tensor& grad_input)>
    softmax_backward{"softmax_backward"};

}  // namespace lampas::kernels
