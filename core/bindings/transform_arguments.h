// Reading sequences of tensors.
#pragma once

#include "core/bindings/python.h"
#include "core/ops/value.h"

namespace lampas::python {

// The tensors of a sequence; None becomes an undefined tensor.
TensorList tensors_of(PyObject* sequence);

}  // namespace lampas::python
