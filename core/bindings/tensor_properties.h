// The attributes of a tensor: shape, dtype, grad and their kin.
#pragma once

#include "core/bindings/python.h"

namespace lampas::python {

PyGetSetDef* tensor_properties();

}  // namespace lampas::python
