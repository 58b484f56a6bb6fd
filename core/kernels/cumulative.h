// Contract: sums along a dim, all intermediate ones kept.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// output[..., i, ...] is the sum of input[..., 0 to i, ...] along `dim`, or from the other end where
// `reverse`. input, output: the same sizes, at least one dim, one dtype but bool; any strides.
inline constinit Kernel<void(const Tensor& input, int64_t dim, bool reverse, const Tensor& output)>
    cumulative_sum{"cumulative_sum"};

}  // namespace lampas::kernels
