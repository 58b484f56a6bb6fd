// Tensors as kernels like to have them: contiguous, in one dtype. Neither copy is recorded.
#pragma once

#include "core/kernels/copy.h"

namespace lampas {

// A contiguous tensor with the same elements: `tensor` itself where it is one (or undefined), else a copy.
inline Tensor dense(const Tensor& tensor) {
  if (!tensor.defined() || tensor.is_contiguous()) return tensor;
  Tensor copy = new_tensor(tensor.sizes(), tensor.dtype(), tensor.device());
  kernels::copy(tensor.device(), tensor, copy);
  return copy;
}

// `tensor` itself where it has the dtype (or is undefined), else a contiguous converted copy.
inline Tensor converted(const Tensor& tensor, DType dtype) {
  if (!tensor.defined() || tensor.dtype() == dtype) return tensor;
  Tensor copy = new_tensor(tensor.sizes(), dtype, tensor.device());
  kernels::copy(tensor.device(), tensor, copy);
  return copy;
}

}  // namespace lampas
