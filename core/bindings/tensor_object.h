// The Python object of a tensor. While either lives there is one object for one TensorBody.
//
// Usually the object owns its body. An object with state of its own (a subclass, attributes, weak
// references) that Python lets go of while the core still holds the body is kept: then the body owns the
// object (TensorBody::object_owned), until Python asks for it again or the core lets go as well.
#pragma once

#include "core/bindings/python.h"
#include "core/tensor/tensor.h"

namespace lampas::python {

struct TensorObject {
  PyObject_HEAD Tensor tensor;  // always defined; not counted while the body owns this object
  PyObject* attributes;         // the __dict__, made when first needed
  PyObject* weak_references;
};

extern PyTypeObject* tensor_type;  // lampas.Tensor

inline bool is_exact_tensor(PyObject* object) { return Py_TYPE(object) == tensor_type; }
inline bool is_tensor(PyObject* object) {
  return is_exact_tensor(object) || PyType_IsSubtype(Py_TYPE(object), tensor_type);
}
// Of an object that is a tensor.
inline const Tensor& tensor_of(PyObject* object) { return reinterpret_cast<TensorObject*>(object)->tensor; }

// A new reference to the object of `tensor`; None for an undefined one. Throws PythonError.
PyObject* wrap(Tensor tensor);
// A new object of a subclass of Tensor for a tensor that has no object yet.
PyObject* wrap_as(PyTypeObject* type, Tensor tensor);

// Whether Python objects hang on graphs (hooks, nodes written in Python), so that collecting cycles must
// follow them. Set by the bindings of autograd: `traverse` visits what only this tensor keeps alive, `clear`
// cuts the tensor from its hooks and its history.
struct GraphCollector {
  int (*traverse)(const Tensor& tensor, visitproc visit, void* argument) = nullptr;
  void (*clear)(const Tensor& tensor) = nullptr;
};
extern GraphCollector graph_collector;

// Makes the types; adds Tensor to the module.
void register_tensor_type(PyObject* module);

}  // namespace lampas::python
