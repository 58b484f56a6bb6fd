// Python callables made from the registry of ops: functions, methods, their in-place and out= forms.
#include "core/bindings/op_function.h"

#include <structmember.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/bindings/return_types.h"
#include "core/bindings/subclass.h"
#include "core/bindings/tensor_object.h"
#include "core/ops/warning.h"

namespace lampas::python {
namespace {

PyTypeObject* function_type = nullptr;
PyTypeObject* method_type = nullptr;

struct CallableObject {
  PyObject_HEAD vectorcallfunc vectorcall;
  const OpCallable* callable;  // lives as long as the process
};

const OpCallable& callable_of(PyObject* self) { return *reinterpret_cast<CallableObject*>(self)->callable; }

PyObject* call_function(PyObject* self, PyObject* const* values, size_t flagged_count, PyObject* names) {
  return guarded([&] {
    Arguments arguments{values, PyVectorcall_NARGS(flagged_count), names};
    return callable_of(self).call(self, nullptr, arguments);
  });
}

PyObject* call_method(PyObject* self, PyObject* const* values, size_t flagged_count, PyObject* names) {
  return guarded([&] {
    Py_ssize_t count = PyVectorcall_NARGS(flagged_count);
    const OpCallable& callable = callable_of(self);
    if (count == 0) raise(PyExc_TypeError, "unbound method Tensor.", callable.name(), "() needs an argument");
    if (!is_tensor(values[0]))
      raise(PyExc_TypeError, "descriptor '", callable.name(),
            "' for 'torch._C.TensorBase' objects doesn't apply to a '", type_name(values[0]), "' object");
    return callable.call(self, values[0], {values + 1, count - 1, names});
  });
}

PyObject* bind_method(PyObject* self, PyObject* object, PyObject*) {
  if (!object || object == Py_None) return Py_NewRef(self);
  return PyMethod_New(self, object);
}

PyObject* function_repr(PyObject* self) {
  return PyUnicode_FromFormat("<built-in function %s>", callable_of(self).name().c_str());
}
PyObject* method_repr(PyObject* self) {
  return PyUnicode_FromFormat("<method '%s' of 'Tensor' objects>", callable_of(self).name().c_str());
}

PyObject* get_name(PyObject* self, void*) { return PyUnicode_FromString(callable_of(self).name().c_str()); }
PyObject* get_qualified_name(PyObject* self, void*) {
  const OpCallable& callable = callable_of(self);
  return PyUnicode_FromFormat("%s%s", callable.is_method() ? "Tensor." : "", callable.name().c_str());
}
PyObject* get_module(PyObject*, void*) { return PyUnicode_FromString("lampas"); }
PyObject* get_documentation(PyObject* self, void*) {
  return guarded([&] { return new_text(callable_of(self).documentation()).release(); });
}

// Pickled by name.
PyObject* reduce(PyObject* self, PyObject*) {
  const OpCallable& callable = callable_of(self);
  if (!callable.is_method()) return PyUnicode_FromString(callable.name().c_str());
  return guarded([&] {
    Object attribute_of = import_attribute("builtins", "getattr");
    return Object::steal(Py_BuildValue("O(Os)", attribute_of.get(), tensor_type, callable.name().c_str()))
        .release();
  });
}

PyMethodDef callable_methods[] = {{"__reduce__", reduce, METH_NOARGS, nullptr}, {}};
PyGetSetDef callable_properties[] = {
    {"__name__", get_name, nullptr, nullptr, nullptr},
    {"__qualname__", get_qualified_name, nullptr, nullptr, nullptr},
    {"__module__", get_module, nullptr, nullptr, nullptr},
    {"__doc__", get_documentation, nullptr, nullptr, nullptr},
    {},
};
PyMemberDef callable_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(CallableObject, vectorcall), READONLY, nullptr},
    {},
};

PyTypeObject* make_type(const char* name, bool is_method) {
  std::vector<PyType_Slot> slots = {
      {Py_tp_call, slot_function(PyVectorcall_Call)},
      {Py_tp_repr, slot_function(is_method ? method_repr : function_repr)},
      {Py_tp_methods, callable_methods},
      {Py_tp_getset, callable_properties},
      {Py_tp_members, callable_members},
  };
  if (is_method) slots.push_back({Py_tp_descr_get, slot_function(bind_method)});
  slots.push_back({});
  unsigned flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION;
  if (is_method) flags |= Py_TPFLAGS_METHOD_DESCRIPTOR;  // a call makes no bound method
  PyType_Spec spec = {name, sizeof(CallableObject), 0, flags, slots.data()};
  return reinterpret_cast<PyTypeObject*>(Object::steal(PyType_FromSpec(&spec)).release());
}

Object new_callable(const std::string& name, const std::vector<const OpBase*>& ops, bool is_method,
                    Mode mode) {
  PyTypeObject* type = is_method ? method_type : function_type;
  Object made = Object::steal(type->tp_alloc(type, 0));
  auto* object = reinterpret_cast<CallableObject*>(made.get());
  object->vectorcall = is_method ? call_method : call_function;
  object->callable = new OpCallable(name, ops, is_method, mode);
  return made;
}

bool has_one_tensor(const OpBase& op) {
  int tensors = 0;
  for (const ParameterDeclaration& parameter : op.signature().parameters)
    tensors += parameter.type == ParameterType::tensor || parameter.type == ParameterType::tensor_list;
  return tensors == 1;
}

// PyTorch's other names of ops.
constexpr std::pair<const char*, const char*> aliases[] = {
    {"absolute", "abs"},
    {"arccos", "acos"},
    {"arccosh", "acosh"},
    {"arcsin", "asin"},
    {"arcsinh", "asinh"},
    {"arctan", "atan"},
    {"arctan2", "atan2"},
    {"arctanh", "atanh"},
    {"clip", "clamp"},
    {"concat", "cat"},
    {"concatenate", "cat"},
    {"divide", "div"},
    {"fix", "trunc"},
    {"ger", "outer"},
    {"greater", "gt"},
    {"greater_equal", "ge"},
    {"less", "lt"},
    {"less_equal", "le"},
    {"moveaxis", "movedim"},
    {"multiply", "mul"},
    {"negative", "neg"},
    {"not_equal", "ne"},
    {"row_stack", "vstack"},
    {"subtract", "sub"},
    {"swapaxes", "transpose"},
    {"swapdims", "transpose"},
    {"true_divide", "div"},
};

}  // namespace

OpCallable::OpCallable(const std::string& name, const std::vector<const OpBase*>& ops, bool is_method,
                       Mode mode)
    : parser_(mode == Mode::in_place ? name + "_" : name), is_method_(is_method), mode_(mode) {
  ListedForm::Kind kind = mode == Mode::in_place ? ListedForm::in_place
                          : is_method            ? ListedForm::method
                                                 : ListedForm::function;
  std::vector<const OpBase*> unlisted = ops;
  std::vector<std::pair<const ListedForm*, const OpBase*>> deprecated;  // tried last
  std::vector<const ListedForm*> all_listed = listed_forms(name, kind);
  if (all_listed.empty()) all_listed = listed_forms(ops.front()->name(), kind);
  for (const ListedForm* listed : all_listed) {
    const OpBase* op = listed->op ? find_op(listed->op) : nullptr;
    if (listed->kinds & ListedForm::deprecated) {
      if (op) deprecated.emplace_back(listed, op);
      continue;
    }
    add(OpForm(*listed, op, kind), false);
    std::erase(unlisted, op);
  }
  for (const OpBase* op : unlisted) add(OpForm(*op, kind), false);
  for (auto [listed, op] : deprecated) add(OpForm(*listed, op, kind), true);
  bare_call_ = bare_call();
}

void OpCallable::add(OpForm form, bool deprecated) {
  parser_.add(form.signature(), is_method_, deprecated);
  forms_.push_back(std::move(form));
}

std::unique_ptr<OpCallable::BareCall> OpCallable::bare_call() const {
  if (!is_method_) return nullptr;
  for (size_t i = 0; i < forms_.size(); ++i) {
    Values parsed(1);
    const Overload& overload = parser_.overloads()[i];
    if (!overload.parse(Arguments(), parsed, false)) continue;
    std::optional<Values> own = forms_[i].own_arguments(std::move(parsed));
    if (!own || overload.hidden()) return nullptr;
    return std::make_unique<BareCall>(BareCall{forms_[i].op(), std::move(*own)});
  }
  return nullptr;
}

PyObject* OpCallable::call(PyObject* object, PyObject* self, const Arguments& arguments) const {
  SubclassRequest request = subclass_request(self, arguments);
  if (request.overridden) return call_override(object, self, arguments);
  Value made;
  const OpBase* op;
  if (bare_call_ && arguments.count() == 0) {
    Values values = bare_call_->arguments;
    values[0] = tensor_of(self);
    TensorList no_targets;
    op = bare_call_->op;
    made = op->call(values, mode_, no_targets);
  } else {
    Values values;
    if (is_method_) values.push_back(tensor_of(self));
    size_t chosen = parser_.parse(arguments, values);
    if (parser_.overloads()[chosen].hidden()) warn_deprecated(chosen);
    op = forms_[chosen].op();
    made = forms_[chosen].call(values, mode_);
  }
  const Signature& signature = op->signature();
  if (signature.result_names.empty()) return value_object(std::move(made), request.result_class);
  return named_result(signature, std::get<TensorList>(made), request.result_class).release();
}

void OpCallable::warn_deprecated(size_t chosen) const {
  static std::set<const Overload*>& warned = *new std::set<const Overload*>;
  const Overload& overload = parser_.overloads()[chosen];
  if (!warned.insert(&overload).second) return;
  std::string message = text("This overload of ", name(), " is deprecated:\n\t", name(), overload.text(),
                             "\nConsider using one of the following signatures instead:");
  for (const Overload& other : parser_.overloads())
    if (!other.hidden()) message += "\n\t" + name() + other.text();
  warn(message);
}

std::string OpCallable::documentation() const {
  std::string text;
  const OpBase* described = nullptr;
  for (size_t i = 0; i < forms_.size(); ++i) {
    const OpBase* op = forms_[i].op();
    if (!op || parser_.overloads()[i].hidden()) continue;
    if (i > 0) text += "\n";
    text += name() + parser_.overloads()[i].text() + " -> " + op->signature().result + "\n";
  }
  for (const OpForm& form : forms_) {
    if (!form.op() || form.op() == described) continue;
    described = form.op();
    text += std::string("\n") + described->documentation();
  }
  return text;
}

Object function_of(const OpBase& op) { return new_callable(op.name(), {&op}, false, Mode::functional); }

void register_ops(PyObject* module) {
  function_type = make_type("lampas._core.function", false);
  method_type = make_type("lampas._core.method", true);
  std::map<std::string, std::vector<const OpBase*>> names;
  for (const OpBase* op : all_ops()) names[op->name()].push_back(op);
  for (auto [alias, name] : aliases) names[alias] = names.at(name);

  auto those_with = [](const std::vector<const OpBase*>& ops, Forms form) {
    std::vector<const OpBase*> chosen;
    std::copy_if(ops.begin(), ops.end(), std::back_inserter(chosen),
                 [form](const OpBase* op) { return op->traits.forms & form; });
    return chosen;
  };
  auto full_name = [](const std::string& name, Mode mode) {
    return mode == Mode::in_place ? name + "_" : name;
  };
  auto add_function = [&](const std::string& name, const std::vector<const OpBase*>& ops, Mode mode) {
    std::string key = full_name(name, mode);
    if (ops.empty() || PyObject_HasAttrString(module, key.c_str())) return;
    add_to_module(module, key.c_str(), new_callable(name, ops, false, mode));
  };
  auto* type = reinterpret_cast<PyObject*>(tensor_type);
  auto add_method = [&](const std::string& name, const std::vector<const OpBase*>& ops, Mode mode) {
    Object key = new_text(full_name(name, mode));
    if (ops.empty() || PyDict_Contains(tensor_type->tp_dict, key.get())) return;
    check_status(PyObject_SetAttr(type, key.get(), new_callable(name, ops, true, mode).get()));
  };
  for (const auto& [name, ops] : names) {
    add_function(name, those_with(ops, Forms::function), Mode::functional);
    add_method(name, those_with(ops, Forms::method), Mode::functional);
    std::vector<const OpBase*> in_place_ops = those_with(ops, Forms::in_place);
    add_method(name, in_place_ops, Mode::in_place);
    std::erase_if(in_place_ops, [](const OpBase* op) { return !has_one_tensor(*op); });
    add_function(name, in_place_ops, Mode::in_place);
  }
}

}  // namespace lampas::python
