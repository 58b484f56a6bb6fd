// var, std, var_mean, std_mean: how far elements lie from their mean.
#include "core/ops/statistics.h"

#include <limits>

#include "core/kernels/reduction.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/folding.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"
#include "core/ops/warning.h"

namespace lampas {
namespace {

using Correction = std::optional<Scalar>;
using MeanAndSpread = std::tuple<Tensor, Tensor>;

// Which elements go into one result.
struct Groups {
  Shape input_sizes;
  uint64_t mask = 0;
  bool keepdim = false;
  double count = 1;
  double degrees_of_freedom = 0;  // the count less the correction

  Groups(const Tensor& input, const Dims& dim, const Correction& correction, bool keepdim)
      : input_sizes(input.sizes()), mask(dims_mask(dim.value_or(Shape()), input.dim())), keepdim(keepdim) {
    for (int64_t i = 0; i < input.dim(); ++i)
      if (mask >> i & 1) count *= static_cast<double>(input.sizes()[i]);
    degrees_of_freedom = count - (correction ? correction->to<double>() : 1.0);
  }

  Shape output_sizes() const { return reduced_shape(input_sizes, mask, keepdim); }
};

void check_dtype(const char* name, bool with_mean, const Tensor& input) {
  check(is_differentiable(input.dtype()), with_mean ? name : "std and var",
        " only support floating point and complex dtypes");
}

void warn_of_freedom(const char* name, const Groups& groups) {
  if (groups.degrees_of_freedom <= 0)
    warn(text(name,
              "(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor "
              "(input numel divided by output numel)."));
}

// 2 (x - mean) / degrees of freedom, times the gradient of the variance.
Tensor variance_gradient(const Tensor& grad, const Tensor& input, const Groups& groups) {
  Tensor outer = with_folded_dims(grad, groups.input_sizes, groups.mask, groups.keepdim);
  Shape dims;
  for (int64_t i = 0; i < input.dim(); ++i)
    if (groups.mask >> i & 1) dims.push_back(i);
  Tensor center = mean(input, dims, true, std::nullopt);
  if (groups.degrees_of_freedom > 0)
    return mul(scaled(outer, 2.0 / groups.degrees_of_freedom), sub(input, center, 1));
  // The factor is infinite, and the distance may be zero.
  Tensor nothing = number_tensor(std::numeric_limits<double>::quiet_NaN());
  Tensor infinite = number_tensor(std::numeric_limits<double>::infinity());
  return mul(outer, where(eq(input, center), nothing, infinite));
}

// The gradient of a standard deviation as one of the variance; none where there is no deviation.
Tensor through_root(const Tensor& grad, const Tensor& deviation) {
  return masked_fill(div(grad, scaled(deviation, 2)), eq(deviation, number_tensor(0)), 0);
}

Tensor mean_gradient(const Tensor& grad, const Groups& groups) {
  return div(spread(grad, groups.input_sizes, groups.mask, groups.keepdim), number_tensor(groups.count));
}

// The variance or its root, and the mean where `mean` is defined.
Tensor spread_of(const Tensor& input, const Groups& groups, bool root, const Tensor& mean) {
  Tensor result = new_tensor(groups.output_sizes(), real_dtype(input.dtype()), input.device());
  kernels::moments(input.device(), input, groups.mask, std::max(groups.degrees_of_freedom, 0.0), mean,
                   result);
  GradModeGuard off(false);
  return root ? sqrt(result) : result;
}

template <bool root>
Tensor spread_rule(Call& call, const Tensor& input, const Dims& dim, const Correction& correction,
                   bool keepdim) {
  const char* name = root ? "std" : "var";
  check_dtype(name, false, input);
  Groups groups(input, dim, correction, keepdim);
  warn_of_freedom(name, groups);
  if (Recording node = call.record(root ? "StdBackward0" : "VarBackward0", {input})) {
    Saved saved_input = node.save("self", input);
    Saved saved_result = root ? node.save_output("result") : Saved();
    node.derivative([saved_input, saved_result, groups](const Gradients& grad, Wanted) {
      Tensor of_variance = root ? through_root(grad[0], saved_result()) : grad[0];
      return Gradients{variance_gradient(of_variance, saved_input(), groups)};
    });
  }
  return spread_of(input, groups, root, Tensor());
}

template <bool root>
MeanAndSpread spread_with_mean_rule(Call& call, const Tensor& input, const Dims& dim,
                                    const Correction& correction, bool keepdim) {
  const char* name = root ? "std_mean" : "var_mean";
  check_dtype(name, true, input);
  Groups groups(input, dim, correction, keepdim);
  warn_of_freedom(name, groups);
  if (Recording node = call.record(root ? "StdMeanBackward0" : "VarMeanBackward0", {input})) {
    Saved saved_input = node.save("self", input);
    Saved saved_result = root ? node.save_output("result0") : Saved();
    node.derivative([saved_input, saved_result, groups](const Gradients& grad, Wanted) {
      Tensor total;
      if (grad[0].defined()) {
        Tensor of_variance = root ? through_root(grad[0], saved_result()) : grad[0];
        total = variance_gradient(of_variance, saved_input(), groups);
      }
      if (grad[1].defined()) {
        Tensor of_mean = mean_gradient(grad[1], groups);
        total = total.defined() ? add(total, of_mean, 1) : of_mean;
      }
      return Gradients{total};
    });
  }
  Tensor mean = new_tensor(groups.output_sizes(), input.dtype(), input.device());
  Tensor result = spread_of(input, groups, root, mean);
  return {result, mean};
}

using SpreadOp = Op<Tensor(const Tensor&, const Dims&, const Correction&, bool)>;
using SpreadWithMeanOp = Op<MeanAndSpread(const Tensor&, const Dims&, const Correction&, bool)>;
using UnbiasedOp = Op<Tensor(const Tensor&, const Dims&, bool, bool)>;
using UnbiasedWithMeanOp = Op<MeanAndSpread(const Tensor&, const Dims&, bool, bool)>;

template <const auto& op>
auto unbiased_rule(Call&, const Tensor& input, const Dims& dim, bool unbiased, bool keepdim) {
  return op(input, dim, Scalar(unbiased ? 1 : 0), keepdim);
}

constexpr Traits spreading{.forms = function | method | out, .batching = Batching::leading};
constexpr Traits spreading_with_mean{.forms = function | method, .batching = Batching::leading};
constexpr Traits unbiased_traits{.forms = function | method | out, .composite = true};
constexpr Traits unbiased_with_mean_traits{.forms = function | method, .composite = true};

}  // namespace

extern const SpreadOp var, std_op;
extern const SpreadWithMeanOp var_mean, std_mean;

const SpreadOp var{
    "var(Tensor input, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> Tensor",
    spread_rule<false>, spreading,
    R"(Take the variance of a tensor's elements, or of those of its given dims.

    Args:
        input: a floating point or complex tensor.
        dim: the dims to fold; all of them when not given.
        correction: is taken from the number of elements before dividing by it: 1 when not given.
        keepdim: keep the folded dims with size 1.
        unbiased: True stands for a correction of 1, False for none.

    Raises RuntimeError for integers and bool.

    >>> lampas.var(lampas.tensor([1.0, 2.0, 6.0]))
    tensor(7.)
)"};

const SpreadOp std_op{
    "std(Tensor input, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> Tensor",
    spread_rule<true>, spreading,
    R"(Take the standard deviation of a tensor's elements, or of those of its given dims.

    Args and errors are those of `var`.

    >>> lampas.std(lampas.tensor([1.0, 2.0, 3.0]))
    tensor(1.)
)"};

const SpreadWithMeanOp var_mean{
    "var_mean(Tensor input, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) "
    "-> (Tensor, Tensor)",
    spread_with_mean_rule<false>, spreading_with_mean,
    R"(Take the variance and the mean of a tensor's elements, or of those of its given dims.

    Args and errors are those of `var`.

    >>> lampas.var_mean(lampas.tensor([1.0, 2.0, 6.0]))
    (tensor(7.), tensor(3.))
)"};

const SpreadWithMeanOp std_mean{
    "std_mean(Tensor input, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) "
    "-> (Tensor, Tensor)",
    spread_with_mean_rule<true>, spreading_with_mean,
    R"(Take the standard deviation and the mean of a tensor's elements, or of those of its given dims.

    Args and errors are those of `var`.

    >>> lampas.std_mean(lampas.tensor([1.0, 2.0, 3.0]))
    (tensor(1.), tensor(2.))
)"};

const UnbiasedOp var_unbiased{
    "var.unbiased(Tensor input, int[1]? dim=None, bool unbiased=True, bool keepdim=False) -> Tensor",
    unbiased_rule<var>, unbiased_traits,
    R"(Take the variance; `unbiased` divides by one less than the number of elements.

    >>> lampas.var(lampas.tensor([1.0, 3.0]), unbiased=False)
    tensor(1.)
)"};

const UnbiasedOp std_unbiased{
    "std.unbiased(Tensor input, int[1]? dim=None, bool unbiased=True, bool keepdim=False) -> Tensor",
    unbiased_rule<std_op>, unbiased_traits,
    R"(Take the standard deviation; `unbiased` divides by one less than the number of elements.

    >>> lampas.std(lampas.tensor([1.0, 3.0]), unbiased=False)
    tensor(1.)
)"};

const UnbiasedWithMeanOp var_mean_unbiased{
    "var_mean.unbiased(Tensor input, int[1]? dim=None, bool unbiased=True, bool keepdim=False) "
    "-> (Tensor, Tensor)",
    unbiased_rule<var_mean>, unbiased_with_mean_traits,
    R"(Take variance and mean; `unbiased` divides by one less than the number of elements.

    >>> lampas.var_mean(lampas.tensor([1.0, 3.0]), unbiased=False)
    (tensor(1.), tensor(2.))
)"};

const UnbiasedWithMeanOp std_mean_unbiased{
    "std_mean.unbiased(Tensor input, int[1]? dim=None, bool unbiased=True, bool keepdim=False) "
    "-> (Tensor, Tensor)",
    unbiased_rule<std_mean>, unbiased_with_mean_traits,
    R"(Take standard deviation and mean; `unbiased` divides by one less than the number of elements.

    >>> lampas.std_mean(lampas.tensor([1.0, 3.0]), unbiased=False)
    (tensor(1.), tensor(2.))
)"};

}  // namespace lampas
