// Python callables made from the registry of ops: functions, methods, their in-place and out= forms.
#pragma once

#include <memory>

#include "core/bindings/arguments.h"
#include "core/bindings/op_form.h"
#include "core/bindings/python.h"
#include "core/ops/op.h"

namespace lampas::python {

// All ops of one name, in one form, as Python calls them.
class OpCallable {
 public:
  // name: the ops', or another that PyTorch has for them; in place the callable's has an underscore more.
  OpCallable(const std::string& name, const std::vector<const OpBase*>& ops, bool is_method, Mode mode);
  OpCallable(const OpCallable&) = delete;

  // For a method, `self` is the first argument and not among `arguments`. `object` is the Python object that
  // is called. A new reference.
  PyObject* call(PyObject* object, PyObject* self, const Arguments& arguments) const;

  const std::string& name() const { return parser_.function(); }
  bool is_method() const { return is_method_; }
  std::string documentation() const;

 private:
  // What a method's op gets when the method is called with nothing but its tensor, whose place is the first.
  struct BareCall {
    const OpBase* op;
    Values arguments;
  };

  void add(OpForm form, bool deprecated);
  std::unique_ptr<BareCall> bare_call() const;
  [[gnu::cold]] void warn_deprecated(size_t chosen) const;

  Parser parser_;
  std::vector<OpForm> forms_;
  std::unique_ptr<BareCall> bare_call_;  // null where arguments must be read
  bool is_method_;
  Mode mode_;
};

// The function of an op that is not in the module, such as one registered from Python.
Object function_of(const OpBase& op);

// Adds every op's functions to the module and its methods to Tensor. What is there already, written by
// hand, stays.
void register_ops(PyObject* module);

}  // namespace lampas::python
