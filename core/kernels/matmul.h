// Contract: products of matrices.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// output = alpha * input @ other + beta * output, for each matrix of a batch.
// input: (batch, rows, depth), other: (batch, depth, columns), output: (batch, rows, columns); any strides,
// one dtype. Where `bias` (columns) is defined it is added to every row, and beta is 0.
inline constinit Kernel<void(const Tensor& input, const Tensor& other, const Tensor& bias, double alpha,
                             double beta, const Tensor& output)>
    matmul{"matmul"};

}  // namespace lampas::kernels
