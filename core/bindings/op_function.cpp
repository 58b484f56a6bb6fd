// Python callables made from the registry of ops: functions, methods, their in-place and out= forms.
#include "core/bindings/op_function.h"

#include <structmember.h>

#include <algorithm>
#include <map>

#include "core/bindings/default_device.h"
#include "core/bindings/return_types.h"
#include "core/bindings/subclass.h"
#include "core/bindings/tensor_object.h"
#include "core/ops/history.h"

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

Object new_callable(std::string name, std::vector<const OpBase*> ops, bool is_method, Mode mode) {
  PyTypeObject* type = is_method ? method_type : function_type;
  Object made = Object::steal(type->tp_alloc(type, 0));
  auto* object = reinterpret_cast<CallableObject*>(made.get());
  object->vectorcall = is_method ? call_method : call_function;
  object->callable = new OpCallable(std::move(name), std::move(ops), is_method, mode);
  return made;
}

int output_count(const OpBase& op) {
  if (op.signature().result.front() != '(') return 1;
  return 1 + static_cast<int>(std::count(op.signature().result.begin(), op.signature().result.end(), ','));
}

bool has_one_tensor(const OpBase& op) {
  int tensors = 0;
  for (const ParameterDeclaration& parameter : op.signature().parameters)
    tensors += parameter.type == ParameterType::tensor || parameter.type == ParameterType::tensor_list;
  return tensors == 1;
}

}  // namespace

OpCallable::OpCallable(std::string name, std::vector<const OpBase*> ops, bool is_method, Mode mode)
    : parser_(std::move(name)), is_method_(is_method), mode_(mode) {
  for (const OpBase* op : ops) {
    Form form{op};
    parser_.add(python_signature(form, is_method, mode), is_method);
    forms_.push_back(form);
  }
}

Signature OpCallable::python_signature(Form& form, bool is_method, Mode mode) {
  Signature signature = form.op->signature();
  form.own = signature.parameters.size();
  if (mode != Mode::functional) return signature;
  auto add_option = [&](const char* name, ParameterType type, Value default_value = Value()) {
    ParameterDeclaration option;
    option.name = name;
    option.type = type;
    option.optional = is_none(default_value);
    option.keyword_only = option.has_default = true;
    option.default_value = std::move(default_value);
    signature.parameters.push_back(std::move(option));
    return static_cast<int>(signature.parameters.size()) - 1;
  };
  bool makes_tensors =
      signature.find("dtype") >= 0 && signature.find("device") >= 0 && signature.name[0] != '_';
  bool has_tensor = signature.parameters[0].type == ParameterType::tensor;
  if (makes_tensors) {
    if (!has_tensor) form.device = signature.find("device");
    add_option("layout", ParameterType::layout);
    add_option("pin_memory", ParameterType::boolean, false);
    form.requires_grad = add_option("requires_grad", ParameterType::boolean, false);
    if (has_tensor != is_method || signature.name == "empty")
      add_option("memory_format", ParameterType::memory_format);
  }
  if (!is_method && (form.op->traits.forms & Forms::out)) {
    bool one = output_count(*form.op) == 1;
    form.out = add_option("out", one ? ParameterType::tensor : ParameterType::tensor_list);
  }
  return signature;
}

PyObject* OpCallable::call(PyObject* object, PyObject* self, const Arguments& arguments) const {
  SubclassRequest request = subclass_request(self, arguments);
  if (request.overridden) return call_override(object, self, arguments);
  Values values;
  if (is_method_) values.push_back(tensor_of(self));
  const Form& form = forms_[parser_.parse(arguments, values)];
  const OpBase& op = *form.op;
  if (values.size() == form.own) {
    TensorList no_targets;
    return result(op, op.call(values, mode_, no_targets), request.result_class);
  }

  Value out = form.out >= 0 ? std::move(values[static_cast<size_t>(form.out)]) : Value();
  bool requires_grad =
      form.requires_grad >= 0 && std::get<bool>(values[static_cast<size_t>(form.requires_grad)]);
  values.resize(form.own);
  if (form.device >= 0 && is_none(values[static_cast<size_t>(form.device)]) && default_device() != Device{})
    values[static_cast<size_t>(form.device)] = default_device();
  TensorList targets;
  if (auto* tensor = std::get_if<Tensor>(&out)) targets.push_back(*tensor);
  if (auto* list = std::get_if<TensorList>(&out)) targets = std::move(*list);
  if (!is_none(out)) {
    size_t wanted = static_cast<size_t>(output_count(op));
    if (targets.size() != wanted)
      raise(PyExc_TypeError, "expected tuple of ", wanted, " elements but got ", targets.size());
  }
  Value made = op.call(values, is_none(out) ? Mode::functional : Mode::out, targets);
  if (requires_grad) {
    const Tensor& tensor = std::get<Tensor>(made);
    check(is_differentiable(tensor.dtype()),
          "Only Tensors of floating point and complex dtype can require gradients");
    set_requires_grad(tensor, true);
  }
  return result(op, made, request.result_class);
}

PyObject* OpCallable::result(const OpBase& op, const Value& value, PyTypeObject* result_class) const {
  if (op.signature().result_names.empty()) return value_object(value, result_class);
  return named_result(op.signature(), std::get<TensorList>(value), result_class).release();
}

std::string OpCallable::documentation() const {
  std::string text;
  for (size_t i = 0; i < forms_.size(); ++i) {
    const OpBase& op = *forms_[i].op;
    if (i > 0) text += "\n\n";
    text +=
        name() + parser_.overloads()[i].text() + " -> " + op.signature().result + "\n\n" + op.documentation();
  }
  return text;
}

Object function_of(const OpBase& op) { return new_callable(op.name(), {&op}, false, Mode::functional); }

void register_ops(PyObject* module) {
  function_type = make_type("lampas._core.function", false);
  method_type = make_type("lampas._core.method", true);
  std::map<std::string, std::vector<const OpBase*>> names;
  for (const OpBase* op : all_ops()) names[op->name()].push_back(op);

  auto those_with = [](const std::vector<const OpBase*>& ops, Forms form) {
    std::vector<const OpBase*> chosen;
    std::copy_if(ops.begin(), ops.end(), std::back_inserter(chosen),
                 [form](const OpBase* op) { return op->traits.forms & form; });
    return chosen;
  };
  auto add_function = [&](const std::string& name, std::vector<const OpBase*> ops, Mode mode) {
    if (ops.empty() || PyObject_HasAttrString(module, name.c_str())) return;
    add_to_module(module, name.c_str(), new_callable(name, std::move(ops), false, mode));
  };
  auto* type = reinterpret_cast<PyObject*>(tensor_type);
  auto add_method = [&](const std::string& name, std::vector<const OpBase*> ops, Mode mode) {
    Object key = new_text(name);
    if (ops.empty() || PyDict_Contains(tensor_type->tp_dict, key.get())) return;
    check_status(PyObject_SetAttr(type, key.get(), new_callable(name, std::move(ops), true, mode).get()));
  };
  for (const auto& [name, ops] : names) {
    add_function(name, those_with(ops, Forms::function), Mode::functional);
    add_method(name, those_with(ops, Forms::method), Mode::functional);
    std::vector<const OpBase*> in_place_ops = those_with(ops, Forms::in_place);
    add_method(name + "_", in_place_ops, Mode::in_place);
    std::erase_if(in_place_ops, [](const OpBase* op) { return !has_one_tensor(*op); });
    add_function(name + "_", in_place_ops, Mode::in_place);
  }
}

}  // namespace lampas::python
