// Ops that show a tensor's memory in another shape.
#pragma once

#include "core/ops/op.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, const Shape&, const Shape&, std::optional<int64_t>)> as_strided_op;
extern const Op<Tensor(const Tensor&, const Shape&)> view;
extern const Op<Tensor(const Tensor&, const Shape&)> expand;

inline Tensor as_strided(const Tensor& input, const Shape& size, const Shape& stride,
                         int64_t storage_offset) {
  return as_strided_op(input, size, stride, storage_offset);
}
// The gradient of as_strided: adds `grad` into a zero tensor of `base_sizes` (contiguous) at the places
// that the view showed. `offset` counts from the base's first element.
Tensor as_strided_backward(const Tensor& grad, const Shape& base_sizes, const Shape& sizes,
                           const Shape& strides, int64_t offset);
// A view where there is one, else a copy.
Tensor reshape(const Tensor& input, const Shape& shape);

}  // namespace lampas
