// Sums of something made of the elements: logsumexp, nansum, nanmean, count_nonzero.
#include <limits>

#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/folding.h"
#include "core/ops/promotion.h"
#include "core/ops/reduction.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

Tensor logsumexp_rule(Call& call, const Tensor& input, const Shape& dim, bool keepdim) {
  uint64_t mask = dims_mask(dim, input.dim());
  DType result = floating_result(input.dtype());
  if (const Tensor* target = call.target(); target && target->defined())
    check(is_differentiable(target->dtype()),
          "logsumexp(): Expected floating point type for result tensor, but got: ",
          scalar_type_name(target->dtype()));
  if (Recording node = call.record("LogsumexpBackward0", {input})) {
    Saved saved_input = node.save("self", input), saved_result = node.save_output("result");
    node.derivative([saved_input, saved_result, mask, keepdim](const Gradients& grad, Wanted) {
      Tensor whole = saved_input();
      Tensor outer = with_folded_dims(grad[0], whole.sizes(), mask, keepdim);
      Tensor total = with_folded_dims(saved_result(), whole.sizes(), mask, keepdim);
      return Gradients{mul(outer, conjugate(exp(sub(whole, total, 1))))};
    });
  }
  GradModeGuard off(false);
  Tensor numbers = cast(detach(input), result);
  if (numbers.numel() == 0) return log(sum_dims(exp(numbers), dim, keepdim));
  // Less the greatest, so that nothing overflows; an infinite one would give NaN.
  Tensor greatest = amax(converted(numbers, real_dtype(result)), dim, true);
  Tensor infinite = eq(abs(greatest), number_tensor(std::numeric_limits<double>::infinity()));
  Tensor shift = masked_fill(greatest, infinite, 0);
  Tensor total = log(sum_dims(exp(sub(numbers, shift, 1)), dim, keepdim));
  return add(total, reshape(shift, total.sizes()), 1);
}

Tensor nansum_rule(Call& call, const Tensor& input, const Dims& dim, bool keepdim,
                   std::optional<DType> dtype) {
  check(!is_complex(input.dtype()), "nansum on CPU does not support complex inputs");
  uint64_t mask = dims_mask(dim.value_or(Shape()), input.dim());
  if (Recording node = call.record("NansumBackward0", {input})) {
    Saved saved_input = node.save("self", input);
    node.derivative([saved_input, mask, keepdim](const Gradients& grad, Wanted) {
      Tensor whole = saved_input();
      Tensor outer = cast(spread(grad[0], whole.sizes(), mask, keepdim), whole.dtype());
      return Gradients{mul(outer, logical_not(isnan(whole)))};
    });
  }
  GradModeGuard off(false);
  const Tensor* target = call.target();
  if (!dtype && target && target->defined()) dtype = target->dtype();
  if (!is_floating(input.dtype())) return sum(detach(input), dim, keepdim, dtype);
  DType result = dtype.value_or(input.dtype());
  Tensor numbers = is_floating(result) ? cast(detach(input), result) : detach(input);
  Tensor total = new_tensor(reduced_shape(input.sizes(), mask, keepdim), result, input.device());
  fold_into(Fold::number_sum, numbers, mask, total);
  return total;
}

using NansumOp = Op<Tensor(const Tensor&, const Dims&, bool, std::optional<DType>)>;
extern const NansumOp nansum;

Tensor nanmean_rule(Call&, const Tensor& input, const Dims& dim, bool keepdim, std::optional<DType> dtype) {
  check(is_differentiable(input.dtype()),
        "nanmean(): expected input to have floating point or complex dtype but got ",
        scalar_type_name(input.dtype()));
  Tensor count = sum(logical_not(isnan(detach(input))), dim, keepdim, std::nullopt);
  return div(nansum(input, dim, keepdim, dtype), count);
}

Tensor count_nonzero_rule(Call&, const Tensor& input, const Dims& dim) {
  dims_mask(dim.value_or(Shape()), input.dim());  // for its errors
  Tensor present = cast(detach(input), DType::bool_);
  if (present.dim() == 0) return cast(present, DType::int64);
  return sum(present, dim, false, DType::int64);
}

const NansumOp nansum{
    "nansum(Tensor input, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    nansum_rule,
    {.forms = function | method | out, .batching = Batching::leading},
    R"(Sum the elements that are not NaN.

    Args:
        input: a real tensor of any shape.
        dim: the dims to fold; all of them when not given.
        keepdim: keep the folded dims with size 1.
        dtype: the dtype in which to sum and of the result.

    >>> lampas.nansum(lampas.tensor([1.0, float("nan"), 2.0]))
    tensor(3.)
)"};

const NansumOp nanmean{
    "nanmean(Tensor input, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    nanmean_rule,
    {.forms = function | method | out, .composite = true},
    R"(Take the mean of the elements that are not NaN.

    Args are those of `nansum`.

    Raises RuntimeError for integers and bool.

    >>> lampas.nanmean(lampas.tensor([1.0, float("nan"), 2.0]))
    tensor(1.5000)
)"};

const Op<Tensor(const Tensor&, const Shape&, bool)> logsumexp{
    "logsumexp(Tensor input, int[1] dim, bool keepdim=False) -> Tensor",
    logsumexp_rule,
    {.forms = function | method | out, .batching = Batching::leading},
    R"(Take the logarithm of the sum of the exponentials, without overflow on the way.

    Args:
        input: a tensor of any shape.
        dim: the dims to fold.
        keepdim: keep the folded dims with size 1.

    >>> lampas.logsumexp(lampas.tensor([1000.0, 1000.0]), 0)
    tensor(1000.6931)
)"};

const Op<Tensor(const Tensor&, const Dims&)> count_nonzero{
    "count_nonzero(Tensor input, int[]? dim=None) -> Tensor",
    count_nonzero_rule,
    {.forms = function | method, .composite = true},
    R"(Count the elements that are not zero, all of them or along dims.

    >>> lampas.count_nonzero(lampas.tensor([[0, 1], [2, 3]]), dim=0)
    tensor([1, 2])
)"};

}  // namespace
}  // namespace lampas
