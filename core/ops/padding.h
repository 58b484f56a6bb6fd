// Ops that put a border around a tensor.
#pragma once

#include "core/ops/op.h"

namespace lampas {

// pad: how many elements before and behind, for the last dim, then for the one before it, and so on.
extern const Op<Tensor(const Tensor&, const Shape&, Scalar)> constant_pad_nd;

}  // namespace lampas
