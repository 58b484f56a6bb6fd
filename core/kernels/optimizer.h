// Contracts: one optimizer step of one parameter.
#pragma once

#include "core/kernels/cpu/vector/optimizer.h"
#include "core/kernels/kernel.h"

namespace lampas::kernels {

// param is changed, momentum_buffer too where momentum is not 0 (else it may be undefined); grad is read.
// The same sizes and dtype, float32 or float64, contiguous.
inline constinit Kernel<void(const Tensor& param, const Tensor& grad, const Tensor& momentum_buffer,
                             const SgdStep& step)>
    sgd_step{"sgd_step"};

}  // namespace lampas::kernels
