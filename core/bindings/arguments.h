// The argument parser: it reads a Python call by the signatures of an op's overloads, with PyTorch's errors.
#pragma once

#include <string>
#include <vector>

#include "core/bindings/conversion.h"

namespace lampas::python {

// The arguments of a vectorcall; `names` (a tuple, or null) are those of the last ones.
struct Arguments {
  PyObject* const* values = nullptr;
  Py_ssize_t positional = 0;
  PyObject* names = nullptr;

  Py_ssize_t named() const { return names ? PyTuple_GET_SIZE(names) : 0; }
  Py_ssize_t count() const { return positional + named(); }
  PyObject* name(Py_ssize_t index) const { return PyTuple_GET_ITEM(names, index); }
  PyObject* named_value(Py_ssize_t index) const { return values[positional + index]; }
};

// Those of a call with a tuple and a dict, as tp_new gets them.
class TupleArguments {
 public:
  TupleArguments(PyObject* tuple, PyObject* keywords);
  const Arguments& arguments() const { return arguments_; }

 private:
  std::vector<PyObject*> values_;
  Object names_;
  Arguments arguments_;
};

struct Parameter {
  ParameterDeclaration declaration;
  std::vector<PyObject*> names;  // interned: its own, then NumPy's (`axis` for `dim`)
  bool accepts_numbers = false;  // a Python number may stand for the tensor
  bool takes_none = false;
};

// One signature as Python sees it.
class Overload {
 public:
  // for_method: `self` is the first parameter, and no argument. A hidden overload is not listed in errors.
  Overload(const Signature& signature, const std::string& function, bool for_method, bool hidden = false);

  // Appends a value for each parameter; absent ones take the default.
  // False where the arguments do not fit, or with `raise_error` PyTorch's TypeError that says why.
  bool parse(const Arguments& arguments, Values& values, bool raise_error) const;

  const std::vector<Parameter>& parameters() const { return parameters_; }
  const std::string& text() const { return text_; }  // "(Tensor input, int dim, bool keepdim = False)"
  size_t least_count() const { return least_count_; }
  bool hidden() const { return hidden_; }

 private:
  friend class Parser;
  PyObject* find_named(const Parameter& parameter, const Arguments& arguments) const;
  bool is_varargs(const Arguments& arguments) const;
  [[noreturn]] void fail_extra_positional(Py_ssize_t given) const;
  [[noreturn]] void fail_missing(size_t from) const;
  [[noreturn]] void fail_extra_named(const Arguments& arguments) const;
  [[noreturn]] void fail_type(const Parameter& parameter, PyObject* object, Py_ssize_t position) const;
  [[noreturn]] void fail_element(const Parameter& parameter, size_t index, const BadElement& bad) const;
  std::string describe() const;

  const std::string* function_;
  std::vector<Parameter> parameters_;
  size_t greatest_positional_ = 0;
  size_t least_count_ = 0;
  bool hidden_;
  std::string text_;
};

// All overloads of one name.
class Parser {
 public:
  explicit Parser(std::string function) : function_(std::move(function)) {}
  Parser(const Parser&) = delete;

  void add(const Signature& signature, bool for_method, bool hidden = false);
  // Reads the call by the first overload that fits, appends its values and returns its index, or throws
  // PyTorch's TypeError.
  size_t parse(const Arguments& arguments, Values& values) const;

  const std::string& function() const { return function_; }
  const std::vector<Overload>& overloads() const { return overloads_; }

 private:
  [[noreturn]] void fail_any_argument(const Arguments& arguments) const;

  std::string function_;
  std::vector<Overload> overloads_;
  bool is_method_ = false;
};

// A parser for a callable written by hand. It lives as long as the process. A method's signatures name
// `self` as their first parameter.
const Parser& new_parser(const char* function, bool is_method, std::initializer_list<const char*> signatures);

}  // namespace lampas::python
