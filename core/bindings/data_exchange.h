// Tensors from Python data and NumPy arrays, and back.
#pragma once

#include <optional>

#include "core/bindings/python.h"
#include "core/tensor/tensor.h"

namespace lampas::python {

// A new CPU tensor holding `data`: a number, nested sequences of numbers, a tensor, a NumPy array or
// scalar. Without `dtype`, the one PyTorch infers. Never shares memory.
Tensor tensor_from_data(PyObject* data, std::optional<DType> dtype);
// The tensor on a NumPy array's own memory; throws PyTorch's errors where that cannot be.
Tensor tensor_from_numpy(PyObject* array);
bool is_numpy_array(PyObject* object);

// The Python number that a one-element tensor holds.
Object item_of(const Tensor& tensor);
// Nested lists of Python numbers.
Object list_of(const Tensor& tensor);
// A NumPy array on the tensor's own memory. With `force`, a copy where sharing is not possible.
Object numpy_of(const Tensor& tensor, bool force);
// The value of a one-element tensor, wherever it lives.
Scalar number_of(const Tensor& tensor);

void register_data_exchange(PyObject* module);

}  // namespace lampas::python
