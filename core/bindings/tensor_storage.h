// What Tensor.untyped_storage() returns: the block of memory that tensors share.
#pragma once

#include "core/bindings/python.h"
#include "core/tensor/tensor.h"

namespace lampas::python {

Object storage_object(const Tensor& tensor);
void register_storage_type(PyObject* module);

}  // namespace lampas::python
