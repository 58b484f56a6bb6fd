// The argument parser: it reads a Python call by the signatures of an op's overloads, with PyTorch's errors.
#include "core/bindings/arguments.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/bindings/argument_errors.h"

namespace lampas::python {
namespace {

PyObject* interned(const char* text) {
  PyObject* name = PyUnicode_InternFromString(text);
  if (!name) throw PythonError();
  return name;
}

// NumPy's names for PyTorch's parameters.
std::vector<const char*> other_names(std::string_view name) {
  if (name == "dim") return {"axis"};
  if (name == "keepdim") return {"keepdims"};
  if (name == "input") return {"x", "a", "x1"};
  if (name == "other") return {"x2"};
  return {};
}

template <size_t count>
bool contains(const std::array<std::string_view, count>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Functions in which PyTorch takes a Python number for any tensor, as a weak scalar.
constexpr std::array<std::string_view, 11> take_numbers = {
    "result_type", "add",    "sub",         "subtract",     "mul",     "multiply",
    "div",         "divide", "true_divide", "floor_divide", "_to_copy"};
// And those in which it does for any but the first one.
constexpr std::array<std::string_view, 2> take_other_numbers = {"fmod", "copy"};

const char* type_text(ParameterType type) {
  switch (type) {
    case ParameterType::tensor:
      return "Tensor";
    case ParameterType::tensor_list:
      return "tuple of Tensors";
    case ParameterType::scalar:
      return "Number";
    case ParameterType::integer:
      return "int";
    case ParameterType::real:
      return "float";
    case ParameterType::boolean:
      return "bool";
    case ParameterType::shape:
      return "tuple of ints";
    case ParameterType::dtype:
      return "torch.dtype";
    case ParameterType::device:
      return "torch.device";
    case ParameterType::text:
      return "str";
    case ParameterType::generator:
      return "torch.Generator";
    case ParameterType::layout:
      return "torch.layout";
    case ParameterType::memory_format:
      return "torch.memory_format";
    default:
      return "object";
  }
}

std::string number_text(const Scalar& value) {
  Object number = scalar_object(value);
  return text_of(Object::steal(PyObject_Repr(number.get())).get());
}

std::string default_text(const ParameterDeclaration& parameter) {
  const Value& value = parameter.default_value;
  if (is_none(value)) return "None";
  if (auto* truth = std::get_if<bool>(&value)) return *truth ? "True" : "False";
  if (auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  if (auto* real = std::get_if<double>(&value)) return number_text(Scalar(*real));
  if (auto* scalar = std::get_if<Scalar>(&value)) return number_text(*scalar);
  if (auto* text = std::get_if<std::string>(&value)) return "\"" + *text + "\"";
  if (auto* shape = std::get_if<Shape>(&value)) {
    bool one_for_all = parameter.length > 0 && shape->size() == static_cast<size_t>(parameter.length) &&
                       std::all_of(shape->begin(), shape->end(), [&](int64_t n) { return n == (*shape)[0]; });
    return one_for_all ? std::to_string((*shape)[0]) : to_text(*shape);
  }
  return "None";
}

// Where PyTorch lists the options of functions that make tensors.
int option_rank(const ParameterDeclaration& parameter) {
  constexpr std::array<std::string_view, 8> order = {
      "generator", "memory_format", "out", "dtype", "layout", "device", "pin_memory", "requires_grad"};
  if (!parameter.keyword_only) return -1;
  return static_cast<int>(std::find(order.begin(), order.end(), parameter.name) - order.begin());
}

bool is_sequence(PyObject* object) { return PyTuple_Check(object) || PyList_Check(object); }

bool same_name(PyObject* left, PyObject* right) {
  return left == right || PyUnicode_Compare(left, right) == 0;
}

}  // namespace

TupleArguments::TupleArguments(PyObject* tuple, PyObject* keywords) {
  Py_ssize_t count = PyTuple_GET_SIZE(tuple);
  for (Py_ssize_t i = 0; i < count; ++i) values_.push_back(PyTuple_GET_ITEM(tuple, i));
  if (keywords && PyDict_GET_SIZE(keywords) > 0) {
    names_ = Object::steal(PyTuple_New(PyDict_GET_SIZE(keywords)));
    PyObject *name = nullptr, *value = nullptr;
    Py_ssize_t position = 0, index = 0;
    while (PyDict_Next(keywords, &position, &name, &value)) {
      if (!PyUnicode_Check(name)) raise(PyExc_TypeError, "keywords must be strings");
      PyTuple_SET_ITEM(names_.get(), index++, Py_NewRef(name));
      values_.push_back(value);
    }
  }
  arguments_ = {values_.data(), count, names_.get()};
}

Overload::Overload(const Signature& signature, const std::string& function, bool for_method, bool hidden)
    : function_(&function), hidden_(hidden) {
  bool numbers = contains(take_numbers, signature.name);
  bool other_numbers = numbers || contains(take_other_numbers, signature.name);
  for (size_t i = for_method ? 1 : 0; i < signature.parameters.size(); ++i) {
    Parameter parameter;
    parameter.declaration = signature.parameters[i];
    parameter.accepts_numbers = i == 0 ? numbers : other_numbers;
    parameters_.push_back(std::move(parameter));
  }
  for (Parameter& parameter : parameters_) {
    const ParameterDeclaration& declaration = parameter.declaration;
    parameter.names.push_back(interned(declaration.name.c_str()));
    for (const char* other : other_names(declaration.name)) parameter.names.push_back(interned(other));
    // PyTorch takes None for an empty list of dims.
    auto* default_shape = std::get_if<Shape>(&declaration.default_value);
    parameter.takes_none = declaration.optional || (default_shape && default_shape->empty());
    if (!declaration.keyword_only) ++greatest_positional_;
    if (!declaration.has_default) ++least_count_;
  }
  text_ = describe();
}

std::string Overload::describe() const {
  std::vector<const ParameterDeclaration*> ordered;
  for (const Parameter& parameter : parameters_) ordered.push_back(&parameter.declaration);
  bool makes_tensors = std::any_of(ordered.begin(), ordered.end(), [](const ParameterDeclaration* parameter) {
    return parameter->keyword_only && parameter->name == "requires_grad";
  });
  if (makes_tensors)
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const ParameterDeclaration* left, const ParameterDeclaration* right) {
                       return option_rank(*left) < option_rank(*right);
                     });
  std::string text = "(";
  bool keyword_only = false;
  for (const ParameterDeclaration* parameter : ordered) {
    const ParameterDeclaration& declaration = *parameter;
    if (text.size() > 1) text += ", ";
    if (declaration.keyword_only && !keyword_only) {
      keyword_only = true;
      text += "*, ";
    }
    text += std::string(type_text(declaration.type)) + " " + declaration.name;
    if (declaration.has_default) text += " = " + default_text(declaration);
  }
  return text + ")";
}

PyObject* Overload::find_named(const Parameter& parameter, const Arguments& arguments) const {
  Py_ssize_t count = arguments.named();
  for (PyObject* wanted : parameter.names)
    for (Py_ssize_t i = 0; i < count; ++i)
      if (same_name(arguments.name(i), wanted)) return arguments.named_value(i);
  return nullptr;
}

// A single positional list of ints may be spelled out: x.view(2, 3). Of a sized list one int stands for all.
bool Overload::is_varargs(const Arguments& arguments) const {
  return greatest_positional_ == 1 && arguments.positional > 0 &&
         parameters_[0].declaration.type == ParameterType::shape && parameters_[0].declaration.length == 0;
}

bool Overload::parse(const Arguments& arguments, Values& values, bool raise_error) const {
  bool varargs = is_varargs(arguments);
  if (static_cast<size_t>(arguments.positional) > greatest_positional_ && !varargs) {
    if (raise_error) fail_extra_positional(arguments.positional);
    return false;
  }
  // What fits by its type and cannot be read (a number too large, a bad element) is raised last.
  std::exception_ptr unreadable;
  Py_ssize_t next = 0, named_left = arguments.named();
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const Parameter& parameter = parameters_[i];
    const ParameterDeclaration& declaration = parameter.declaration;
    bool positional = next < arguments.positional;
    PyObject* object = nullptr;
    if (positional) {
      if (declaration.keyword_only) {
        if (raise_error) fail_extra_positional(arguments.positional);
        return false;
      }
      object = arguments.values[next];
    } else if (named_left > 0) {
      object = find_named(parameter, arguments);
    }
    if (!object) {
      if (!declaration.has_default) {
        if (raise_error) fail_missing(i);
        return false;
      }
      values.push_back(declaration.default_value);
      continue;
    }
    if (object == Py_None && parameter.takes_none) {
      values.push_back(declaration.optional ? Value() : declaration.default_value);
    } else {
      Value& value = values.emplace_back();
      BadElement bad;
      bool fits = true;
      try {
        if (varargs && i == 0 && positional && (arguments.positional > 1 || !is_sequence(object))) {
          std::optional<Shape> shape = as_shape(arguments.values, arguments.positional, bad);
          fits = shape.has_value();
          if (fits) value = std::move(*shape);
          next = arguments.positional - 1;
        } else {
          fits = convert(declaration, parameter.accepts_numbers, object, value, bad);
        }
        if (bad.list_fits) fail_element(parameter, i, bad);
      } catch (...) {
        if (!unreadable) unreadable = std::current_exception();
        fits = true;
      }
      if (!fits) {
        if (!raise_error) return false;
        if (varargs && arguments.positional > 1) fail_extra_positional(arguments.positional);
        fail_type(parameter, object, positional ? next : -1);
      }
    }
    if (positional)
      ++next;
    else
      --named_left;
  }
  if (named_left > 0) {
    if (raise_error) fail_extra_named(arguments);
    return false;
  }
  if (unreadable) [[unlikely]]
    std::rethrow_exception(unreadable);
  return true;
}

void Overload::fail_extra_positional(Py_ssize_t given) const {
  size_t least = least_count_;
  if (least != greatest_positional_)
    raise(PyExc_TypeError, *function_, "() takes from ", least, " to ", greatest_positional_,
          " positional arguments but ", given, " were given");
  raise(PyExc_TypeError, *function_, "() takes ", greatest_positional_, " positional argument",
        greatest_positional_ == 1 ? "" : "s", " but ", given, given == 1 ? " was given" : " were given");
}

void Overload::fail_missing(size_t from) const {
  std::string names;
  int count = 0;
  for (size_t i = from; i < parameters_.size(); ++i) {
    if (parameters_[i].declaration.has_default) continue;
    names += (count++ ? ", \"" : "\"") + parameters_[i].declaration.name + "\"";
  }
  // PyTorch has its plural the wrong way round, and scripts match it.
  raise(PyExc_TypeError, *function_, "() missing ", count, " required positional argument",
        count == 1 ? "s" : "", ": ", names);
}

void Overload::fail_extra_named(const Arguments& arguments) const {
  for (Py_ssize_t i = 0; i < arguments.named(); ++i) {
    auto known = std::find_if(parameters_.begin(), parameters_.end(), [&](const Parameter& parameter) {
      return std::any_of(parameter.names.begin(), parameter.names.end(),
                         [&](PyObject* name) { return same_name(arguments.name(i), name); });
    });
    if (known == parameters_.end())
      raise(PyExc_TypeError, *function_, "() got an unexpected keyword argument '",
            text_of(arguments.name(i)), "'");
    if (known - parameters_.begin() < arguments.positional)
      raise(PyExc_TypeError, *function_, "() got multiple values for argument '", text_of(arguments.name(i)),
            "'");
  }
  raise(PyExc_TypeError, "invalid keyword arguments");
}

void Overload::fail_type(const Parameter& parameter, PyObject* object, Py_ssize_t position) const {
  std::string place = position < 0 ? "" : " (position " + std::to_string(position + 1) + ")";
  ParameterType type = parameter.declaration.type;
  std::string found = ", not " + type_name(object);
  bool is_list = PyTuple_Check(object) || PyList_Check(object);
  if (type == ParameterType::shape && is_list && PySequence_Fast_GET_SIZE(object) > 0)
    found = ", but found element of type " + type_name(PySequence_Fast_GET_ITEM(object, 0)) + " at pos 0";
  raise(PyExc_TypeError, *function_, "(): argument '", parameter.declaration.name, "'", place, " must be ",
        type_text(type), found);
}

void Overload::fail_element(const Parameter& parameter, size_t index, const BadElement& bad) const {
  if (parameter.declaration.type == ParameterType::tensor_list)
    raise(PyExc_TypeError, "expected Tensor as element ", bad.position, " in argument ", index, ", but got ",
          bad.reason);
  raise(PyExc_TypeError, *function_, "(): argument '", parameter.declaration.name,
        "' failed to unpack the object at pos ", bad.position + 1, " with error \"", bad.reason, "\"");
}

// Methods that take nothing are plain C functions in PyTorch.
void Parser::fail_any_argument(const Arguments& arguments) const {
  if (arguments.named() > 0)
    raise(PyExc_TypeError, "TensorBase.", function_, "() takes no keyword arguments");
  raise(PyExc_TypeError, "TensorBase.", function_, "() takes no arguments (", arguments.positional,
        " given)");
}

void Parser::add(const Signature& signature, bool for_method, bool hidden) {
  is_method_ = for_method;
  overloads_.emplace_back(signature, function_, for_method, hidden);
}

size_t Parser::parse(const Arguments& arguments, Values& values) const {
  if (overloads_.size() == 1) {
    if (is_method_ && overloads_[0].parameters().empty() && arguments.count() > 0)
      fail_any_argument(arguments);
    overloads_[0].parse(arguments, values, true);
    return 0;
  }
  size_t before = values.size();
  for (size_t i = 0; i < overloads_.size(); ++i) {
    if (overloads_[i].parse(arguments, values, false)) return i;
    values.resize(before);
  }
  // Where the number of arguments leaves one candidate, the error speaks of that one.
  const Overload* candidate = nullptr;
  int candidates = 0;
  size_t count = static_cast<size_t>(arguments.count());
  for (const Overload& overload : overloads_)
    if (!overload.hidden() && overload.least_count() <= count && count <= overload.parameters().size()) {
      candidate = &overload;
      ++candidates;
    }
  if (candidates == 1) candidate->parse(arguments, values, true);
  raise(PyExc_TypeError, no_overload_fits(*this, arguments));
}

const Parser& new_parser(const char* function, bool is_method,
                         std::initializer_list<const char*> signatures) {
  auto* parser = new Parser(function);
  for (const char* text : signatures) parser->add(parse_signature(text), is_method);
  return *parser;
}

}  // namespace lampas::python
