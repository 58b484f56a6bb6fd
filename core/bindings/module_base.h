// The base type of nn.Module: attribute lookup and the call, the two things that every layer does every time.
#pragma once

#include "core/bindings/python.h"

namespace lampas::python {

void register_module_base(PyObject* module);

}  // namespace lampas::python
