// BatchedTensor: a tensor that stands for one tensor of every example, and moving its batch dim.
#pragma once

#include "core/transforms/level.h"

namespace lampas::transforms {

struct BatchedTensor final : Wrapper {
  BatchedTensor(LevelIdentity level, const Tensor& value, int64_t batch_dim)
      : Wrapper(level), value(value), batch_dim(batch_dim) {}
  Tensor changed(const Change& change, int added) const override;
  void visit(const std::function<void(const Tensor&)>& body) const override { body(value); }

  Tensor value;       // with the batch dim
  int64_t batch_dim;  // in [0, value.dim())
};

// A tensor that shows the sizes and strides of one example of `value`.
Tensor make_batched(LevelIdentity level, const Tensor& value, int64_t batch_dim);
// Null where `tensor` is not batched at this level.
const BatchedTensor* batched_at(const Level& level, const Tensor& tensor);

// Views of `tensor` with one dim elsewhere, in front, or repeated `size` times in a new dim in front.
Tensor move_dim(const Tensor& tensor, int64_t from, int64_t to);
Tensor expand_in_front(const Tensor& tensor, int64_t size);

}  // namespace lampas::transforms
