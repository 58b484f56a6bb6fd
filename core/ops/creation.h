// Ops that make tensors, and copies of them.
#pragma once

#include "core/ops/op.h"

namespace lampas {

// The arguments dtype= and device= of ops that make tensors.
using OptionalDType = std::optional<DType>;
using OptionalDevice = std::optional<Device>;

extern const Op<Tensor(const Tensor&)> clone;                // in the input's order of dims in memory
extern const Op<Tensor(const Tensor&)> contiguous_copy;      // clone whose elements lie in order
extern const Op<Tensor(const Tensor&, const Tensor&)> copy;  // in place only: Tensor.copy_
extern const Op<Tensor(const Tensor&, Scalar)> fill;
// A copy in another dtype or on another device.
extern const Op<Tensor(const Tensor&, OptionalDType, OptionalDevice)> to_copy;

// `tensor` itself where its elements lie in order, else a copy of which they do.
inline Tensor as_contiguous(const Tensor& tensor) {
  return tensor.is_contiguous() ? tensor : contiguous_copy(tensor);
}
Tensor zeros(const Shape& sizes, DType dtype, Device device);
Tensor full(const Shape& sizes, const Scalar& value, DType dtype, Device device);
// 0, 1, …, count - 1 in int64.
Tensor arange_of(int64_t count, Device device);
Tensor zeros_like(const Tensor& tensor);
Tensor ones_like(const Tensor& tensor);
// `tensor` in another dtype; recorded. `tensor` itself where it has the dtype.
Tensor cast(const Tensor& tensor, DType dtype);
// The output of an op that makes a tensor: a new one, or the out= tensor, which is resized without a warning
// and whose dtype and device count where none are given.
Tensor made_output(Call& call, const Shape& size, OptionalDType dtype, OptionalDevice device,
                   DType otherwise);
// The output of an op that makes a tensor like another: also in its order of dims in memory.
Tensor output_like(Call& call, const Tensor& input, OptionalDType dtype, OptionalDevice device);
inline void copy_(const Tensor& target, const Tensor& source) { copy.write_into(target, source); }

}  // namespace lampas
