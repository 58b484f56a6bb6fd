// Contracts: folding dims of a tensor.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// output: the input's sizes with the dims of `mask` gone or of size 1; the input's dtype.
inline constinit Kernel<void(const Tensor& input, uint64_t mask, const Tensor& output)> sum{"sum"};

}  // namespace lampas::kernels
