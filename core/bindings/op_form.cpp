// One op as Python calls it: the signature that callers see, and how their arguments reach the op.
#include "core/bindings/op_form.h"

#include <algorithm>

#include "core/bindings/default_device.h"
#include "core/bindings/memory_format.h"
#include "core/bindings/python.h"
#include "core/bindings/tensor_data.h"
#include "core/ops/history.h"
#include "core/ops/view.h"

namespace lampas::python {
namespace {

// A number where the op takes a tensor, one int where it takes several, a tensor where it takes an int:
// PyTorch lists these by themselves.
void fit(Value& value, const ParameterDeclaration& parameter) {
  if (parameter.type == ParameterType::tensor && std::holds_alternative<Scalar>(value)) {
    value = number_tensor(std::get<Scalar>(value));
  } else if (parameter.type == ParameterType::shape && std::holds_alternative<int64_t>(value)) {
    value = Shape{std::get<int64_t>(value)};
  } else if (parameter.type == ParameterType::integer && std::holds_alternative<Tensor>(value)) {
    const Tensor& tensor = std::get<Tensor>(value);
    check(tensor.dim() == 0 && is_integral(tensor.dtype(), false), parameter.name,
          " must be an 0-dim integral Tensor.");
    value = scalar_of(tensor).to<int64_t>();
  }
}

}  // namespace

size_t output_count(const OpBase& op) {
  const std::string& result = op.signature().result;
  if (result.front() != '(') return 1;
  return 1 + static_cast<size_t>(std::count(result.begin(), result.end(), ','));
}

OpForm::OpForm(const OpBase& op, ListedForm::Kind kind) : op_(&op), signature_(op.signature()) {
  add_options(kind, op.traits.forms & Forms::out);
}

OpForm::OpForm(const ListedForm& listed, const OpBase* op, ListedForm::Kind kind)
    : op_(op),
      signature_(parse_signature(text(listed.name, "(", listed.parameters, ") -> ",
                                      op ? op->signature().result.c_str() : "Tensor"))) {
  if (op)
    for (const ParameterDeclaration& parameter : op->signature().parameters)
      if ((parameter.name == "dtype" || parameter.name == "device") && signature_.find(parameter.name) < 0)
        signature_.parameters.push_back(parameter);
  if (op) find_sources();
  add_options(kind, (listed.kinds & ListedForm::out) && (!op || (op->traits.forms & Forms::out)));
}

int OpForm::add_option(const char* name, ParameterType type, Value default_value) {
  ParameterDeclaration option;
  option.name = name;
  option.type = type;
  option.optional = is_none(default_value);
  option.keyword_only = option.has_default = true;
  option.default_value = std::move(default_value);
  signature_.parameters.push_back(std::move(option));
  return static_cast<int>(signature_.parameters.size()) - 1;
}

void OpForm::add_options(ListedForm::Kind kind, bool with_out) {
  if (kind == ListedForm::in_place) return;
  bool is_method = kind == ListedForm::method;
  bool has_tensor = !signature_.parameters.empty() && signature_.parameters[0].type == ParameterType::tensor;
  bool makes_tensors =
      signature_.find("dtype") >= 0 && signature_.find("device") >= 0 && signature_.name[0] != '_';
  if (makes_tensors) {
    if (!has_tensor) device_ = signature_.find("device");
    add_option("layout", ParameterType::layout);
    pin_memory_ = add_option("pin_memory", ParameterType::boolean, false);
    requires_grad_ = add_option("requires_grad", ParameterType::boolean, false);
    if ((has_tensor && !is_method) || signature_.name == "empty")
      memory_format_ = add_option("memory_format", ParameterType::memory_format);
  }
  if (!is_method && with_out) {
    bool one = !op_ || output_count(*op_) == 1;
    out_ = add_option("out", one ? ParameterType::tensor : ParameterType::tensor_list);
  }
}

void OpForm::find_sources() {
  const auto& own = op_->signature().parameters;
  bool in_order = own.size() <= signature_.parameters.size();
  for (size_t i = 0; i < own.size(); ++i) {
    int place = signature_.find(own[i].name);
    // Where PyTorch has another name, the place tells.
    if (place < 0 && i < signature_.parameters.size() &&
        op_->signature().find(signature_.parameters[i].name) < 0)
      place = static_cast<int>(i);
    sources_.push_back(place);
    in_order = in_order && place == static_cast<int>(i) && signature_.parameters[i].type == own[i].type;
  }
  if (in_order) sources_.clear();
}

void OpForm::take_own_arguments(Values& parsed, Values& own) const {
  const auto& parameters = op_->signature().parameters;
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (sources_[i] < 0) {
      own.push_back(parameters[i].default_value);
    } else {
      own.push_back(std::move(parsed[static_cast<size_t>(sources_[i])]));
      fit(own.back(), parameters[i]);
    }
  }
}

std::optional<Values> OpForm::own_arguments(Values parsed) const {
  bool has_options = std::max({out_, requires_grad_, pin_memory_, device_, memory_format_}) >= 0;
  if (!op_ || has_options) return std::nullopt;
  if (sources_.empty()) return parsed;
  Values own;
  take_own_arguments(parsed, own);
  return own;
}

Value OpForm::call(Values& parsed, Mode mode) const {
  if (!op_)
    fail(ErrorKind::not_implemented, "Lampas does not have this form of ", signature_.name, ": ",
         signature_.text);
  TensorList targets;
  if (sources_.empty() && parsed.size() == op_->signature().parameters.size())
    return op_->call(parsed, mode, targets);

  if (out_ >= 0 && !is_none(parsed[static_cast<size_t>(out_)])) {
    Value& out = parsed[static_cast<size_t>(out_)];
    mode = Mode::out;
    if (auto* tensor = std::get_if<Tensor>(&out)) targets.push_back(*tensor);
    if (auto* list = std::get_if<TensorList>(&out)) targets = *list;
    if (targets.size() != output_count(*op_))
      raise(PyExc_TypeError, "expected tuple of ", output_count(*op_), " elements but got ", targets.size());
  }
  if (device_ >= 0 && is_none(parsed[static_cast<size_t>(device_)]) && default_device() != Device{})
    parsed[static_cast<size_t>(device_)] = default_device();
  if (pin_memory_ >= 0) check_not_pinned(std::get<bool>(parsed[static_cast<size_t>(pin_memory_)]));
  MemoryFormat format = MemoryFormat::preserve;
  if (memory_format_ >= 0) {
    format = format_in(parsed[static_cast<size_t>(memory_format_)], format);
    // A tensor is made in the order of dims of the one that it is like.
    if (auto* like = std::get_if<Tensor>(&parsed[0])) *like = in_format(detach(*like), format);
  }
  bool requires_grad = requires_grad_ >= 0 && std::get<bool>(parsed[static_cast<size_t>(requires_grad_)]);
  Value result;
  if (sources_.empty()) {
    parsed.resize(op_->signature().parameters.size());
    result = op_->call(parsed, mode, targets);
  } else {
    Values own;
    take_own_arguments(parsed, own);
    result = op_->call(own, mode, targets);
  }
  if (format != MemoryFormat::preserve) result = in_format(std::get<Tensor>(result), format);
  if (requires_grad) {
    const Tensor& tensor = std::get<Tensor>(result);
    check(is_differentiable(tensor.dtype()),
          "Only Tensors of floating point and complex dtype can require gradients");
    set_requires_grad(tensor, true);
  }
  return result;
}

}  // namespace lampas::python
