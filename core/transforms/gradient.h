// Gradients of tensors that may be wrappers: the tape is below every transform, so it holds plain tensors.
#pragma once

#include "core/engine/backward.h"
#include "core/transforms/level.h"

namespace lampas::transforms {

// A tensor to differentiate with respect to: `tensor` again, but only what is computed from the result
// counts as depending on it. It is a view recorded on the tape where `tensor` is tracked itself (so that
// outer derivatives flow), else a fresh leaf. It has a value of its own for every example of every active
// vmap level, so that gradients come out for each example.
Tensor differentiable(const Tensor& tensor);

struct GradientOptions {
  bool retain_graph = false;
  bool create_graph = false;
};
// The sum over outputs of their vector-Jacobian products with `grad_outputs`, for each input. An undefined
// grad_output stands for 1 (its output must have one element). An input that no output depends on gets an
// undefined result.
TensorList gradient(const TensorList& outputs, const TensorList& inputs, const TensorList& grad_outputs,
                    const GradientOptions& options);

// Whether a gradient with respect to `inputs` (made by `differentiable`) depends on anything else that is
// tracked: only then is its own graph of use.
bool depends_on_others(const TensorList& outputs, const TensorList& inputs);

}  // namespace lampas::transforms
