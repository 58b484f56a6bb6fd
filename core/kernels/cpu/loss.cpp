// The negative log likelihood loss on the CPU.
#include "core/kernels/loss.h"

#include <type_traits>

#include "core/kernels/copy.h"

namespace lampas {
namespace {

using kernels::Reduction;

template <class Body>
void visit_floating(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::float32:
      return body.template operator()<float>();
    case DType::float64:
      return body.template operator()<double>();
    case DType::float16:
      return body.template operator()<Float16>();
    case DType::bfloat16:
      return body.template operator()<BFloat16>();
    default:
      fail(ErrorKind::not_implemented, "\"nll_loss_out_frame\" not implemented for '",
           scalar_type_name(dtype), "'");
  }
}

int64_t checked_class(int64_t target, int64_t classes) {
  if (target < 0 || target >= classes) fail(ErrorKind::index, "Target ", target, " is out of bounds.");
  return target;
}

void nll_loss_on_cpu(const Tensor& input, const Tensor& target, const Tensor& weight, Reduction reduction,
                     int64_t ignore_index, const Tensor& output, const Tensor& total_weight) {
  int64_t classes = input.sizes()[1], places = input.sizes()[2], count = target.numel();
  const int64_t* targets = target.data<int64_t>();
  visit_floating(input.dtype(), [&]<class T>() {
    const T* values = input.data<T>();
    const T* weights = weight.defined() ? weight.data<T>() : nullptr;
    auto narrow = [](double value) {
      if constexpr (std::is_same_v<T, double>)
        return value;
      else
        return T(static_cast<float>(value));
    };
    double sum = 0, weight_sum = 0;
    for (int64_t i = 0; i < count; ++i) {
      double loss = 0;
      if (targets[i] != ignore_index) {
        int64_t wanted = checked_class(targets[i], classes);
        double factor = weights ? static_cast<double>(weights[wanted]) : 1.0;
        loss = -static_cast<double>(values[(i / places * classes + wanted) * places + i % places]) * factor;
        weight_sum += factor;
      }
      if (reduction == Reduction::none)
        output.data<T>()[i] = narrow(loss);
      else
        sum += loss;
    }
    *total_weight.data<T>() = narrow(weight_sum);
    if (reduction != Reduction::none)
      *output.data<T>() = narrow(reduction == Reduction::mean ? sum / weight_sum : sum);
  });
}

void nll_loss_backward_on_cpu(const Tensor& grad, const Tensor& target, const Tensor& weight,
                              Reduction reduction, int64_t ignore_index, const Tensor& total_weight,
                              const Tensor& grad_input) {
  kernels::fill(grad_input.device(), 0, grad_input);
  int64_t classes = grad_input.sizes()[1], places = grad_input.sizes()[2], count = target.numel();
  const int64_t* targets = target.data<int64_t>();
  visit_floating(grad_input.dtype(), [&]<class T>() {
    using Real = std::conditional_t<std::is_same_v<T, double>, double, float>;
    const T* grads = grad.data<T>();
    const T* weights = weight.defined() ? weight.data<T>() : nullptr;
    Real scale =
        reduction == Reduction::mean ? Real(1) / static_cast<Real>(*total_weight.data<T>()) : Real(1);
    for (int64_t i = 0; i < count; ++i) {
      if (targets[i] == ignore_index) continue;
      int64_t wanted = checked_class(targets[i], classes);
      Real factor = weights ? static_cast<Real>(weights[wanted]) : Real(1);
      Real arriving = static_cast<Real>(grads[reduction == Reduction::none ? i : 0]);
      grad_input.data<T>()[(i / places * classes + wanted) * places + i % places] =
          T(-factor * arriving * scale);
    }
  });
}

const Implement implement_nll_loss(kernels::nll_loss, DeviceKind::cpu, nll_loss_on_cpu);
const Implement implement_nll_loss_backward(kernels::nll_loss_backward, DeviceKind::cpu,
                                            nll_loss_backward_on_cpu);

}  // namespace
}  // namespace lampas
