// Call: what a rule is given. It makes outputs (new, out= or in place), views, and the recorded node.
#pragma once

#include <initializer_list>

#include "core/autograd/node.h"
#include "core/ops/seam.h"
#include "core/ops/value.h"

namespace lampas {

// Reads a saved tensor when the derivative runs.
class Saved {
 public:
  Saved() = default;
  Saved(const Node* node, size_t slot) : node_(node), slot_(slot) {}
  Tensor operator()() const { return node_->saved(slot_); }

 private:
  const Node* node_ = nullptr;  // the node owns the derivative that owns this
  size_t slot_ = 0;
};

class Call;

// The node being recorded; false where nothing is tracked.
class Recording {
 public:
  Recording() = default;
  explicit operator bool() const { return node_ != nullptr; }
  // Keeps an input for the derivative. One that this call overwrites is copied first.
  Saved save(const char* name, const Tensor& input);
  Saved save_output(const char* name, int32_t slot = 0) {
    return Saved(node_, node_->save(name, Tensor(), slot));
  }
  template <class Body>
  void derivative(Body&& body) {
    node_->set_derivative(std::forward<Body>(body));
  }
  Node* node() const { return node_; }

 private:
  friend class Call;
  Recording(Node* node, Call* call) : node_(node), call_(call) {}
  Node* node_ = nullptr;
  Call* call_ = nullptr;
};

// A reference to a tensor, so that a braced list of inputs copies none.
struct InputReference {
  InputReference(const Tensor& tensor) : tensor(&tensor) {}
  const Tensor* tensor;
};

// Throws where a tensor shows one element several times. `Call::output` does so after resizing its target.
void check_no_overlap_within(const Tensor& target);

class Call {
 public:
  explicit Call(bool elementwise) : elementwise_(elementwise) {}
  Call(bool elementwise, const char* op_name, Mode mode, Values& arguments, TensorList& targets,
       bool untracked = false);
  Call(const Call&) = delete;

  // The next output, to be filled by a kernel. In place and with out= it is the target itself where a
  // kernel may write there directly, else a temporary that `finish` copies.
  Tensor output(const Shape& sizes, DType dtype, Device device);
  // The output of an elementwise op: the inputs' broadcast shape, with their order of dims in memory, as
  // PyTorch's TensorIterator has it. Undefined inputs do not count.
  Tensor elementwise_output(std::initializer_list<InputReference> inputs, DType dtype,
                            std::optional<Device> device = std::nullopt);
  // A tensor on the memory of `base`. `several`: the op returns many views, none may be written in place.
  Tensor view(const Tensor& base, const Shape& sizes, const Shape& strides, int64_t offset,
              bool several = false);

  // Starts a node with one edge for each input, undefined ones included, in PyTorch's order. Call it
  // after `output` and before the kernel overwrites anything.
  Recording record(const char* name, std::initializer_list<InputReference> inputs);
  Recording record(const char* name, const TensorList& inputs);
  // Says that no gradient flows, so that a forgotten derivative cannot be silent.
  void not_differentiable() { recorded_ = true; }

  // Lets the target show one element several times: every place gets the same value.
  void allow_overlapping_target() { overlap_allowed_ = true; }
  // Refuses a target that shares memory with an input, for which other ops get a temporary.
  void refuse_target_among_inputs() { shared_memory_refused_ = true; }

  bool in_place() const { return mode_ == Mode::in_place; }
  bool into_out() const { return mode_ == Mode::out; }
  // The tensor being overwritten, or null.
  const Tensor* target(size_t slot = 0) const { return slot < targets_.size() ? &targets_[slot] : nullptr; }

  Tensor finish(Tensor result) {
    if (mode_ == Mode::functional && !node_) [[likely]] {
      if (!recorded_) fail_unrecorded();
      return result;
    }
    Tensor* results[] = {&result};
    finish_outputs(results, 1);
    return result;
  }
  template <class... Tensors>
  std::tuple<Tensors...> finish(std::tuple<Tensors...> result) {
    std::apply(
        [&](auto&... parts) {
          Tensor* results[] = {&parts...};
          finish_outputs(results, sizeof...(parts));
        },
        result);
    return result;
  }
  TensorList finish(TensorList result);
  template <class T>
  requires(!std::is_same_v<T, Tensor> && !std::is_same_v<T, TensorList>) T
      finish(T result) {  // a Python number or bool
    return result;
  }

 private:
  friend class Recording;
  Node* start_node(const char* name, const InputReference* inputs, size_t count);
  void finish_outputs(Tensor** results, size_t count);
  void become_view(const Tensor& target, Tensor& result);
  Tensor target_output(const Shape& sizes, DType dtype, Device device);
  [[noreturn]] static void fail_unrecorded();
  [[noreturn]] void fail_out_with_gradient() const;

  Mode mode_ = Mode::functional;
  bool elementwise_;
  bool recorded_ = false;
  bool made_view_ = false;
  bool overlap_allowed_ = false;
  bool shared_memory_refused_ = false;
  const char* op_name_ = "";
  size_t outputs_ = 0;
  SmallVector<Tensor, 1> targets_;
  const Values* arguments_ = nullptr;
  Reference<Node> node_;
};

}  // namespace lampas
