// Saving, reading and releasing what a recorded op kept; nodes are freed without recursion.
#include "core/autograd/node.h"

#include "core/tensor/allocator.h"

namespace lampas {
namespace {

thread_local constinit uint64_t sequence_counter = 0;

// Freed nodes free tensors that free nodes: a graph of a million nodes must not become a million
// stack frames. The outermost `destroy` on a thread drains this list.
struct Doomed {
  std::vector<Node*> nodes;
  bool draining = false;
};
thread_local Doomed doomed;

void (*on_node_made)(Node& node) = nullptr;

}  // namespace

uint64_t next_sequence() { return sequence_counter++; }

void destroy(Node* node) noexcept {
  if (doomed.draining) {
    doomed.nodes.push_back(node);
    return;
  }
  doomed.draining = true;
  delete node;
  while (!doomed.nodes.empty()) {
    Node* next = doomed.nodes.back();
    doomed.nodes.pop_back();
    delete next;
  }
  doomed.draining = false;
  if (doomed.nodes.capacity() > 1024) doomed.nodes.shrink_to_fit();
}

Node::Node(const char* name) : name(name), sequence(next_sequence()) {
  if (grad_mode.anomaly && on_node_made) [[unlikely]]
    on_node_made(*this);
}

void set_on_node_made(void (*remember)(Node& node)) { on_node_made = remember; }

Node::~Node() {
  if (hooks)
    for (auto& [index, body] : hooks->retained)
      if (body) static_cast<AutogradState*>(body->autograd.get())->retains_grad = false;
}

void* Node::operator new(size_t bytes) { return allocate(bytes); }
void Node::operator delete(void* pointer, size_t bytes) noexcept { deallocate(pointer, bytes); }

std::string Node::op_name() const {
  std::string name = display_name();
  size_t suffix = name.rfind("Backward");
  bool ends_there =
      suffix != std::string::npos && name.find_first_not_of("0123456789", suffix + 8) == std::string::npos;
  return ends_there ? name.substr(0, suffix) : name;
}

void Node::release_saved() {
  if (saved_.empty()) return;
  released_ = true;
  for (SavedTensor& saved : saved_) saved.tensor = Tensor();
}

size_t Node::save(const char* name, const Tensor& tensor, int32_t output_index) {
  SavedTensor& saved = saved_.emplace_back();
  saved.name = name;
  saved.output_index = output_index;
  if (tensor.defined()) {
    if (tensor.body().inference)
      fail(ErrorKind::runtime,
           "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference "
           "mode "
           "in computation tracked by autograd. To work around this, you can make a clone to get a normal "
           "tensor "
           "and use it in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`.");
    saved.tensor = output_index >= 0 ? alias(tensor) : tensor;
    saved.version = tensor.version();
  }
  return saved_.size() - 1;
}

void Node::fail_second_backward() {
  fail(
      ErrorKind::runtime,
      "Trying to backward through the graph a second time (or directly access saved tensors after they have "
      "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
      "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or "
      "if you need to access saved tensors after calling backward.");
}

Tensor Node::saved(size_t slot) const {
  if (released_) fail_second_backward();
  const SavedTensor& saved = saved_[slot];
  if (!saved.tensor.defined()) return Tensor();
  uint32_t version = saved.tensor.version();
  if (version != saved.version) {
    std::string maker;
    AutogradState* state = autograd_state(saved.tensor);
    if (saved.output_index >= 0)
      maker = text(", which is output ", saved.output_index, " of ", op_name(), ",");
    else if (state && state->node)
      maker = text(", which is output ", state->output_index, " of ", state->node->op_name(), ",");
    Shape sizes = saved.tensor.sizes();
    fail(
        ErrorKind::runtime,
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        "[torch.",
        scalar_type_name(saved.tensor.dtype()), "Tensor ", sizes, "]", maker, " is at version ", version,
        "; expected version ", saved.version,
        " instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, "
        "with torch.autograd.set_detect_anomaly(True, check_nan=False).");
  }
  if (saved.output_index < 0) return saved.tensor;
  Tensor output = alias(saved.tensor);
  AutogradState& state = make_autograd_state(output);
  state.node = Reference<Node>::share(const_cast<Node*>(this));
  state.output_index = static_cast<uint32_t>(saved.output_index);
  output.body().requires_grad = true;
  return output;
}

void Node::fill_saved_outputs(Tensor* const* outputs, size_t count) {
  for (SavedTensor& saved : saved_) {
    if (saved.output_index < 0 || static_cast<size_t>(saved.output_index) >= count) continue;
    const Tensor& output = *outputs[saved.output_index];
    saved.tensor = alias(output);
    saved.version = output.version();
  }
}

void Node::add_output(const Tensor& output) {
  OutputMetadata& metadata = outputs.emplace_back();
  metadata.sizes = output.sizes();
  metadata.dtype = output.dtype();
  metadata.device = output.device();
}

AutogradState& make_autograd_state(const Tensor& tensor) {
  TensorBody& body = tensor.body();
  if (!body.autograd) {
    auto state = std::make_unique<AutogradState>();
    state->owner = &body;
    body.autograd = std::move(state);
  }
  return *static_cast<AutogradState*>(body.autograd.get());
}

AutogradState::~AutogradState() {
  if (retains_grad && node && node->hooks)
    for (auto& entry : node->hooks->retained)
      if (entry.second == owner) entry.second = nullptr;
}

}  // namespace lampas
