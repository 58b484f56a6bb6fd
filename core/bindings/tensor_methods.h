// Methods of Tensor written by hand: what asks about a tensor, or does not fit an op's signature.
#pragma once

#include <vector>

#include "core/bindings/python.h"

namespace lampas::python {

PyMethodDef* tensor_methods();

// The groups it is made of.
void add_query_methods(std::vector<PyMethodDef>& methods);
void add_conversion_methods(std::vector<PyMethodDef>& methods);

}  // namespace lampas::python
