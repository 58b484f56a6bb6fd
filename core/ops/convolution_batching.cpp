// vmap over convolutions: the examples become entries of the batch or, with weights of their own, groups.
#include "core/ops/convolution_batching.h"

#include "core/ops/batching.h"

namespace lampas {
namespace {

// (examples, n, …) to (examples * n, …).
Tensor merged_first(const Tensor& tensor) {
  Shape sizes(tensor.sizes().begin() + 1, tensor.sizes().end());
  sizes[0] *= tensor.sizes()[0];
  return reshape(tensor, sizes);
}
// (examples * n, …) to (examples, n, …).
Tensor split_first(const Tensor& tensor, int64_t examples) {
  Shape sizes = tensor.sizes();
  sizes[0] /= examples;
  sizes.insert(0, examples);
  return reshape(tensor, sizes);
}

// (examples, batch, channels, …) to (batch, examples * channels, …), and back.
Tensor as_channels(const Tensor& tensor) {
  Tensor turned = movedim(tensor, {0}, {1});
  Shape sizes{turned.sizes()[0], turned.sizes()[1] * turned.sizes()[2]};
  for (int64_t dim = 3; dim < turned.dim(); ++dim) sizes.push_back(turned.sizes()[dim]);
  return reshape(turned, sizes);
}
Tensor from_channels(const Tensor& tensor, int64_t examples) {
  Shape sizes{tensor.sizes()[0], examples, tensor.sizes()[1] / examples};
  for (int64_t dim = 2; dim < tensor.dim(); ++dim) sizes.push_back(tensor.sizes()[dim]);
  return movedim(reshape(tensor, sizes), {1}, {0});
}

Tensor expanded(BatchedValue& argument, int64_t examples) {
  return is_none(argument.value) ? Tensor() : expanded_batch_first(argument, examples);
}

}  // namespace

// Arguments: input, weight, bias, stride, padding, dilation, transposed, output_padding, groups.
BatchedValue batched_convolution(const OpBase& op, BatchedValues& arguments, int64_t batch_size) {
  Values physical;
  for (const BatchedValue& argument : arguments) physical.push_back(argument.value);
  bool shared_weight = arguments[1].batch_dim < 0 && arguments[2].batch_dim < 0;
  if (shared_weight) {
    physical[0] = Value(merged_first(expanded(arguments[0], batch_size)));
    return {Value(split_first(std::get<Tensor>(op.call(physical)), batch_size)), 0};
  }
  physical[0] = Value(as_channels(expanded(arguments[0], batch_size)));
  physical[1] = Value(merged_first(expanded(arguments[1], batch_size)));
  Tensor bias = expanded(arguments[2], batch_size);
  physical[2] = bias.defined() ? Value(merged_first(bias)) : Value();
  physical[8] = Value(std::get<int64_t>(arguments[8].value) * batch_size);
  return {Value(from_channels(std::get<Tensor>(op.call(physical)), batch_size)), 0};
}

// Arguments: grad_output, input, weight, then as above, and the mask of what is wanted.
BatchedValue batched_convolution_backward(const OpBase& op, BatchedValues& arguments, int64_t batch_size) {
  Values physical;
  for (const BatchedValue& argument : arguments) physical.push_back(argument.value);
  for (size_t i : {0, 1}) physical[i] = Value(as_channels(expanded(arguments[i], batch_size)));
  physical[2] = Value(merged_first(expanded(arguments[2], batch_size)));
  physical[8] = Value(std::get<int64_t>(arguments[8].value) * batch_size);
  TensorList results = std::get<TensorList>(op.call(physical));
  if (results[0].defined()) results[0] = from_channels(results[0], batch_size);
  for (size_t i : {1, 2})
    if (results[i].defined()) results[i] = split_first(results[i], batch_size);
  return {Value(std::move(results)), 0};
}

}  // namespace lampas
