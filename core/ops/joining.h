// Ops that join tensors along a dim or take them apart.
#pragma once

#include "core/ops/op.h"

namespace lampas {

extern const Op<Tensor(const TensorList&, int64_t)> cat;
extern const Op<Tensor(const TensorList&, int64_t)> stack;
extern const Op<TensorList(const Tensor&, int64_t, int64_t)> split;
extern const Op<TensorList(const Tensor&, const Shape&, int64_t)> split_with_sizes;
extern const Op<TensorList(const Tensor&, int64_t)> unbind;

}  // namespace lampas
