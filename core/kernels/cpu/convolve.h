// Convolution and its gradients on raw memory; the sizes and layouts are ConvolutionShape's.
#pragma once

#include "core/kernels/cpu/convolution_shape.h"
#include "core/kernels/cpu/vector/convolution_table.h"
#include "core/kernels/cpu/vector/matmul_table.h"

namespace lampas::cpu {

// The kernels of one instruction set for one element type, float or double.
template <typename T>
struct ConvolutionKernels {
  const vector::MatmulFunctions<T>& products;
  const vector::ConvolutionFunctions<T>& copies;
};

// output = input convolved with weight, plus bias (out_channels values, or null).
template <typename T>
void convolve(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape, const T* input,
              const T* weight, const T* bias, T* output);

// grad_input, which is also a transposed convolution's output: of `grad_output` with `weight`, plus bias
// (in_channels values, or null).
template <typename T>
void convolve_backward_input(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape,
                             const T* grad_output, const T* weight, const T* bias, T* grad_input);

template <typename T>
void convolve_backward_weight(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape,
                              const T* input, const T* grad_output, T* grad_weight);

// grad_bias (out_channels values): the sums of grad_output over the batch and the pixels.
template <typename T>
void convolve_backward_bias(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape,
                            const T* grad_output, T* grad_bias);

}  // namespace lampas::cpu
