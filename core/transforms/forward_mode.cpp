// Tangents: those of linear ops, those from a registered rule, and those from the recorded derivative.
#include "core/transforms/forward_mode.h"

#include "core/ops/creation.h"
#include "core/ops/view.h"
#include "core/transforms/batched.h"
#include "core/transforms/gradient.h"
#include "core/transforms/registered_rules.h"

namespace lampas::transforms {
namespace {

RegisteredRules<RegisteredForwardRule>& registered_rules() {
  static RegisteredRules<RegisteredForwardRule> rules;
  return rules;
}

template <class Body>
Value map_tensors(const Value& value, Body&& body) {
  Value result = value;
  for_each_tensor(result, [&](Tensor& tensor) { tensor = body(tensor); });
  return result;
}

TensorList tensors_in(const Value& value) {
  TensorList tensors;
  if (auto* tensor = std::get_if<Tensor>(&value))
    tensors.push_back(*tensor);
  else if (auto* list = std::get_if<TensorList>(&value))
    tensors = *list;
  return tensors;
}

Value with_tensors(const Value& like, const TensorList& tensors) {
  if (std::holds_alternative<TensorList>(like)) return Value(tensors);
  return Value(tensors[0]);
}

// The op of the tangents, zeros standing in where an argument has none.
TensorList tangents_of_linear(const OpBase& op, const Values& primals, const Values& tangents) {
  Values arguments;
  for (size_t i = 0; i < primals.size(); ++i) {
    TensorList primal = tensors_in(primals[i]), tangent = tensors_in(tangents[i]);
    if (primal.empty()) {
      arguments.push_back(primals[i]);
      continue;
    }
    tangent.resize(primal.size());
    for (size_t j = 0; j < primal.size(); ++j)
      if (primal[j].defined() && !tangent[j].defined()) {
        tangent[j] = zero_tangent(primal[j]);
        tangent[j].body().wrapped_number = primal[j].body().wrapped_number;
      }
    arguments.push_back(with_tensors(primals[i], tangent));
  }
  return tensors_in(op.call(arguments));
}

// What an op gave, and the tangents of that.
struct Derived {
  Value result;
  TensorList tangents;
};

// Differentiates the derivative: u -> J^T u is linear in u, so its own derivative, transposed, applied to
// the tangent t is J t.
Derived from_derivative(const OpBase& op, const Values& primals, const Values& tangents) {
  bool recording = grad_mode.enabled;
  bool primal_tracked = false, tangent_tracked = false;
  Values arguments = primals;
  TensorList inputs, input_tangents;
  GradModeGuard enabled(true);
  for (size_t i = 0; i < arguments.size(); ++i) {
    TensorList tensors = tensors_in(arguments[i]), moved = tensors_in(tangents[i]);
    if (tensors.empty()) continue;
    for (size_t j = 0; j < tensors.size(); ++j) {
      if (!tensors[j].defined()) continue;
      primal_tracked |= any_requires_grad(tensors[j]);
      if (j >= moved.size() || !moved[j].defined()) continue;
      tangent_tracked |= any_requires_grad(moved[j]);
      tensors[j] = differentiable(tensors[j]);
      inputs.push_back(tensors[j]);
      input_tangents.push_back(moved[j]);
    }
    arguments[i] = with_tensors(arguments[i], tensors);
  }

  Derived derived;
  Value result = op.call(arguments);
  TensorList all = tensors_in(result), outputs, vectors;
  derived.tangents.resize(all.size());
  for (const Tensor& output : all) {
    if (!output.defined() || !is_differentiable(output.dtype()) || !any_requires_grad(output)) continue;
    outputs.push_back(output);
    vectors.push_back(differentiable(zero_tangent(output)));
  }
  if (!outputs.empty()) {
    TensorList products = gradient(outputs, inputs, vectors, {.retain_graph = true, .create_graph = true});
    TensorList present, present_tangents;
    for (size_t i = 0; i < products.size(); ++i) {
      if (!products[i].defined()) continue;
      present.push_back(products[i]);
      present_tangents.push_back(input_tangents[i]);
    }
    bool create_graph = recording && (primal_tracked || tangent_tracked);
    TensorList moved = gradient(present, vectors, present_tangents,
                                {.retain_graph = create_graph, .create_graph = create_graph});
    for (size_t i = 0, next = 0; i < all.size(); ++i)
      if (next < outputs.size() && all[i].defined() && all[i].same_as(outputs[next]))
        derived.tangents[i] = moved[next++];
  }
  bool keep_history = recording && primal_tracked;
  derived.result =
      keep_history ? result : map_tensors(result, [](const Tensor& tensor) { return detached(tensor); });
  return derived;
}

}  // namespace

void register_forward_rule(std::string op_name, RegisteredForwardRule rule) {
  registered_rules().add(std::move(op_name), std::move(rule));
}

Tensor DualTensor::changed(const Change& change, int) const {
  Tensor new_primal = change(primal), new_tangent = tangent.defined() ? change(tangent) : Tensor();
  if (!new_primal.defined() && !new_tangent.defined()) return Tensor();
  if (!new_primal.defined()) new_primal = zero_tangent(new_tangent);
  return make_wrapper(new_primal, std::make_unique<DualTensor>(level, new_primal, new_tangent));
}

Tensor make_dual(const ForwardMode& level, const Tensor& primal, const Tensor& tangent) {
  return make_wrapper(primal, std::make_unique<DualTensor>(level.identity, primal, tangent));
}

Tensor make_dual_below(const ForwardMode& level, const Tensor& primal, const Tensor& tangent) {
  const Wrapper *of_primal = wrapper_of(primal), *of_tangent = wrapper_of(tangent);
  const Wrapper* high = of_primal;
  if (of_tangent && (!high || of_tangent->level > high->level)) high = of_tangent;
  if (!high || high->level < level.identity) return make_dual(level, primal, tangent);
  auto is_high = [&](const Wrapper* wrapper) { return wrapper && wrapper->level == high->level; };
  if (auto* batched = dynamic_cast<const BatchedTensor*>(high)) {
    int64_t size = batched->value.sizes()[static_cast<size_t>(batched->batch_dim)];
    auto front = [&](const Tensor& tensor) {
      auto* own =
          is_high(wrapper_of(tensor)) ? static_cast<const BatchedTensor*>(wrapper_of(tensor)) : nullptr;
      return own ? move_dim(own->value, own->batch_dim, 0) : expand_in_front(tensor, size);
    };
    return make_batched(high->level, make_dual_below(level, front(primal), front(tangent)), 0);
  }
  auto part = [&](const Tensor& tensor, bool moved) {
    if (!is_high(wrapper_of(tensor))) return moved ? zero_tangent(tensor) : tensor;
    auto* dual = static_cast<const DualTensor*>(wrapper_of(tensor));
    if (!moved) return dual->primal;
    return dual->tangent.defined() ? dual->tangent : zero_tangent(dual->primal);
  };
  Tensor new_primal = make_dual_below(level, part(primal, false), part(tangent, false));
  Tensor new_tangent = make_dual_below(level, part(primal, true), part(tangent, true));
  return make_wrapper(new_primal, std::make_unique<DualTensor>(high->level, new_primal, new_tangent));
}

const DualTensor* dual_at(const Level& level, const Tensor& tensor) {
  const Wrapper* wrapper = wrapper_of(tensor);
  if (!wrapper || wrapper->level != level.identity) return nullptr;
  return dynamic_cast<const DualTensor*>(wrapper);
}

Tensor zero_tangent(const Tensor& tensor) {
  GradModeGuard off(false);
  return fill(tensor, Scalar(0));
}

Tensor tangent_at(const ForwardMode& level, const Tensor& tensor) {
  const DualTensor* dual = dual_at(level, tensor);
  if (!dual || dual->tangent.defined() || !dual->base.defined()) return dual ? dual->tangent : Tensor();
  const DualTensor* base = dual_at(level, dual->base);
  if (!base->tangent.defined()) return Tensor();
  const Tensor& primal = dual->primal;
  int64_t offset = primal.offset() - base->primal.offset() + base->tangent.offset();
  const_cast<DualTensor*>(dual)->tangent =
      as_strided(base->tangent, primal.sizes(), primal.strides(), offset);
  return dual->tangent;
}

Tensor ForwardMode::primal_of(const Tensor& tensor) const {
  const DualTensor* dual = dual_at(*this, tensor);
  return dual ? dual->primal : tensor;
}

Tensor ForwardMode::tangent_of(const Tensor& tensor) const { return tangent_at(*this, tensor); }

// Wraps what an op made without a tangent, so that a tangent can be written into it later. A view into
// a tensor from outside of this level stays plain.
Value ForwardMode::with_zero_tangents(Value result, const Values& arguments) const {
  for_each_tensor(result, [&](Tensor& tensor) {
    Tensor base;
    bool outside = false;
    for (const Value& argument : arguments)
      for (const Tensor& source : tensors_in(argument)) {
        if (!source.defined() || !share_memory(primal_of(source), tensor)) continue;
        const DualTensor* dual = dual_at(*this, source);
        outside |= !dual;
        if (dual) base = dual->base.defined() ? dual->base : source;
      }
    if (outside) return;
    auto dual = std::make_unique<DualTensor>(identity, tensor, Tensor());
    dual->base = base;
    tensor = make_wrapper(tensor, std::move(dual));
  });
  return result;
}

Value ForwardMode::process(const OpBase& op, Values& arguments, Mode mode, TensorList& targets) {
  if (mode == Mode::functional) return process_functional(op, arguments);
  if (mode == Mode::in_place) return process_in_place(op, arguments);
  Value computed = process_functional(op, arguments);
  TensorList results = tensors_in(computed);
  for (size_t i = 0; i < results.size() && i < targets.size(); ++i) {
    if (!targets[i].defined()) continue;
    write(op, targets[i], results[i]);
    results[i] = targets[i];
  }
  return with_tensors(computed, results);
}

Value ForwardMode::process_functional(const OpBase& op, const Values& arguments) {
  Values primals, tangents;
  bool any_tangent = false;
  for (const Value& argument : arguments) {
    primals.push_back(map_tensors(argument, [&](const Tensor& tensor) { return primal_of(tensor); }));
    TensorList moved = tensors_in(argument);
    bool of_this = false;
    for (Tensor& tensor : moved) {
      tensor = tangent_of(tensor);
      of_this |= tensor.defined();
    }
    tangents.push_back(of_this ? with_tensors(argument, moved) : Value());
    any_tangent |= of_this;
  }
  if (!any_tangent || op.traits.forward == Forward::none)
    return with_zero_tangents(op.call(primals), arguments);

  Value result;
  TensorList moved;
  if (RegisteredForwardRule rule = registered_rules().find(op)) {
    result = op.call(primals);
    moved = rule(op, primals, result, tangents);
  } else if (op.traits.forward == Forward::linear) {
    result = op.call(primals);
    moved = tangents_of_linear(op, primals, tangents);
  } else {
    Derived derived = from_derivative(op, primals, tangents);
    result = derived.result;
    moved = derived.tangents;
  }
  TensorList outputs = tensors_in(result);
  if (outputs.empty()) return result;
  for (size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i].defined())
      outputs[i] = make_dual(*this, outputs[i], i < moved.size() ? moved[i] : Tensor());
  return with_tensors(result, outputs);
}

Value ForwardMode::process_in_place(const OpBase& op, Values& arguments) {
  bool any = false;
  for (const Value& argument : arguments)
    for (const Tensor& tensor : tensors_in(argument)) any |= dual_at(*this, tensor) != nullptr;
  if (!any) {
    TensorList no_targets;
    return op.call(arguments, Mode::in_place, no_targets);
  }
  Tensor target = std::get<Tensor>(arguments[0]);
  Tensor result = std::get<Tensor>(process_functional(op, arguments));
  const DualTensor *before = dual_at(*this, target), *after = dual_at(*this, result);
  if (before && after && share_memory(before->primal, after->primal))
    become(target, result);
  else
    write(op, target, result);
  return Value(target);
}

// Writes a result and its tangent into a tensor and its tangent.
void ForwardMode::write(const OpBase& op, const Tensor& target, const Tensor& result) const {
  Tensor primal = primal_of(result), moved = tangent_of(result);
  const DualTensor* dual = dual_at(*this, target);
  check(dual || !moved.defined(),
        "During a grad (vjp, jvp, grad, etc) transform, the function provided attempted to call in-place "
        "operation (aten::",
        op.name(),
        "_) that would mutate a captured Tensor. This is not supported; please rewrite the function being "
        "transformed to explicitly accept the mutated Tensor(s) as inputs.");
  const Tensor& target_primal = dual ? dual->primal : target;
  check(primal.sizes() == target.sizes(), "output with shape ", target.sizes(),
        " doesn't match the broadcast shape ", primal.sizes());
  check(can_cast(primal.dtype(), target.dtype()), "result type ", scalar_type_name(primal.dtype()),
        " can't be cast to the desired output type ", scalar_type_name(target.dtype()));
  copy_(target_primal, primal);
  if (!dual) return;
  Tensor tangent = tangent_of(target);
  if (!tangent.defined() && !moved.defined()) return;
  if (!tangent.defined()) {
    const Tensor& root = dual->base.defined() ? dual->base : target;
    auto* root_dual = const_cast<DualTensor*>(dual_at(*this, root));
    root_dual->tangent = zero_tangent(root_dual->primal);
    tangent = tangent_of(target);
  }
  copy_(tangent, moved.defined() ? moved : zero_tangent(tangent));
}

}  // namespace lampas::transforms
