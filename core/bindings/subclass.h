// What functions make of subclasses of Tensor: results keep the class, unless the class says otherwise.
//
// PyTorch's protocol: `__torch_function__(cls, func, types, args, kwargs)`. Tensor's own keeps the class;
// `_disabled_torch_function_impl` (Parameter has it) gives plain tensors; any other is called instead.
#pragma once

#include "core/bindings/arguments.h"
#include "core/bindings/tensor_object.h"

namespace lampas::python {

// What the classes among the arguments of a call ask for.
struct SubclassRequest {
  PyTypeObject* result_class = nullptr;  // null: plain tensors
  bool overridden = false;               // a class has a `__torch_function__` of its own
};

namespace subclass {
SubclassRequest request_of_others(PyObject* self, const Arguments& arguments);
}

// Looks at the class of every tensor, also in lists. Cheap where all are plain.
inline SubclassRequest subclass_request(PyObject* self, const Arguments& arguments) {
  bool plain = !self || is_exact_tensor(self);
  Py_ssize_t count = arguments.count();
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* argument = arguments.values[i];
    plain &= is_exact_tensor(argument) || PyLong_CheckExact(argument) || PyFloat_CheckExact(argument) ||
             argument == Py_None;
  }
  return plain ? SubclassRequest() : subclass::request_of_others(self, arguments);
}

// Lets the classes' `__torch_function__` answer the call of `function`. A new reference.
PyObject* call_override(PyObject* function, PyObject* self, const Arguments& arguments);

// The object of a result in the class that was asked for.
PyObject* wrap_in(PyTypeObject* result_class, Tensor result);
// The object of a result of `self`, in self's class where that keeps it.
PyObject* wrap_like(PyObject* self, Tensor result);

void register_subclasses(PyObject* module);

}  // namespace lampas::python
