// x[index] and x[index] = value, with everything PyTorch takes as an index.
#pragma once

#include <vector>

#include "core/bindings/python.h"
#include "core/tensor/tensor.h"

namespace lampas::python {

Tensor get_item(const Tensor& self, PyObject* index);
void set_item(const Tensor& self, PyObject* index, PyObject* value);

// The slots of the mapping and sequence protocols: [] reading and writing, len().
void add_indexing_slots(std::vector<PyType_Slot>& slots);

}  // namespace lampas::python
