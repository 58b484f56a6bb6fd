// softmax and log_softmax, their gradients as ops of their own.
#include "core/ops/softmax.h"

#include "core/kernels/softmax.h"
#include "core/ops/binary.h"
#include "core/ops/creation.h"
#include "core/ops/reduction.h"
#include "core/ops/unary.h"

namespace lampas {
namespace {

// A scalar counts as a row of one element.
Tensor as_row(const Tensor& tensor) {
  return tensor.dim() > 0 ? tensor : alias(tensor, {1}, {1}, tensor.offset());
}

void check_floating(const Tensor& input, const char* kernel) {
  if (!is_floating(input.dtype()))
    fail(ErrorKind::not_implemented, "\"", kernel, "\" not implemented for '",
         scalar_type_name(input.dtype()), "'");
}

extern const Op<Tensor(const Tensor&, const Tensor&, int64_t)> softmax_backward;
extern const Op<Tensor(const Tensor&, const Tensor&, int64_t)> log_softmax_backward;

// d/dx softmax: y * (g - sum(g * y)).
Tensor softmax_backward_rule(Call& call, const Tensor& grad_output, const Tensor& output, int64_t dim) {
  Tensor grad_input = call.output(output.sizes(), output.dtype(), output.device());
  if (Recording node = call.record("SoftmaxBackwardDataBackward0", {grad_output, output})) {
    Saved saved_grad = node.save("grad_output", grad_output), saved_output = node.save("output", output);
    node.derivative([saved_grad, saved_output, dim](const Gradients& grad, Wanted wanted) {
      Tensor y = saved_output(), g = saved_grad(), u = grad[0];
      Gradients result(2);
      if (wanted[0]) result[0] = softmax_backward(u, y, dim);
      if (wanted[1]) {
        Tensor ug = sub(mul(u, g), mul(g, sum_dims(mul(u, y), {dim}, true)), 1);
        result[1] = sub(ug, mul(u, sum_dims(mul(g, y), {dim}, true)), 1);
      }
      return result;
    });
  }
  kernels::softmax_backward(output.device(), as_row(grad_output), as_row(output), dim, false,
                            as_row(grad_input));
  return grad_input;
}

// d/dx log_softmax: g - exp(y) * sum(g).
Tensor log_softmax_backward_rule(Call& call, const Tensor& grad_output, const Tensor& output, int64_t dim) {
  Tensor grad_input = call.output(output.sizes(), output.dtype(), output.device());
  if (Recording node = call.record("LogSoftmaxBackwardDataBackward0", {grad_output, output})) {
    Saved saved_grad = node.save("grad_output", grad_output), saved_output = node.save("output", output);
    node.derivative([saved_grad, saved_output, dim](const Gradients& grad, Wanted wanted) {
      Tensor probabilities = exp(saved_output()), u = grad[0];
      Tensor weighted = mul(u, probabilities);
      Gradients result(2);
      if (wanted[0]) result[0] = sub(u, sum_dims(weighted, {dim}, true), 1);
      if (wanted[1]) result[1] = neg(mul(weighted, sum_dims(saved_grad(), {dim}, true)));
      return result;
    });
  }
  kernels::softmax_backward(output.device(), as_row(grad_output), as_row(output), dim, true,
                            as_row(grad_input));
  return grad_input;
}

constexpr Traits backward_traits{.forms = Forms{}, .batching = Batching::leading};

const Op<Tensor(const Tensor&, const Tensor&, int64_t)> softmax_backward{
    "_softmax_backward_data(Tensor grad_output, Tensor output, int dim) -> Tensor", softmax_backward_rule,
    backward_traits, "The gradient of softmax from its result."};
const Op<Tensor(const Tensor&, const Tensor&, int64_t)> log_softmax_backward{
    "_log_softmax_backward_data(Tensor grad_output, Tensor output, int dim) -> Tensor",
    log_softmax_backward_rule, backward_traits, "The gradient of log_softmax from its result."};

// The input in `dtype`, recorded: PyTorch converts before it computes.
Tensor in_dtype(const Tensor& input, std::optional<DType> dtype) {
  return dtype ? cast(input, *dtype) : input;
}

template <bool logarithm>
Tensor softmax_rule(Call& call, const Tensor& given, int64_t dim, std::optional<DType> dtype) {
  Tensor input = in_dtype(given, dtype);
  dim = wrap_dim(dim, input.dim());
  check_floating(input, logarithm ? "log_softmax_lastdim_kernel_impl" : "softmax_lastdim_kernel_impl");
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record(logarithm ? "LogSoftmaxBackward0" : "SoftmaxBackward0", {input})) {
    Saved result = node.save_output("result");
    node.derivative([result, dim](const Gradients& grad, Wanted) {
      const auto& backward = logarithm ? log_softmax_backward : softmax_backward;
      return Gradients{backward(grad[0], result(), dim)};
    });
  }
  kernels::softmax(input.device(), as_row(input), dim, logarithm, as_row(output));
  return output;
}

constexpr Traits traits{
    .forms = function | method | out, .batching = Batching::leading, .autocast = Autocast::float32};

}  // namespace

const Op<Tensor(const Tensor&, int64_t, std::optional<DType>)> softmax{
    "softmax(Tensor input, int dim, ScalarType? dtype=None) -> Tensor", softmax_rule<false>, traits,
    R"(Rescale `input` along `dim` to values in (0, 1) that sum to 1.

    Args:
        input: a floating point tensor of any shape.
        dim: the dim along which the results sum to 1.
        dtype: the dtype to convert to first; also of the result.

    >>> lampas.softmax(lampas.tensor([0., 0.]), dim=0)
    tensor([0.5000, 0.5000])
)"};

const Op<Tensor(const Tensor&, int64_t, std::optional<DType>)> log_softmax{
    "log_softmax(Tensor input, int dim, ScalarType? dtype=None) -> Tensor", softmax_rule<true>, traits,
    R"(Compute log(softmax(input, dim)) without overflow.

    Args:
        input: a floating point tensor of any shape.
        dim: the dim along which the exponentials of the results sum to 1.
        dtype: the dtype to convert to first; also of the result.

    >>> lampas.log_softmax(lampas.tensor([0., 0.]), dim=0)
    tensor([-0.6931, -0.6931])
)"};

}  // namespace lampas
