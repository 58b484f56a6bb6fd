// PyTorch's protocol for subclasses of Tensor.
#include "core/bindings/subclass.h"

#include "core/ops/view.h"

namespace lampas::python {
namespace {

PyObject* protocol_name = nullptr;  // "__torch_function__"
PyObject* disabled = nullptr;       // what a class names to get plain tensors
thread_local constinit bool enabled = true;

enum class Behaviour : uint8_t { plain, keeps_class, overrides };

Behaviour behaviour_of(PyTypeObject* type) {
  if (!enabled) return Behaviour::plain;
  PyObject* found = _PyType_Lookup(type, protocol_name);
  if (found == disabled || !found) return Behaviour::plain;
  return found == _PyType_Lookup(tensor_type, protocol_name) ? Behaviour::keeps_class : Behaviour::overrides;
}

// The arguments whose classes take part, subclasses before their bases, otherwise from left to right.
class Participants {
 public:
  void look_at(PyObject* argument) {
    if (is_exact_tensor(argument)) return;
    if (PyType_IsSubtype(Py_TYPE(argument), tensor_type)) {
      add(argument);
    } else if (PyList_CheckExact(argument) || PyTuple_CheckExact(argument)) {
      for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(argument); ++i) {
        PyObject* item = PySequence_Fast_GET_ITEM(argument, i);
        if (is_tensor(item) && !is_exact_tensor(item)) add(item);
      }
    } else if (enabled && !PyType_Check(argument)) {  // any object may have the protocol
      PyObject* found = _PyType_Lookup(Py_TYPE(argument), protocol_name);
      if (found && found != disabled) add(argument);
    }
  }
  const SmallVector<PyObject*, 4>& objects() const { return objects_; }
  const SubclassRequest& request() const { return request_; }

 private:
  void add(PyObject* object) {
    PyTypeObject* type = Py_TYPE(object);
    bool is_tensor_class = PyType_IsSubtype(type, tensor_type);
    Behaviour behaviour = is_tensor_class ? behaviour_of(type) : Behaviour::overrides;
    if (behaviour == Behaviour::plain) return;
    request_.overridden |= behaviour == Behaviour::overrides;
    if (is_tensor_class && (!request_.result_class || PyType_IsSubtype(type, request_.result_class)))
      request_.result_class = type;
    size_t place = objects_.size();
    for (size_t i = objects_.size(); i-- > 0;) {
      if (Py_TYPE(objects_[i]) == type) return;
      if (PyType_IsSubtype(type, Py_TYPE(objects_[i]))) place = i;
    }
    objects_.insert(place, object);
  }

  SmallVector<PyObject*, 4> objects_;
  SubclassRequest request_;
};

Participants participants_of(PyObject* self, const Arguments& arguments) {
  Participants participants;
  if (self) participants.look_at(self);
  for (Py_ssize_t i = 0; i < arguments.count(); ++i) participants.look_at(arguments.values[i]);
  return participants;
}

Object positional_tuple(PyObject* self, const Arguments& arguments) {
  Py_ssize_t offset = self ? 1 : 0;
  Object tuple = Object::steal(PyTuple_New(arguments.positional + offset));
  if (self) PyTuple_SET_ITEM(tuple.get(), 0, Py_NewRef(self));
  for (Py_ssize_t i = 0; i < arguments.positional; ++i)
    PyTuple_SET_ITEM(tuple.get(), i + offset, Py_NewRef(arguments.values[i]));
  return tuple;
}

Object keyword_dict(const Arguments& arguments) {
  Object keywords = Object::steal(PyDict_New());
  for (Py_ssize_t i = 0; i < arguments.named(); ++i)
    check_status(PyDict_SetItem(keywords.get(), arguments.name(i), arguments.named_value(i)));
  return keywords;
}

PyObject* set_enabled(PyObject*, PyObject* value) {
  bool before = enabled;
  enabled = value == Py_True;
  return PyBool_FromLong(before);
}

PyObject* disabled_implementation(PyObject*, PyObject* arguments) {
  return guarded([&] {
    PyObject *function, *types, *positional = nullptr, *keywords = nullptr;
    if (!PyArg_ParseTuple(arguments, "OO|OO", &function, &types, &positional, &keywords)) throw PythonError();
    Object none = Object::steal(PyTuple_New(0));
    PyObject* given = keywords && keywords != Py_None ? keywords : nullptr;
    bool before = std::exchange(enabled, false);
    PyObject* result = PyObject_Call(function, positional ? positional : none.get(), given);
    enabled = before;
    return result;
  });
}

PyMethodDef functions[] = {
    {"_set_torch_function_enabled", set_enabled, METH_O,
     "Set whether subclasses of Tensor are looked at; return whether they were."},
    {"_disabled_torch_function_impl", disabled_implementation, METH_VARARGS,
     "As a class's `__torch_function__`: functions of its instances return plain tensors."},
    {},
};

}  // namespace

SubclassRequest subclass::request_of_others(PyObject* self, const Arguments& arguments) {
  return participants_of(self, arguments).request();
}

PyObject* call_override(PyObject* function, PyObject* self, const Arguments& arguments) {
  Participants participants = participants_of(self, arguments);
  Object types = Object::steal(PyTuple_New(static_cast<Py_ssize_t>(participants.objects().size())));
  for (size_t i = 0; i < participants.objects().size(); ++i)
    PyTuple_SET_ITEM(types.get(), static_cast<Py_ssize_t>(i),
                     Py_NewRef(reinterpret_cast<PyObject*>(Py_TYPE(participants.objects()[i]))));
  Object positional = positional_tuple(self, arguments);
  Object keywords = keyword_dict(arguments);
  for (PyObject* object : participants.objects()) {
    Object protocol = Object::steal(PyObject_GetAttr(object, protocol_name));
    Object result = Object::steal(PyObject_CallFunctionObjArgs(protocol.get(), function, types.get(),
                                                               positional.get(), keywords.get(), nullptr));
    if (result.get() != Py_NotImplemented) return result.release();
  }
  Object name = Object::steal(PyObject_GetAttrString(function, "__name__"));
  Object listed = Object::steal(PyObject_Repr(Object::steal(PySequence_List(types.get())).get()));
  raise(PyExc_TypeError, "no implementation found for 'torch.", text_of(name.get()),
        "' on types that implement __torch_function__: ", text_of(listed.get()));
}

PyObject* wrap_in(PyTypeObject* result_class, Tensor result) {
  if (!result_class || !result.defined()) return wrap(std::move(result));
  if (auto* object = static_cast<PyObject*>(result.body().object)) {
    if (PyType_IsSubtype(Py_TYPE(object), result_class)) return wrap(std::move(result));
    result = alias_op(result);
  }
  return wrap_as(result_class, std::move(result));
}

PyObject* wrap_like(PyObject* self, Tensor result) {
  bool keeps = !is_exact_tensor(self) && behaviour_of(Py_TYPE(self)) != Behaviour::plain;
  return wrap_in(keeps ? Py_TYPE(self) : nullptr, std::move(result));
}

void register_subclasses(PyObject* module) {
  protocol_name = PyUnicode_InternFromString("__torch_function__");
  check_status(PyModule_AddFunctions(module, functions));
  disabled = Object::steal(PyObject_GetAttrString(module, "_disabled_torch_function_impl")).release();
}

}  // namespace lampas::python
