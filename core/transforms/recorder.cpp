// Recording calls with tensors as slots, and replaying them.
#include "core/transforms/recorder.h"

namespace lampas::transforms {

Recorder::Recorder(const TensorList& inputs) {
  for (const Tensor& input : inputs) {
    program_->input_sizes.push_back(input.sizes());
    program_->input_dtypes.push_back(input.dtype());
    add_slot(input, program_->slot_count++);
  }
}

int64_t Recorder::slot_of(const Tensor& tensor) const {
  auto found = slots_.find(tensor.body_pointer());
  return found == slots_.end() ? -1 : found->second;
}

void Recorder::add_slot(const Tensor& tensor, int64_t slot) {
  slots_[tensor.body_pointer()] = slot;
  alive_.push_back(tensor);
}

Value Recorder::process(const OpBase& op, Values& arguments, Mode mode, TensorList& targets) {
  RecordedCall call{&op, mode, arguments, targets, {}, {}};
  auto note = [&](Tensor& tensor, size_t argument, size_t element) {
    int64_t slot = tensor.defined() ? slot_of(tensor) : -1;
    if (slot < 0) return;
    tensor = Tensor();
    call.places.push_back({static_cast<int32_t>(argument), static_cast<int32_t>(element), slot});
  };
  constexpr size_t none = static_cast<size_t>(-1);
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    if (auto* tensor = std::get_if<Tensor>(&call.arguments[i]))
      note(*tensor, i, none);
    else if (auto* list = std::get_if<TensorList>(&call.arguments[i]))
      for (size_t j = 0; j < list->size(); ++j) note((*list)[j], i, j);
  }
  for (size_t j = 0; j < call.targets.size(); ++j) note(call.targets[j], none, j);

  Value result = op.call(arguments, mode, targets);
  for_each_tensor(result, [&](Tensor& tensor) {
    int64_t slot = slot_of(tensor);  // a target keeps its own
    if (slot < 0) add_slot(tensor, slot = program_->slot_count++);
    call.results.push_back(slot);
  });
  program_->calls.push_back(std::move(call));
  return result;
}

std::shared_ptr<const Program> Recorder::finish(const TensorList& outputs) {
  for (const Tensor& output : outputs) {
    int64_t slot = slot_of(output);
    program_->outputs.push_back(slot);
    program_->constant_outputs.push_back(slot < 0 ? output : Tensor());
  }
  slots_.clear();
  alive_.clear();
  return program_;
}

TensorList Program::replay(const TensorList& inputs) const {
  check(inputs.size() == input_sizes.size(), "replay: expected ", input_sizes.size(), " inputs, got ",
        inputs.size());
  TensorList slots(static_cast<size_t>(slot_count));
  for (size_t i = 0; i < inputs.size(); ++i) {
    check(inputs[i].sizes() == input_sizes[i] && inputs[i].dtype() == input_dtypes[i], "replay: input ", i,
          " was recorded with sizes ", input_sizes[i], " and dtype ", name_of(input_dtypes[i]),
          ", but got sizes ", inputs[i].sizes(), " and dtype ", name_of(inputs[i].dtype()));
    slots[i] = inputs[i];
  }
  for (const RecordedCall& call : calls) {
    Values arguments = call.arguments;
    TensorList targets = call.targets;
    for (const RecordedCall::Place& place : call.places) {
      const Tensor& tensor = slots[static_cast<size_t>(place.slot)];
      if (place.argument < 0)
        targets[static_cast<size_t>(place.element)] = tensor;
      else if (place.element < 0)
        arguments[static_cast<size_t>(place.argument)] = Value(tensor);
      else
        std::get<TensorList>(arguments[static_cast<size_t>(place.argument)])[place.element] = tensor;
    }
    Value result = call.op->call(arguments, call.mode, targets);
    size_t next = 0;
    for_each_tensor(result,
                    [&](Tensor& tensor) { slots[static_cast<size_t>(call.results[next++])] = tensor; });
  }
  TensorList results;
  for (size_t i = 0; i < outputs.size(); ++i)
    results.push_back(outputs[i] < 0 ? constant_outputs[i] : slots[static_cast<size_t>(outputs[i])]);
  return results;
}

}  // namespace lampas::transforms
