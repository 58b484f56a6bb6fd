// Contracts: the negative log likelihood loss and its gradient.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

enum class Reduction : int64_t { none, mean, sum };

// input (batch, classes, places) of log-probabilities, target (batch, places) of int64 classes, weight
// (classes) or undefined: contiguous. output: (batch, places) for Reduction::none, else one element.
// total_weight: one element, the sum of the weights of the targets that are not ignored.
inline constinit Kernel<void(const Tensor& input, const Tensor& target, const Tensor& weight,
                             Reduction reduction, int64_t ignore_index, const Tensor& output,
                             const Tensor& total_weight)>
    nll_loss{"nll_loss"};

// grad: as `output` above, contiguous. grad_input: as `input`.
inline constinit Kernel<void(const Tensor& grad, const Tensor& target, const Tensor& weight,
                             Reduction reduction, int64_t ignore_index, const Tensor& total_weight,
                             const Tensor& grad_input)>
    nll_loss_backward{"nll_loss_backward"};

}  // namespace lampas::kernels
