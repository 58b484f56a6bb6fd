// Anomaly mode in Python.
#pragma once

#include "core/bindings/python.h"

namespace lampas::python {

void register_anomaly_mode(PyObject* module);

}  // namespace lampas::python
