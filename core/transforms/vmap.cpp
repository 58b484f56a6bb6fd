// How vmap processes a call: unwrapping, the choice of a rule, in-place and out= forms, random ops.
#include "core/transforms/vmap.h"

#include "core/ops/batching.h"
#include "core/ops/binary.h"
#include "core/ops/creation.h"
#include "core/transforms/registered_rules.h"

namespace lampas::transforms {
namespace {

RegisteredRules<RegisteredBatchingRule>& registered_rules() {
  static RegisteredRules<RegisteredBatchingRule> rules;
  return rules;
}

bool is_tensor_result(const OpBase& op) { return op.signature().result.find("Tensor") != std::string::npos; }

[[noreturn]] void fail_data_dependent(const OpBase& op) {
  if (op.name() == "item")
    fail(ErrorKind::runtime,
         "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() "
         "on a Tensor, please try to rewrite what you're doing with other operations. If error is occurring "
         "somewhere inside PyTorch internals, please file a bug report.");
  fail(ErrorKind::runtime,
       "vmap: It looks like you're attempting to use a Tensor in some data-dependent control flow. We don't "
       "support that yet, please file an issue at https://github.com/pytorch/pytorch/issues .");
}

bool is_random(const OpBase& op, const Values& arguments) {
  const Signature& signature = op.signature();
  if (int train = signature.find("train"); train >= 0)
    if (auto* training = std::get_if<bool>(&arguments[train]); training && !*training) return false;
  if (signature.name == "dropout" || signature.name == "native_dropout") return true;
  for (const ParameterDeclaration& parameter : signature.parameters)
    if (parameter.type == ParameterType::generator) return true;
  return false;
}

}  // namespace

BatchedValue apply_batching_rule(const OpBase& op, BatchedValues& arguments, const Vmap& level) {
  if (RegisteredBatchingRule rule = registered_rules().find(op)) return rule(op, arguments, level);
  switch (op.traits.batching) {
    case Batching::elementwise:
      return batch_elementwise(op, arguments, level.batch_size);
    case Batching::leading:
      return batch_leading(op, arguments, level.batch_size);
    case Batching::custom:
      return op.traits.batching_rule(op, arguments, level.batch_size);
    default:
      return batch_by_loop(op, arguments, level.batch_size);
  }
}

void register_batching_rule(std::string op_name, RegisteredBatchingRule rule) {
  registered_rules().add(std::move(op_name), std::move(rule));
}

bool Vmap::is_batched(const Value& value) const {
  if (auto* tensor = std::get_if<Tensor>(&value)) return batched_at(*this, *tensor) != nullptr;
  if (auto* list = std::get_if<TensorList>(&value))
    for (const Tensor& tensor : *list)
      if (batched_at(*this, tensor)) return true;
  return false;
}

// The tensors behind `value`, and where their batch dim is. Of a list, all get theirs in front.
Value Vmap::unwrapped(const Value& value, int64_t& batch_dim) const {
  batch_dim = -1;
  if (!is_batched(value)) return value;
  if (auto* tensor = std::get_if<Tensor>(&value)) {
    const BatchedTensor* batched = batched_at(*this, *tensor);
    batch_dim = batched->batch_dim;
    return Value(batched->value);
  }
  TensorList values;
  for (const Tensor& tensor : std::get<TensorList>(value)) {
    const BatchedTensor* batched = batched_at(*this, tensor);
    if (!tensor.defined())
      values.push_back(tensor);
    else if (batched)
      values.push_back(move_dim(batched->value, batched->batch_dim, 0));
    else
      values.push_back(expand_in_front(tensor, batch_size));
  }
  batch_dim = 0;
  return Value(std::move(values));
}

BatchedValues Vmap::unwrapped(const Values& arguments) const {
  BatchedValues result;
  for (const Value& argument : arguments) {
    BatchedValue& batched = result.emplace_back();
    batched.value = unwrapped(argument, batched.batch_dim);
  }
  return result;
}

Value Vmap::wrapped(const BatchedValue& result) const {
  if (result.batch_dim < 0) return result.value;
  if (auto* tensor = std::get_if<Tensor>(&result.value))
    return Value(make_batched(identity, *tensor, result.batch_dim));
  if (auto* list = std::get_if<TensorList>(&result.value)) {
    TensorList tensors;
    for (const Tensor& tensor : *list)
      tensors.push_back(tensor.defined() ? make_batched(identity, tensor, result.batch_dim) : tensor);
    return Value(std::move(tensors));
  }
  return result.value;
}

Value Vmap::process(const OpBase& op, Values& arguments, Mode mode, TensorList& targets) {
  bool any = false;
  for (const Value& argument : arguments) any |= is_batched(argument);
  for (const Tensor& target : targets) any |= batched_at(*this, target) != nullptr;
  if (is_random(op, arguments)) return process_random(op, arguments, mode, targets);
  if (!any) return op.call(arguments, mode, targets);
  if (!is_tensor_result(op)) fail_data_dependent(op);
  if (mode == Mode::in_place) return process_in_place(op, arguments);
  if (mode == Mode::out) return process_out(op, arguments, targets);
  BatchedValues values = unwrapped(arguments);
  return wrapped(apply_batching_rule(op, values, *this));
}

Value Vmap::process_in_place(const OpBase& op, Values& arguments) {
  Tensor target = std::get<Tensor>(arguments[0]);
  const BatchedTensor* batched = batched_at(*this, target);
  if (!batched)
    fail(ErrorKind::runtime, "vmap: ", op.name(),
         "_(self, *extra_args) is not possible because there exists a Tensor `other` in extra_args that has "
         "more elements than `self`. This happened due to `other` being vmapped over but `self` not being "
         "vmapped over in a vmap. Please try to use out-of-place operators instead of ",
         op.name(),
         "_. If said operator is being called inside the PyTorch framework, please file a bug report "
         "instead.");
  Tensor physical = move_dim(batched->value, batched->batch_dim, 0);

  if (op.traits.elementwise && op.traits.batching == Batching::elementwise) {
    Shape broadcast = target.sizes();
    for (const Value& argument : arguments)
      if (auto* tensor = std::get_if<Tensor>(&argument))
        broadcast = broadcast_shapes(broadcast, tensor->sizes());
    check(broadcast == target.sizes(), "output with shape ", target.sizes(),
          " doesn't match the broadcast shape ", broadcast);
  }
  BatchedValues values = unwrapped(arguments);
  BatchedValue result = apply_batching_rule(op, values, *this);
  Tensor computed = std::get<Tensor>(result.value);
  if (share_memory(computed, physical)) {  // t_(), squeeze_(): the tensor itself gets another shape
    become(target, make_batched(identity, computed, result.batch_dim));
    return Value(target);
  }
  Shape sizes = computed.sizes();
  if (result.batch_dim >= 0) sizes.erase(static_cast<size_t>(result.batch_dim));
  check(sizes == target.sizes(), "output with shape ", target.sizes(), " doesn't match the broadcast shape ",
        sizes);
  check(can_cast(computed.dtype(), target.dtype()), "result type ", scalar_type_name(computed.dtype()),
        " can't be cast to the desired output type ", scalar_type_name(target.dtype()));
  copy_(physical, result.batch_dim >= 0 ? move_dim(computed, result.batch_dim, 0) : computed);
  return Value(target);
}

Value Vmap::process_out(const OpBase& op, Values& arguments, TensorList& targets) {
  BatchedValues values = unwrapped(arguments);
  Value computed = wrapped(apply_batching_rule(op, values, *this));
  TensorList results;
  if (auto* list = std::get_if<TensorList>(&computed))
    results = *list;
  else
    results.push_back(std::get<Tensor>(computed));
  ActiveTransform here(this);  // the copy is a call of this level again
  for (size_t i = 0; i < results.size() && i < targets.size(); ++i) {
    if (!targets[i].defined()) continue;
    copy_(targets[i], results[i]);
    results[i] = targets[i];
  }
  return std::holds_alternative<TensorList>(computed) ? Value(std::move(results)) : Value(results[0]);
}

Value Vmap::process_random(const OpBase& op, Values& arguments, Mode mode, TensorList& targets) {
  check(randomness != Randomness::error,
        "vmap: called random operation while in randomness error mode. Please either use the 'same' or "
        "'different' randomness flags on vmap or perform the randomness operation out of vmap");
  check(mode != Mode::out, "vmap: random operations with out= are not supported");
  const Signature& signature = op.signature();
  Tensor target;
  if (mode == Mode::in_place) {
    target = std::get<Tensor>(arguments[0]);
    check(batched_at(*this, target) || randomness == Randomness::same,
          "vmap: Cannot ask for different inplace randomness on an unbatched tensor. This will appear like "
          "same randomness. If this is necessary for your usage, please file an issue with functorch.");
  }
  bool any = false;
  for (const Value& argument : arguments) any |= is_batched(argument);
  if (randomness == Randomness::same) {
    if (!any) return op.call(arguments, mode, targets);
    // One draw for all: that of an example whose values do not matter to what is drawn.
    bool is_dropout = op.name() == "dropout" && mode == Mode::functional;
    check(mode == Mode::in_place || is_dropout,
          "Vmap does not currently support same randomness with a batched tensor input");
    Tensor input = std::get<Tensor>(arguments[0]);
    Values of_example = arguments;
    Tensor example = full(input.sizes(), is_dropout ? 1 : 0, input.dtype(), input.device());
    of_example[0] = Value(example);
    Value drawn = op.call(of_example, mode, targets);
    const BatchedTensor* batched = batched_at(*this, input);
    Tensor physical = move_dim(batched->value, batched->batch_dim, 0);
    if (is_dropout) return Value(make_batched(identity, mul(physical, std::get<Tensor>(drawn)), 0));
    copy_(physical, example);
    return Value(target);
  }
  Values physical;
  for (size_t i = 0; i < arguments.size(); ++i) {
    int64_t batch_dim;
    Value value = unwrapped(arguments[i], batch_dim);
    if (auto* tensor = std::get_if<Tensor>(&value)) {
      value = Value(expanded_batch_first({*tensor, batch_dim}, batch_size));
    } else if (auto* shape = std::get_if<Shape>(&value); shape && signature.parameters[i].name == "size") {
      shape->insert(0, batch_size);
    }
    physical.push_back(std::move(value));
  }
  Value result = op.call(physical, mode, targets);
  return mode == Mode::in_place ? Value(target) : wrapped({result, 0});
}

}  // namespace lampas::transforms
