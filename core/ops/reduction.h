// Ops that fold dims of a tensor into one value each.
#pragma once

#include "core/ops/op.h"

namespace lampas {

using Dims = std::optional<Shape>;
extern const Op<Tensor(const Tensor&, const Dims&, bool, std::optional<DType>)> sum;
extern const Op<Tensor(const Tensor&, const Dims&, bool, std::optional<DType>)> mean;
extern const Op<Tensor(const Tensor&, const Dims&, bool)> amax;
extern const Op<Tensor(const Tensor&, const Dims&, bool)> amin;
extern const Op<Tensor(const Tensor&, const Dims&, bool)> any_op;
extern const Op<Tensor(const Tensor&, const Dims&, bool)> all_op;
// The largest element along a dim and where it is.
extern const Op<std::tuple<Tensor, Tensor>(const Tensor&, int64_t, bool)> max_dim;

// Sums over `dims`, over all of them where `dims` is empty.
inline Tensor sum_dims(const Tensor& input, const Shape& dims, bool keepdim) {
  return sum(input, dims, keepdim, std::nullopt);
}
inline Tensor sum_all(const Tensor& input) { return sum(input, std::nullopt, false, std::nullopt); }
inline Tensor all(const Tensor& input) { return all_op(input, std::nullopt, false); }
inline Tensor any(const Tensor& input) { return any_op(input, std::nullopt, false); }

}  // namespace lampas
