// Python's operators on tensors: + - * / and their kin go straight to the op.
#pragma once

#include <vector>

#include "core/bindings/python.h"

namespace lampas::python {

void add_operator_slots(std::vector<PyType_Slot>& slots);

}  // namespace lampas::python
