// Losses that are ops of their own.
#pragma once

#include "core/kernels/loss.h"
#include "core/ops/op.h"

namespace lampas {

// reduction: 0 none, 1 mean, 2 sum, as in PyTorch's core.
kernels::Reduction checked_reduction(int64_t reduction);
extern const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, int64_t, int64_t)> nll_loss;
extern const Op<Tensor(const Tensor&, const Tensor&, int64_t)> mse_loss;

}  // namespace lampas
