// Named results: what torch.max(input, dim) returns has `values` and `indices`.
#pragma once

#include "core/bindings/python.h"
#include "core/ops/signature.h"

namespace lampas::python {

// A tuple with names. Its type is made once for each op.
Object named_result(const Signature& signature, const TensorList& tensors, PyTypeObject* result_class);

// Adds `_return_type(name)`, which finds such a type.
void register_return_types(PyObject* module);

}  // namespace lampas::python
