// What vmap's rules share: bringing an argument's batch dim to a known place.
#pragma once

#include <algorithm>

#include "core/ops/op.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"

namespace lampas {

// The tensor of an argument with its batch dim first. An unbatched one stays as it is.
inline Tensor batch_first(const BatchedValue& argument) {
  const Tensor& tensor = unbox<Tensor>(argument.value);
  return argument.batch_dim <= 0 ? tensor : movedim(tensor, {argument.batch_dim}, {0});
}

// The same, and one that has no batch dim gets one by repetition.
inline Tensor expanded_batch_first(const BatchedValue& argument, int64_t batch_size) {
  Tensor tensor = batch_first(argument);
  if (argument.batch_dim >= 0 || !tensor.defined()) return tensor;
  Shape sizes = tensor.sizes();
  sizes.insert(0, batch_size);
  return expand(tensor, sizes);
}

}  // namespace lampas
