// Contract: the random factors of dropout.
#pragma once

#include "core/kernels/kernel.h"
#include "core/random/generator.h"

namespace lampas::kernels {

// output: floating, dense; drawn in the order of memory. Each element becomes 0 with probability p, else 1 /
// (1 - p).
inline constinit Kernel<void(double p, Generator& generator, const Tensor& output)> dropout_noise{
    "dropout_noise"};

}  // namespace lampas::kernels
