// result_type, after PyTorch's three priorities: dims, zero dims, numbers.
#include "core/ops/promotion.h"

#include "core/kernels/copy.h"

namespace lampas {
namespace {

class Meeting {
 public:
  void add(const Tensor& tensor) {
    if (!tensor.defined()) return;
    DType dtype = tensor.dtype();
    Priority& priority = tensor.body().wrapped_number ? numbers_ : tensor.dim() == 0 ? scalars_ : dims_;
    if (&priority == &numbers_) {  // a Python float weighs as the default type
      if (dtype == DType::float64) dtype = default_dtype();
      if (dtype == DType::complex128)
        dtype = default_dtype() == DType::float64 ? DType::complex128 : DType::complex64;
    }
    priority.dtype = priority.present ? promote(priority.dtype, dtype) : dtype;
    priority.present = true;
  }
  DType result() const { return combine(dims_, combine(scalars_, numbers_)).dtype; }

 private:
  struct Priority {
    bool present = false;
    DType dtype = DType::bool_;
  };
  static Priority combine(Priority higher, Priority lower) {
    if (!higher.present) return lower;
    if (!lower.present || category(lower.dtype) <= category(higher.dtype)) {
      return higher;
    }
    // A complex number beside a real tensor keeps the tensor's precision.
    if (is_complex(lower.dtype) && is_floating(higher.dtype))
      return {true, promote(higher.dtype, DType::complex64)};
    return {true, promote(higher.dtype, lower.dtype)};
  }
  Priority dims_, scalars_, numbers_;
};

}  // namespace

DType result_type(std::initializer_list<InputReference> tensors) {
  Meeting meeting;
  for (const InputReference& reference : tensors) meeting.add(*reference.tensor);
  return meeting.result();
}

DType result_type(const TensorList& tensors) {
  Meeting meeting;
  for (const Tensor& tensor : tensors) meeting.add(tensor);
  return meeting.result();
}

Tensor converted(const Tensor& tensor, DType dtype) {
  if (!tensor.defined() || tensor.dtype() == dtype) return tensor;
  Tensor result = new_tensor(tensor.sizes(), dtype, tensor.device());
  kernels::copy(tensor.device(), tensor, result);
  return result;
}

}  // namespace lampas
