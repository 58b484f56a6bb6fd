// layer_norm and rms_norm: statistics over the last dims.
#include "core/kernels/normalization.h"

#include "core/kernels/dense.h"
#include "core/ops/binary.h"
#include "core/ops/creation.h"
#include "core/ops/normalization.h"
#include "core/ops/reduction.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

using namespace normalization;

int64_t rows_of(const Tensor& input, const Shape& normalized) {
  int64_t rows = 1;
  for (size_t dim = 0; dim + normalized.size() < input.sizes().size(); ++dim) rows *= input.sizes()[dim];
  return rows;
}

Tensor as_rows(const Tensor& tensor, const Shape& sizes) {
  Tensor source = dense(tensor);
  return alias(source, sizes, contiguous_strides(sizes), source.offset());
}

Tensor as_line(const Tensor& parameter) {
  return parameter.defined() ? as_rows(parameter, {parameter.numel()}) : parameter;
}

Three rows_backward_rule(Call& call, const Tensor& grad, const Tensor& input, const Tensor& weight,
                         const Tensor& mean_value, const Tensor& inverse, const Shape& normalized,
                         const Shape& mask) {
  call.not_differentiable();
  Device device = input.device();
  DType parameter_dtype = weight.defined() ? weight.dtype() : input.dtype();
  Tensor to_input = new_or_none(mask[0], input.sizes(), input.dtype(), device);
  Tensor to_weight = new_or_none(mask[1], normalized, parameter_dtype, device);
  Tensor to_bias = new_or_none(mask[2], normalized, parameter_dtype, device);
  Shape sizes{rows_of(input, normalized), count_elements(normalized)};
  kernels::normalize_rows_backward(device, as_rows(grad, sizes), as_rows(input, sizes), mean_value, inverse,
                                   as_line(weight), to_input.defined() ? as_rows(to_input, sizes) : to_input,
                                   as_line(to_weight), as_line(to_bias));
  return {to_input, to_weight, to_bias};
}

const Op<Three(const Tensor&, const Tensor&, const Tensor&, const Tensor&, const Tensor&, const Shape&,
               const Shape&)>
    rows_backward{
        "_layer_norm_backward(Tensor grad_output, Tensor input, Tensor? weight, Tensor mean, Tensor inverse, "
        "int[] normalized_shape, int[] output_mask) -> (Tensor, Tensor, Tensor)",
        rows_backward_rule,
        {.forms = Forms{}, .forward = Forward::none},
        "The gradients of layer norm."};

// The last dims, counted from the end, and those before them.
Shape last_dims(const Shape& normalized) {
  Shape dims;
  for (size_t i = normalized.size(); i > 0; --i) dims.push_back(-static_cast<int64_t>(i));
  return dims;
}
Shape first_dims(const Tensor& input, const Shape& normalized) {
  Shape dims;
  for (size_t i = 0; i + normalized.size() < input.sizes().size(); ++i)
    dims.push_back(static_cast<int64_t>(i));
  return dims;
}

Three layer_norm_backward(const Tensor& grad, const Tensor& input, const Tensor& weight,
                          const Tensor& mean_value, const Tensor& inverse, const Shape& normalized,
                          double eps, const Shape& mask) {
  if (!needs_ops({grad, input, weight}))
    return rows_backward(grad, input, weight, mean_value, inverse, normalized, mask);
  Shape rows = first_dims(input, normalized);
  if (!rows.empty())
    return backward_in_ops(grad, input, weight, Tensor(), Tensor(), eps, {last_dims(normalized), rows});
  // A single row: nothing to sum over, which an empty list of dims would not say.
  Shape one = normalized;
  one.insert(0, 1);
  Three gradients = backward_in_ops(reshape(grad, one), reshape(input, one), weight, Tensor(), Tensor(), eps,
                                    {last_dims(normalized), {0}});
  return {reshape(std::get<0>(gradients), normalized), std::get<1>(gradients), std::get<2>(gradients)};
}

void check_normalized_shape(const Tensor& input, const Shape& normalized, const Tensor& weight,
                            const Tensor& bias, bool of_layer) {
  check(!normalized.empty(),
        "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but "
        "got "
        "normalized_shape = ",
        normalized);
  auto check_parameter = [&](const char* name, const Tensor& parameter) {
    check(!parameter.defined() || parameter.sizes() == normalized, "Expected ", name,
          " to be of same shape as normalized_shape, but got ", name, " of shape ",
          parameter.defined() ? parameter.sizes() : Shape(), " and normalized_shape = ", normalized);
  };
  check_parameter("weight", weight);
  check_parameter("bias", bias);
  bool fits = input.sizes().size() >= normalized.size();
  size_t lead = fits ? input.sizes().size() - normalized.size() : 0;
  for (size_t i = 0; fits && i < normalized.size(); ++i) fits = input.sizes()[lead + i] == normalized[i];
  if (fits) return;
  std::string wanted;
  for (int64_t size : normalized) wanted += (wanted.empty() ? "" : ", ") + std::to_string(size);
  fail(ErrorKind::runtime, "Given normalized_shape=", normalized, ", expected input with shape [*",
       of_layer ? ", " : "", wanted, "], but got input of size", input.sizes());
}

Three native_layer_norm_rule(Call& call, const Tensor& input, const Shape& normalized, const Tensor& weight,
                             const Tensor& bias, double eps) {
  check_normalized_shape(input, normalized, weight, bias, true);
  check_parameter_dtypes(input, {weight, bias});
  check_dtype(input, "LayerNormKernelImpl");
  Device device = input.device();
  DType computed = statistics_dtype(input);
  Shape sizes{rows_of(input, normalized), count_elements(normalized)}, row_sizes{sizes[0]};
  Tensor output = call.output(input.sizes(), input.dtype(), device);
  Tensor mean_value = new_tensor(row_sizes, computed, device);
  Tensor inverse = new_tensor(row_sizes, computed, device);
  if (Recording node = call.record("NativeLayerNormBackward0", {input, weight, bias})) {
    Saved saved_input = node.save("input", input), saved_weight = node.save("weight", weight);
    Saved saved_mean = node.save("result1", mean_value), saved_inverse = node.save("result2", inverse);
    bool has_weight = weight.defined(), has_bias = bias.defined();
    node.derivative([=](const Gradients& grad, Wanted wanted) {
      if (!grad[0].defined()) return Gradients(3);
      Shape mask = mask_of(wanted, has_weight, has_bias);
      return masked(layer_norm_backward(grad[0], saved_input(), saved_weight(), saved_mean(), saved_inverse(),
                                        normalized, eps, mask),
                    mask);
    });
  }
  kernels::normalize_rows(device, as_rows(input, sizes), eps, as_line(weight), as_line(bias),
                          as_rows(output, sizes), mean_value, inverse);
  Shape shown = input.sizes();
  for (size_t dim = shown.size() - normalized.size(); dim < shown.size(); ++dim) shown[dim] = 1;
  DType dtype = weight.defined() ? weight.dtype() : input.dtype();
  return {output, reported(call, mean_value, shown, dtype), reported(call, inverse, shown, dtype)};
}

const Op<Three(const Tensor&, const Shape&, const Tensor&, const Tensor&, double)> native_layer_norm{
    "native_layer_norm(Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, float eps) -> "
    "(Tensor, "
    "Tensor, Tensor)",
    native_layer_norm_rule,
    {.forms = function},
    "layer_norm with the means and the inverse deviations that it used."};

Tensor layer_norm_rule(Call&, const Tensor& input, const Shape& normalized, const Tensor& weight,
                       const Tensor& bias, double eps, bool) {
  if (!is_wrapped({input, weight, bias}))
    return std::get<0>(native_layer_norm(input, normalized, weight, bias, eps));
  check_normalized_shape(input, normalized, weight, bias, true);
  return forward_in_ops(input, weight, bias, eps, last_dims(normalized));
}

Tensor rms_norm_rule(Call&, const Tensor& input, const Shape& normalized, const Tensor& weight,
                     std::optional<double> eps) {
  check_normalized_shape(input, normalized, weight, Tensor(), false);
  DType real = real_dtype(input.dtype());
  if (!is_floating(real)) check_dtype(input, "rms_norm");
  double smallest = real == DType::float64    ? 2.220446049250313e-16
                    : real == DType::float16  ? 0.0009765625
                    : real == DType::bfloat16 ? 0.0078125
                                              : 1.1920928955078125e-07;
  bool half = real == DType::float16 || real == DType::bfloat16;
  Tensor values = half ? cast(input, DType::float32) : input;
  if (half && !eps) smallest = 1.1920928955078125e-07;  // PyTorch takes that of the dtype it computes in
  Tensor squares = mean(mul(values, values), last_dims(normalized), true, std::nullopt);
  Tensor output = mul(
      values,
      rsqrt(add(squares, full({}, Scalar(eps.value_or(smallest)), real_dtype(values.dtype()), input.device()),
                1)));
  if (weight.defined()) output = mul(output, weight);
  return half ? cast(output, input.dtype()) : output;
}

constexpr Traits composite{.forms = function, .composite = true};

const Op<Tensor(const Tensor&, const Shape&, const Tensor&, const Tensor&, double, bool)> layer_norm{
    "layer_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float "
    "eps=1e-05, "
    "bool cudnn_enable=True) -> Tensor",
    layer_norm_rule, composite,
    R"(Give the last dims mean 0 and variance 1, then scale and shift each of their elements.

    Args:
        input: (..., *normalized_shape), floating.
        normalized_shape: the sizes of the last dims.
        weight, bias: of those sizes, or None.
        eps: added to the variance.

    Source: Ba, Kiros and Hinton, Layer normalization, 2016.

    >>> lampas.layer_norm(lampas.tensor([[1., 3.]]), [2], eps=0.0)
    tensor([[-1.,  1.]])
)"};

const Op<Tensor(const Tensor&, const Shape&, const Tensor&, std::optional<double>)> rms_norm{
    "rms_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor",
    rms_norm_rule, composite,
    R"(Divide the last dims by the root of the mean of their squares, then scale each of their elements.

    Args:
        input: (..., *normalized_shape).
        normalized_shape: the sizes of the last dims.
        weight: of those sizes, or None.
        eps: added to the mean of squares; by default the dtype's spacing at 1.

    Source: Zhang and Sennrich, Root mean square layer normalization, 2019.

    >>> lampas.rms_norm(lampas.tensor([[1., -1.]]), [2], eps=0.0)
    tensor([[ 1., -1.]])
)"};

}  // namespace
}  // namespace lampas
