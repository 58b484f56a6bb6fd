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

// The others keep `step`, one float32 or float64 element: the number of steps taken, which they raise by one.
// State is shaped as the parameter; what the step does not use may be undefined.
inline constinit Kernel<void(const Tensor& param, const Tensor& grad, const Tensor& exp_avg,
                             const Tensor& exp_avg_sq, const Tensor& max_exp_avg_sq, const Tensor& step,
                             const AdamStep& options)>
    adam_step{"adam_step"};

inline constinit Kernel<void(const Tensor& param, const Tensor& grad, const Tensor& square_avg,
                             const Tensor& momentum_buffer, const Tensor& grad_avg, const Tensor& step,
                             const RmspropStep& options)>
    rmsprop_step{"rmsprop_step"};

inline constinit Kernel<void(const Tensor& param, const Tensor& grad, const Tensor& sum, const Tensor& step,
                             const AdagradStep& options)>
    adagrad_step{"adagrad_step"};

inline constinit Kernel<void(const Tensor& param, const Tensor& grad, const Tensor& square_avg,
                             const Tensor& acc_delta, const Tensor& step, const AdadeltaStep& options)>
    adadelta_step{"adadelta_step"};

}  // namespace lampas::kernels
