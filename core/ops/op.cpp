// The registry of ops, and the call through transforms.
#include "core/ops/op.h"

#include "core/kernels/copy.h"

namespace lampas {
namespace {

std::vector<const OpBase*>& registry() {
  static std::vector<const OpBase*> ops;
  return ops;
}

}  // namespace

OpBase::OpBase(const char* signature, const Traits& traits, const char* documentation)
    : traits(traits), signature_(parse_signature(signature)), documentation_(documentation) {
  registry().push_back(this);
}

const std::vector<const OpBase*>& all_ops() { return registry(); }

const OpBase* find_op(std::string_view name) {
  for (const OpBase* op : registry()) {
    const Signature& signature = op->signature();
    if (signature.overload.empty() ? signature.name == name
                                   : name == text(signature.name, ".", signature.overload))
      return op;
  }
  return nullptr;
}

Value process_through_transforms(const OpBase& op, Values& arguments, Mode mode, TensorList& targets) {
  Transform* transform = active_transform;
  while (transform && transform->paused) transform = transform->below;
  ActiveTransform below(transform ? transform->below : nullptr);
  if (transform) return transform->process(op, arguments, mode, targets);
  check_plain(op, arguments, targets);
  return op.run(arguments, mode, targets);
}

Value process_composite(const OpBase& op, Values& arguments, Mode mode, TensorList& targets) {
  for (Transform* transform = active_transform; transform; transform = transform->below)
    if (!transform->paused && transform->converts_composites(arguments))
      return transform->process(op, arguments, mode, targets);
  return op.run(arguments, mode, targets);
}

void check_plain(const OpBase& op, const Values& arguments, const TensorList& targets) {
  auto check_tensor = [&](const Tensor& tensor) {
    if (tensor.defined() && tensor.is_wrapped())
      fail(ErrorKind::runtime, op.name(),
           "(): a tensor was used outside of the vmap, jvp or other function transform that made it. Return "
           "it "
           "from the transformed function instead of keeping it.");
  };
  for (const Value& value : arguments) {
    if (auto* tensor = std::get_if<Tensor>(&value))
      check_tensor(*tensor);
    else if (auto* list = std::get_if<TensorList>(&value))
      for (const Tensor& tensor : *list) check_tensor(tensor);
  }
  for (const Tensor& target : targets) check_tensor(target);
}

void unify_devices(Values& arguments, const char* op_name) {
  Device common;
  bool found = false;
  auto decide = [&](Tensor& tensor) {
    if (tensor.dim() == 0 && tensor.device().kind == DeviceKind::cpu) return;
    if (found && tensor.device() != common)
      fail(ErrorKind::runtime,
           "Expected all tensors to be on the same device, but found at least two devices, ", name_of(common),
           " and ", name_of(tensor.device()), "! (when checking arguments of ", op_name, ")");
    common = tensor.device();
    found = true;
  };
  for (Value& value : arguments) for_each_tensor(value, decide);
  auto move = [&](Tensor& tensor) {
    if (tensor.device() == common) return;
    Tensor moved = new_tensor(tensor.sizes(), tensor.dtype(), common);
    kernels::copy_across(tensor, moved);
    moved.body().wrapped_number = tensor.body().wrapped_number;
    tensor = moved;
  };
  for (Value& value : arguments) for_each_tensor(value, move);
}

}  // namespace lampas
