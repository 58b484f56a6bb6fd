// cumsum, cumprod, logcumsumexp, cummax, cummin: folds along a dim with every intermediate result kept.
#include "core/ops/cumulative.h"

#include "core/kernels/cumulative.h"
#include "core/kernels/dense.h"
#include "core/ops/binary.h"
#include "core/ops/creation.h"
#include "core/ops/folding.h"
#include "core/ops/indexing.h"
#include "core/ops/joining.h"
#include "core/ops/promotion.h"
#include "core/ops/reduction.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"
#include "core/ops/view_parts.h"

namespace lampas {
namespace {

using kernels::Cumulative;

extern const CumulativeOp reverse_cumsum;

// A scalar counts as a line of one element.
Tensor as_line(const Tensor& tensor) {
  return tensor.dim() > 0 ? tensor : alias(tensor, {1}, {1}, tensor.offset());
}

// The dtype of a cumulative sum or product: as asked for, that of an out= tensor, else what loses nothing.
DType cumulative_dtype(const Call& call, const char* kernel, const Tensor& input,
                       std::optional<DType> dtype) {
  DType result = dtype.value_or(is_integral(input.dtype()) ? DType::int64 : input.dtype());
  if (const Tensor* target = call.target(); target && target->defined() && !dtype) result = target->dtype();
  if (result == DType::bool_) fail(ErrorKind::not_implemented, "\"", kernel, "\" not implemented for 'Bool'");
  return result;
}

void run(Cumulative function, const Tensor& input, int64_t dim, bool reverse, const Tensor& output) {
  Converted converted_input(input, output.dtype());
  kernels::cumulative(input.device(), function, as_line(converted_input), dim, reverse, as_line(output));
}

template <bool reverse>
Tensor cumsum_rule(Call& call, const Tensor& input, int64_t dim, std::optional<DType> dtype) {
  dim = wrap_dim(dim, input.dim());
  DType result = cumulative_dtype(call, "cumsum_out_cpu", input, dtype);
  Tensor output = call.output(input.sizes(), result, input.device());
  if (Recording node = call.record(reverse ? "ReverseCumsumBackward0" : "CumsumBackward0", {input}))
    node.derivative([dim](const Gradients& grad, Wanted) {
      return Gradients{(reverse ? cumsum : reverse_cumsum)(grad[0], dim, std::nullopt)};
    });
  run(Cumulative::sum, input, dim, reverse, output);
  return output;
}

// The gradient of a cumulative product where elements may be zero: for each of them the products that leave
// it out, one after the other.
Tensor cumprod_gradient_with_zeros(const Tensor& grad, const Tensor& input, int64_t dim) {
  int64_t count = input.sizes()[dim];
  TensorList parts;
  for (int64_t i = 0; i < count; ++i) {
    Tensor before = unsqueeze(product_of(narrow(input, dim, 0, i), dim), dim);
    Tensor behind = cumprod(narrow(input, dim, i + 1, count - i - 1), dim, std::nullopt);
    Tensor others = cat({before, mul(before, behind)}, dim);
    parts.push_back(sum_dims(mul(narrow(grad, dim, i, count - i), conjugate(others)), {dim}, true));
  }
  return cat(parts, dim);
}

Tensor cumprod_rule(Call& call, const Tensor& input, int64_t dim, std::optional<DType> dtype) {
  dim = wrap_dim(dim, input.dim());
  DType result = cumulative_dtype(call, "cumprod_out_cpu", input, dtype);
  Tensor output = call.output(input.sizes(), result, input.device());
  if (Recording node = call.record("CumprodBackward0", {input})) {
    Saved saved_input = node.save("self", input), saved_result = node.save_output("result");
    node.derivative([saved_input, saved_result, dim, result](const Gradients& grad, Wanted) {
      Tensor factors = cast(saved_input(), result);
      if (factors.dim() == 0 || factors.numel() == 0) return Gradients{grad[0]};
      if (has_zero(detach(factors))) return Gradients{cumprod_gradient_with_zeros(grad[0], factors, dim)};
      Tensor weighed = mul(grad[0], conjugate(saved_result()));
      return Gradients{div(reverse_cumsum(weighed, dim, std::nullopt), conjugate(factors))};
    });
  }
  run(Cumulative::product, input, dim, false, output);
  return output;
}

// Sums of e^(exponent - result), weighed, and their adjoint: the derivatives of logcumsumexp, of which each
// is the derivative of the other.
using ExponentialSums = Op<Tensor(const Tensor&, const Tensor&, const Tensor&, int64_t)>;
extern const ExponentialSums exponential_sums;
extern const ExponentialSums reverse_exponential_sums;

template <bool reverse>
Tensor exponential_sums_rule(Call& call, const Tensor& weights, const Tensor& exponents,
                             const Tensor& results, int64_t dim) {
  Tensor output = call.output(weights.sizes(), weights.dtype(), weights.device());
  const char* name = reverse ? "ReverseExponentialSumsBackward0" : "ExponentialSumsBackward0";
  if (Recording node = call.record(name, {weights, exponents, results})) {
    Saved saved_weights = node.save("weights", weights), saved_exponents = node.save("exponents", exponents);
    Saved saved_results = node.save("results", results), saved_output = node.save_output("output");
    node.derivative([=](const Gradients& grad, Wanted) {
      const ExponentialSums& adjoint = reverse ? exponential_sums : reverse_exponential_sums;
      Tensor of_weights = adjoint(grad[0], saved_exponents(), saved_results(), dim);
      Tensor own =
          mul(reverse ? conjugate(grad[0]) : grad[0], reverse ? saved_output() : conjugate(saved_output()));
      Tensor other = mul(reverse ? saved_weights() : conjugate(saved_weights()),
                         reverse ? conjugate(of_weights) : of_weights);
      return reverse ? Gradients{of_weights, own, neg(other)} : Gradients{of_weights, other, neg(own)};
    });
  }
  kernels::exponential_sums(output.device(), as_line(dense(weights)), as_line(dense(exponents)),
                            as_line(dense(results)), dim, reverse, as_line(output));
  return output;
}

// The results are not converted into an out= tensor of another dtype.
void check_target_dtype(const Call& call, size_t slot, DType dtype) {
  const Tensor* target = call.target(slot);
  check(!target || !target->defined() || target->dtype() == dtype, "expected scalar_type ",
        scalar_type_name(dtype), " but found ",
        target && target->defined() ? scalar_type_name(target->dtype()) : "");
}

Tensor logcumsumexp_rule(Call& call, const Tensor& input, int64_t dim) {
  dim = wrap_dim(dim, input.dim());
  if (!is_differentiable(input.dtype()))
    fail(ErrorKind::not_implemented, "\"logcumsumexp_out_cpu\" not implemented for '",
         scalar_type_name(input.dtype()), "'");
  check_target_dtype(call, 0, input.dtype());
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record("LogcumsumexpBackward0", {input})) {
    Saved saved_input = node.save("self", input), saved_result = node.save_output("result");
    node.derivative([saved_input, saved_result, dim](const Gradients& grad, Wanted) {
      return Gradients{reverse_exponential_sums(grad[0], saved_input(), saved_result(), dim)};
    });
  }
  run(Cumulative::logsumexp, input, dim, false, output);
  return output;
}

template <bool largest>
std::tuple<Tensor, Tensor> cumulative_extreme_rule(Call& call, const Tensor& input, int64_t dim) {
  dim = wrap_dim(dim, input.dim());
  check_target_dtype(call, 0, input.dtype());
  check_target_dtype(call, 1, DType::int64);
  if (is_complex(input.dtype()))
    fail(ErrorKind::not_implemented, "\"", largest ? "cummax" : "cummin", "_cpu\" not implemented for '",
         scalar_type_name(input.dtype()), "'");
  if (!is_differentiable(input.dtype())) {
    call.not_differentiable();
  } else if (Recording node = call.record(largest ? "CummaxBackward0" : "CumminBackward0", {input})) {
    Saved indices = node.save_output("indices", 1);
    node.derivative([indices, dim](const Gradients& grad, Wanted) {
      return Gradients{scatter_add(zeros_like(grad[0]), dim, indices(), grad[0])};
    });
  }
  Tensor values = new_tensor(input.sizes(), input.dtype(), input.device());
  Tensor indices = new_tensor(input.sizes(), DType::int64, input.device());
  kernels::cumulative_extreme(input.device(), largest, as_line(input), dim, as_line(values),
                              as_line(indices));
  return {values, indices};
}

constexpr Traits linear{.forms = function | method | in_place | out,
                        .batching = Batching::leading,
                        .forward = Forward::linear,
                        .autocast = Autocast::float32};
constexpr Traits of_line{.forms = function | method | out, .batching = Batching::leading};
constexpr Traits internal{.forms = Forms{}, .batching = Batching::leading};

}  // namespace

const CumulativeOp cumsum{"cumsum(Tensor input, int dim, *, ScalarType? dtype=None) -> Tensor",
                          cumsum_rule<false>, linear,
                          R"(Sum along a dim and keep every intermediate sum.

    Args:
        input: a tensor of any shape; bool and integers are summed as int64.
        dim: the dim to sum along.
        dtype: the dtype in which to sum and of the result.

    >>> lampas.cumsum(lampas.tensor([1, 2, 3]), dim=0)
    tensor([1, 3, 6])
)"};

const CumulativeOp cumprod{"cumprod(Tensor input, int dim, *, ScalarType? dtype=None) -> Tensor",
                           cumprod_rule,
                           {.forms = function | method | in_place | out,
                            .batching = Batching::leading,
                            .autocast = Autocast::float32},
                           R"(Multiply along a dim and keep every intermediate product.

    Args:
        input: a tensor of any shape; bool and integers are multiplied as int64.
        dim: the dim to multiply along.
        dtype: the dtype in which to multiply and of the result.

    >>> lampas.cumprod(lampas.tensor([1, 2, 3]), dim=0)
    tensor([1, 2, 6])
)"};

namespace {

const CumulativeOp reverse_cumsum{
    "_reverse_cumsum(Tensor input, int dim, *, ScalarType? dtype=None) -> Tensor",
    cumsum_rule<true>,
    {.forms = Forms{}, .batching = Batching::leading, .forward = Forward::linear},
    "cumsum from the other end."};

const Op<Tensor(const Tensor&, int64_t)> logcumsumexp{
    "logcumsumexp(Tensor input, int dim) -> Tensor", logcumsumexp_rule, of_line,
    R"(Take the logarithms of the cumulative sums of the exponentials.

    Args:
        input: a floating point or complex tensor.
        dim: the dim to sum along.

    >>> lampas.logcumsumexp(lampas.tensor([0.0, 0.0]), 0)
    tensor([0.0000, 0.6931])
)"};

const ExponentialSums exponential_sums{
    "_exponential_sums(Tensor input, Tensor exponents, Tensor results, int dim) -> Tensor",
    exponential_sums_rule<false>, internal, "Cumulative sums weighed by the shares in logcumsumexp."};

const ExponentialSums reverse_exponential_sums{
    "_reverse_exponential_sums(Tensor input, Tensor exponents, Tensor results, int dim) -> Tensor",
    exponential_sums_rule<true>, internal, "The adjoint of those sums: the gradient of logcumsumexp."};

using ExtremeOp = Op<std::tuple<Tensor, Tensor>(const Tensor&, int64_t)>;

const ExtremeOp cummax{"cummax(Tensor input, int dim) -> (Tensor values, Tensor indices)",
                       cumulative_extreme_rule<true>, of_line,
                       R"(Give the largest element so far along a dim, and its index: the last of equal ones.

    >>> lampas.cummax(lampas.tensor([1, 3, 2]), 0).values
    tensor([1, 3, 3])
)"};

const ExtremeOp cummin{"cummin(Tensor input, int dim) -> (Tensor values, Tensor indices)",
                       cumulative_extreme_rule<false>, of_line,
                       R"(Give the smallest element so far along a dim, and its index: the last of equal ones.

    >>> lampas.cummin(lampas.tensor([3, 1, 2]), 0).values
    tensor([3, 1, 1])
)"};

}  // namespace
}  // namespace lampas
