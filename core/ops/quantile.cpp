// quantile and nanquantile: sorted elements, read between two ranks.
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/indexing.h"
#include "core/ops/ordering.h"
#include "core/ops/reduction.h"
#include "core/ops/ternary.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"

namespace lampas {
namespace {

bool can_be_read(const Tensor& tensor) {
  return !tensor.is_wrapped() && tensor.device().kind != DeviceKind::meta;
}

// PyTorch's messages say quantile() in nanquantile too.
void check_quantile(const Call& call, const Tensor& input, const Tensor& q,
                    const std::string& interpolation) {
  check(input.numel() > 0, "quantile() input tensor must be non-empty");
  check(q.dim() < 2, "quantile() q must be a scalar or 1D tensor");
  check(input.dtype() == DType::float32 || input.dtype() == DType::float64,
        "quantile() input tensor must be either float or double dtype");
  check(input.dtype() == q.dtype(), "quantile() q tensor must be same dtype as the input tensor");
  const Tensor* target = call.target();
  check(!target || !target->defined() || target->dtype() == input.dtype(),
        "quantile() out tensor must be same dtype as the input tensor");
  for (const char* known : {"linear", "lower", "higher", "midpoint", "nearest"})
    if (interpolation == known) return;
  fail(ErrorKind::runtime,
       "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got ",
       interpolation);
}

Tensor whole_part(const Tensor& ranks) { return cast(cast(ranks, DType::int64), ranks.dtype()); }
Tensor rounded_up(const Tensor& ranks) {
  Tensor below = whole_part(ranks);
  return add(below, gt(ranks, below), 1);
}
// To the nearest, a half to the even one.
Tensor rounded(const Tensor& ranks) {
  Tensor below = whole_part(ranks), rest = sub(ranks, below, 1), half = number_tensor(0.5);
  Tensor is_odd = ne(scaled(whole_part(scaled(below, 0.5)), 2), below);
  return add(below, where(is_odd, ge(rest, half), gt(rest, half)), 1);
}

// What lies at the ranks along the last dim of `sorted`.
Tensor at_ranks(const Tensor& sorted, const Tensor& ranks) {
  return gather(sorted, -1, cast(ranks, DType::int64));
}

Tensor quantile_of(Call& call, const Tensor& input, const Tensor& q, std::optional<int64_t> dim, bool keepdim,
                   const std::string& interpolation, bool ignore_nan) {
  check_quantile(call, input, q, interpolation);
  if (can_be_read(q)) {
    Tensor inside = mul(ge(detach(q), number_tensor(0)), le(detach(q), number_tensor(1)));  // and
    check(item(all(inside)).to<bool>(), "quantile() q values must be in the range [0, 1]");
  }
  int64_t along = dim ? wrap_dim(*dim, input.dim()) : 0;
  int64_t length = !dim ? input.numel() : input.dim() == 0 ? 1 : input.sizes()[along];
  Shape groups = dim ? reduced_shape(input.sizes(), input.dim() == 0 ? 0 : uint64_t{1} << along, keepdim)
                     : Shape(keepdim ? static_cast<size_t>(input.dim()) : 0, 1);
  Tensor lines = dim && input.dim() > 0 ? transpose(unsqueeze(input, -1), along, -1) : reshape(input, {-1});
  Shape grouped = groups;
  grouped.push_back(length);
  Tensor sorted = view(std::get<0>(sort(lines, -1, false)), grouped);

  // One rank for each quantile and group.
  Tensor missing = isnan(detach(sorted)), share = q, ranks;
  if (q.dim() == 0) share = unsqueeze(share, 0);
  if (ignore_nan) {
    Tensor last = sub(sum_dims(logical_not(missing), {-1}, true), number_tensor(1), 1);
    ranks = mul(share, last);
    ranks = masked_fill(ranks, lt(ranks, number_tensor(0)), 0);
  } else {
    Tensor has_missing = any_op(missing, Shape{-1}, true);
    ranks = where(has_missing, number_tensor(static_cast<double>(length - 1)), scaled(share, length - 1));
    ranks = cast(ranks, input.dtype());
  }
  Tensor result;
  if (interpolation == "nearest") {
    result = at_ranks(sorted, rounded(ranks));
  } else {
    result = at_ranks(sorted, interpolation == "higher" ? rounded_up(ranks) : whole_part(ranks));
    bool between = interpolation == "linear" || interpolation == "midpoint";
    if (between) {
      Tensor weight = interpolation == "linear" ? sub(ranks, whole_part(ranks), 1)
                                                : full(ranks.sizes(), 0.5, ranks.dtype(), ranks.device());
      Tensor above = at_ranks(sorted, rounded_up(ranks));
      result = lerp(result, above, weight);
    }
  }
  // The quantiles go first; for a single one that dim goes.
  if (q.dim() > 0) result = transpose.write_into(unsqueeze.write_into(result, 0), 0, -1);
  return squeeze_dim.write_into(result, -1);
}

template <bool ignore_nan>
Tensor quantile_rule(Call& call, const Tensor& input, const Tensor& q, std::optional<int64_t> dim,
                     bool keepdim, const std::string& interpolation) {
  // With out= PyTorch tracks nothing.
  bool has_target = call.target() && call.target()->defined();
  return quantile_of(call, has_target ? detach(input) : input, has_target ? detach(q) : q, dim, keepdim,
                     interpolation, ignore_nan);
}

template <bool ignore_nan>
Tensor quantile_number_rule(Call& call, const Tensor& input, double q, std::optional<int64_t> dim,
                            bool keepdim, const std::string& interpolation) {
  check(q >= 0 && q <= 1, "quantile() q must be in the range [0, 1] but got ", q);
  return quantile_rule<ignore_nan>(call, input, full({}, q, input.dtype(), input.device()), dim, keepdim,
                                   interpolation);
}

using OfTensor = Op<Tensor(const Tensor&, const Tensor&, std::optional<int64_t>, bool, const std::string&)>;
using OfNumber = Op<Tensor(const Tensor&, double, std::optional<int64_t>, bool, const std::string&)>;
constexpr Traits traits{.forms = function | method | out, .autocast = Autocast::float32, .composite = true};

const OfTensor quantile{
    "quantile(Tensor input, Tensor q, int? dim=None, bool keepdim=False, *, str interpolation='linear') "
    "-> Tensor",
    quantile_rule<false>, traits,
    R"(Read the elements, of all or along a dim, at given shares of their order.

    Args:
        input: a float32 or float64 tensor; NaN wins.
        q: a number in [0, 1], or a vector of such of the input's dtype, which become the first dim.
        dim: the dim to fold; all of them when not given.
        keepdim: keep the folded dims with size 1.
        interpolation: "linear", "lower", "higher", "midpoint" or "nearest", where q falls between two.

    Raises RuntimeError for other dtypes, an empty input, q outside of [0, 1].

    >>> lampas.quantile(lampas.tensor([1.0, 2.0, 4.0]), 0.75)
    tensor(3.)
)"};

const OfNumber quantile_number{
    "quantile.scalar(Tensor input, float q, int? dim=None, bool keepdim=False, *, "
    "str interpolation='linear') -> Tensor",
    quantile_number_rule<false>, traits,
    R"(Read the elements at one share of their order.

    >>> lampas.quantile(lampas.tensor([1.0, 2.0, 4.0]), 0.5)
    tensor(2.)
)"};

const OfTensor nanquantile{
    "nanquantile(Tensor input, Tensor q, int? dim=None, bool keepdim=False, *, str interpolation='linear') "
    "-> Tensor",
    quantile_rule<true>, traits,
    R"(Read the elements that are not NaN at given shares of their order.

    Args and errors are those of `quantile`.

    >>> lampas.nanquantile(lampas.tensor([1.0, float("nan"), 3.0]), 0.5)
    tensor(2.)
)"};

const OfNumber nanquantile_number{
    "nanquantile.scalar(Tensor input, float q, int? dim=None, bool keepdim=False, *, "
    "str interpolation='linear') -> Tensor",
    quantile_number_rule<true>, traits,
    R"(Read the elements that are not NaN at one share of their order.

    >>> lampas.nanquantile(lampas.tensor([1.0, float("nan"), 3.0]), 0.0)
    tensor(1.)
)"};

}  // namespace
}  // namespace lampas
