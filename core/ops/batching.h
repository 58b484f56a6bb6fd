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

// A rule for ops that speak of the last dims only: a batch dim in front changes nothing.
inline BatchedValue batch_in_front(const OpBase& op, BatchedValues& arguments, int64_t batch_size) {
  Values physical;
  for (const BatchedValue& argument : arguments)
    physical.push_back(std::holds_alternative<Tensor>(argument.value)
                           ? Value(expanded_batch_first(argument, batch_size))
                           : argument.value);
  return {op.call(physical), 0};
}

}  // namespace lampas
