// Spread and size of a tensor's elements: variances and norms.
#pragma once

#include "core/ops/reduction.h"

namespace lampas {

// ord, dim, keepdim, dtype.
extern const Op<Tensor(const Tensor&, Scalar, const Dims&, bool, std::optional<DType>)> vector_norm;

}  // namespace lampas
