// Python callables made from the registry of ops: functions, methods, their in-place and out= forms.
#pragma once

#include "core/bindings/arguments.h"
#include "core/bindings/python.h"
#include "core/ops/op.h"

namespace lampas::python {

// All ops of one name, in one form, as Python calls them.
class OpCallable {
 public:
  OpCallable(std::string name, std::vector<const OpBase*> ops, bool is_method, Mode mode);
  OpCallable(const OpCallable&) = delete;

  // For a method, `self` is the first argument and not among `arguments`. `object` is the Python object that
  // is called. A new reference.
  PyObject* call(PyObject* object, PyObject* self, const Arguments& arguments) const;

  const std::string& name() const { return parser_.function(); }
  bool is_method() const { return is_method_; }
  std::string documentation() const;

 private:
  // An op, and what Python's callers may say besides its own parameters; -1: they may not.
  struct Form {
    const OpBase* op;
    int out = -1;            // where that argument stands among the parsed ones
    int requires_grad = -1;  // of an op that makes tensors
    int device = -1;         // of one that makes them from no other tensor
    size_t own = 0;          // the op's own parameters come first
  };
  static Signature python_signature(Form& form, bool is_method, Mode mode);
  PyObject* result(const OpBase& op, const Value& value, PyTypeObject* result_class) const;

  Parser parser_;
  std::vector<Form> forms_;
  bool is_method_;
  Mode mode_;
};

// The Python function of one op, without the other overloads of its name.
Object function_of(const OpBase& op);

// Adds every op's functions to the module and its methods to Tensor. What is there already, written by
// hand, stays.
void register_ops(PyObject* module);

}  // namespace lampas::python
