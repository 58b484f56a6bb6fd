// Settings that hold for the process or the thread: the default dtype and device; and rules about dtypes.
#pragma once

#include "core/bindings/python.h"

namespace lampas::python {

void register_settings(PyObject* module);

}  // namespace lampas::python
