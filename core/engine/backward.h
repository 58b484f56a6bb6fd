// Backward: runs a recorded graph from its results to its leaves.
#pragma once

#include <span>

#include "core/autograd/node.h"
#include "core/ops/value.h"

namespace lampas {

struct BackwardOptions {
  bool retain_graph = false;
  bool create_graph = false;
  bool allow_unused = false;
  bool accumulate = true;  // into the leaves' `.grad`; else return the gradients of `inputs`
};

// Sends `gradients` (one for each root; an undefined one stands for 1 where the root has one element)
// back from `roots`. With `inputs`, only what leads to them runs. Returns their gradients where nothing
// is accumulated, undefined ones for unused inputs where that is allowed.
TensorList run_backward(std::span<const Tensor> roots, std::span<const Tensor> gradients,
                        std::span<const Tensor> inputs, const BackwardOptions& options);

// Whether the history of `tensor` leads to a leaf other than `leaves`.
bool depends_on_others(const Tensor& tensor, const TensorList& leaves);

// Called between nodes; throws to stop (the bindings look for Ctrl-C there).
void set_between_nodes(void (*check)());
// Called with a node whose derivative threw, before the error goes on.
void set_on_failure(void (*report)(const Node& node));

}  // namespace lampas
