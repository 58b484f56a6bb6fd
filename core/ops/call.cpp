// Outputs, targets and the finishing of a call: copying into targets, versions, history.
#include "core/ops/call.h"

#include <algorithm>

#include "core/kernels/copy.h"
#include "core/ops/history.h"
#include "core/ops/layout.h"
#include "core/ops/warning.h"

namespace lampas {
namespace {

constexpr const char* several_views_reason =
    "This view is the output of a function that returns multiple views. Such functions do not allow the "
    "output "
    "views to be modified inplace. You should replace the inplace operation by an out-of-place one.";
constexpr const char* inference_view_reason =
    "This view was created in inference mode and is being modified inplace in normal mode. Given that this "
    "use case "
    "is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and "
    "the "
    "inplace either both inside the inference_mode block (if you don't want the inplace to be tracked) or "
    "both "
    "outside (if you want the inplace to be tracked).";
constexpr const char* no_grad_view_reason =
    "This view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that "
    "this "
    "use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the "
    "view and "
    "the inplace either both inside the no_grad block (if you don't want the inplace to be tracked) or both "
    "outside (if you want the inplace to be tracked).";

[[noreturn]] void fail_input_is_written() {
  fail(ErrorKind::runtime,
       "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single "
       "memory location. Please clone() the tensor before performing the operation.");
}

bool is_one_repeated(const Tensor& tensor) {
  const Shape& strides = tensor.strides();
  return std::all_of(strides.begin(), strides.end(), [](int64_t stride) { return stride == 0; });
}

template <class Body>
bool any_tensor(const Values& arguments, Body&& body) {
  for (const Value& value : arguments) {
    if (auto* tensor = std::get_if<Tensor>(&value)) {
      if (body(*tensor)) return true;
    } else if (auto* list = std::get_if<TensorList>(&value)) {
      for (const Tensor& tensor : *list)
        if (tensor.defined() && body(tensor)) return true;
    }
  }
  return false;
}

}  // namespace

Call::Call(bool elementwise, const char* op_name, Mode mode, Values& arguments, TensorList& targets,
           bool untracked)
    : mode_(mode), elementwise_(elementwise), op_name_(op_name), arguments_(&arguments) {
  if (mode == Mode::in_place) {
    targets_.push_back(std::get<Tensor>(arguments[0]));
    check_writable(targets_[0], !untracked);
  } else {
    for (const Tensor& target : targets) {
      targets_.push_back(target);
      bool asks = target.defined() && grad_mode.enabled && target.requires_grad();
      if (asks && !untracked) fail_out_with_gradient();
    }
  }
}

void Call::fail_unrecorded() {
  throw Error(ErrorKind::runtime,
              "internal error: an op neither recorded a derivative nor said that it has none");
}

void Call::fail_out_with_gradient() const {
  fail(ErrorKind::runtime, op_name_,
       "(): functions with out=... arguments don't support automatic differentiation, but one of the "
       "arguments requires grad.");
}

Tensor Call::output(const Shape& sizes, DType dtype, Device device) {
  if (mode_ == Mode::functional) [[likely]] {
    Tensor result = new_tensor(sizes, dtype, device);
    if (grad_mode.inference) result.body().inference = true;
    return result;
  }
  return target_output(sizes, dtype, device);
}

Tensor Call::elementwise_output(std::initializer_list<InputReference> inputs, DType dtype,
                                std::optional<Device> device) {
  const Tensor* first = nullptr;
  bool contiguous = true, alike = true;
  for (const InputReference& input : inputs) {
    if (!input.tensor->defined()) continue;
    // One element repeated says nothing of an order of dims.
    contiguous &= input.tensor->is_contiguous() || is_one_repeated(*input.tensor);
    if (!first)
      first = input.tensor;
    else
      alike &= input.tensor->sizes() == first->sizes();
  }
  if (alike && contiguous) [[likely]]
    return output(first->sizes(), dtype, device.value_or(first->device()));
  Shape sizes = first->sizes();
  if (!alike)
    for (const InputReference& input : inputs)
      if (input.tensor->defined()) sizes = broadcast_shapes(sizes, input.tensor->sizes());
  Tensor result = output(sizes, dtype, device.value_or(first->device()));
  if (contiguous || mode_ != Mode::functional) return result;
  Shape strides = elementwise_strides(inputs, sizes);
  if (strides == result.strides()) return result;
  Tensor laid_out = alias(result, sizes, strides, 0);
  laid_out.body().inference = result.body().inference;
  return laid_out;
}

void check_no_overlap_within(const Tensor& target) {
  if (!target.is_contiguous() && may_overlap_itself(target.sizes(), target.strides()))
    fail(ErrorKind::runtime,
         "unsupported operation: more than one element of the written-to tensor refers to a single memory "
         "location. Please clone() the tensor before performing the operation.");
}

Tensor Call::target_output(const Shape& sizes, DType dtype, Device device) {
  size_t slot = outputs_++;
  if (slot >= targets_.size() || !targets_[slot].defined()) return new_tensor(sizes, dtype, device);
  const Tensor& target = targets_[slot];
  if (target.device() != device)
    fail(ErrorKind::runtime,
         "Expected all tensors to be on the same device, but found at least two devices, ", name_of(device),
         " and ", name_of(target.device()), "!");
  if (!can_cast(dtype, target.dtype()))
    fail(ErrorKind::runtime, "result type ", scalar_type_name(dtype),
         " can't be cast to the desired output type ", scalar_type_name(target.dtype()));
  if (target.sizes() != sizes) {
    bool is_input = any_tensor(*arguments_, [&](const Tensor& input) { return input.same_as(target); });
    if (mode_ == Mode::in_place || (is_input && elementwise_))
      fail(ErrorKind::runtime, "output with shape ", target.sizes(), " doesn't match the broadcast shape ",
           sizes);
    if (is_input) fail_input_is_written();  // a kernel would read it by its new shape, beyond its memory
    if (target.numel() != 0)
      warn(text(
          "An output with one or more elements was resized since it had shape ", target.sizes(),
          ", which does not match the required output shape ", sizes,
          ". This behavior is deprecated, and in a future PyTorch release outputs will not be resized "
          "unless they have zero elements. You can explicitly reuse an out tensor t by resizing it, inplace, "
          "to zero elements with t.resize_(0)."));
    resize(target, sizes);
  }
  if (!overlap_allowed_) check_no_overlap_within(target);
  bool overlaps = any_tensor(*arguments_, [&](const Tensor& input) {
    if (mode_ == Mode::in_place && input.same_as(target)) return !elementwise_;
    Overlap overlap = memory_overlap(target, input);
    if (shared_memory_refused_ ? overlap != Overlap::none : overlap == Overlap::partial && elementwise_)
      fail_input_is_written();
    return overlap != Overlap::none && !(elementwise_ && overlap == Overlap::full);
  });
  if (overlaps || target.dtype() != dtype) return new_tensor(sizes, dtype, device);
  return target;
}

Tensor Call::view(const Tensor& base, const Shape& sizes, const Shape& strides, int64_t offset,
                  bool several) {
  Tensor result = alias(base, sizes, strides, offset);
  made_view_ = true;
  if (grad_mode.track_views && !base.body().inference && is_differentiable(base.dtype()))
    set_view_base(result, base,
                  several               ? several_views_reason
                  : grad_mode.inference ? inference_view_reason
                  : grad_mode.enabled   ? nullptr
                                        : no_grad_view_reason);
  return result;
}

Recording Call::record(const char* name, std::initializer_list<InputReference> inputs) {
  recorded_ = true;
  if (!grad_mode.enabled) return {nullptr, this};
  bool tracked = false;
  for (const InputReference& input : inputs)
    tracked |= input.tensor->defined() && input.tensor->requires_grad();
  if (!tracked) return {nullptr, this};
  return {start_node(name, inputs.begin(), inputs.size()), this};
}

Recording Call::record(const char* name, const TensorList& inputs) {
  recorded_ = true;
  if (!grad_mode.enabled) return {nullptr, this};
  bool tracked = false;
  std::vector<InputReference> references;
  for (const Tensor& input : inputs) {
    tracked |= input.defined() && input.requires_grad();
    references.emplace_back(input);
  }
  if (!tracked) return {nullptr, this};
  return {start_node(name, references.data(), references.size()), this};
}

Node* Call::start_node(const char* name, const InputReference* inputs, size_t count) {
  if (mode_ == Mode::out) fail_out_with_gradient();
  node_ = Reference<Node>::adopt(new Node(name));
  for (size_t i = 0; i < count; ++i) node_->next.push_back(gradient_edge(*inputs[i].tensor));
  return node_.get();
}

Saved Recording::save(const char* name, const Tensor& input) {
  const Tensor* target = call_->target();
  bool overwritten = call_->in_place() && target && input.defined() && input.same_as(*target);
  if (!overwritten) return Saved(node_, node_->save(name, input));
  Tensor copy = new_tensor(input.sizes(), input.dtype(), input.device());
  kernels::copy(input.device(), input, copy);
  AutogradState* state = autograd_state(input);
  if (input.requires_grad() && state) {  // the copy stands for the value before: it has that history
    AutogradState& copied = make_autograd_state(copy);
    copied.node = grad_fn(input);
    copied.output_index = state->output_index;
    copy.body().requires_grad = true;
  }
  return Saved(node_, node_->save(name, copy));
}

// t_() and its kin: the target itself shows its memory as `result` does, and follows from what it was.
void Call::become_view(const Tensor& target, Tensor& result) {
  set_contents(target, result);
  target.bump_version();
  result = target;
  if (!node_) return;
  node_->add_output(target);
  AutogradState& state = make_autograd_state(target);
  state.node = node_;
  state.output_index = 0;
  if (state.base.defined()) state.view_version = state.base.version();
  target.body().requires_grad = true;
}

void Call::finish_outputs(Tensor** results, size_t count) {
  if (!recorded_) fail_unrecorded();
  Node* node = node_.get();
  for (size_t slot = 0; slot < count; ++slot) {
    Tensor& result = *results[slot];
    bool has_target = slot < targets_.size() && targets_[slot].defined();
    if (has_target) {
      const Tensor& target = targets_[slot];
      bool made = !result.same_as(target);
      if (mode_ == Mode::out && made && result.requires_grad() && grad_mode.enabled) fail_out_with_gradient();
      if (made_view_ && mode_ == Mode::in_place) {
        become_view(target, result);
        continue;
      }
      if (!result.same_as(target)) {
        if (outputs_ <= slot) target_output(result.sizes(), result.dtype(), result.device());
        kernels::copy(target.device(), result, target);
      }
      target.bump_version();
      result = target;
    }
    if (!node) continue;
    if (!result.defined()) {  // a gradient that nobody wanted
      node->outputs.emplace_back();
      continue;
    }
    node->add_output(result);
    if (!is_differentiable(result.dtype())) continue;
    if (mode_ == Mode::in_place) {
      rebase_history(result, node_, static_cast<uint32_t>(slot));
      continue;
    }
    AutogradState& state = make_autograd_state(result);
    state.node = count == 1 ? std::move(node_) : node_;
    state.output_index = static_cast<uint32_t>(slot);
    result.body().requires_grad = true;
  }
  if (node) node->fill_saved_outputs(results, count);
}

TensorList Call::finish(TensorList result) {
  if (mode_ == Mode::functional && !node_) {
    if (!recorded_) fail_unrecorded();
    return result;
  }
  std::vector<Tensor*> pointers;
  for (Tensor& tensor : result) pointers.push_back(&tensor);
  finish_outputs(pointers.data(), pointers.size());
  return result;
}

}  // namespace lampas
