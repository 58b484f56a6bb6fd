// Losses of pairs of elements: one pass computes them, a second averages or adds them.
#include "core/kernels/copy.h"
#include "core/kernels/elementwise.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/indexing.h"
#include "core/ops/loss.h"
#include "core/ops/promotion.h"
#include "core/ops/reduction.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

using kernels::Reduction;

const Tensor& one() {
  static const Tensor number = number_tensor(1);
  return number;
}

// What some losses take besides input and target.
struct Extra {
  double number = 0;
  Tensor pos_weight;  // or undefined
};

struct PointwiseLoss {
  const char* node;
  const char* kernel;  // PyTorch's name of it, for messages; null where it only refuses the conversion
  BinaryFunction formula;
  double factor;  // of both derivatives, which are otherwise those of the formula, written with ops
  Tensor (*slope)(const Tensor& input, const Tensor& target, const Extra& extra);
  // Null where targets get no gradient.
  Tensor (*target_slope)(const Tensor& input, const Tensor& target, const Extra& extra);
};

// input - target, cut off at both sides.
Tensor bounded_difference(const Tensor& input, const Tensor& target, double bound) {
  return maximum(minimum(sub(input, target, 1), number_tensor(bound)), number_tensor(-bound));
}

Tensor of_formula(BinaryFunction formula, double number, const Tensor& input, const Tensor& target,
                  const Tensor& output) {
  Parameter parameter = as_parameter(Scalar(number));
  DType dtype = output.dtype();
  kernels::binary(output.device(), formula, &parameter, Converted(input, dtype), Converted(target, dtype),
                  output);
  return output;
}

// log(1 + exp(-x)): the cross entropy of the logit x with the target 1.
Tensor softplus_of_minus(const Tensor& logits);

constexpr PointwiseLoss squared_error{
    "MseLossBackward0",
    "mse_cpu",
    BinaryFunction::squared_difference,
    2,
    [](const Tensor& input, const Tensor& target, const Extra&) { return sub(input, target, 1); },
    [](const Tensor& input, const Tensor& target, const Extra&) { return sub(target, input, 1); }};

constexpr PointwiseLoss smooth_l1{
    "SmoothL1LossBackward0",
    "smooth_l1_cpu",
    BinaryFunction::smooth_l1,
    1,
    [](const Tensor& input, const Tensor& target, const Extra& extra) {
      return scaled(bounded_difference(input, target, extra.number), Scalar(1 / extra.number));
    },
    [](const Tensor& input, const Tensor& target, const Extra& extra) {
      return scaled(bounded_difference(target, input, extra.number), Scalar(1 / extra.number));
    }};

constexpr PointwiseLoss huber{"HuberLossBackward0",
                              "huber_cpu",
                              BinaryFunction::huber,
                              1,
                              [](const Tensor& input, const Tensor& target, const Extra& extra) {
                                return bounded_difference(input, target, extra.number);
                              },
                              [](const Tensor& input, const Tensor& target, const Extra& extra) {
                                return bounded_difference(target, input, extra.number);
                              }};

constexpr PointwiseLoss soft_margin{"SoftMarginLossBackward0",
                                    nullptr,
                                    BinaryFunction::soft_margin,
                                    1,
                                    [](const Tensor& input, const Tensor& target, const Extra&) {
                                      return mul(neg(target), sigmoid(neg(mul(target, input))));
                                    },
                                    nullptr};

constexpr double least_variance = 1e-12;  // of a probability, as its gradient is divided by it

constexpr PointwiseLoss cross_entropy_of_probability{
    "BinaryCrossEntropyBackward0",
    "binary_cross_entropy",
    BinaryFunction::binary_cross_entropy,
    1,
    [](const Tensor& input, const Tensor& target, const Extra&) {
      Tensor variance = mul(sub(one(), input, 1), input);
      return div(sub(input, target, 1), maximum(variance, number_tensor(least_variance)));
    },
    [](const Tensor& input, const Tensor&, const Extra&) {
      return sub(log(sub(one(), input, 1)), log(input), 1);
    }};

// With a positive weight p: (1 - y) x + (1 + (p - 1) y) log(1 + exp(-x)).
constexpr PointwiseLoss cross_entropy_of_logit{
    "BinaryCrossEntropyWithLogitsBackward0",
    "binary_cross_entropy_with_logits",
    BinaryFunction::binary_cross_entropy_with_logits,
    1,
    [](const Tensor& input, const Tensor& target, const Extra& extra) {
      if (!extra.pos_weight.defined()) return sub(sigmoid(input), target, 1);
      Tensor positive = mul(extra.pos_weight, target);
      return sub(mul(sub(add(positive, one(), 1), target, 1), sigmoid(input)), positive, 1);
    },
    [](const Tensor& input, const Tensor&, const Extra& extra) {
      if (!extra.pos_weight.defined()) return neg(input);
      return sub(mul(sub(extra.pos_weight, one(), 1), softplus_of_minus(input)), input, 1);
    }};

Tensor reduced(const Tensor& losses, Reduction reduction) {
  if (reduction == Reduction::mean) return mean(losses, std::nullopt, false, std::nullopt);
  return reduction == Reduction::sum ? sum_all(losses) : losses;
}

// Of every pair, without history.
Tensor losses_of(const PointwiseLoss& loss, const Tensor& input, const Tensor& target, const Tensor& weight,
                 const Extra& extra, const Shape& sizes, DType dtype) {
  GradModeGuard unrecorded(false);
  Tensor losses;
  if (extra.pos_weight.defined()) {
    Tensor log_weight = add(mul(sub(extra.pos_weight, one(), 1), target), one(), 1);
    losses = add(mul(sub(one(), target, 1), input), mul(log_weight, softplus_of_minus(input)), 1);
  } else {
    if (is_complex(dtype)) return log1p(exp(mul(neg(target), input)));  // the only loss that takes them
    losses = of_formula(loss.formula, extra.number, input, target, new_tensor(sizes, dtype, input.device()));
  }
  return weight.defined() ? mul(losses, weight) : losses;
}

void check_floating(const PointwiseLoss& loss, DType dtype) {
  if (is_floating(dtype) || (is_complex(dtype) && !loss.kernel)) return;
  if (loss.kernel)
    fail(ErrorKind::not_implemented, "\"", loss.kernel, "\" not implemented for '", scalar_type_name(dtype),
         "'");
  fail(ErrorKind::runtime, "result type ", scalar_type_name(default_dtype()),
       " can't be cast to the desired output type ", scalar_type_name(dtype));
}

// A `weight` that is defined multiplies each pair's loss.
Tensor pointwise_loss(Call& call, const PointwiseLoss& loss, const Tensor& input, const Tensor& target,
                      const Tensor& weight, const Extra& extra, int64_t reduction) {
  Reduction kind = checked_reduction(reduction);
  DType dtype = result_type({input, target});
  check_floating(loss, dtype);
  Shape sizes = broadcast_shapes(input.sizes(), target.sizes());
  Shape weighted = sizes;
  for (const Tensor* factor : {&weight, &extra.pos_weight})
    if (factor->defined()) weighted = broadcast_shapes(weighted, factor->sizes());
  Tensor output = call.output(kind == Reduction::none ? weighted : Shape(), dtype, input.device());
  if (Recording node =
          loss.target_slope ? call.record(loss.node, {input, target}) : call.record(loss.node, {input})) {
    Saved saved_input = node.save("self", input), saved_target = node.save("target", target);
    Saved saved_weight, saved_pos_weight;
    bool has_weight = weight.defined(), has_pos_weight = extra.pos_weight.defined();
    if (has_weight) saved_weight = node.save("weight", weight);
    if (has_pos_weight) saved_pos_weight = node.save("pos_weight", extra.pos_weight);
    double factor = loss.factor, number = extra.number;
    if (kind == Reduction::mean) factor /= static_cast<double>(count_elements(weighted));
    node.derivative([=, &loss](const Gradients& grad, Wanted wanted) {
      Tensor x = saved_input(), y = saved_target();
      Extra extra{number, has_pos_weight ? saved_pos_weight() : Tensor()};
      auto through = [&](const Tensor& slope) {
        Tensor gradient = mul(grad[0], scaled(conjugate(slope), Scalar(factor)));
        return has_weight ? mul(gradient, saved_weight()) : gradient;
      };
      if (!loss.target_slope) return Gradients{through(loss.slope(x, y, extra))};
      return Gradients{wanted[0] ? through(loss.slope(x, y, extra)) : Tensor(),
                       wanted[1] ? through(loss.target_slope(x, y, extra)) : Tensor()};
    });
  }
  if (kind == Reduction::none && !weight.defined() && !extra.pos_weight.defined() && !is_complex(dtype))
    return of_formula(loss.formula, extra.number, input, target, output);
  GradModeGuard unrecorded(false);
  Tensor losses = losses_of(loss, input, target, weight, extra, sizes, dtype);
  kernels::copy(output.device(), reduced(losses, kind), output);
  return output;
}

// PyTorch writes these losses into a tensor of the input's dtype.
void check_result_fits(const Tensor& input, const Tensor& target) {
  DType result = result_type({input, target});
  check(is_integral(result) || can_cast(result, input.dtype()), "result type ", scalar_type_name(result),
        " can't be cast to the desired output type ", scalar_type_name(input.dtype()));
}

Tensor l1_loss_rule(Call&, const Tensor& input, const Tensor& target, int64_t reduction) {
  return reduced(abs(sub(input, target, 1)), checked_reduction(reduction));
}

Tensor mse_loss_rule(Call& call, const Tensor& input, const Tensor& target, int64_t reduction) {
  return pointwise_loss(call, squared_error, input, target, Tensor(), {}, reduction);
}

Tensor smooth_l1_loss_rule(Call& call, const Tensor& input, const Tensor& target, int64_t reduction,
                           double beta) {
  check(beta >= 0, "smooth_l1_loss does not support negative values for beta.");
  return pointwise_loss(call, smooth_l1, input, target, Tensor(), {beta, Tensor()}, reduction);
}

Tensor huber_loss_rule(Call& call, const Tensor& input, const Tensor& target, int64_t reduction,
                       double delta) {
  check(delta > 0, "huber_loss does not support non-positive values for delta.");
  check_result_fits(input, target);
  return pointwise_loss(call, huber, input, target, Tensor(), {delta, Tensor()}, reduction);
}

Tensor soft_margin_loss_rule(Call& call, const Tensor& input, const Tensor& target, int64_t reduction) {
  if (target.dtype() == DType::bool_) neg(target);  // refuses it, in the words of the op
  check_result_fits(input, target);
  Shape sizes = broadcast_shapes(input.sizes(), target.sizes());
  check(sizes == input.sizes(), "output with shape ", input.sizes(), " doesn't match the broadcast shape ",
        sizes);
  return pointwise_loss(call, soft_margin, input, target, Tensor(), {}, reduction);
}

Tensor binary_cross_entropy_rule(Call& call, const Tensor& input, const Tensor& target, const Tensor& weight,
                                 int64_t reduction) {
  if (input.dtype() != target.dtype())
    fail(ErrorKind::runtime, "Found dtype ", scalar_type_name(target.dtype()), " but expected ",
         scalar_type_name(input.dtype()));
  if (input.device().kind != DeviceKind::meta && input.numel() > 0) {
    GradModeGuard unrecorded(false);
    Tensor inside = mul(ge(input, number_tensor(0)), le(input, one()));
    check(is_nonzero(all(inside)), "all elements of input should be between 0 and 1");
  }
  return pointwise_loss(call, cross_entropy_of_probability, input, target, weight, {}, reduction);
}

Tensor binary_cross_entropy_with_logits_rule(Call& call, const Tensor& input, const Tensor& target,
                                             const Tensor& weight, const Tensor& pos_weight,
                                             int64_t reduction) {
  if (!is_floating(input.dtype()))
    fail(ErrorKind::not_implemented, "\"log_sigmoid_cpu\" not implemented for '",
         scalar_type_name(input.dtype()), "'");
  // PyTorch multiplies 1 - target, in place, by the input.
  check(
      target.dtype() != DType::bool_,
      "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
      "operator instead.");
  check(can_cast(input.dtype(), target.dtype()), "result type ", scalar_type_name(input.dtype()),
        " can't be cast to the desired output type ", scalar_type_name(target.dtype()));
  return pointwise_loss(call, cross_entropy_of_logit, input, target, weight, {0, pos_weight}, reduction);
}

constexpr Traits as_float32{.forms = function, .autocast = Autocast::float32};

}  // namespace

const Op<Tensor(const Tensor&, const Tensor&, int64_t)> l1_loss{
    "l1_loss(Tensor input, Tensor target, int reduction=1) -> Tensor",
    l1_loss_rule,
    {.forms = function, .autocast = Autocast::float32, .composite = true},
    R"(Compute the distance of two tensors, element by element, its mean or its sum.

    Args:
        input, target: tensors that broadcast with each other.
        reduction: 0 none, 1 mean, 2 sum.

    >>> lampas.nn.functional.l1_loss(lampas.tensor([1., 2.]), lampas.tensor([1., 4.]))
    tensor(1.)
)"};

const Op<Tensor(const Tensor&, const Tensor&, int64_t)> mse_loss{
    "mse_loss(Tensor input, Tensor target, int reduction=1) -> Tensor", mse_loss_rule, as_float32,
    R"(Compute the squared difference of two tensors, element by element, their mean or their sum.

    Args:
        input: a floating point tensor of any shape.
        target: a tensor that broadcasts with `input`.
        reduction: 0 none, 1 mean, 2 sum.

    >>> lampas.nn.functional.mse_loss(lampas.tensor([1., 2.]), lampas.tensor([1., 4.]))
    tensor(2.)
)"};

const Op<Tensor(const Tensor&, const Tensor&, int64_t, double)> smooth_l1_loss{
    "smooth_l1_loss(Tensor input, Tensor target, int reduction=1, float beta=1.0) -> Tensor",
    smooth_l1_loss_rule, as_float32,
    R"(Compute a loss that is quadratic where input and target are close, and linear beyond.

    Where they differ by d: 0.5 d**2 / beta below beta, d - 0.5 beta from there on.

    Args:
        input, target: floating point tensors that broadcast with each other.
        reduction: 0 none, 1 mean, 2 sum.
        beta: where the loss becomes linear.

    Raises RuntimeError for a negative beta.

    Source: Girshick, Fast R-CNN, 2015.

    >>> lampas.nn.functional.smooth_l1_loss(lampas.tensor([1., 4.]), lampas.tensor([1., 2.]))
    tensor(0.7500)
)"};

const Op<Tensor(const Tensor&, const Tensor&, int64_t, double)> huber_loss{
    "huber_loss(Tensor input, Tensor target, int reduction=1, float delta=1.0) -> Tensor", huber_loss_rule,
    as_float32,
    R"(Compute a loss that is quadratic where input and target are close, and linear beyond.

    Where they differ by d: 0.5 d**2 up to delta, delta (d - 0.5 delta) from there on.

    Args:
        input, target: floating point tensors that broadcast with each other.
        reduction: 0 none, 1 mean, 2 sum.
        delta: where the loss becomes linear.

    Raises RuntimeError for a delta that is not positive.

    Source: Huber, Robust estimation of a location parameter, 1964.

    >>> lampas.nn.functional.huber_loss(lampas.tensor([1., 6.]), lampas.tensor([1., 2.]), delta=2.0)
    tensor(3.)
)"};

const Op<Tensor(const Tensor&, const Tensor&, int64_t)> soft_margin_loss{
    "soft_margin_loss(Tensor input, Tensor target, int reduction=1) -> Tensor", soft_margin_loss_rule,
    as_float32,
    R"(Compute log(1 + exp(-target * input)).

    Args:
        input: a floating point tensor.
        target: 1 or -1 for each element.
        reduction: 0 none, 1 mean, 2 sum.

    >>> lampas.nn.functional.soft_margin_loss(lampas.tensor([0.]), lampas.tensor([1.]))
    tensor(0.6931)
)"};

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, int64_t)> binary_cross_entropy{
    "binary_cross_entropy(Tensor input, Tensor target, Tensor? weight=None, int reduction=1) -> Tensor",
    binary_cross_entropy_rule, as_float32,
    R"(Compute the cross entropy of probabilities with targets between 0 and 1.

    Each loss is -(target * log(input) + (1 - target) * log(1 - input)), with logarithms of at least -100.

    Args:
        input: probabilities; RuntimeError for one outside [0, 1].
        target: of the input's shape and dtype.
        weight: a factor of each loss, broadcast; or None.
        reduction: 0 none, 1 mean, 2 sum.

    >>> lampas.nn.functional.binary_cross_entropy(lampas.tensor([0.5]), lampas.tensor([1.]))
    tensor(0.6931)
)"};

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, const Tensor&, int64_t)>
    binary_cross_entropy_with_logits{
        "binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight=None, Tensor? "
        "pos_weight=None, int reduction=1) -> Tensor",
        binary_cross_entropy_with_logits_rule, as_float32,
        R"(Compute the cross entropy of the probabilities sigmoid(input) with targets between 0 and 1.

    Args:
        input: logits of any size; nothing overflows.
        target: of the input's shape.
        weight: a factor of each loss, broadcast; or None.
        pos_weight: a factor of the part of the loss that goes with the target, broadcast; or None.
        reduction: 0 none, 1 mean, 2 sum.

    >>> lampas.nn.functional.binary_cross_entropy_with_logits(lampas.tensor([0.]), lampas.tensor([1.]))
    tensor(0.6931)
)"};

namespace {

Tensor softplus_of_minus(const Tensor& logits) {
  return binary_cross_entropy_with_logits(logits, ones_like(logits), Tensor(), Tensor(), 0);
}

}  // namespace

}  // namespace lampas
