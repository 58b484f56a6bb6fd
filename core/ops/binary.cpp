// add, sub, mul, div: ops of two tensors that broadcast against each other.
#include "core/ops/binary.h"

#include "core/kernels/copy.h"
#include "core/kernels/elementwise.h"
#include "core/ops/pointwise.h"
#include "core/ops/unary.h"

namespace lampas {
namespace {

using pointwise::common_dtype;
using pointwise::every_form;

// PyTorch's checks on the factor of add and sub.
void check_alpha(DType dtype, const Scalar& alpha) {
  check(alpha.kind() != Scalar::Kind::boolean || dtype == DType::bool_,
        "Boolean alpha only supported for Boolean results.");
  check(is_floating(dtype) || is_complex(dtype) || alpha.is_integral(),
        "For integral input tensors, argument alpha must not be a floating point number.");
  check(is_complex(dtype) || alpha.kind() != Scalar::Kind::complex,
        "For non-complex input tensors, argument alpha must not be a complex number.");
}

Scalar negated(const Scalar& value) {
  if (value.is_integral()) return Scalar(-value.to<int64_t>());
  if (value.kind() == Scalar::Kind::real) return Scalar(-value.to<double>());
  return Scalar(-value.to<std::complex<double>>());
}

// add and sub: input + sign * alpha * other.
Tensor sum_rule(Call& call, const Tensor& input, const Tensor& other, Scalar alpha, bool subtract) {
  DType dtype = common_dtype(input, other);
  check_alpha(dtype, alpha);
  Tensor output = call.elementwise_output({input, other}, dtype);
  if (subtract && input.body().wrapped_number) {  // number - tensor is a node of its own
    if (Recording node = call.record("RsubBackward1", {other})) {
      Scalar factor = negated(alpha);
      node.derivative([factor](const Gradients& grad, Wanted) { return Gradients{scaled(grad[0], factor)}; });
    }
  } else if (Recording node = call.record(subtract ? "SubBackward0" : "AddBackward0", {input, other})) {
    Scalar factor = subtract ? negated(alpha) : alpha;
    node.derivative([factor](const Gradients& grad, Wanted wanted) {
      Tensor grad_other = wanted[1] ? scaled(grad[0], factor) : Tensor();
      return Gradients{grad[0], grad_other};
    });
  }
  bool truth = dtype == DType::bool_;  // of bools, any factor but zero is True
  if (alpha.equal(1) || (truth && alpha.to<bool>())) {
    kernels::binary(output.device(), subtract ? BinaryFunction::sub : BinaryFunction::add, nullptr,
                    Converted(input, dtype), Converted(other, dtype), output);
  } else if (truth) {
    kernels::copy(output.device(), Converted(input, dtype), output);
  } else {
    Parameter parameter = as_parameter(subtract ? negated(alpha) : alpha);
    kernels::binary(output.device(), BinaryFunction::add_scaled, &parameter, Converted(input, dtype),
                    Converted(other, dtype), output);
  }
  return output;
}

Tensor add_rule(Call& call, const Tensor& input, const Tensor& other, Scalar alpha) {
  return sum_rule(call, input, other, alpha, false);
}

Tensor sub_rule(Call& call, const Tensor& input, const Tensor& other, Scalar alpha) {
  check(
      input.dtype() != DType::bool_ || other.dtype() != DType::bool_,
      "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
      "operator instead.");
  check(input.dtype() != DType::bool_ && other.dtype() != DType::bool_,
        "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a "
        "mask, "
        "use the `~` or `logical_not()` operator instead.");
  return sum_rule(call, input, other, alpha, true);
}

// other - alpha * input. Of a number and a tensor it is a difference as any other.
Tensor rsub_rule(Call& call, const Tensor& input, const Tensor& other, Scalar alpha) {
  if (other.body().wrapped_number || input.dtype() == DType::bool_ || other.dtype() == DType::bool_)
    return sub_rule(call, other, input, alpha);
  DType dtype = common_dtype(input, other);
  check_alpha(dtype, alpha);
  Tensor output = call.elementwise_output({other, input}, dtype);
  Scalar factor = negated(alpha);
  if (Recording node = call.record("RsubBackward0", {input, other}))
    node.derivative([factor](const Gradients& grad, Wanted wanted) {
      return Gradients{wanted[0] ? scaled(grad[0], factor) : Tensor(), grad[0]};
    });
  Parameter parameter = as_parameter(factor);
  kernels::binary(output.device(), BinaryFunction::add_scaled, &parameter, Converted(other, dtype),
                  Converted(input, dtype), output);
  return output;
}

Tensor mul_rule(Call& call, const Tensor& input, const Tensor& other) {
  DType dtype = common_dtype(input, other);
  Tensor output = call.elementwise_output({input, other}, dtype);
  if (Recording node = call.record("MulBackward0", {input, other})) {
    // Each factor's gradient needs the other factor only.
    Saved saved_input = other.requires_grad() ? node.save("self", input) : Saved();
    Saved saved_other = input.requires_grad() ? node.save("other", other) : Saved();
    node.derivative([saved_input, saved_other](const Gradients& grad, Wanted wanted) {
      return Gradients{wanted[0] ? mul(grad[0], conjugate(saved_other())) : Tensor(),
                       wanted[1] ? mul(grad[0], conjugate(saved_input())) : Tensor()};
    });
  }
  kernels::binary(output.device(), BinaryFunction::mul, nullptr, Converted(input, dtype),
                  Converted(other, dtype), output);
  return output;
}

Tensor div_rule(Call& call, const Tensor& input, const Tensor& other) {
  DType dtype = floating_result(common_dtype(input, other));
  Tensor output = call.elementwise_output({input, other}, dtype);
  if (Recording node = call.record("DivBackward0", {input, other})) {
    Saved saved_input = other.requires_grad() ? node.save("self", input) : Saved();
    Saved saved_other = node.save("other", other);
    node.derivative([saved_input, saved_other](const Gradients& grad, Wanted wanted) {
      Tensor divisor = conjugate(saved_other());
      Tensor grad_other;
      if (wanted[1]) grad_other = neg(div(mul(grad[0], div(conjugate(saved_input()), divisor)), divisor));
      return Gradients{wanted[0] ? div(grad[0], divisor) : Tensor(), grad_other};
    });
  }
  kernels::binary(output.device(), BinaryFunction::div, nullptr, Converted(input, dtype),
                  Converted(other, dtype), output);
  return output;
}

}  // namespace

const Op<Tensor(const Tensor&, const Tensor&, Scalar)> add{
    "add(Tensor input, Tensor other, *, Scalar alpha=1) -> Tensor",
    add_rule,
    {.forms = every_form,
     .batching = Batching::elementwise,
     .autocast = Autocast::promote,
     .elementwise = true},
    R"(Add `other`, scaled by `alpha`, to `input`.

    Args:
        input: a tensor of any shape and dtype.
        other: a tensor that broadcasts with `input`, or a number.
        alpha: the factor of `other`; an integer where the result is integral.

    Returns the broadcast shape, in the dtype that `result_type` gives.

    >>> lampas.add(lampas.tensor([1, 2]), lampas.tensor([10, 20]), alpha=2)
    tensor([21, 42])
)"};

const Op<Tensor(const Tensor&, const Tensor&, Scalar)> sub{
    "sub(Tensor input, Tensor other, *, Scalar alpha=1) -> Tensor",
    sub_rule,
    {.forms = every_form,
     .batching = Batching::elementwise,
     .autocast = Autocast::promote,
     .elementwise = true},
    R"(Subtract `other`, scaled by `alpha`, from `input`.

    Args:
        input: a tensor of any shape and any dtype but bool.
        other: a tensor that broadcasts with `input`, or a number.
        alpha: the factor of `other`; an integer where the result is integral.

    Returns the broadcast shape. Raises RuntimeError for bool tensors.

    >>> lampas.sub(lampas.tensor([3, 2]), 1)
    tensor([2, 1])
)"};

const Op<Tensor(const Tensor&, const Tensor&, Scalar)> rsub{
    "rsub(Tensor input, Tensor other, *, Scalar alpha=1) -> Tensor",
    rsub_rule,
    {.forms = function,
     .batching = Batching::elementwise,
     .autocast = Autocast::promote,
     .elementwise = true},
    R"(Subtract `input`, scaled by `alpha`, from `other`.

    >>> lampas.rsub(lampas.tensor([1, 2]), 10)
    tensor([9, 8])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> mul{"mul(Tensor input, Tensor other) -> Tensor",
                                                   mul_rule,
                                                   {.forms = every_form,
                                                    .batching = Batching::elementwise,
                                                    .autocast = Autocast::promote,
                                                    .elementwise = true},
                                                   R"(Multiply `input` by `other`, element by element.

    Args:
        input: a tensor of any shape and dtype.
        other: a tensor that broadcasts with `input`, or a number.

    Returns the broadcast shape, in the dtype that `result_type` gives; of two bool tensors, their "and".

    >>> lampas.mul(lampas.tensor([1., 2.]), 3)
    tensor([3., 6.])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> div{
    "div(Tensor input, Tensor other) -> Tensor",
    div_rule,
    {.forms = every_form,
     .batching = Batching::elementwise,
     .autocast = Autocast::promote,
     .elementwise = true},
    R"(Divide `input` by `other`, element by element. Integers give floating point results.

    Args:
        input: the dividend, a tensor of any shape.
        other: the divisor: a tensor that broadcasts with `input`, or a number.

    Returns the broadcast shape, in a floating point dtype.

    >>> lampas.div(lampas.tensor([1, 3]), 2)
    tensor([0.5000, 1.5000])
)"};

}  // namespace lampas
