// lampas.Size: the tuple of ints that `tensor.shape` gives.
#pragma once

#include "core/bindings/python.h"
#include "core/tensor/shape.h"

namespace lampas::python {

PyObject* new_size(const Shape& sizes);         // a new lampas.Size
Object new_tuple_of_ints(const Shape& values);  // a plain tuple: strides and the like

PyTypeObject* size_object_type();  // lampas.Size

void register_size(PyObject* module);

}  // namespace lampas::python
