// Tensors made from data that Python holds: tensor, as_tensor, from_numpy, Tensor(...), new_tensor.
#pragma once

#include "core/bindings/python.h"

namespace lampas::python {

// Tensor's __new__: Tensor(2, 3), Tensor([1, 2]), Tensor(other).
PyObject* new_tensor_object(PyTypeObject* type, PyObject* arguments, PyObject* keywords);
// The method new_tensor.
PyObject* new_tensor_method(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names);

void register_creation(PyObject* module);

}  // namespace lampas::python
