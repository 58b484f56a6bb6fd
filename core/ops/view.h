// Ops that show a tensor's memory in another shape or dtype.
#pragma once

#include "core/ops/op.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, const Shape&, const Shape&, std::optional<int64_t>)> as_strided_op;
extern const Op<Tensor(const Tensor&, const Shape&)> view;
extern const Op<Tensor(const Tensor&, const Shape&)> expand;
// A view that autograd does not know as one: `input` must be a tensor that nobody else holds.
extern const Op<Tensor(const Tensor&, const Shape&)> unsafe_view;
// A view where there is one, else a copy.
extern const Op<Tensor(const Tensor&, const Shape&)> reshape;
extern const Op<Tensor(const Tensor&)> detach;
extern const Op<Tensor(const Tensor&)> alias_op;

inline Tensor as_strided(const Tensor& input, const Shape& size, const Shape& stride,
                         int64_t storage_offset) {
  return as_strided_op(input, size, stride, storage_offset);
}

// Where a tensor's elements lie in a storage, counted in elements.
struct Geometry {
  Shape sizes, strides;
  int64_t offset = 0;
};
inline Geometry geometry_of(const Tensor& tensor) {
  return {tensor.sizes(), tensor.strides(), tensor.offset()};
}
// The gradient of as_strided: what reaches a tensor lying as `base` from the gradient of one lying as
// `shown` in the same storage. Elements that are shown several times get the sum.
Tensor as_strided_backward(const Tensor& grad, const Geometry& base, const Geometry& shown);

}  // namespace lampas
