// In which dtype several tensors and numbers meet: PyTorch's result_type.
#pragma once

#include <initializer_list>

#include "core/kernels/dense.h"
#include "core/kernels/elementwise_rows.h"
#include "core/ops/call.h"

namespace lampas {

// Tensors with dims decide; zero-dimensional ones and Python numbers only raise the category.
DType result_type(std::initializer_list<InputReference> tensors);
DType result_type(const TensorList& tensors);
// Integral types become the default floating type.
inline DType floating_result(DType dtype) { return is_integral(dtype) ? default_dtype() : dtype; }
// As a C++ compiler spells the element type, for messages that quote it: "long int", "c10::Half".
const char* compiler_name(DType dtype);
// "torch.FloatTensor"; "CPUBoolType" for a dtype that is younger than these names.
std::string legacy_type_name(DType dtype);
// The largest finite number of a floating or complex dtype.
double greatest_finite(DType dtype);
// Throws PyTorch's error where `value` lies outside the range of `dtype`.
void check_fits(const Scalar& value, DType dtype);
// A number as elementwise kernels read it.
Parameter as_parameter(const Scalar& value);
// For ops whose results are not converted: throws where out= has another dtype than the result.
void check_out_dtype(const Call& call, size_t slot, DType dtype);

// An input in the dtype a kernel computes in: the tensor itself, uncounted, or a converted copy of it.
class Converted {
 public:
  Converted(const Tensor& tensor, DType dtype) : tensor_(&tensor) {
    if (tensor.dtype() == dtype) [[likely]]
      return;
    copy_ = converted(tensor, dtype);
    tensor_ = &copy_;
  }
  Converted(const Converted&) = delete;
  operator const Tensor&() const { return *tensor_; }

 private:
  const Tensor* tensor_;
  Tensor copy_;
};

}  // namespace lampas
