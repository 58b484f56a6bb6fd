// Python callables as hooks of tensors and nodes.
#pragma once

#include "core/autograd/node.h"
#include "core/bindings/python.h"

namespace lampas::python {

enum class HookKind : uint8_t {
  gradient,     // of a tensor: gradient -> gradient or None
  before_node,  // gradients of the node's outputs -> the same or None
  after_node,   // gradients of inputs, of outputs -> gradients of inputs or None
  accumulated,  // after a leaf's `.grad` was added to: leaf -> None
};

class PythonHook final : public Hook {
 public:
  PythonHook(HookKind kind, Object callable);
  ~PythonHook() override;
  void operator()(Gradients& grad_inputs, Gradients& grad_outputs) override;
  void remove() noexcept;  // needs the interpreter's lock
  bool removed() const noexcept { return !callable_; }
  PyObject* callable() const noexcept { return callable_.get(); }

 private:
  HookKind kind_;
  Object callable_;
};

// How many Python hooks and nodes written in Python exist: while there are none, no graph can be part of a
// cycle of Python objects.
extern long python_objects_in_graphs;

// Makes a hook, adds it to `hooks` and gives its handle, whose `remove()` takes it away again.
Object add_hook(std::vector<Reference<Hook>>& hooks, HookKind kind, PyObject* callable);
Object add_output_hook(std::vector<NodeHooks::OnTensor>& hooks, uint32_t output_index, PyObject* callable);

// Gradients as the tuple that hooks get (None for undefined ones), and back.
Object gradients_tuple(const Gradients& gradients);

// Tensor.register_hook, Tensor.register_post_accumulate_grad_hook, Tensor.retain_grad.
Object register_tensor_hook(const Tensor& tensor, PyObject* callable);
Object register_accumulated_hook(const Tensor& tensor, PyObject* callable);
void retain_grad(const Tensor& tensor);

void register_autograd_hooks(PyObject* module);

}  // namespace lampas::python
