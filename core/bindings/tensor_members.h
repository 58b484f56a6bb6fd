// What the Tensor type is made of besides its life cycle: the slots, properties and methods.
#pragma once

#include <vector>

#include "core/bindings/python.h"

namespace lampas::python {

// Number protocol, comparison, sequence protocol, properties, methods. The arrays they point to are static.
std::vector<PyType_Slot> tensor_slots();

}  // namespace lampas::python
