// Gradients under transforms: a level's wrappers are taken apart, what the level means is said in terms of
// the values behind them, and the level is paused while the rest is done.
#include "core/transforms/gradient.h"

#include <algorithm>

#include "core/ops/creation.h"
#include "core/ops/history.h"
#include "core/ops/view.h"
#include "core/transforms/forward_mode.h"
#include "core/transforms/vmap.h"

namespace lampas::transforms {
namespace {

// The batch dim of `level` as a plain dim in front, under the wrappers of higher levels.
Tensor with_batch_exposed(const Vmap& level, const Tensor& tensor) {
  if (const BatchedTensor* batched = batched_at(level, tensor))
    return move_dim(batched->value, batched->batch_dim, 0);
  if (const Wrapper* wrapper = wrapper_of(tensor); wrapper && wrapper->level > level.identity)
    return wrapper->changed([&](const Tensor& value) { return with_batch_exposed(level, value); }, 1);
  return expand_in_front(tensor, level.batch_size);
}

// The other way round: the dim in front becomes the batch dim of `level`.
Tensor with_batch_wrapped(const Vmap& level, const Tensor& tensor) {
  if (const Wrapper* wrapper = wrapper_of(tensor); wrapper && wrapper->level > level.identity)
    return wrapper->changed([&](const Tensor& value) { return with_batch_wrapped(level, value); }, -1);
  return make_batched(level.identity, tensor, 0);
}

// What is behind a dual tensor of `level`, under the wrappers of higher levels.
Tensor part_of_dual(const ForwardMode& level, const Tensor& tensor, bool tangent) {
  if (const DualTensor* dual = dual_at(level, tensor)) return tangent ? dual->tangent : dual->primal;
  if (const Wrapper* wrapper = wrapper_of(tensor); wrapper && wrapper->level > level.identity)
    return wrapper->changed([&](const Tensor& value) { return part_of_dual(level, value, tangent); }, 0);
  return tangent ? Tensor() : tensor;
}

// The highest active level that one of the tensors is wrapped for.
Level* highest_level(const TensorList& outputs, const TensorList& inputs) {
  for (Level* level : active_levels()) {
    auto reached = [&](const Tensor& tensor) { return level->reaches(tensor); };
    if (std::any_of(outputs.begin(), outputs.end(), reached) ||
        std::any_of(inputs.begin(), inputs.end(), reached))
      return level;
  }
  return nullptr;
}

TensorList gradient_below(const TensorList& outputs, const TensorList& inputs, const TensorList& grads,
                          const GradientOptions& options);

// Each example's outputs depend on its own inputs only, so one gradient for the whole batch has those of
// the examples side by side.
TensorList gradient_of_batch(Vmap& level, const TensorList& outputs, const TensorList& inputs,
                             const TensorList& grads, const GradientOptions& options) {
  TensorList values, sources, starts;
  {
    Paused paused(level);
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (!level.reaches(outputs[i])) continue;  // the same for all examples, so it depends on no input
      values.push_back(with_batch_exposed(level, outputs[i]));
      starts.push_back(with_batch_exposed(level, grads[i]));
    }
    for (const Tensor& input : inputs) {
      check(level.reaches(input),
            "vmap: cannot differentiate with respect to a tensor that all examples share; "
            "use func.grad, or pass the tensor through in_dims");
      sources.push_back(with_batch_exposed(level, input));
    }
    TensorList results = gradient_below(values, sources, starts, options);
    for (Tensor& result : results)
      if (result.defined()) result = with_batch_wrapped(level, result);
    return results;
  }
}

// With outputs z + e z', inputs y + e y' and vectors v + e v' (e^2 = 0), the gradient is that of <z, v>
// plus e times that of <z', v> + <z, v'>.
TensorList gradient_of_dual(ForwardMode& level, const TensorList& outputs, const TensorList& inputs,
                            const TensorList& grads, const GradientOptions& options) {
  Paused paused(level);
  TensorList primals, primal_grads, moved, moved_grads, sources;
  for (const Tensor& input : inputs) sources.push_back(part_of_dual(level, input, false));
  for (size_t i = 0; i < outputs.size(); ++i) {
    Tensor primal = part_of_dual(level, outputs[i], false), tangent = part_of_dual(level, outputs[i], true);
    Tensor vector = part_of_dual(level, grads[i], false),
           vector_tangent = part_of_dual(level, grads[i], true);
    primals.push_back(primal);
    primal_grads.push_back(vector);
    if (tangent.defined()) {
      moved.push_back(tangent);
      moved_grads.push_back(vector);
    }
    if (vector_tangent.defined()) {
      moved.push_back(primal);
      moved_grads.push_back(vector_tangent);
    }
  }
  GradientOptions first = options;
  first.retain_graph |= !moved.empty();
  TensorList results = gradient_below(primals, sources, primal_grads, first);
  if (moved.empty()) return results;
  TensorList tangents = gradient_below(moved, sources, moved_grads, options);
  for (size_t i = 0; i < results.size(); ++i) {
    if (!tangents[i].defined()) continue;
    if (!results[i].defined()) results[i] = zeros_like(sources[i]);
    results[i] = make_dual_below(level, results[i], tangents[i]);
  }
  return results;
}

TensorList gradient_below(const TensorList& outputs, const TensorList& inputs, const TensorList& grads,
                          const GradientOptions& options) {
  Level* level = highest_level(outputs, inputs);
  if (auto* vmap = dynamic_cast<Vmap*>(level))
    return gradient_of_batch(*vmap, outputs, inputs, grads, options);
  if (auto* forward = dynamic_cast<ForwardMode*>(level))
    return gradient_of_dual(*forward, outputs, inputs, grads, options);
  TensorList tracked, starts;
  for (size_t i = 0; i < outputs.size(); ++i) {
    check(!outputs[i].is_wrapped(), "a tensor was used outside of the transform that made it");
    if (!outputs[i].requires_grad()) continue;
    tracked.push_back(outputs[i]);
    starts.push_back(grads[i]);
  }
  if (tracked.empty()) return TensorList(inputs.size());
  return run_backward(tracked, starts, inputs,
                      {.retain_graph = options.retain_graph,
                       .create_graph = options.create_graph,
                       .allow_unused = true,
                       .accumulate = false});
}

Tensor differentiable_plain(const Tensor& tensor) {
  check(is_differentiable(tensor.dtype()),
        "only Tensors of floating point and complex dtype can require gradients");
  if (tensor.requires_grad()) {
    GradModeGuard recording(true);
    return alias_op(tensor);
  }
  Tensor leaf = alias(tensor);
  leaf.body().requires_grad = true;
  return leaf;
}

// levels[position] is the highest level that may still wrap `tensor`.
Tensor differentiable_from(const std::vector<Level*>& levels, size_t position, const Tensor& tensor) {
  if (position == levels.size()) return differentiable_plain(tensor);
  Level* level = levels[position];
  auto below = [&](const Tensor& value) { return differentiable_from(levels, position + 1, value); };
  ActiveTransform scope(level->below);
  if (auto* vmap = dynamic_cast<Vmap*>(level)) {
    if (const BatchedTensor* batched = batched_at(*vmap, tensor))
      return make_batched(vmap->identity, below(batched->value), batched->batch_dim);
    return make_batched(vmap->identity, below(expand_in_front(tensor, vmap->batch_size)), 0);
  }
  if (auto* forward = dynamic_cast<ForwardMode*>(level))
    if (const DualTensor* dual = dual_at(*forward, tensor))
      return make_dual(*forward, below(dual->primal), dual->tangent);
  return below(tensor);
}

}  // namespace

Tensor differentiable(const Tensor& tensor) { return differentiable_from(active_levels(), 0, tensor); }

TensorList gradient(const TensorList& outputs, const TensorList& inputs, const TensorList& grad_outputs,
                    const GradientOptions& options) {
  TensorList grads;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Tensor& output = outputs[i];
    Tensor grad = i < grad_outputs.size() ? grad_outputs[i] : Tensor();
    if (!grad.defined()) {
      check(output.numel() == 1, "grad can be implicitly created only for scalar outputs");
      grad = ones_like(output);
    }
    if (grad.sizes() != output.sizes())
      fail(ErrorKind::runtime, "Mismatch in shape: grad_output[", i, "] has a shape of torch.Size(",
           grad.sizes(), ") and output[", i, "] has a shape of torch.Size(", output.sizes(), ").");
    grads.push_back(std::move(grad));
  }
  return gradient_below(outputs, inputs, grads, options);
}

bool depends_on_others(const TensorList& outputs, const TensorList& inputs) {
  TensorList leaves;
  for (const Tensor& input : inputs)
    for_each_plain(input, [&](const Tensor& plain) { leaves.push_back(plain); });
  bool found = false;
  for (const Tensor& output : outputs)
    for_each_plain(output, [&](const Tensor& plain) {
      if (!found && plain.requires_grad()) found = lampas::depends_on_others(plain, leaves);
    });
  return found;
}

}  // namespace lampas::transforms
