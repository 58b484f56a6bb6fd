// Edges, accumulators, and the rewriting of history when a view is written in place.
#include "core/ops/history.h"

#include <limits>
#include <string_view>

#include "core/kernels/elementwise.h"
#include "core/ops/binary.h"
#include "core/ops/creation.h"
#include "core/ops/view.h"
#include "core/parallel/thread_pool.h"

namespace lampas {
namespace {

// A copy of `source` whose elements lie in memory as those of `wanted` do, so that the same as_strided
// shows the same elements.
Tensor laid_out(const Tensor& source, const Geometry& wanted) {
  Tensor copied = clone(source);
  if (copied.numel() == 0 || copied.strides() == wanted.strides) return copied;
  int64_t extent = 1;
  for (size_t dim = 0; dim < wanted.sizes.size(); ++dim)
    extent += (wanted.sizes[dim] - 1) * wanted.strides[dim];
  Tensor zero = fill(as_strided(copied, {}, {}, copied.offset()), Scalar(0));
  Tensor memory = clone(expand(zero, {extent}));
  Tensor result = as_strided(memory, wanted.sizes, wanted.strides, memory.offset());
  copy_(result, source);
  return result;
}

// The node of a base into which a view was written: the gradient is that of the base with the view's
// part replaced by what the view's own node makes of it. (PyTorch: CopySlices.)
class CopySlices final : public Node {
 public:
  CopySlices(const Tensor& base, const Tensor& view, Reference<Node> view_node)
      : Node("CopySlices"),
        base_(geometry_of(base)),
        view_(geometry_of(view)),
        view_node_(std::move(view_node)) {
    next.push_back(gradient_edge(base));
    for (size_t i = 1; i < view_node_->next.size(); ++i) next.push_back(view_node_->next[i]);
  }

  Gradients apply(const Gradients& grad, Wanted wanted) override {
    if (!view_node_) fail_second_backward();
    Gradients result(next.size());
    if (!grad[0].defined()) return result;
    Tensor whole = laid_out(grad[0], base_);
    Tensor part = as_strided(whole, view_.sizes, view_.strides, whole.offset() + view_.offset - base_.offset);
    // The part goes through the node as a copy, since it is overwritten below.
    Gradients inner = view_node_->apply({clone(part)}, wanted);
    if (inner[0].defined())
      copy_(part, inner[0]);
    else
      fill.write_into(part, Scalar(0));
    result[0] = whole;
    for (size_t i = 1; i < inner.size() && i < next.size(); ++i) result[i] = inner[i];
    return result;
  }

  void release_saved() override { view_node_->release_saved(); }

 private:
  Geometry base_, view_;
  Reference<Node> view_node_;
};

bool is_stale_view(const AutogradState& state) {
  return state.base.defined() && state.view_version != state.base.version() && state.base.requires_grad();
}

}  // namespace

AccumulateGrad::AccumulateGrad(const Tensor& leaf) : Node("AccumulateGrad"), leaf_(leaf) {
  sequence = std::numeric_limits<uint64_t>::max();  // as soon as its gradient is complete
  references.allow_weak_holder();
  add_output(leaf);
}

AccumulateGrad::~AccumulateGrad() {
  AutogradState* state = autograd_state(leaf_);
  LockAroundRegions lock(state->busy);
  if (state->accumulator == this) state->accumulator = nullptr;
}

Gradients AccumulateGrad::apply(const Gradients& grad, Wanted) {
  if (!grad[0].defined()) return {};
  AutogradState& state = make_autograd_state(leaf_);
  Gradients arriving;  // what the hooks make of `grad`
  if (!state.leaf_hooks.empty()) {
    arriving = grad;
    run_leaf_hooks(arriving);
  }
  {
    const Tensor& gradient = arriving.empty() ? grad[0] : arriving[0];
    LockAroundRegions lock(state.busy);
    if (!state.grad.defined()) {
      // The gradient may be that of others too; a fresh contiguous one of our own can be kept.
      uint32_t our_references = !arriving.empty() && arriving[0].same_as(grad[0]) ? 2 : 1;
      bool ours = !grad_mode.enabled && gradient.body().references.value() == our_references &&
                  gradient.is_contiguous() && gradient.body().storage &&
                  gradient.body().storage->references.value() == 1;
      state.grad = ours ? gradient : contiguous_copy(gradient);
    } else if (grad_mode.enabled) {
      state.grad = add(state.grad, gradient, 1);
    } else if (!state.grad.is_contiguous()) {
      add.write_into(state.grad, gradient, Scalar(1));
    } else {
      kernels::binary(state.grad.device(), BinaryFunction::add, nullptr, state.grad, gradient, state.grad);
      state.grad.bump_version();
    }
  }
  auto accumulated_hooks = state.accumulated_hooks;  // hooks may add and remove hooks
  for (const Reference<Hook>& hook : accumulated_hooks) {
    Gradients none, leaf{leaf_};
    (*hook)(none, leaf);
  }
  return {};
}

void AccumulateGrad::run_leaf_hooks(Gradients& grad) {
  AutogradState& state = make_autograd_state(leaf_);
  Gradients none;
  auto leaf_hooks = state.leaf_hooks;
  for (const Reference<Hook>& hook : leaf_hooks) (*hook)(none, grad);
}

Reference<Node> grad_fn(const Tensor& tensor) {
  AutogradState* state = autograd_state(tensor);
  if (!state) return nullptr;
  if (is_stale_view(*state)) {
    const Tensor& base = state->base;
    Geometry whole = geometry_of(base), shown = geometry_of(tensor);
    auto node = Reference<Node>::adopt(new Node("AsStridedBackward0"));
    node->next.push_back(gradient_edge(base));
    node->add_output(tensor);
    node->set_derivative([whole, shown](const Gradients& grad, Wanted) {
      return Gradients{as_strided_backward(grad[0], whole, shown)};
    });
    state->node = std::move(node);
    state->output_index = 0;
    state->view_version = base.version();
    tensor.body().requires_grad = true;
  }
  return state->node;
}

Edge gradient_edge(const Tensor& tensor) {
  if (!tensor.defined()) return {};
  AutogradState* state = autograd_state(tensor);
  if (state && (state->node || is_stale_view(*state))) {
    if (state->base.defined()) return {grad_fn(tensor), autograd_state(tensor)->output_index};
    return {state->node, state->output_index};
  }
  if (!tensor.requires_grad()) return {};
  AutogradState& leaf = make_autograd_state(tensor);
  LockAroundRegions lock(leaf.busy);
  if (leaf.accumulator && leaf.accumulator->references.increment_unless_zero())
    return {Reference<Node>::adopt(leaf.accumulator), 0};
  auto accumulator = Reference<Node>::adopt(new AccumulateGrad(tensor));
  leaf.accumulator = accumulator.get();
  return {std::move(accumulator), 0};
}

void rebase_history(const Tensor& tensor, const Reference<Node>& node, uint32_t output_index) {
  AutogradState& state = make_autograd_state(tensor);
  tensor.body().requires_grad = true;
  if (!state.base.defined()) {
    state.node = node;
    state.output_index = output_index;
    return;
  }
  check(output_index == 0, "an op with several outputs may not overwrite a view");
  const Tensor& base = state.base;
  auto slices = Reference<Node>::adopt(new CopySlices(base, tensor, node));
  slices->add_output(base);
  AutogradState& base_state = make_autograd_state(base);
  base_state.node = std::move(slices);
  base_state.output_index = 0;
  base.body().requires_grad = true;
  state.view_version = base.version() - 1;  // stale: the next reader gets a node into the new history
  grad_fn(tensor);
}

void check_writable(const Tensor& tensor, bool tracked) {
  if (tensor.body().inference && !grad_mode.inference)
    fail(ErrorKind::runtime,
         "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to "
         "get a "
         "normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more "
         "details.");
  if (!grad_mode.enabled || !tracked) return;
  AutogradState* state = autograd_state(tensor);
  if (!state) {
    if (tensor.requires_grad())
      fail(ErrorKind::runtime, "a leaf Variable that requires grad is being used in an in-place operation.");
    return;
  }
  if (state->base.defined()) {
    if (state->base.requires_grad() && state->forbidden_reason) {
      // The reasons begin with "This view"; without a node to name, the error is that sentence alone.
      std::string_view reason = state->forbidden_reason;
      Reference<Node> maker = grad_fn(tensor);
      if (!maker) fail(ErrorKind::runtime, "A view", reason.substr(std::string_view("This view").size()));
      fail(ErrorKind::runtime, "Output ", state->output_index, " of ", maker->op_name(),
           " is a view and is being modified inplace. ", reason);
    }
    if (state->base.requires_grad() && !grad_fn(state->base))
      fail(ErrorKind::runtime,
           "a view of a leaf Variable that requires grad is being used in an in-place operation.");
    return;
  }
  if (tensor.requires_grad() && !state->node)
    fail(ErrorKind::runtime, "a leaf Variable that requires grad is being used in an in-place operation.");
}

void set_requires_grad(const Tensor& tensor, bool requires_grad) {
  check(!requires_grad || !tensor.is_wrapped(),
        "You are attempting to call Tensor.requires_grad_() (or perhaps using torch.autograd.functional.* "
        "APIs) "
        "inside of a function being transformed by a functorch transform. This is unsupported, please "
        "attempt to "
        "use the functorch transforms (e.g. grad, vjp, jacrev, jacfwd, hessian) or call requires_grad_() "
        "outside "
        "of a function being transformed instead.");
  if (requires_grad && !is_differentiable(tensor.dtype()))
    fail(ErrorKind::runtime, "only Tensors of floating point and complex dtype can require gradients");
  if (!requires_grad && grad_fn(tensor))
    fail(ErrorKind::runtime,
         "you can only change requires_grad flags of leaf variables. If you want to use a computed variable "
         "in a "
         "subgraph that doesn't require differentiation use var_no_grad = var.detach().");
  if (requires_grad && tensor.body().inference && !grad_mode.inference)
    fail(ErrorKind::runtime,
         "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.");
  tensor.body().requires_grad = requires_grad;
}

Tensor view_base(const Tensor& tensor) {
  AutogradState* state = autograd_state(tensor);
  return state ? state->base : Tensor();
}

void set_view_base(const Tensor& view, const Tensor& source, const char* forbidden_reason) {
  AutogradState& state = make_autograd_state(view);
  AutogradState* source_state = autograd_state(source);
  bool nested = source_state && source_state->base.defined();
  state.base = nested ? source_state->base : source;
  state.forbidden_reason = forbidden_reason;
  if (nested && source_state->forbidden_reason) state.forbidden_reason = source_state->forbidden_reason;
  state.view_version = state.base.version();
}

}  // namespace lampas
