// autograd.Function: nodes whose derivative is written in Python.
#pragma once

#include "core/bindings/python.h"

namespace lampas::python {

// Adds _FunctionBase, the context's type and the base of Function, to the module.
void register_autograd_function(PyObject* module);

}  // namespace lampas::python
