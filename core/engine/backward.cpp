// The engine: nodes in dependency order, the latest recorded first, without recursion over the graph.
#include "core/engine/backward.h"

#include <algorithm>
#include <memory>

#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/history.h"
#include "core/ops/indexing.h"
#include "core/ops/reduction.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

constexpr int greatest_depth = 100;  // backward inside backward
thread_local constinit int depth = 0;

void (*between_nodes)() = nullptr;
void (*on_failure)(const Node&) = nullptr;

struct DepthGuard {
  DepthGuard() {
    if (++depth > greatest_depth) {
      --depth;
      fail(ErrorKind::runtime, "backward was called inside backward more than ", greatest_depth,
           " levels deep");
    }
  }
  ~DepthGuard() { --depth; }
};

// What one run knows about a node. Kept beside the node, so that runs may nest and overlap; small, since
// a graph may have millions. The roots keep the nodes alive.
struct Task {
  Node* node = nullptr;
  uint32_t dependencies = 0;          // edges that have not delivered yet
  bool needed = true;                 // its derivative leads to something that was asked for
  bool captured = false;              // the gradients that arrive here were asked for
  Tensor first;                       // the gradient of output 0 so far
  std::unique_ptr<Gradients> others;  // of the outputs after it
};

// Node -> task: a scan while the graph is small, an open-addressing table beyond.
class Tasks {
 public:
  static constexpr uint32_t none = ~uint32_t{0};

  uint32_t find(const Node* node) const {
    if (table_.empty()) {
      for (uint32_t i = 0; i < tasks_.size(); ++i)
        if (tasks_[i].node == node) return i;
      return none;
    }
    for (size_t slot = hash(node);; slot = (slot + 1) & (table_.size() - 1)) {
      if (table_[slot] == none) return none;
      if (tasks_[table_[slot]].node == node) return table_[slot];
    }
  }
  uint32_t find_or_add(Node* node) {
    uint32_t found = find(node);
    if (found != none) return found;
    tasks_.emplace_back().node = node;
    if (tasks_.size() > small && tasks_.size() * 2 > table_.size())
      rebuild();
    else if (!table_.empty())
      insert(static_cast<uint32_t>(tasks_.size()) - 1);
    return static_cast<uint32_t>(tasks_.size()) - 1;
  }
  size_t size() const { return tasks_.size(); }
  Task& operator[](uint32_t index) { return tasks_[index]; }
  Task& of(const Node* node) { return tasks_[find(node)]; }

 private:
  static constexpr size_t small = 24;

  size_t hash(const Node* node) const {
    return (reinterpret_cast<uintptr_t>(node) >> 6) * 0x9e3779b97f4a7c15u >> 20 & (table_.size() - 1);
  }
  void insert(uint32_t index) {
    size_t slot = hash(tasks_[index].node);
    while (table_[slot] != none) slot = (slot + 1) & (table_.size() - 1);
    table_[slot] = index;
  }
  void rebuild() {
    table_.assign(std::max<size_t>(128, table_.size() * 2), none);
    for (uint32_t i = 0; i < tasks_.size(); ++i) insert(i);
  }

  SmallVector<Task, small> tasks_;
  std::vector<uint32_t> table_;
};

Tensor sum_to_shape(const Tensor& gradient, const Shape& sizes) {
  Shape dims;
  int64_t added = gradient.dim() - static_cast<int64_t>(sizes.size());
  for (int64_t dim = 0; dim < gradient.dim(); ++dim)
    if (dim < added || (sizes[dim - added] == 1 && gradient.sizes()[dim] != 1)) dims.push_back(dim);
  Tensor result = dims.empty() ? gradient : sum_dims(gradient, dims, true);
  return result.sizes() == sizes ? result : reshape(result, sizes);
}

// Brings a gradient into the shape, dtype and device of the tensor it belongs to, or throws.
void fit_gradient(Tensor& gradient, const Node& maker, size_t position, const OutputMetadata& metadata) {
  if (gradient.device() != metadata.device) {
    if (gradient.dim() != 0)
      fail(ErrorKind::runtime, "Function ", maker.display_name(), " returned an invalid gradient at index ",
           position, " - expected device ", name_of(metadata.device), " but got ",
           name_of(gradient.device()));
    gradient = to_copy(gradient, std::nullopt, metadata.device);
  }
  if (gradient.sizes() != metadata.sizes) {
    if (!can_expand(metadata.sizes, gradient.sizes()))
      fail(ErrorKind::runtime, "Function ", maker.display_name(), " returned an invalid gradient at index ",
           position, " - got ", gradient.sizes(), " but expected shape compatible with ", metadata.sizes);
    gradient = sum_to_shape(gradient, metadata.sizes);
  }
  if (gradient.dtype() != metadata.dtype) gradient = cast(gradient, metadata.dtype);
}

void deliver(Task& task, uint32_t output, Tensor&& gradient) {
  if (output > 0 && !task.others) task.others = std::make_unique<Gradients>(task.node->outputs.size() - 1);
  Tensor& slot = output == 0 ? task.first : (*task.others)[output - 1];
  slot = slot.defined() ? add(slot, gradient, 1) : std::move(gradient);
}

// Moves out what has arrived, one entry for each output.
Gradients take_gradients(Task& task) {
  Gradients gradients;
  gradients.push_back(std::move(task.first));
  for (size_t i = 1; i < task.node->outputs.size(); ++i)
    gradients.push_back(task.others ? std::move((*task.others)[i - 1]) : Tensor());
  task.others.reset();
  return gradients;
}

// One backward pass.
class Run {
  // The heap's front is the node recorded last.
  auto later() {
    return [this](uint32_t left, uint32_t right) {
      return tasks_[left].node->sequence < tasks_[right].node->sequence;
    };
  }

 public:
  Run(std::span<const Tensor> roots, std::span<Tensor> gradients, std::span<const Tensor> inputs,
      const BackwardOptions& options)
      : options_(options), inputs_(inputs), results_(options.accumulate ? 0 : inputs.size()) {
    for (const Tensor& root : roots) {
      roots_.push_back(gradient_edge(root));
      tasks_.find_or_add(roots_.back().node.get());
    }
    for (uint32_t i = 0; i < tasks_.size(); ++i) {  // grows while we walk
      Node* node = tasks_[i].node;
      for (const Edge& edge : node->next)
        if (edge.node) ++tasks_[tasks_.find_or_add(edge.node.get())].dependencies;
    }
    if (!inputs.empty()) restrict_to_inputs();
    for (size_t i = 0; i < roots.size(); ++i)
      deliver(tasks_.of(roots_[i].node.get()), roots_[i].index, std::move(gradients[i]));
    for (const Edge& root : roots_) {
      uint32_t index = tasks_.find(root.node.get());
      bool waits = tasks_[index].dependencies > 0;
      if (!waits && std::find(ready_.begin(), ready_.end(), index) == ready_.end()) make_ready(index);
    }
  }

  TensorList execute() {
    GradModeGuard mode(options_.create_graph, options_.create_graph);
    while (!ready_.empty()) {
      std::pop_heap(ready_.begin(), ready_.end(), later());
      Task& task = tasks_[ready_.back()];
      ready_.pop_back();
      if (between_nodes) between_nodes();
      try {
        execute_task(task);
      } catch (...) {
        if (on_failure) on_failure(*task.node);
        throw;
      }
    }
    for (auto& [input, gradient] : retained_) {
      Tensor& grad = make_autograd_state(inputs_[input]).grad;
      grad = grad.defined() ? add(grad, gradient, 1) : gradient;
    }
    return std::move(results_);
  }

 private:
  struct Capture {
    const Node* node;
    uint32_t output;
    uint32_t input;  // index in `inputs`
  };

  void make_ready(uint32_t index) {
    ready_.push_back(index);
    std::push_heap(ready_.begin(), ready_.end(), later());
  }

  // Marks what leads to the inputs; the rest of the graph does not run.
  void restrict_to_inputs() {
    for (uint32_t i = 0; i < tasks_.size(); ++i) tasks_[i].needed = false;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      Edge edge = gradient_edge(inputs_[i]);
      uint32_t index = tasks_.find(edge.node.get());
      if (index == Tasks::none) continue;
      if (options_.accumulate && dynamic_cast<AccumulateGrad*>(edge.node.get())) {
        tasks_[index].needed = true;
      } else {
        tasks_[index].captured = true;
        captures_.push_back({edge.node.get(), edge.index, static_cast<uint32_t>(i)});
      }
    }
    std::vector<uint32_t> order = topological_order();
    for (size_t i = order.size(); i-- > 0;)
      for (const Edge& edge : tasks_[order[i]].node->next)
        if (edge.node && wants(*edge.node)) tasks_[order[i]].needed = true;
  }

  std::vector<uint32_t> topological_order() {
    std::vector<uint32_t> order, waiting;
    for (uint32_t i = 0; i < tasks_.size(); ++i) {
      waiting.push_back(tasks_[i].dependencies);
      if (waiting[i] == 0) order.push_back(i);
    }
    for (size_t i = 0; i < order.size(); ++i)
      for (const Edge& edge : tasks_[order[i]].node->next) {
        if (!edge.node) continue;
        uint32_t next = tasks_.find(edge.node.get());
        if (--waiting[next] == 0) order.push_back(next);
      }
    return order;
  }

  bool wants(const Node& node) {
    const Task& task = tasks_.of(&node);
    return task.needed || task.captured;
  }

  void execute_task(Task& task) {
    Node& node = *task.node;
    Gradients gradients = take_gradients(task);
    bool arrived =
        std::any_of(gradients.begin(), gradients.end(), [](const Tensor& g) { return g.defined(); });
    if (arrived) {
      if (node.hooks) run_hooks_before(node, gradients);
      if (task.captured) {
        if (auto* accumulator = dynamic_cast<AccumulateGrad*>(&node)) accumulator->run_leaf_hooks(gradients);
        capture(node, gradients);
      }
    }
    Gradients outgoing = arrived && task.needed ? differentiate(node, gradients) : Gradients();
    gradients.clear();
    for (size_t i = node.next.size(); i < outgoing.size(); ++i)
      check(!outgoing[i].defined(), "Function ", node.display_name(),
            " returned an incorrect number of gradients (expected ", node.next.size(), ", got ",
            outgoing.size(), ")");
    for (size_t i = 0; i < node.next.size(); ++i) {
      const Edge& edge = node.next[i];
      if (!edge.node) continue;
      uint32_t index = tasks_.find(edge.node.get());
      Task& next = tasks_[index];
      if (i < outgoing.size() && outgoing[i].defined() && (next.needed || next.captured)) {
        fit_gradient(outgoing[i], node, i, next.node->outputs[edge.index]);
        deliver(next, edge.index, std::move(outgoing[i]));
      }
      if (--next.dependencies == 0) make_ready(index);
    }
  }

  Gradients differentiate(Node& node, Gradients& gradients) {
    Gradients outgoing = node.apply(gradients, wanted_of(node));
    if (grad_mode.anomaly && grad_mode.check_nan) refuse_nan(node, outgoing);
    if (node.hooks) run_hooks_after(node, outgoing, gradients);
    if (!options_.retain_graph) node.release_saved();
    return outgoing;
  }

  // Anomaly mode: a derivative that made NaN is to be found where it did.
  static void refuse_nan(const Node& node, const Gradients& outgoing) {
    for (size_t i = 0; i < outgoing.size(); ++i) {
      if (!outgoing[i].defined() || !is_differentiable(outgoing[i].dtype())) continue;
      GradModeGuard off(false);
      if (is_nonzero(any(isnan(outgoing[i]))))
        fail(ErrorKind::runtime, "Function '", node.display_name(), "' returned nan values in its ", i,
             "th output.");
    }
  }

  // Hooks may add and remove hooks: the lists are copied first.
  void run_hooks_before(Node& node, Gradients& gradients) {
    Gradients none;
    auto tensor_hooks = node.hooks->tensor_hooks;
    for (const auto& entry : tensor_hooks) {
      if (entry.output_index >= gradients.size() || !gradients[entry.output_index].defined()) continue;
      Gradients one{gradients[entry.output_index]};
      (*entry.hook)(none, one);
      gradients[entry.output_index] = one[0];
    }
    for (auto& [output, body] : node.hooks->retained) {
      if (!body || output >= gradients.size() || !gradients[output].defined()) continue;
      Tensor& grad = static_cast<AutogradState*>(body->autograd.get())->grad;
      grad = grad.defined() ? add(grad, gradients[output], 1) : gradients[output];
    }
    auto before = node.hooks->before;
    for (const Reference<Hook>& hook : before) (*hook)(none, gradients);
  }

  void run_hooks_after(Node& node, Gradients& outgoing, Gradients& gradients) {
    auto after = node.hooks->after;
    for (const Reference<Hook>& hook : after) (*hook)(outgoing, gradients);
  }

  void capture(const Node& node, const Gradients& gradients) {
    for (const Capture& wanted : captures_) {
      if (wanted.node != &node || !gradients[wanted.output].defined()) continue;
      if (options_.accumulate)
        retained_.emplace_back(wanted.input, gradients[wanted.output]);
      else
        results_[wanted.input] = gradients[wanted.output];
    }
  }

  Wanted wanted_of(const Node& node) {
    uint64_t mask = 0;
    for (size_t i = 0; i < node.next.size() && i < 63; ++i)
      if (node.next[i].node && (inputs_.empty() || wants(*node.next[i].node))) mask |= uint64_t{1} << i;
    return Wanted(mask);
  }

  const BackwardOptions& options_;
  std::span<const Tensor> inputs_;
  Tasks tasks_;
  SmallVector<Edge, 1> roots_;
  SmallVector<uint32_t, 16> ready_;
  TensorList results_;
  std::vector<Capture> captures_;
  std::vector<std::pair<uint32_t, Tensor>> retained_;  // for non-leaf inputs of an accumulating run
};

Tensor starting_gradient(const Tensor& root, const Tensor& given) {
  if (!given.defined()) {
    if (root.numel() != 1) fail(ErrorKind::runtime, "grad can be implicitly created only for scalar outputs");
    if (!is_floating(root.dtype()))
      fail(ErrorKind::runtime, "grad can be implicitly created only for real scalar outputs but got torch.",
           name_of(root.dtype()));
    return ones_like(root);
  }
  if (given.sizes() == root.sizes()) return cast(given, root.dtype());
  // A larger gradient of a one-element result is summed; elsewhere a mismatch is an error.
  if (root.numel() == 1 && given.numel() > 1)
    return cast(reshape(sum_dims(given, {}, false), root.sizes()), root.dtype());
  fail(ErrorKind::runtime, "Mismatch in shape: grad_output[0] has a shape of torch.Size(", given.sizes(),
       ") and output[0] has a shape of torch.Size(", root.sizes(), ").");
}

}  // namespace

TensorList run_backward(std::span<const Tensor> roots, std::span<const Tensor> gradients,
                        std::span<const Tensor> inputs, const BackwardOptions& options) {
  DepthGuard guard;
  SmallVector<Tensor, 1> starting;
  for (size_t i = 0; i < roots.size(); ++i) {
    if (!roots[i].requires_grad())
      fail(ErrorKind::runtime, "element ", i,
           " of tensors does not require grad and does not have a grad_fn");
    starting.push_back(starting_gradient(roots[i], i < gradients.size() ? gradients[i] : Tensor()));
  }
  for (const Tensor& input : inputs)
    check(input.requires_grad(), "One of the differentiated Tensors does not require grad");

  TensorList results = Run(roots, {starting.data(), starting.size()}, inputs, options).execute();
  if (!options.accumulate && !options.allow_unused)
    for (size_t i = 0; i < results.size(); ++i)
      check(results[i].defined(), "The differentiated Tensor at index ", i,
            " appears to not have been used in the graph. Set allow_unused=True if this is the desired "
            "behavior.");
  return results;
}

bool depends_on_others(const Tensor& tensor, const TensorList& leaves) {
  Edge edge = gradient_edge(tensor);
  if (!edge.node) return false;
  Tasks seen;
  seen.find_or_add(edge.node.get());
  for (uint32_t i = 0; i < seen.size(); ++i) {
    Node* node = seen[i].node;
    if (auto* accumulator = dynamic_cast<AccumulateGrad*>(node)) {
      bool listed = std::any_of(leaves.begin(), leaves.end(),
                                [&](const Tensor& leaf) { return leaf.same_as(accumulator->leaf()); });
      if (!listed) return true;
    }
    for (const Edge& next : node->next)
      if (next.node) seen.find_or_add(next.node.get());
  }
  return false;
}

void set_between_nodes(void (*check)()) { between_nodes = check; }
void set_on_failure(void (*report)(const Node& node)) { on_failure = report; }

}  // namespace lampas
