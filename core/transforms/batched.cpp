// Making batched tensors.
#include "core/transforms/batched.h"

#include "core/ops/view.h"
#include "core/ops/view_dims.h"

namespace lampas::transforms {

Tensor BatchedTensor::changed(const Change& change, int added) const {
  Tensor front = added == -1 && batch_dim == 0 ? move_dim(value, 0, 1) : value;
  int64_t dim = added == -1 && batch_dim == 0 ? 1 : batch_dim;
  Tensor result = change(front);
  return result.defined() ? make_batched(level, result, dim + added) : result;
}

Tensor make_batched(LevelIdentity level, const Tensor& value, int64_t batch_dim) {
  check(batch_dim >= 0 && batch_dim < value.dim(), "vmap: the batch dim ", batch_dim,
        " does not exist in a tensor of sizes ", value.sizes());
  Shape sizes = value.sizes(), strides = value.strides();
  sizes.erase(static_cast<size_t>(batch_dim));
  strides.erase(static_cast<size_t>(batch_dim));
  Tensor tensor = wrapper_tensor(sizes, value.dtype(), value.device(),
                                 std::make_unique<BatchedTensor>(level, value, batch_dim));
  TensorBody& body = tensor.body();
  // An example's own geometry, so that composites choose between view and copy as they should.
  body.strides = strides;
  body.offset = value.offset();
  body.contiguous = is_contiguous(sizes, strides);
  return tensor;
}

const BatchedTensor* batched_at(const Level& level, const Tensor& tensor) {
  const Wrapper* wrapper = wrapper_of(tensor);
  if (!wrapper || wrapper->level != level.identity) return nullptr;
  return dynamic_cast<const BatchedTensor*>(wrapper);
}

Tensor move_dim(const Tensor& tensor, int64_t from, int64_t to) {
  if (from == to) return tensor;
  Shape order;
  for (int64_t dim = 0; dim < tensor.dim(); ++dim)
    if (dim != from) order.push_back(dim);
  order.insert(static_cast<size_t>(to), from);
  return permute(tensor, order);
}

Tensor expand_in_front(const Tensor& tensor, int64_t size) {
  Shape sizes = tensor.sizes();
  sizes.insert(0, size);
  return expand(tensor, sizes);
}

}  // namespace lampas::transforms
