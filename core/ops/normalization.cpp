// Formulas and checks of the normalising ops.
#include "core/ops/normalization.h"

#include "core/kernels/copy.h"
#include "core/ops/binary.h"
#include "core/ops/creation.h"
#include "core/ops/reduction.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"

namespace lampas::normalization {

DType statistics_dtype(const Tensor& input) {
  return input.dtype() == DType::float64 ? DType::float64 : DType::float32;
}

Tensor number_like(const Tensor& tensor, double value) {
  return full({}, Scalar(value), statistics_dtype(tensor), tensor.device());
}

bool is_wrapped(std::initializer_list<InputReference> tensors) {
  for (const InputReference& each : tensors)
    if (each.tensor->defined() && each.tensor->is_wrapped()) return true;
  return false;
}

bool needs_ops(std::initializer_list<InputReference> tensors) {
  if (is_wrapped(tensors)) return true;
  if (!grad_mode.enabled) return false;
  for (const InputReference& each : tensors)
    if (each.tensor->defined() && each.tensor->requires_grad()) return true;
  return false;
}

void check_dtype(const Tensor& input, const char* kernel) {
  if (!is_floating(input.dtype()))
    fail(ErrorKind::not_implemented, "\"", kernel, "\" not implemented for '",
         scalar_type_name(input.dtype()), "'");
}

void check_parameter_dtypes(const Tensor& input, std::initializer_list<InputReference> parameters) {
  const Tensor* first = nullptr;
  bool all_float32 = true;
  for (const InputReference& parameter : parameters) {
    if (!parameter.tensor->defined()) continue;
    if (!first) first = parameter.tensor;
    all_float32 &= parameter.tensor->dtype() == DType::float32;
  }
  if (!first) return;
  if (first->dtype() != input.dtype()) {
    bool half = input.dtype() == DType::float16 || input.dtype() == DType::bfloat16;
    check(all_float32, "mixed dtype (CPU): expect parameter to have scalar type of Float");
    check(half, "mixed dtype (CPU): all inputs must share same datatype.");
    return;
  }
  for (const InputReference& parameter : parameters)
    if (parameter.tensor->defined())
      check(parameter.tensor->dtype() == first->dtype(), "expected scalar type ",
            scalar_type_name(first->dtype()), " but found ", scalar_type_name(parameter.tensor->dtype()));
}

Three backward_in_ops(const Tensor& grad, const Tensor& input, const Tensor& weight, Tensor mean_value,
                      Tensor inverse, double eps, const Folding& folding) {
  bool constant = mean_value.defined();
  if (!constant) mean_value = mean(input, folding.statistics, true, std::nullopt);
  Tensor centered = sub(input, mean_value, 1);
  if (!constant) {
    Tensor variance = mean(mul(centered, centered), folding.statistics, true, std::nullopt);
    inverse = rsqrt(add(variance, number_like(input, eps), 1));
  }
  Tensor normal = mul(centered, inverse);
  Tensor weighted = weight.defined() ? mul(grad, weight) : grad;
  Tensor to_input = weighted;
  if (!constant) {
    Tensor average = mean(weighted, folding.statistics, true, std::nullopt);
    Tensor slope = mean(mul(weighted, normal), folding.statistics, true, std::nullopt);
    to_input = sub(sub(weighted, average, 1), mul(normal, slope), 1);
  }
  return {mul(to_input, inverse), sum_dims(mul(grad, normal), folding.parameters, false),
          sum_dims(grad, folding.parameters, false)};
}

Tensor forward_in_ops(const Tensor& input, const Tensor& weight, const Tensor& bias, double eps,
                      const Shape& statistics) {
  Tensor centered = sub(input, mean(input, statistics, true, std::nullopt), 1);
  Tensor variance = mean(mul(centered, centered), statistics, true, std::nullopt);
  Tensor output = mul(centered, rsqrt(add(variance, number_like(input, eps), 1)));
  if (weight.defined()) output = mul(output, weight);
  return bias.defined() ? add(output, bias, 1) : output;
}

Tensor reshaped_or_none(const Tensor& tensor, const Shape& sizes) {
  return tensor.defined() ? reshape(tensor, sizes) : tensor;
}

Tensor new_or_none(bool wanted, const Shape& sizes, DType dtype, Device device) {
  return wanted ? new_tensor(sizes, dtype, device) : Tensor();
}

Shape mask_of(Wanted wanted, bool weight, bool bias) {
  return {wanted[0], weight && wanted[1], bias && wanted[2]};
}
Gradients masked(const Three& gradients, const Shape& mask) {
  return {mask[0] ? std::get<0>(gradients) : Tensor(), mask[1] ? std::get<1>(gradients) : Tensor(),
          mask[2] ? std::get<2>(gradients) : Tensor()};
}

Tensor reported(Call& call, const Tensor& statistics, const Shape& sizes, DType dtype) {
  Tensor output = call.output(sizes, dtype, statistics.device());
  if (output.numel() == 0) return output;
  kernels::copy(output.device(), alias(statistics, sizes, contiguous_strides(sizes), statistics.offset()),
                output);
  return output;
}

}  // namespace lampas::normalization
