// bincount, histc, unique: how often which elements occur.
#include <cmath>

#include "core/kernels/ordering.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/cumulative.h"
#include "core/ops/indexing.h"
#include "core/ops/joining.h"
#include "core/ops/ordering.h"
#include "core/ops/promotion.h"
#include "core/ops/reduction.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"
#include "core/ops/view_parts.h"

namespace lampas {
namespace {

int64_t integer_of(const Tensor& tensor) { return item(tensor).to<int64_t>(); }

Tensor bincount_rule(Call& call, const Tensor& input, const Tensor& weights, int64_t minlength) {
  call.not_differentiable();
  GradModeGuard off(false);
  if (!is_integral(input.dtype(), false))
    fail(ErrorKind::not_implemented, "\"bincount_cpu\" not implemented for '",
         scalar_type_name(input.dtype()), "'");
  check(minlength >= 0, "minlength should be >= 0");
  if (input.dim() == 1 && input.numel() == 0) return zeros({minlength}, DType::int64, input.device());
  constexpr const char* domain = "bincount only supports 1-d non-negative integral inputs.";
  check(input.dim() == 1, domain);
  check(integer_of(amin(input, {}, false)) >= 0, domain);
  check(!weights.defined() || (weights.dim() == 1 && weights.numel() == input.numel()),
        "weights should be 1-d and have the same length as input");
  Tensor counted = weights.defined() ? detach(weights) : full(input.sizes(), 1, DType::int64, input.device());
  if (weights.defined() && weights.dtype() != DType::float32) counted = cast(counted, DType::float64);
  int64_t count = std::max(integer_of(amax(input, {}, false)) + 1, minlength);
  Tensor bins = zeros({count}, counted.dtype(), input.device());
  return scatter_add(bins, 0, cast(input, DType::int64), counted);
}

Tensor histc_rule(Call& call, const Tensor& input, int64_t bins, Scalar min, Scalar max) {
  call.not_differentiable();
  call.allow_overlapping_target();
  GradModeGuard off(false);
  if (!is_floating(input.dtype()))
    fail(ErrorKind::not_implemented, is_complex(input.dtype()) ? "\"aminmax_cpu\"" : "\"histogram_cpu\"",
         " not implemented for '", scalar_type_name(input.dtype()), "'");
  check(bins > 0, "torch.histogram(): bins must be > 0, but got ", bins, " for dimension 0");
  const Tensor* target = call.target();
  check(!target || !target->defined() || target->dtype() == input.dtype(),
        "torch.histogram: input tensor and hist tensor should have the same dtype, but got input ",
        compiler_name(input.dtype()), " and hist ",
        target && target->defined() ? compiler_name(target->dtype()) : "");
  Tensor values = reshape(detach(input), {-1});
  double low = min.to<double>(), high = max.to<double>();
  if (low == high && values.numel() > 0) {
    low = item(amin(values, {}, false)).to<double>();
    high = item(amax(values, {}, false)).to<double>();
  }
  if (low == high) {
    low -= 1;
    high += 1;
  }
  check(std::isfinite(low) && std::isfinite(high), "torch.histc: range of [", low, ", ", high,
        "] is not finite");
  check(low < high, "torch.histc: max must be larger than min");
  // In the input's precision, as a bin's border is decided there.
  Tensor inside = mul(ge(values, number_tensor(low)), le(values, number_tensor(high)));  // and
  values = masked_select(values, inside);
  Tensor places =
      div(mul(sub(values, number_tensor(low), 1), number_tensor(bins)), number_tensor(high - low));
  places = minimum(cast(places, DType::int64), number_tensor(bins - 1));
  Tensor ones = full(places.sizes(), 1, input.dtype(), input.device());
  return scatter_add(zeros({bins}, input.dtype(), input.device()), 0, places, ones);
}

using Uniques = std::tuple<Tensor, Tensor, Tensor>;

// From rows in order: the first of each stretch of equal ones, the stretch of each row, their lengths.
// `differs` (n - 1): whether each row differs from the one before. `order` (n): where the rows came from.
Uniques stretches(const Tensor& rows, const Tensor& differs, const Tensor& order) {
  Device device = rows.device();
  Tensor first = full({1}, true, DType::bool_, device);
  Tensor begins = cat({first, differs}, 0);
  Tensor number = sub(cumsum(cast(begins, DType::int64), 0, std::nullopt), number_tensor(1), 1);
  Tensor inverse = scatter(zeros(number.sizes(), DType::int64, device), 0, order, number);
  Tensor places = reshape(nonzero(begins), {-1});
  Tensor ends =
      cat({narrow(places, 0, 1, places.numel() - 1), full({1}, order.numel(), DType::int64, device)}, 0);
  return {index_select(rows, 0, places), inverse, sub(ends, places, 1)};
}

Uniques unique_of_all(const Tensor& input, bool consecutive) {
  Tensor values = reshape(input, {-1});
  if (values.numel() == 0)
    return {values, zeros(input.sizes(), DType::int64, input.device()),
            zeros({0}, DType::int64, input.device())};
  Tensor order = arange_of(values.numel(), input.device());
  if (!consecutive) std::tie(values, order) = sort(values, 0, false);
  int64_t rest = values.numel() - 1;
  auto [unique, inverse, counts] =
      stretches(values, ne(narrow(values, 0, 1, rest), narrow(values, 0, 0, rest)), order);
  return {unique, reshape(inverse, input.sizes()), counts};
}

Uniques unique_along(const Tensor& input, bool consecutive, int64_t dim) {
  if (input.dim() == 0)
    fail(ErrorKind::index, "Dimension specified as ", dim, " but tensor has no dimensions");
  dim = wrap_dim(dim, input.dim());
  Tensor moved = movedim(input, {dim}, {0});
  int64_t count = moved.sizes()[0];
  if (count == 0) {
    Tensor none = zeros({0}, DType::int64, input.device());
    return {clone(input), none, none};
  }
  check(input.numel() > 0,
        "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied");
  Tensor rows = reshape(moved, {count, -1});
  Tensor order = arange_of(count, input.device());
  if (!consecutive) {
    kernels::order_rows(input.device(), rows, order);
    rows = index_select(rows, 0, order);
  }
  Tensor differs = any_op(ne(narrow(rows, 0, 1, count - 1), narrow(rows, 0, 0, count - 1)), Shape{1}, false);
  auto [unique, inverse, counts] = stretches(rows, differs, order);
  Shape sizes = moved.sizes();
  sizes[0] = unique.sizes()[0];
  return {contiguous_copy(movedim(reshape(unique, sizes), {0}, {dim})), inverse, counts};
}

Uniques unique_rule(Call& call, const Tensor& input, bool consecutive, std::optional<int64_t> dim) {
  call.not_differentiable();
  GradModeGuard off(false);
  if (is_complex(input.dtype()))
    fail(ErrorKind::not_implemented, "\"unique\" not implemented for '", scalar_type_name(input.dtype()),
         "'");
  return dim ? unique_along(detach(input), consecutive, *dim) : unique_of_all(detach(input), consecutive);
}

constexpr Traits counting{.forms = function | method | out, .forward = Forward::none, .untracked = true};

const Op<Tensor(const Tensor&, const Tensor&, int64_t)> bincount{
    "bincount(Tensor input, Tensor? weights=None, int minlength=0) -> Tensor",
    bincount_rule,
    {.forms = function | method, .forward = Forward::none},
    R"(Count how often each number occurs.

    Args:
        input: a vector of integers, none of them negative.
        weights: of the same length; they are summed up instead of counted.
        minlength: the least number of bins.

    Raises RuntimeError for negative numbers.

    >>> lampas.bincount(lampas.tensor([0, 2, 2]))
    tensor([1, 0, 2])
)"};

const Op<Tensor(const Tensor&, int64_t, Scalar, Scalar)> histc{
    "histc(Tensor input, int bins=100, Scalar min=0, Scalar max=0) -> Tensor", histc_rule, counting,
    R"(Count the elements in bins of equal width.

    Args:
        input: a floating point tensor.
        bins: how many.
        min, max: the range; that of the elements where both are equal. Elements outside are not counted.

    Raises RuntimeError where the range is not finite or empty.

    >>> lampas.histc(lampas.tensor([1.0, 2.0, 1.5]), bins=2, min=1, max=3)
    tensor([2., 1.])
)"};

const Op<Uniques(const Tensor&, bool, std::optional<int64_t>)> unique{
    "_unique(Tensor input, bool consecutive, int? dim) -> (Tensor, Tensor, Tensor)",
    unique_rule,
    {.forms = function, .forward = Forward::none},
    "The different elements, or slices along a dim, in order; which of them each is; how often each occurs."};

}  // namespace
}  // namespace lampas
