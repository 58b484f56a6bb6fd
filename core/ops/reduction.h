// Ops that fold dims of a tensor into one value each.
#pragma once

#include "core/ops/op.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, const std::optional<Shape>&, bool, std::optional<DType>)> sum;

// Sums over `dims`, over all of them where `dims` is empty.
inline Tensor sum_dims(const Tensor& input, const Shape& dims, bool keepdim) {
  return sum(input, dims, keepdim, std::nullopt);
}

}  // namespace lampas
