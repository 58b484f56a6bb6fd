// How tensors hang in the graph: leaves, views whose base is written in place, and edges to both.
#pragma once

#include "core/autograd/node.h"

namespace lampas {

// The node that made `tensor`, or null for a leaf. A view whose base was written since gets a new one.
Reference<Node> grad_fn(const Tensor& tensor);
// Where a gradient of `tensor` goes: its node, or its leaf's accumulator; empty where nothing is tracked.
Edge gradient_edge(const Tensor& tensor);
// Makes `node` the maker of `tensor`, which it has just overwritten. For a view, the base's history is
// rewritten too.
void rebase_history(const Tensor& tensor, const Reference<Node>& node, uint32_t output_index);
// Throws PyTorch's error where `tensor` may not be written in place now, by an op that autograd sees or not.
void check_writable(const Tensor& tensor, bool tracked = true);
void set_requires_grad(const Tensor& tensor, bool requires_grad);
// A view's base; undefined for others.
Tensor view_base(const Tensor& tensor);
// Sets a tensor as a view of `source` (or of what `source` looks into).
void set_view_base(const Tensor& view, const Tensor& source, const char* forbidden_reason);

// Adds arriving gradients to a leaf's `.grad`.
class AccumulateGrad final : public Node {
 public:
  explicit AccumulateGrad(const Tensor& leaf);
  ~AccumulateGrad() override;
  Gradients apply(const Gradients& grad, Wanted wanted) override;
  void run_leaf_hooks(Gradients& grad);  // Tensor.register_hook
  void release_saved() override {}
  const Tensor& leaf() const { return leaf_; }

 private:
  Tensor leaf_;
};

}  // namespace lampas
