// Ops of three tensors, element by element.
#pragma once

#include "core/ops/op.h"

namespace lampas {

// input + weight * (end - input).
extern const Op<Tensor(const Tensor&, const Tensor&, const Tensor&)> lerp;

}  // namespace lampas
