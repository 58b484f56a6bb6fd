// What the process runs on, as Python asks for it: instruction set, threads, memory, the registry of ops.
#pragma once

#include "core/bindings/python.h"

namespace lampas::python {

// Also refuses to load where the machine or an environment variable allows no instruction set.
void register_process_state(PyObject* module);

}  // namespace lampas::python
