// Memory shared with NumPy, which is imported only where somebody uses it.
#pragma once

#include <optional>

#include "core/bindings/python.h"
#include "core/tensor/tensor.h"

namespace lampas::python {

bool is_numpy_array(PyObject* object);
// The dtype of an array or a NumPy number; none for other objects. Throws for dtypes that tensors lack.
std::optional<DType> numpy_dtype_of(PyObject* object);
// A tensor on the array's memory.
Tensor tensor_from_array(PyObject* array, bool warn_if_read_only);
// A tensor of one dimension on the memory of an object with the buffer protocol; count -1: all of it.
Tensor tensor_from_buffer(PyObject* object, DType dtype, int64_t count, int64_t offset);
// An array on the tensor's memory, which is a CPU's.
Object array_from_tensor(const Tensor& tensor);

void register_numpy_bridge(PyObject* module);

}  // namespace lampas::python
