// Batching rules that serve many ops: elementwise, one leading tensor, and one call for each example.
#include <algorithm>
#include <atomic>

#include "core/ops/batching.h"
#include "core/ops/creation.h"
#include "core/ops/joining.h"
#include "core/ops/promotion.h"
#include "core/ops/view_parts.h"
#include "core/ops/warning.h"
#include "core/transforms/vmap.h"

namespace lampas::transforms {
namespace {

std::atomic<bool> loop_warnings{false};

const Tensor* tensor_in(const BatchedValue& argument) {
  const Tensor* tensor = std::get_if<Tensor>(&argument.value);
  return tensor && tensor->defined() ? tensor : nullptr;
}

int64_t example_rank(const BatchedValue& argument) {
  return std::get<Tensor>(argument.value).dim() - (argument.batch_dim >= 0 ? 1 : 0);
}

// The dtype in which the examples' tensors meet, where the rank of a tensor matters to that.
std::optional<DType> dtype_of_examples(const BatchedValues& arguments) {
  TensorList examples;
  for (const BatchedValue& argument : arguments) {
    const Tensor* tensor = tensor_in(argument);
    if (!tensor) continue;
    // Only rank, dtype and weakness are looked at, so one element stands for an example.
    Shape sizes(static_cast<size_t>(example_rank(argument)), 1);
    Tensor example = wrapper_tensor(sizes, tensor->dtype(), tensor->device(), nullptr);
    example.body().wrapped_number = tensor->body().wrapped_number;
    examples.push_back(std::move(example));
  }
  if (examples.size() < 2) return std::nullopt;
  return result_type(examples);
}

// A batched zero-dimensional example is a vector over the batch: it would count in type promotion, where
// an example does not. So tensors are brought to the examples' common dtype where the two differ.
void match_promotion(BatchedValues& arguments, TensorList& aligned) {
  bool any_scalar = false, alike = true;
  const Tensor* first = nullptr;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!aligned[i].defined()) continue;
    if (!first) first = &aligned[i];
    any_scalar |= example_rank(arguments[i]) == 0;
    alike &= aligned[i].dtype() == first->dtype();
  }
  if (!any_scalar || alike) return;
  std::optional<DType> wanted = dtype_of_examples(arguments);
  TensorList present;
  for (const Tensor& tensor : aligned)
    if (tensor.defined()) present.push_back(tensor);
  if (!wanted || result_type(present) == *wanted) return;
  for (Tensor& tensor : aligned)
    if (tensor.defined() && tensor.dtype() != DType::bool_ && !tensor.body().wrapped_number)
      tensor = cast(tensor, *wanted);
}

bool names_a_dim(const ParameterDeclaration& parameter) {
  static constexpr std::string_view names[] = {"dim",  "dim0",      "dim1",    "dim2",
                                               "dims", "start_dim", "end_dim", "axis"};
  return std::find(std::begin(names), std::end(names), parameter.name) != std::end(names);
}
bool names_a_size(const ParameterDeclaration& parameter) {
  return (parameter.name == "size" || parameter.name == "shape") && parameter.type == ParameterType::shape;
}

// Calls body(Tensor) for each tensor of a result and puts what it returns in its place.
template <class Body>
void replace_tensors(Value& result, Body&& body) {
  for_each_tensor(result, [&](Tensor& tensor) { tensor = body(tensor); });
}

// What `batch_leading` learns about a call.
struct LeadingCall {
  Values arguments;
  int64_t rank = 0;       // of an example
  bool over_all = false;  // a reduction over all dims
  bool keeps_dims = false;
  bool changes_size = false;
};

void shift_dims(const OpBase& op, LeadingCall& call, int64_t batch_size) {
  const auto& parameters = op.signature().parameters;
  int64_t rank = std::max<int64_t>(call.rank, 1);  // an example of rank 0 has been given one dim
  // Where a size is named, as by select_backward, the dims are those of what it describes.
  for (size_t i = 0; i < parameters.size(); ++i)
    if (names_a_size(parameters[i]))
      rank = std::max<int64_t>(static_cast<int64_t>(std::get<Shape>(call.arguments[i]).size()), 1);
  bool reduces = op.signature().find("keepdim") >= 0;
  for (size_t i = 0; i < parameters.size(); ++i) {
    Value& value = call.arguments[i];
    if (parameters[i].name == "keepdim") {
      call.keeps_dims = std::get<bool>(value);
    } else if (names_a_size(parameters[i])) {
      std::get<Shape>(value).insert(0, batch_size);
      call.changes_size = true;
    } else if (names_a_dim(parameters[i])) {
      auto* several = std::get_if<Shape>(&value);
      if (auto* one = std::get_if<int64_t>(&value)) {
        *one = wrap_dim(*one, rank) + 1;
      } else if (is_none(value) || (several && several->empty() && reduces)) {
        call.over_all = true;
        if (parameters[i].type == ParameterType::shape)
          value = Shape{1};
        else
          value = int64_t{1};
      } else if (several) {
        for (int64_t& dim : *several) dim = wrap_dim(dim, rank) + 1;
      }
    }
  }
}

}  // namespace

void set_loop_warnings(bool enabled) { loop_warnings = enabled; }

BatchedValue batch_elementwise(const OpBase& op, BatchedValues& arguments, int64_t) {
  int64_t rank = 0;
  for (const BatchedValue& argument : arguments)
    if (tensor_in(argument)) rank = std::max(rank, example_rank(argument));
  TensorList aligned(arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!tensor_in(arguments[i])) continue;
    aligned[i] = batch_first(arguments[i]);
    if (arguments[i].batch_dim < 0) continue;
    Shape sizes = aligned[i].sizes();
    if (static_cast<int64_t>(sizes.size()) == rank + 1) continue;
    while (static_cast<int64_t>(sizes.size()) < rank + 1) sizes.insert(1, 1);
    aligned[i] = reshape(aligned[i], sizes);
  }
  match_promotion(arguments, aligned);
  Values physical;
  for (size_t i = 0; i < arguments.size(); ++i)
    physical.push_back(aligned[i].defined() ? Value(aligned[i]) : arguments[i].value);
  return {op.call(physical), 0};
}

BatchedValue batch_leading(const OpBase& op, BatchedValues& arguments, int64_t batch_size) {
  const auto& parameters = op.signature().parameters;
  bool has_dim = std::any_of(parameters.begin(), parameters.end(), [](const ParameterDeclaration& parameter) {
    return names_a_dim(parameter) || names_a_size(parameter);
  });
  // Without a dim to shift, the op speaks of all dims at once, the batch included.
  if (!has_dim) return batch_by_loop(op, arguments, batch_size);

  LeadingCall call;
  for (const BatchedValue& argument : arguments) {
    if (tensor_in(argument)) {
      call.rank = std::max(call.rank, example_rank(argument));
      call.arguments.push_back(Value(expanded_batch_first(argument, batch_size)));
    } else {
      if (auto* list = std::get_if<TensorList>(&argument.value); list && argument.batch_dim >= 0)
        for (const Tensor& tensor : *list) call.rank = std::max(call.rank, tensor.dim() - 1);
      call.arguments.push_back(argument.value);
    }
  }
  shift_dims(op, call, batch_size);
  bool flatten = call.over_all || (call.rank == 0 && !call.changes_size);
  if (flatten)
    for (Value& value : call.arguments)
      for_each_tensor(value, [&](Tensor& tensor) {
        tensor = reshape(tensor, {batch_size, tensor.numel() / std::max<int64_t>(batch_size, 1)});
      });
  Value result = op.call(call.arguments);
  if (flatten) {
    Shape sizes{batch_size};
    if (call.over_all && call.keeps_dims) sizes.resize(static_cast<size_t>(call.rank) + 1, 1);
    replace_tensors(result, [&](const Tensor& tensor) { return reshape(tensor, sizes); });
  }
  return {std::move(result), 0};
}

BatchedValue batch_by_loop(const OpBase& op, BatchedValues& arguments, int64_t batch_size) {
  if (loop_warnings)
    warn(text("There is a performance drop because there is no batching rule for ", op.name(),
              ": it runs once for each of the ", batch_size, " examples"));
  check(batch_size > 0, "vmap: ", op.name(),
        " has no batching rule and cannot be run once for each example of an empty batch");
  auto example = [](const Tensor& tensor, int64_t dim, int64_t index) { return select(tensor, dim, index); };
  std::vector<TensorList> results;  // [output][example]
  bool is_list = false;
  for (int64_t index = 0; index < batch_size; ++index) {
    Values of_example;
    for (const BatchedValue& argument : arguments) {
      Value value = argument.value;
      if (argument.batch_dim >= 0)
        replace_tensors(value, [&](const Tensor& t) { return example(t, argument.batch_dim, index); });
      of_example.push_back(std::move(value));
    }
    Value result = op.call(of_example);
    is_list = std::holds_alternative<TensorList>(result);
    check(is_list || std::holds_alternative<Tensor>(result), "vmap: ", op.name(),
          " does not return a tensor");
    size_t output = 0;
    replace_tensors(result, [&](const Tensor& tensor) {
      if (results.size() <= output) results.emplace_back();
      results[output++].push_back(tensor);
      return tensor;
    });
  }
  TensorList stacked;
  for (TensorList& examples : results) {
    for (const Tensor& tensor : examples)
      check(tensor.sizes() == examples[0].sizes(), "vmap: ", op.name(),
            " gives results of different sizes for different examples: ", examples[0].sizes(), " and ",
            tensor.sizes());
    stacked.push_back(stack(examples, 0));
  }
  if (is_list) return {Value(std::move(stacked)), 0};
  return {Value(stacked[0]), 0};
}

}  // namespace lampas::transforms
