// Ops that fold along a dim and keep every intermediate result.
#pragma once

#include "core/ops/op.h"

namespace lampas {

using CumulativeOp = Op<Tensor(const Tensor&, int64_t, std::optional<DType>)>;
extern const CumulativeOp cumsum;
extern const CumulativeOp cumprod;

}  // namespace lampas
