// What autograd adds to the module and to the Tensor type.
#pragma once

#include "core/bindings/python.h"

namespace lampas::python {

// Call after the Tensor type is made.
void register_autograd(PyObject* module);
// Gradients as functions, also under transforms.
void register_gradients(PyObject* module);

}  // namespace lampas::python
