// One op as Python calls it: the signature that callers see, and how their arguments reach the op.
#pragma once

#include <optional>

#include "core/bindings/listed_forms.h"
#include "core/ops/op.h"

namespace lampas::python {

class OpForm {
 public:
  // As the op declares itself, with the options that PyTorch adds: `out`, `requires_grad` and their kin.
  OpForm(const OpBase& op, ListedForm::Kind kind);
  // As PyTorch lists it; `op` is null where Lampas lacks it.
  OpForm(const ListedForm& listed, const OpBase* op, ListedForm::Kind kind);

  const Signature& signature() const { return signature_; }
  const OpBase* op() const { return op_; }

  // Runs the op on parsed arguments, of which there is one for each parameter of the signature.
  Value call(Values& parsed, Mode mode) const;
  // The op's own arguments out of parsed ones, where nothing but them bears on the call.
  std::optional<Values> own_arguments(Values parsed) const;

 private:
  void add_options(ListedForm::Kind kind, bool with_out);
  int add_option(const char* name, ParameterType type, Value default_value = Value());
  void find_sources();
  void take_own_arguments(Values& parsed, Values& own) const;

  const OpBase* op_;
  Signature signature_;
  std::vector<int> sources_;  // for each parameter of the op its place among the parsed; -1: the default.
                              // Empty where the op's own come first and in order
  // Places among the parsed arguments, or -1.
  int out_ = -1;
  int requires_grad_ = -1;
  int pin_memory_ = -1;
  int device_ = -1;  // of an op that makes tensors from no other tensor
  int memory_format_ = -1;
};

// How many tensors an op returns, and `out` takes.
size_t output_count(const OpBase& op);

}  // namespace lampas::python
