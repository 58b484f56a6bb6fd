// Activation functions that other ops' derivatives use.
#pragma once

#include "core/ops/op.h"

namespace lampas {

// log(1 + exp(beta x)) / beta; x itself where beta x is above the threshold.
extern const Op<Tensor(const Tensor&, Scalar, Scalar)> softplus;

}  // namespace lampas
