// Calls to ops that are found by name, for what is not frequent enough to deserve a typed call.
#pragma once

#include <string>

#include "core/ops/op.h"

namespace lampas::python {

// An op of the registry; false where there is none of that name.
class NamedOp {
 public:
  explicit NamedOp(const char* name) : name_(name), op_(find_op(name)) {}
  explicit operator bool() const { return op_ != nullptr; }

  // Parameters that are left out take their defaults.
  template <class... Arguments>
  Tensor operator()(const Arguments&... arguments) const {
    return std::get<Tensor>(call(Mode::functional, arguments...));
  }
  template <class... Arguments>
  TensorList list(const Arguments&... arguments) const {
    return std::get<TensorList>(call(Mode::functional, arguments...));
  }
  template <class... Arguments>
  Tensor write_into(const Tensor& target, const Arguments&... arguments) const {
    return std::get<Tensor>(call(Mode::in_place, target, arguments...));
  }

 private:
  template <class... Arguments>
  Value call(Mode mode, const Arguments&... arguments) const {
    if (!op_) fail(ErrorKind::not_implemented, "Lampas has no op named '", name_, "'");
    Values values;
    (values.push_back(Value(arguments)), ...);
    const auto& parameters = op_->signature().parameters;
    for (size_t i = values.size(); i < parameters.size(); ++i) values.push_back(parameters[i].default_value);
    TensorList no_targets;
    return op_->call(values, mode, no_targets);
  }

  std::string name_;
  const OpBase* op_;
};

}  // namespace lampas::python
