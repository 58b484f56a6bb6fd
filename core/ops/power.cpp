// pow: of a tensor and a number, of two tensors, of a number and a tensor.
#include "core/ops/power.h"

#include "core/kernels/copy.h"
#include "core/kernels/elementwise.h"
#include "core/kernels/integer.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/promotion.h"
#include "core/ops/unary.h"

namespace lampas {
namespace {

Scalar one_less(const Scalar& value) {
  if (value.is_integral()) return Scalar(value.to<int64_t>() - 1);
  if (value.kind() == Scalar::Kind::real) return Scalar(value.to<double>() - 1);
  return Scalar(value.to<std::complex<double>>() - 1.0);
}

void compute(const Tensor& base, const Tensor& exponent, const Tensor& output) {
  if (is_integral(output.dtype()))
    kernels::integer_power(output.device(), base, exponent, output);
  else
    kernels::binary(output.device(), BinaryFunction::pow, nullptr, base, exponent, output);
}

// The powers that PyTorch computes by other functions, with their results at zeros and infinities.
std::optional<UnaryFunction> function_of_power(const Scalar& exponent, DType dtype) {
  if (!is_floating(dtype)) return std::nullopt;
  const double power = exponent.to<double>();
  if (power == 3) return UnaryFunction::cube;
  if (power == 0.5) return UnaryFunction::sqrt;
  if (power == -0.5) return UnaryFunction::rsqrt;
  if (power == -1) return UnaryFunction::reciprocal;
  return std::nullopt;
}

Tensor pow_scalar_rule(Call& call, const Tensor& input, Scalar exponent) {
  Tensor number = number_tensor(exponent);
  DType dtype = result_type({input, number});
  check(!is_integral(dtype) || exponent.to<int64_t>() >= 0,
        "Integers to negative integer powers are not allowed.");
  Tensor output = call.elementwise_output({input}, dtype);
  if (Recording node = call.record("PowBackward0", {input})) {
    Saved saved_input = node.save("self", input);
    node.derivative([saved_input, exponent](const Gradients& grad, Wanted) {
      if (exponent.equal(0)) return Gradients{zeros_like(grad[0])};
      Tensor slope = scaled(pow_scalar(saved_input(), one_less(exponent)), exponent);
      return Gradients{mul(grad[0], conjugate(slope))};
    });
  }
  Converted base(input, dtype);
  if (exponent.equal(0)) {
    kernels::fill(output.device(), 1, output);
    return output;
  }
  if (exponent.equal(1)) {
    kernels::copy(output.device(), input, output);
    return output;
  }
  if (exponent.equal(2)) {  // exact, where pow need not be
    kernels::binary(output.device(), BinaryFunction::mul, nullptr, base, base, output);
  } else if (std::optional<UnaryFunction> function = function_of_power(exponent, dtype)) {
    kernels::unary(output.device(), *function, nullptr, base, output);
  } else {
    check_fits(exponent, dtype);
    compute(base, full({}, exponent, dtype, input.device()), output);
  }
  return output;
}

Tensor square_rule(Call& call, const Tensor& input) { return pow_scalar_rule(call, input, 2); }

// The gradient of an exponent: 0 to a power that is not negative is flat, where log would be infinite.
Tensor exponent_gradient(const Tensor& grad, const Tensor& base, const Tensor& exponent,
                         const Tensor& result) {
  Tensor nothing = number_tensor(0);
  Tensor flat = eq(base, nothing);
  if (!is_complex(exponent.dtype())) flat = mul(flat, ge(exponent, nothing));  // of bools: and
  return mul(grad, where(flat, nothing, conjugate(mul(result, log(base)))));
}

Tensor pow_rule(Call& call, const Tensor& input, const Tensor& exponent) {
  DType dtype = result_type({input, exponent});
  Tensor output = call.elementwise_output({input, exponent}, dtype);
  if (Recording node = call.record("PowBackward1", {input, exponent})) {
    Saved saved_input = node.save("self", input), saved_exponent = node.save("exponent", exponent);
    Saved result = node.save_output("result");
    node.derivative([=](const Gradients& grad, Wanted wanted) {
      Tensor base = saved_input(), power = saved_exponent(), nothing = number_tensor(0);
      Gradients gradients(2);
      if (wanted[0]) {
        Tensor slope = mul(power, pow(base, sub(power, number_tensor(1), 1)));
        gradients[0] = where(eq(power, nothing), nothing, mul(grad[0], conjugate(slope)));
      }
      if (wanted[1]) gradients[1] = exponent_gradient(grad[0], base, power, result());
      return gradients;
    });
  }
  compute(Converted(input, dtype), Converted(exponent, dtype), output);
  return output;
}

Tensor pow_base_rule(Call& call, Scalar self, const Tensor& exponent) {
  DType dtype = result_type({number_tensor(self), exponent});
  Tensor output = call.elementwise_output({exponent}, dtype);
  if (Recording node = call.record("PowBackward2", {exponent})) {
    Saved saved_exponent = node.save("exponent", exponent), result = node.save_output("result");
    node.derivative([saved_exponent, result, self](const Gradients& grad, Wanted) {
      Tensor base = full({}, self, grad[0].dtype(), grad[0].device());
      return Gradients{exponent_gradient(grad[0], base, saved_exponent(), result())};
    });
  }
  compute(full({}, self, dtype, exponent.device()), Converted(exponent, dtype), output);
  return output;
}

constexpr Traits plain{.forms = function | method | in_place | out,
                       .batching = Batching::elementwise,
                       .autocast = Autocast::float32,
                       .elementwise = true};

}  // namespace

const Op<Tensor(const Tensor&)> square{"square(Tensor input) -> Tensor", square_rule, plain,
                                       R"(Multiply every element by itself.

    >>> lampas.square(lampas.tensor([1.0, -2.0]))
    tensor([1., 4.])
)"};

const Op<Tensor(const Tensor&, Scalar)> pow_scalar{"pow(Tensor input, Scalar exponent) -> Tensor",
                                                   pow_scalar_rule, plain,
                                                   R"(Raise every element to a power.

    Args:
        input: a tensor, or a number where `exponent` is a tensor.
        exponent: a number or a tensor; the two broadcast.

    Raises RuntimeError for integers to a negative number.

    >>> lampas.pow(lampas.tensor([1, 2, 3]), 2)
    tensor([1, 4, 9])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> pow{
    "pow.Tensor(Tensor input, Tensor exponent) -> Tensor", pow_rule, plain,
    R"(Raise elements to the power of the elements of another tensor.

    >>> lampas.pow(lampas.tensor([2, 3]), lampas.tensor([3, 2]))
    tensor([8, 9])
)"};

const Op<Tensor(Scalar, const Tensor&)> pow_base{"pow.Scalar(Scalar self, Tensor exponent) -> Tensor",
                                                 pow_base_rule,
                                                 {.forms = function | out,
                                                  .batching = Batching::elementwise,
                                                  .autocast = Autocast::float32,
                                                  .elementwise = true},
                                                 R"(Raise a number to the power of every element.

    >>> lampas.pow(2, lampas.tensor([1, 2, 3]))
    tensor([2, 4, 8])
)"};

}  // namespace lampas
