// Tensors from Python data (numbers, nested sequences), and Python data from tensors.
#pragma once

#include <optional>

#include "core/bindings/python.h"
#include "core/tensor/tensor.h"

namespace lampas::python {

// A new tensor from a number or nested sequences; without a dtype, the one PyTorch infers.
Tensor tensor_from_data(PyObject* data, std::optional<DType> dtype, Device device);
// The dtype PyTorch would infer.
DType infer_dtype(PyObject* data);

// The value of a tensor of one element, wherever it lives.
Scalar scalar_of(const Tensor& tensor);
// The same as a Python number.
Object number_of(const Tensor& tensor);
// A number, or nested lists.
Object nested_list(const Tensor& tensor);
// `tensor` where a host can read it and its elements lie in order.
Tensor on_host(const Tensor& tensor);

}  // namespace lampas::python
