// Contracts: convolution over one to three spatial dims, and its gradients.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// One entry for each spatial dim.
struct Window {
  Shape stride, padding, dilation;
  int64_t groups = 1;
};

// input (batch, in_channels, in…), weight (out_channels, in_channels / groups, kernel…), bias (out_channels)
// or undefined, output (batch, out_channels, out…): contiguous, one dtype.
inline constinit Kernel<void(const Tensor& input, const Tensor& weight, const Tensor& bias,
                             const Window& window, const Tensor& output)>
    convolution{"convolution"};
// The gradients: shapes as above; one that is undefined is not computed.
inline constinit Kernel<void(const Tensor& grad_output, const Tensor& input, const Tensor& weight,
                             const Window& window, const Tensor& grad_input, const Tensor& grad_weight,
                             const Tensor& grad_bias)>
    convolution_backward{"convolution_backward"};
// grad_input from grad_output, plus bias (in_channels) or undefined: a transposed convolution.
inline constinit Kernel<void(const Tensor& grad_output, const Tensor& weight, const Tensor& bias,
                             const Window& window, const Tensor& output)>
    convolution_transposed{"convolution_transposed"};

}  // namespace lampas::kernels
