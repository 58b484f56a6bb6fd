// Node: a recorded op. It knows where its inputs came from, what it saved, and its derivative.
#pragma once

#include <atomic>
#include <memory>
#include <new>
#include <vector>

#include "core/autograd/grad_mode.h"
#include "core/tensor/tensor.h"

namespace lampas {

class Node;
void destroy(Node* node) noexcept;

using Gradients = SmallVector<Tensor, 3>;  // an undefined tensor stands for a gradient of zero

// Which inputs' gradients somebody needs.
class Wanted {
 public:
  explicit Wanted(uint64_t mask) : mask_(mask) {}
  bool operator[](size_t input) const { return input >= 63 ? true : mask_ >> input & 1; }

 private:
  uint64_t mask_;
};

struct Edge {
  Reference<Node> node;
  uint32_t index = 0;  // which of the node's outputs
};

// What the gradient of one output must look like.
struct OutputMetadata {
  Shape sizes;
  DType dtype = DType::float32;
  Device device;
  bool absent = false;  // not a tensor: no gradient ever arrives
};

// A tensor kept for the derivative. An output is kept without its history (that would be a cycle) and
// gets it back when read; a later in-place write is noticed by the version.
struct SavedTensor {
  Tensor tensor;
  const char* name = nullptr;
  uint32_t version = 0;
  int32_t output_index = -1;  // -1: an input
};

// Called with gradients; the bindings derive these from Python callables.
struct Hook {
  ReferenceCount references;
  virtual ~Hook() = default;
  // Before the node: may replace gradients of its outputs. `grad_inputs` is empty.
  // After the node: may replace gradients of its inputs.
  virtual void operator()(Gradients& grad_inputs, Gradients& grad_outputs) = 0;
};
inline void destroy(Hook* hook) noexcept { delete hook; }

struct NodeHooks {
  struct OnTensor {
    uint32_t output_index;
    Reference<Hook> hook;
  };
  std::vector<OnTensor> tensor_hooks;                      // Tensor.register_hook
  std::vector<Reference<Hook>> before, after;              // Node.register_prehook, Node.register_hook
  std::vector<std::pair<uint32_t, TensorBody*>> retained;  // Tensor.retain_grad; entries clear themselves
  std::unique_ptr<TensorExtension> metadata;               // what the bindings attach
};

// The derivative: a callable, stored inside the node where it is small.
class Derivative {
 public:
  Derivative() = default;
  template <class Body>
  void set(Body&& body) {
    using Stored = std::remove_cvref_t<Body>;
    if constexpr (sizeof(Stored) <= sizeof(inside_) && alignof(Stored) <= 16) {
      object_ = new (inside_) Stored(std::forward<Body>(body));
      destroy_ = [](void* object) { static_cast<Stored*>(object)->~Stored(); };
    } else {
      object_ = new Stored(std::forward<Body>(body));
      destroy_ = [](void* object) { delete static_cast<Stored*>(object); };
    }
    call_ = [](void* object, const Gradients& grad, Wanted wanted) -> Gradients {
      return (*static_cast<Stored*>(object))(grad, wanted);
    };
  }
  ~Derivative() {
    if (object_) destroy_(object_);
  }
  Derivative(const Derivative&) = delete;
  explicit operator bool() const { return object_ != nullptr; }
  Gradients operator()(const Gradients& grad, Wanted wanted) const { return call_(object_, grad, wanted); }

 private:
  void* object_ = nullptr;
  void (*destroy_)(void*) = nullptr;
  Gradients (*call_)(void*, const Gradients&, Wanted) = nullptr;
  alignas(16) unsigned char inside_[80];  // a shape, and some numbers
};

class Node {
 public:
  WeakableReferenceCount references;
  const char* name = "";
  uint64_t sequence;  // later nodes run first in backward
  SmallVector<Edge, 2> next;
  SmallVector<OutputMetadata, 1> outputs;
  std::unique_ptr<NodeHooks> hooks;
  void* object = nullptr;  // the Python object for this node, while there is one (not owned)

  explicit Node(const char* name);
  virtual ~Node();
  static void* operator new(size_t bytes);
  static void operator delete(void* pointer, size_t bytes) noexcept;

  // The gradients of the inputs from those of the outputs.
  virtual Gradients apply(const Gradients& grad, Wanted wanted) { return derivative_(grad, wanted); }
  // Lets go of what was saved; afterwards a second backward is an error.
  virtual void release_saved();
  virtual std::string display_name() const { return name; }
  std::string op_name() const;  // without "Backward0": how messages name what was called

  size_t save(const char* name, const Tensor& tensor, int32_t output_index = -1);
  Tensor saved(size_t slot) const;  // throws where freed or overwritten since
  const SmallVector<SavedTensor, 2>& all_saved() const { return saved_; }
  template <class Body>
  void set_derivative(Body&& body) {
    derivative_.set(std::forward<Body>(body));
  }
  void add_output(const Tensor& output);
  // Fills the slots that were reserved for outputs, once the outputs are final.
  void fill_saved_outputs(Tensor* const* outputs, size_t count);
  NodeHooks& make_hooks() {
    if (!hooks) hooks = std::make_unique<NodeHooks>();
    return *hooks;
  }
  bool released() const { return released_; }
  [[noreturn]] static void fail_second_backward();

 protected:
  SmallVector<SavedTensor, 2> saved_;
  Derivative derivative_;
  bool released_ = false;
};

// What autograd knows about a tensor.
struct AutogradState : TensorExtension {
  Reference<Node> node;  // what made it; null for a leaf
  uint32_t output_index = 0;
  Node* accumulator = nullptr;  // weak: the accumulator owns the leaf
  std::atomic_flag busy;        // guards `accumulator`, and concurrent additions to `grad`
  Tensor grad;
  std::vector<Reference<Hook>> leaf_hooks;         // register_hook on a leaf
  std::vector<Reference<Hook>> accumulated_hooks;  // register_post_accumulate_grad_hook
  bool retains_grad = false;
  TensorBody* owner = nullptr;

  // A differentiable view: the tensor it looks into, and the base's version its `node` was made for.
  Tensor base;
  uint32_t view_version = 0;
  bool view_forbids_inplace = false;
  const char* forbidden_reason = nullptr;

  ~AutogradState() override;
};

inline AutogradState* autograd_state(const Tensor& tensor) {
  return static_cast<AutogradState*>(tensor.body().autograd.get());
}
AutogradState& make_autograd_state(const Tensor& tensor);

// Called in anomaly mode with each node that is made (the bindings keep the Python stack then).
void set_on_node_made(void (*remember)(Node& node));

// The sequence number the next node of this thread gets.
uint64_t next_sequence();

}  // namespace lampas
