// Trigonometric and hyperbolic functions, their inverses, and angles.
#include "core/kernels/complex.h"
#include "core/ops/special_unary.h"

namespace lampas {
namespace {

using namespace arithmetic;
using namespace pointwise;

// The gradient through a function of slope `slope`; of complex numbers it takes the conjugate.
Tensor through(const Tensor& grad, const Tensor& slope) { return grad * conjugate(slope); }

// Of complex numbers by two roots, which have the right branch.
Tensor acosh_slope(const Tensor& x) {
  return is_complex(x.dtype()) ? rsqrt(x - 1) * rsqrt(x + 1) : rsqrt(x * x - 1);
}

constexpr double to_degrees = 57.295779513082320876798, to_radians = 0.017453292519943295769;  // pi / 180

template <double factor>
void convert_angle(const Tensor& input, const Tensor& output) {
  const char* name = factor == to_degrees ? "rad2deg" : "deg2rad";
  check(!is_complex(input.dtype()), name, " is not supported for complex tensors.");
  multiply(input, factor, output);
}

// 0 or pi of a real number, NaN of NaN; of a complex one atan2(imaginary, real).
Tensor angle_rule(Call& call, const Tensor& input) {
  DType real = floating_result(real_dtype(input.dtype()));
  Tensor output = call.elementwise_output({input}, real);
  bool complex = is_complex(input.dtype());
  if (Recording node = call.record("AngleBackward0", {input})) {
    Saved saved = complex ? node.save("self", input) : Saved();
    node.derivative([saved, complex](const Gradients& grad, Wanted) {
      if (!complex) return Gradients{zeros_like(grad[0])};
      Tensor z = saved(), length = abs(z), zero = number_tensor(0);
      Tensor turned = mul(z, number_tensor(Scalar(std::complex<double>(0, 1))));
      Tensor safe = where(eq(length, zero), number_tensor(1), length * length);
      return Gradients{grad[0] * (turned / safe)};
    });
  }
  kernels::angle(output.device(), complex ? input : Tensor(Converted(input, real)), output);
  return output;
}

}  // namespace

const UnaryOp tan{
    "tan(Tensor input) -> Tensor",
    unary<SpecialUnary::tan, "TanBackward0", Result::floating, Needs::output,
          [](const Tensor& grad, const Tensor& result) { return through(grad, 1 + result * result); }>,
    plain, R"(Take the tangent of every element, in radians.

    >>> lampas.tan(lampas.tensor([0.0, 1.0]))
    tensor([0.0000, 1.5574])
)"};

const UnaryOp asin{"asin(Tensor input) -> Tensor",
                   unary<SpecialUnary::asin, "AsinBackward0", Result::floating, Needs::input,
                         [](const Tensor& grad, const Tensor& x) { return through(grad, rsqrt(1 - x * x)); }>,
                   plain, R"(Take the inverse sine of every element; NaN beyond -1 and 1.

    >>> lampas.asin(lampas.tensor([0.5, 2.0]))
    tensor([0.5236,    nan])
)"};

const UnaryOp acos{
    "acos(Tensor input) -> Tensor",
    unary<SpecialUnary::acos, "AcosBackward0", Result::floating, Needs::input,
          [](const Tensor& grad, const Tensor& x) { return -through(grad, rsqrt(1 - x * x)); }>,
    plain, R"(Take the inverse cosine of every element; NaN beyond -1 and 1.

    >>> lampas.acos(lampas.tensor([0.5, 2.0]))
    tensor([1.0472,    nan])
)"};

const UnaryOp atan{"atan(Tensor input) -> Tensor",
                   unary<SpecialUnary::atan, "AtanBackward0", Result::floating, Needs::input,
                         [](const Tensor& grad, const Tensor& x) { return grad / conjugate(x * x + 1); }>,
                   plain, R"(Take the inverse tangent of every element.

    >>> lampas.atan(lampas.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7854])
)"};

const UnaryOp sinh{"sinh(Tensor input) -> Tensor",
                   unary<SpecialUnary::sinh, "SinhBackward0", Result::floating, Needs::input,
                         [](const Tensor& grad, const Tensor& x) { return through(grad, cosh(x)); }>,
                   plain, R"(Take the hyperbolic sine of every element.

    >>> lampas.sinh(lampas.tensor([0.0, 1.0]))
    tensor([0.0000, 1.1752])
)"};

const UnaryOp cosh{"cosh(Tensor input) -> Tensor",
                   unary<SpecialUnary::cosh, "CoshBackward0", Result::floating, Needs::input,
                         [](const Tensor& grad, const Tensor& x) { return through(grad, sinh(x)); }>,
                   plain, R"(Take the hyperbolic cosine of every element.

    >>> lampas.cosh(lampas.tensor([0.0, 1.0]))
    tensor([1.0000, 1.5431])
)"};

const UnaryOp asinh{
    "asinh(Tensor input) -> Tensor",
    unary<SpecialUnary::asinh, "AsinhBackward0", Result::floating, Needs::input,
          [](const Tensor& grad, const Tensor& x) { return through(grad, rsqrt(x * x + 1)); }>,
    plain, R"(Take the inverse hyperbolic sine of every element.

    >>> lampas.asinh(lampas.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8814])
)"};

const UnaryOp acosh{"acosh(Tensor input) -> Tensor",
                    unary<SpecialUnary::acosh, "AcoshBackward0", Result::floating, Needs::input,
                          [](const Tensor& grad, const Tensor& x) { return through(grad, acosh_slope(x)); }>,
                    plain, R"(Take the inverse hyperbolic cosine of every element; NaN below 1.

    >>> lampas.acosh(lampas.tensor([1.0, 2.0]))
    tensor([0.0000, 1.3170])
)"};

const UnaryOp atanh{"atanh(Tensor input) -> Tensor",
                    unary<SpecialUnary::atanh, "AtanhBackward0", Result::floating, Needs::input,
                          [](const Tensor& grad, const Tensor& x) { return grad / conjugate(1 - x * x); }>,
                    plain, R"(Take the inverse hyperbolic tangent of every element; NaN beyond -1 and 1.

    >>> lampas.atanh(lampas.tensor([0.0, 0.5]))
    tensor([0.0000, 0.5493])
)"};

const UnaryOp deg2rad{"deg2rad(Tensor input) -> Tensor",
                      rule<"Deg2RadBackward0", Result::floating, Needs::nothing, convert_angle<to_radians>,
                           [](const Tensor& grad, const Tensor&) { return grad * to_radians; }>,
                      plain, R"(Convert degrees to radians.

    >>> lampas.deg2rad(lampas.tensor([180.0, 90.0]))
    tensor([3.1416, 1.5708])
)"};

const UnaryOp rad2deg{"rad2deg(Tensor input) -> Tensor",
                      rule<"Rad2DegBackward0", Result::floating, Needs::nothing, convert_angle<to_degrees>,
                           [](const Tensor& grad, const Tensor&) { return grad * to_degrees; }>,
                      plain, R"(Convert radians to degrees.

    >>> lampas.rad2deg(lampas.tensor([3.1415927, 1.0]))
    tensor([180.0000,  57.2958])
)"};

const UnaryOp angle{
    "angle(Tensor input) -> Tensor",
    angle_rule,
    {.forms = function | method | out, .batching = Batching::elementwise, .elementwise = true},
    R"(Take the angle of every complex number, in radians; of a real number 0 or pi.

    >>> lampas.angle(lampas.tensor([1j, -1.0]))
    tensor([1.5708, 3.1416])
)"};

}  // namespace lampas
