// Functions on dtypes: the default one, and where two meet.
#pragma once

#include "core/bindings/python.h"

namespace lampas::python {

void register_dtype_functions(PyObject* module);

}  // namespace lampas::python
