// Elementwise ops of one tensor: a row each. The formulas are in kernels/scalar_functions.h.
#include "core/ops/unary.h"

#include "core/kernels/complex.h"
#include "core/kernels/copy.h"
#include "core/kernels/elementwise.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/pointwise.h"

namespace lampas {
namespace {

using namespace pointwise;

Tensor neg_rule(Call& call, const Tensor& input) {
  check(input.dtype() != DType::bool_,
        "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, "
        "use the `~` or `logical_not()` operator instead.");
  constexpr auto derivative = [](const Tensor& grad, const Tensor&) { return neg(grad); };
  return pointwise::unary<UnaryFunction::neg, "NegBackward0", Result::same, Needs::nothing, derivative>(
      call, input);
}

Tensor relu_rule(Call& call, const Tensor& input) {
  check(input.dtype() != DType::bool_, "Boolean inputs not supported for relu");
  if (is_complex(input.dtype())) fail(ErrorKind::not_implemented, "clamp is not supported for complex types");
  constexpr auto derivative = [](const Tensor& grad, const Tensor& result) {
    return threshold_backward(grad, result, 0);
  };
  return pointwise::unary<UnaryFunction::relu, "ReluBackward0", Result::same, Needs::output, derivative>(
      call, input);
}

Tensor sign_rule(Call& call, const Tensor& input) {
  if (is_complex(input.dtype()))
    fail(ErrorKind::not_implemented,
         "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn "
         "instead.");
  constexpr auto derivative = [](const Tensor& grad, const Tensor&) { return zeros_like(grad); };
  return pointwise::unary<UnaryFunction::sign, "SignBackward0", Result::same, Needs::nothing, derivative>(
      call, input);
}

Tensor abs_rule(Call& call, const Tensor& input) {
  bool complex = is_complex(input.dtype());
  check(!(complex && call.in_place()), "In-place abs is not supported for complex tensors.");
  if (input.dtype() == DType::bool_)
    fail(ErrorKind::not_implemented, "\"abs_cpu\" not implemented for 'Bool'");
  Tensor output = call.elementwise_output({input}, real_dtype(input.dtype()));
  if (Recording node = call.record("AbsBackward0", {input})) {
    Saved saved = node.save("self", input);
    node.derivative([saved](const Gradients& grad, Wanted) { return Gradients{mul(grad[0], sgn(saved()))}; });
  }
  if (complex)
    kernels::magnitude(input.device(), input, output);
  else
    kernels::unary(input.device(), UnaryFunction::abs, nullptr, input, output);
  return output;
}

// z / |z|, 0 where z is 0. Its derivative takes away what points along z: (g - z Re(conj(z) g) / |z|^2) /
// |z|.
Tensor sgn_rule(Call& call, const Tensor& input) {
  Tensor output = call.elementwise_output({input}, input.dtype());
  if (Recording node = call.record("SgnBackward0", {input})) {
    bool complex = is_complex(input.dtype());
    Saved saved = complex ? node.save("self", input) : Saved();
    node.derivative([saved, complex](const Gradients& grad, Wanted) {
      if (!complex) return Gradients{zeros_like(grad[0])};
      Tensor z = saved(), length = abs(z), zero = number_tensor(0);
      Tensor along = mul(conjugate(z), grad[0]);
      Tensor real_part = scaled(add(along, conjugate(along), 1), 0.5);
      Tensor across = sub(grad[0], div(mul(z, real_part), mul(length, length)), 1);
      return Gradients{where(eq(length, zero), zero, div(across, length))};
    });
  }
  if (!is_complex(input.dtype())) {
    kernels::unary(input.device(), UnaryFunction::sign, nullptr, input, output);
    return output;
  }
  Tensor length = new_tensor(input.sizes(), real_dtype(input.dtype()), input.device());
  kernels::magnitude(input.device(), input, length);
  Tensor divisor = converted(length, input.dtype());
  Tensor quotient = new_tensor(input.sizes(), input.dtype(), input.device());
  kernels::binary(input.device(), BinaryFunction::div, nullptr, input, divisor, quotient);
  Tensor none = new_tensor(input.sizes(), DType::bool_, input.device());
  kernels::unary(input.device(), UnaryFunction::logical_not, nullptr, length, none);
  kernels::where(input.device(), none, zeros({}, input.dtype(), input.device()), quotient, output);
  return output;
}

Tensor conj_physical_rule(Call& call, const Tensor& input) {
  if (!is_complex(input.dtype()) && !call.target()) {  // a real tensor is the result itself
    call.not_differentiable();
    return input;
  }
  Tensor output = call.elementwise_output({input}, input.dtype());
  if (Recording node = call.record("ConjPhysicalBackward0", {input}))
    node.derivative([](const Gradients& grad, Wanted) { return Gradients{conjugate(grad[0])}; });
  if (is_complex(input.dtype()))
    kernels::conjugate(input.device(), input, output);
  else
    kernels::copy(input.device(), input, output);
  return output;
}

Tensor conj_rule(Call&, const Tensor& input) { return conjugate(input); }

Tensor threshold_backward_rule(Call& call, const Tensor& grad_output, const Tensor& input, Scalar threshold) {
  Tensor output = call.elementwise_output({grad_output, input}, grad_output.dtype());
  if (Recording node = call.record("ThresholdBackwardBackward0", {grad_output, input})) {
    Saved saved_input = node.save("self", input);
    node.derivative([saved_input, threshold](const Gradients& grad, Wanted wanted) {
      return Gradients{wanted[0] ? threshold_backward(grad[0], saved_input(), threshold) : Tensor(),
                       Tensor()};
    });
  }
  Parameter parameter;
  parameter.real = threshold.to<double>();
  parameter.integer = threshold.to<int64_t>();
  kernels::binary(input.device(), BinaryFunction::threshold_backward, &parameter, grad_output,
                  converted(input, grad_output.dtype()), output);
  return output;
}

}  // namespace

const UnaryOp neg{"neg(Tensor input) -> Tensor", neg_rule, plain,
                  R"(Negate every element.

    >>> lampas.neg(lampas.tensor([1, -2]))
    tensor([-1,  2])
)"};

const UnaryOp abs{"abs(Tensor input) -> Tensor", abs_rule, plain,
                  R"(Take the absolute value of every element.

    >>> lampas.abs(lampas.tensor([1, -2]))
    tensor([1, 2])
)"};

const UnaryOp conj_physical{"conj_physical(Tensor input) -> Tensor", conj_physical_rule, plain,
                            R"(Conjugate every element; a real one stays.

    >>> lampas.conj_physical(lampas.tensor([1 + 2j]))
    tensor([1.-2.j])
)"};

const UnaryOp conj{"conj(Tensor input) -> Tensor",
                   conj_rule,
                   {.forms = function | method, .composite = true},
                   R"(Conjugate every element; a real tensor is its own conjugate.

    >>> lampas.conj(lampas.tensor([1 + 2j]))
    tensor([1.-2.j])
)"};

const UnaryOp sign{"sign(Tensor input) -> Tensor", sign_rule, plain,
                   R"(Give -1, 0 or 1 for every element.

    >>> lampas.sign(lampas.tensor([5, 0, -2]))
    tensor([ 1,  0, -1])
)"};

const UnaryOp sgn{"sgn(Tensor input) -> Tensor", sgn_rule, plain,
                  R"(Divide every element by its absolute value; zero stays.

    >>> lampas.sgn(lampas.tensor([3 + 4j, 0j]))
    tensor([0.6000+0.8000j, 0.0000+0.0000j])
)"};

const UnaryOp rsqrt{"rsqrt(Tensor input) -> Tensor",
                    pointwise::unary<UnaryFunction::rsqrt, "RsqrtBackward0", Result::floating, Needs::output,
                                     [](const Tensor& grad, const Tensor& result) {
                                       Tensor cubed = mul(mul(result, result), result);
                                       return mul(scaled(grad, -0.5), conjugate(cubed));
                                     }>,
                    full_precision,
                    R"(Divide 1 by the square root of every element.

    >>> lampas.rsqrt(lampas.tensor([4.0, 16.0]))
    tensor([0.5000, 0.2500])
)"};

const UnaryOp sin{"sin(Tensor input) -> Tensor",
                  pointwise::unary<UnaryFunction::sin, "SinBackward0", Result::floating, Needs::input,
                                   [](const Tensor& grad, const Tensor& input) {
                                     return mul(grad, conjugate(cos(input)));
                                   }>,
                  plain,
                  R"(Take the sine of every element, in radians.

    >>> lampas.sin(lampas.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8415])
)"};

const UnaryOp cos{"cos(Tensor input) -> Tensor",
                  pointwise::unary<UnaryFunction::cos, "CosBackward0", Result::floating, Needs::input,
                                   [](const Tensor& grad, const Tensor& input) {
                                     return mul(grad, neg(conjugate(sin(input))));
                                   }>,
                  plain,
                  R"(Take the cosine of every element, in radians.

    >>> lampas.cos(lampas.tensor([0.0, 1.0]))
    tensor([1.0000, 0.5403])
)"};

const UnaryOp log1p{"log1p(Tensor input) -> Tensor",
                    pointwise::unary<UnaryFunction::log1p, "Log1PBackward0", Result::floating, Needs::input,
                                     [](const Tensor& grad, const Tensor& input) {
                                       return div(grad, conjugate(add(input, number_tensor(1), 1)));
                                     }>,
                    full_precision,
                    R"(Take log(1 + x) of every element, exact near zero.

    >>> lampas.log1p(lampas.tensor([0.0, 1.0]))
    tensor([0.0000, 0.6931])
)"};

const UnaryOp erf{"erf(Tensor input) -> Tensor",
                  pointwise::unary<UnaryFunction::erf, "ErfBackward0", Result::floating, Needs::input,
                                   [](const Tensor& grad, const Tensor& input) {
                                     // 2 / sqrt(pi) * exp(-x^2)
                                     return mul(scaled(exp(neg(mul(input, input))), 1.1283791670955126),
                                                grad);
                                   }>,
                  plain,
                  R"(Take the error function of every element.

    >>> lampas.erf(lampas.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8427])
)"};

const UnaryOp reciprocal{
    "reciprocal(Tensor input) -> Tensor",
    pointwise::unary<UnaryFunction::reciprocal, "ReciprocalBackward0", Result::floating, Needs::output,
                     [](const Tensor& grad, const Tensor& result) {
                       return neg(mul(grad, conjugate(mul(result, result))));
                     }>,
    full_precision,
    R"(Divide 1 by every element; integers give floating point results.

    >>> lampas.reciprocal(lampas.tensor([2., 4.]))
    tensor([0.5000, 0.2500])
)"};

const UnaryOp sqrt{"sqrt(Tensor input) -> Tensor",
                   pointwise::unary<UnaryFunction::sqrt, "SqrtBackward0", Result::floating, Needs::output,
                                    [](const Tensor& grad, const Tensor& result) {
                                      return div(grad, scaled(conjugate(result), 2));
                                    }>,
                   plain,
                   R"(Take the square root of every element; NaN for negative ones.

    >>> lampas.sqrt(lampas.tensor([4., 9.]))
    tensor([2., 3.])
)"};

const UnaryOp exp{
    "exp(Tensor input) -> Tensor",
    pointwise::unary<UnaryFunction::exp, "ExpBackward0", Result::floating, Needs::output,
                     [](const Tensor& grad, const Tensor& result) { return mul(grad, conjugate(result)); }>,
    full_precision,
    R"(Raise e to the power of every element.

    >>> lampas.exp(lampas.tensor([0., 1.]))
    tensor([1.0000, 2.7183])
)"};

const UnaryOp log{
    "log(Tensor input) -> Tensor",
    pointwise::unary<UnaryFunction::log, "LogBackward0", Result::floating, Needs::input,
                     [](const Tensor& grad, const Tensor& input) { return div(grad, conjugate(input)); }>,
    full_precision,
    R"(Take the natural logarithm of every element.

    >>> lampas.log(lampas.tensor([1., 2.7182818]))
    tensor([0., 1.])
)"};

const UnaryOp tanh{"tanh(Tensor input) -> Tensor",
                   pointwise::unary<UnaryFunction::tanh, "TanhBackward0", Result::floating, Needs::output,
                                    [](const Tensor& grad, const Tensor& result) {
                                      Tensor squared = conjugate(mul(result, result));
                                      return sub(grad, mul(grad, squared), 1);
                                    }>,
                   plain,
                   R"(Take the hyperbolic tangent of every element.

    >>> lampas.tanh(lampas.tensor([0., 1.]))
    tensor([0.0000, 0.7616])
)"};

const UnaryOp sigmoid{
    "sigmoid(Tensor input) -> Tensor",
    pointwise::unary<UnaryFunction::sigmoid, "SigmoidBackward0", Result::floating, Needs::output,
                     [](const Tensor& grad, const Tensor& result) {
                       Tensor conjugated = conjugate(result);
                       return mul(grad, sub(conjugated, mul(conjugated, conjugated), 1));
                     }>,
    plain,
    R"(Map every element to (0, 1) by 1 / (1 + exp(-x)).

    >>> lampas.sigmoid(lampas.tensor([0.]))
    tensor([0.5000])
)"};

const UnaryOp relu{"relu(Tensor input) -> Tensor", relu_rule, plain,
                   R"(Replace negative elements by zero; NaN stays.

    >>> lampas.relu(lampas.tensor([-1., 2.]))
    tensor([0., 2.])
)"};

const Op<Tensor(const Tensor&, const Tensor&, Scalar)> threshold_backward{
    "threshold_backward(Tensor grad_output, Tensor input, Scalar threshold) -> Tensor",
    threshold_backward_rule,
    {.forms = Forms{}, .batching = Batching::elementwise, .elementwise = true},
    "Pass the gradient where `input` is above the threshold, zero elsewhere."};

Tensor scaled(const Tensor& input, const Scalar& factor) {
  if (factor.equal(1)) return input;
  Tensor number = number_tensor(factor);
  return mul(input, number);
}

Tensor conjugate(Tensor input) { return is_complex(input.dtype()) ? conj_physical(input) : std::move(input); }

}  // namespace lampas
