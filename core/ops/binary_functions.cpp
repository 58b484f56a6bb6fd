// Rare elementwise functions of two tensors.
#include <cmath>

#include "core/kernels/copy.h"
#include "core/kernels/integer.h"
#include "core/ops/complex_views.h"
#include "core/ops/power.h"
#include "core/ops/special_unary.h"

namespace lampas {

using BinaryOp = Op<Tensor(const Tensor&, const Tensor&)>;
extern const BinaryOp copysign;
extern const BinaryOp hypot;
extern const BinaryOp zeta;
extern const BinaryOp ldexp;

namespace {

using namespace arithmetic;
using namespace pointwise;

Tensor zero_where(const Tensor& condition, const Tensor& grad) {
  return where(condition, number_tensor(0), grad);
}
Tensor is_zero(const Tensor& x) { return eq(x, number_tensor(0)); }
Tensor at_most(const Tensor& x, double bound) { return le(x, number_tensor(bound)); }
Tensor both(const Tensor& a, const Tensor& b) { return mul(a, b); }  // of bools: and

[[noreturn]] void fail_derivative(const char* of) {
  fail(ErrorKind::not_implemented, "the derivative for '", of, "' is not implemented.");
}

constexpr auto atan2_gradients = [](const Tensor& grad, const Tensor& y, const Tensor& x, Wanted wanted) {
  Tensor scaled_grad = grad / (y * y + x * x);
  return Gradients{wanted[0] ? scaled_grad * x : Tensor(), wanted[1] ? -(scaled_grad * y) : Tensor()};
};

constexpr auto hypot_gradients = [](const Tensor& grad, const Tensor& x, const Tensor& y, Wanted wanted) {
  Tensor share = grad / hypot(x, y);
  return Gradients{wanted[0] ? share * x : Tensor(), wanted[1] ? share * y : Tensor()};
};

constexpr auto copysign_gradients = [](const Tensor& grad, const Tensor& x, const Tensor& y, Wanted) {
  return Gradients{grad * (sgn(x) * copysign(ones_like(x), y)), zeros_like(grad)};
};

// x log(y): where x is 0 and the logarithm is not finite, the gradient of x is 0.
constexpr auto xlogy_gradients = [](const Tensor& grad, const Tensor& x, const Tensor& y, Wanted wanted) {
  Tensor flat = both(is_zero(x), at_most(y, 0));
  Gradients result{Tensor(), wanted[1] ? grad * x / y : Tensor()};
  if (wanted[0]) result[0] = zero_where(flat, grad * log(where(flat, number_tensor(1), y)));
  return result;
};
constexpr auto xlog1py_gradients = [](const Tensor& grad, const Tensor& x, const Tensor& y, Wanted wanted) {
  Tensor flat = both(is_zero(x), at_most(y, -1));
  Gradients result{Tensor(), wanted[1] ? grad * x / (y + 1) : Tensor()};
  if (wanted[0]) result[0] = zero_where(flat, grad * log1p(where(flat, number_tensor(0), y)));
  return result;
};

// Each gets its share of the sum under the logarithm: 1 / (1 + base^(y - x)).
Gradients shares(const Tensor& grad, const Tensor& x, const Tensor& y, double log_base, Wanted wanted) {
  Tensor share = conjugate(sigmoid((x - y) * log_base));
  return Gradients{wanted[0] ? grad * share : Tensor(), wanted[1] ? grad * (1 - share) : Tensor()};
}
// Of complex numbers: the one of the larger real part stands in front; equal infinities stay what they are.
Tensor complex_logaddexp(const Tensor& x, const Tensor& y) {
  Tensor x_first = ge(real(x), real(y));
  Tensor larger = where(x_first, x, y), smaller = where(x_first, y, x);
  Tensor sum = larger + log1p(exp(smaller - larger));
  return where(both(eq(x, y), logical_not(isfinite(real(x)))), x, sum);
}
Tensor logaddexp_rule(Call& call, const Tensor& input, const Tensor& other) {
  DType dtype = common_dtype(input, other);
  Tensor output = call.elementwise_output({input, other}, dtype);
  if (Recording node = call.record("LogaddexpBackward0", {input, other})) {
    Saved saved_input = node.save("self", input), saved_other = node.save("other", other);
    node.derivative([saved_input, saved_other](const Gradients& grad, Wanted wanted) {
      return shares(grad[0], saved_input(), saved_other(), 1, wanted);
    });
  }
  if (!is_complex(dtype)) {
    run(SpecialBinary::logaddexp, Converted(input, dtype), Converted(other, dtype), output);
  } else {
    GradModeGuard unrecorded(false);
    kernels::copy(output.device(), complex_logaddexp(converted(input, dtype), converted(other, dtype)),
                  output);
  }
  return output;
}
constexpr auto logaddexp2_gradients = [](const Tensor& grad, const Tensor& x, const Tensor& y,
                                         Wanted wanted) {
  return shares(grad, x, y, 0.69314718055994530942, wanted);
};

// The larger or smaller one; a NaN loses against a number.
template <bool larger>
Tensor prefers_numbers_rule(Call& call, const Tensor& input, const Tensor& other) {
  DType dtype = common_dtype(input, other);
  check(!is_complex(dtype), larger ? "fmax" : "fmin", " not implemented for complex tensors.");
  Tensor output = call.elementwise_output({input, other}, dtype);
  if (Recording node = call.record(larger ? "FmaxBackward0" : "FminBackward0", {input, other})) {
    Saved saved_input = node.save("self", input), saved_other = node.save("other", other);
    node.derivative([saved_input, saved_other](const Gradients& grad, Wanted) {
      Tensor x = saved_input(), y = saved_other();
      Tensor first = add(larger ? ge(x, y) : le(x, y), isnan(y), 1);  // of bools: or
      return Gradients{where(first, grad[0], number_tensor(0)), zero_where(first, grad[0])};
    });
  }
  Converted x(input, dtype), y(other, dtype);
  if (is_integral(dtype))
    run(larger ? BinaryFunction::maximum : BinaryFunction::minimum, x, y, output);
  else
    run(larger ? SpecialBinary::fmax : SpecialBinary::fmin, x, y, output);
  return output;
}

// 0 below zero, 1 above, `values` at zero.
Tensor heaviside_rule(Call& call, const Tensor& input, const Tensor& values) {
  const Tensor* target = call.target();
  bool complex_target = target && target->defined() && is_complex(target->dtype());
  check(!is_complex(input.dtype()) && !is_complex(values.dtype()) && !complex_target,
        "heaviside is not yet implemented for complex tensors.");
  check(input.dtype() == values.dtype(),
        "heaviside is not yet implemented for tensors with different dtypes.");
  Tensor output = call.elementwise_output({input, values}, input.dtype());
  if (Recording node = call.record("NotImplemented", {input, values}))
    node.derivative([](const Gradients&, Wanted) -> Gradients {
      fail(ErrorKind::runtime, "derivative for aten::heaviside is not implemented");
    });
  if (is_integral(input.dtype()))
    kernels::integer_binary(output.device(), kernels::IntegerFunction::heaviside, input, values, output);
  else
    run(SpecialBinary::heaviside, input, values, output);
  return output;
}

Tensor nextafter_rule(Call& call, const Tensor& input, const Tensor& other) {
  DType dtype = common_dtype(input, other);
  Tensor output = call.elementwise_output({input, other}, dtype);
  if (Recording node = call.record("NextafterBackward0", {input, other})) {
    Saved saved_input = node.save("self", input), saved_other = node.save("other", other);
    node.derivative([saved_input, saved_other](const Gradients& grad, Wanted) {
      return Gradients{zero_where(eq(saved_input(), saved_other()), grad[0]), zeros_like(grad[0])};
    });
  }
  kernels::nextafter(output.device(), Converted(input, dtype), Converted(other, dtype), output);
  return output;
}

// input * 2^other; an integral `other` leaves the input's dtype.
Tensor ldexp_rule(Call& call, const Tensor& input, const Tensor& other) {
  DType dtype = floating_result(is_integral(other.dtype()) ? input.dtype() : common_dtype(input, other));
  Tensor power = new_tensor(other.sizes(), dtype, other.device());
  run(SpecialUnary::exp2, Converted(other, dtype), power);
  Tensor output = call.elementwise_output({input, other}, dtype);
  if (Recording node = call.record("LdexpBackward0", {input, other})) {
    Saved saved_input = node.save("self", input), saved_other = node.save("other", other);
    node.derivative([saved_input, saved_other](const Gradients& grad, Wanted wanted) {
      Tensor scaled_grad = ldexp(grad[0], conjugate(saved_other()));  // 2^conj(z) = conj(2^z)
      Tensor of_other;
      if (wanted[1]) of_other = scaled_grad * conjugate(saved_input()) * 0.69314718055994530942;
      return Gradients{scaled_grad, of_other};
    });
  }
  run(BinaryFunction::mul, Converted(input, dtype), power, output);
  return output;
}

// The density of the gamma distribution: x^(a - 1) exp(-x) / gamma(a).
Gradients igamma_gradients(const Tensor& grad, const Tensor& a, const Tensor& x, Wanted wanted,
                           const char* name) {
  if (wanted[0]) fail_derivative(name);
  return Gradients{Tensor(), grad * exp((a - 1) * log(x) - x - lgamma(a))};
}
constexpr auto lower_gradients = [](const Tensor& grad, const Tensor& a, const Tensor& x, Wanted wanted) {
  return igamma_gradients(grad, a, x, wanted, "igamma: input");
};
constexpr auto upper_gradients = [](const Tensor& grad, const Tensor& a, const Tensor& x, Wanted wanted) {
  return igamma_gradients(-grad, a, x, wanted, "igammac: input");
};

constexpr auto zeta_gradients = [](const Tensor& grad, const Tensor& s, const Tensor& q, Wanted wanted) {
  if (wanted[0]) fail_derivative("zeta");
  return Gradients{Tensor(), grad * -s * zeta(s + 1, q)};
};

DType float_power_dtype(const Tensor& input, const Tensor& exponent) {
  bool complex = is_complex(input.dtype()) || is_complex(exponent.dtype());
  return complex ? DType::complex128 : DType::float64;
}

// In double precision whatever the inputs have.
Tensor float_power_rule(Call&, const Tensor& input, const Tensor& exponent) {
  DType dtype = float_power_dtype(input, exponent);
  auto precise = [dtype](const Tensor& tensor) {
    Tensor result = cast(tensor, dtype);
    result.body().wrapped_number = false;
    return result;
  };
  if (exponent.body().wrapped_number) return pow_scalar(precise(input), read_scalar(exponent));
  return pow(precise(input), precise(exponent));
}

Tensor float_power_in_place_rule(Call&, const Tensor& input, const Tensor& exponent) {
  DType dtype = float_power_dtype(input, exponent);
  check(input.dtype() == dtype, "the base given to float_power_ has dtype ", scalar_type_name(input.dtype()),
        " but the operation's result requires dtype ", scalar_type_name(dtype));
  if (exponent.body().wrapped_number) return pow_scalar.write_into(input, read_scalar(exponent));
  return pow.write_into(input, cast(exponent, dtype));
}

constexpr Traits without_method{
    .forms = function | out, .batching = Batching::elementwise, .elementwise = true};
constexpr Traits polynomial{.forms = function | out,
                            .batching = Batching::elementwise,
                            .forward = Forward::none,
                            .elementwise = true,
                            .untracked = true};

}  // namespace

const BinaryOp atan2{
    "atan2(Tensor input, Tensor other) -> Tensor",
    pointwise::binary<SpecialBinary::atan2, "Atan2Backward0", Result::floating, atan2_gradients>, plain,
    R"(Take the angle of the point (other, input), in radians.

    >>> lampas.atan2(lampas.tensor([1.0, 0.0]), lampas.tensor([2.0, 3.0]))
    tensor([0.4636, 0.0000])
)"};

const BinaryOp hypot{"hypot(Tensor input, Tensor other) -> Tensor",
                     pointwise::binary<SpecialBinary::hypot, "HypotBackward0", Result::same, hypot_gradients>,
                     plain, R"(Take the square root of the sum of two squares, without overflow.

    >>> lampas.hypot(lampas.tensor([3.0]), lampas.tensor([4.0]))
    tensor([5.])
)"};

const BinaryOp copysign{
    "copysign(Tensor input, Tensor other) -> Tensor",
    pointwise::binary<SpecialBinary::copysign, NodeNames{"CopysignBackward0", "CopysignBackward1"},
                      Result::floating, copysign_gradients>,
    plain, R"(Give `input` the sign of `other`.

    >>> lampas.copysign(lampas.tensor([1.0, 2.0]), lampas.tensor([-0.0, 5.0]))
    tensor([-1.,  2.])
)"};

const BinaryOp xlogy{
    "xlogy(Tensor input, Tensor other) -> Tensor",
    pointwise::binary<SpecialBinary::xlogy, NodeNames{"XlogyBackward0", "XlogyBackward2", "XlogyBackward1"},
                      Result::floating, xlogy_gradients>,
    plain,
    R"(Take input * log(other); 0 where `input` is 0.

    >>> lampas.xlogy(lampas.tensor([1.0, 0.0]), lampas.tensor([2.0, 3.0]))
    tensor([0.6931, 0.0000])
)"};

const BinaryOp xlog1py{"special_xlog1py(Tensor input, Tensor other) -> Tensor",
                       pointwise::binary<SpecialBinary::xlog1py,
                                         NodeNames{"SpecialXlog1PyBackward0", "SpecialXlog1PyBackward2",
                                                   "SpecialXlog1PyBackward1"},
                                         Result::floating, xlog1py_gradients>,
                       without_method, R"(Take input * log(1 + other); 0 where `input` is 0.

    >>> lampas.special.xlog1py(lampas.tensor([1.0, 0.0]), lampas.tensor([2.0, 3.0]))
    tensor([1.0986, 0.0000])
)"};

const BinaryOp logaddexp{
    "logaddexp(Tensor input, Tensor other) -> Tensor",
    logaddexp_rule,
    {.forms = function | method | out, .batching = Batching::elementwise, .elementwise = true},
    R"(Take log(exp(input) + exp(other)) without overflow.

    >>> lampas.logaddexp(lampas.tensor([1.0, 0.0]), lampas.tensor([2.0, 3.0]))
    tensor([2.3133, 3.0486])
)"};

const BinaryOp logaddexp2{
    "logaddexp2(Tensor input, Tensor other) -> Tensor",
    pointwise::binary<SpecialBinary::logaddexp2, "Logaddexp2Backward0", Result::same, logaddexp2_gradients>,
    {.forms = function | method | out, .batching = Batching::elementwise, .elementwise = true},
    R"(Take log2(2^input + 2^other) without overflow.

    >>> lampas.logaddexp2(lampas.tensor([1.0, 0.0]), lampas.tensor([2.0, 3.0]))
    tensor([2.5850, 3.1699])
)"};

const BinaryOp fmax{
    "fmax(Tensor input, Tensor other) -> Tensor",
    prefers_numbers_rule<true>,
    {.forms = function | method | out, .batching = Batching::elementwise, .elementwise = true},
    R"(Take the larger of two elements; a number wins against NaN.

    >>> lampas.fmax(lampas.tensor([1.0, float('nan')]), lampas.tensor([2.0, 3.0]))
    tensor([2., 3.])
)"};

const BinaryOp fmin{
    "fmin(Tensor input, Tensor other) -> Tensor",
    prefers_numbers_rule<false>,
    {.forms = function | method | out, .batching = Batching::elementwise, .elementwise = true},
    R"(Take the smaller of two elements; a number wins against NaN.

    >>> lampas.fmin(lampas.tensor([1.0, float('nan')]), lampas.tensor([2.0, 3.0]))
    tensor([1., 3.])
)"};

const BinaryOp heaviside{
    "heaviside(Tensor input, Tensor values) -> Tensor",
    heaviside_rule,
    {.forms = every_form, .batching = Batching::elementwise, .forward = Forward::none, .elementwise = true},
    R"(Give 0 below zero, 1 above, and `values` at zero.

    >>> lampas.heaviside(lampas.tensor([-1.0, 0.0, 2.0]), lampas.tensor([0.5]))
    tensor([0.0000, 0.5000, 1.0000])
)"};

const BinaryOp nextafter{"nextafter(Tensor input, Tensor other) -> Tensor", nextafter_rule, plain,
                         R"(Take the next number after `input` towards `other`.

    >>> lampas.nextafter(lampas.tensor([1.0]), lampas.tensor([2.0])) > 1
    tensor([True])
)"};

const BinaryOp ldexp{"ldexp(Tensor input, Tensor other) -> Tensor", ldexp_rule, plain,
                     R"(Multiply `input` by 2 to the power of `other`.

    >>> lampas.ldexp(lampas.tensor([1.0, 3.0]), lampas.tensor([2, -1]))
    tensor([4.0000, 1.5000])
)"};

const BinaryOp igamma{
    "igamma(Tensor input, Tensor other) -> Tensor",
    pointwise::binary<SpecialBinary::igamma, "IgammaBackward0", Result::same, lower_gradients>, plain,
    R"(Take the share of the gamma distribution of shape `input` below `other`.

    >>> lampas.igamma(lampas.tensor([1.0]), lampas.tensor([2.0]))
    tensor([0.8647])
)"};

const BinaryOp igammac{
    "igammac(Tensor input, Tensor other) -> Tensor",
    pointwise::binary<SpecialBinary::igammac, "IgammacBackward0", Result::same, upper_gradients>, plain,
    R"(Take the share of the gamma distribution of shape `input` above `other`.

    >>> lampas.igammac(lampas.tensor([1.0]), lampas.tensor([2.0]))
    tensor([0.1353])
)"};

const BinaryOp zeta{
    "special_zeta(Tensor input, Tensor other) -> Tensor",
    pointwise::binary<SpecialBinary::zeta,
                      NodeNames{"SpecialZetaBackward0", "SpecialZetaBackward2", "SpecialZetaBackward1"},
                      Result::floating, zeta_gradients>,
    without_method, R"(Take Hurwitz's zeta function: the sum of (other + k)^-input over k >= 0.

    >>> lampas.special.zeta(lampas.tensor([2.0]), lampas.tensor([1.0]))
    tensor([1.6449])
)"};

const BinaryOp float_power{"float_power(Tensor input, Tensor exponent) -> Tensor",
                           float_power_rule,
                           {.forms = function | method | out, .any_device = true, .composite = true},
                           R"(Raise to a power in double precision.

    >>> lampas.float_power(lampas.tensor([1, 2]), 2)
    tensor([1., 4.], dtype=torch.float64)
)"};

const BinaryOp float_power_in_place{"float_power_(Tensor input, Tensor exponent) -> Tensor",
                                    float_power_in_place_rule,
                                    {.forms = method, .any_device = true, .composite = true},
                                    "float_power that overwrites its input, a double one."};

const BinaryOp chebyshev_polynomial_t{"special_chebyshev_polynomial_t(Tensor x, Tensor n) -> Tensor",
                                      flat_binary<SpecialBinary::chebyshev_polynomial_t, Result::floating>,
                                      polynomial,
                                      R"(Take Chebyshev's polynomial of the first kind of degree `n` at `x`.

    >>> lampas.special.chebyshev_polynomial_t(lampas.tensor([0.5]), lampas.tensor([3]))
    tensor([-1.])
)"};

const BinaryOp chebyshev_polynomial_u{"special_chebyshev_polynomial_u(Tensor x, Tensor n) -> Tensor",
                                      flat_binary<SpecialBinary::chebyshev_polynomial_u, Result::floating>,
                                      polynomial,
                                      R"(Take Chebyshev's polynomial of the second kind of degree `n` at `x`.

    >>> lampas.special.chebyshev_polynomial_u(lampas.tensor([0.5]), lampas.tensor([3]))
    tensor([-1.])
)"};

const BinaryOp chebyshev_polynomial_v{"special_chebyshev_polynomial_v(Tensor x, Tensor n) -> Tensor",
                                      flat_binary<SpecialBinary::chebyshev_polynomial_v, Result::floating>,
                                      polynomial,
                                      R"(Take Chebyshev's polynomial of the third kind of degree `n` at `x`.

    >>> lampas.special.chebyshev_polynomial_v(lampas.tensor([0.5]), lampas.tensor([3]))
    tensor([-1.])
)"};

const BinaryOp chebyshev_polynomial_w{"special_chebyshev_polynomial_w(Tensor x, Tensor n) -> Tensor",
                                      flat_binary<SpecialBinary::chebyshev_polynomial_w, Result::floating>,
                                      polynomial,
                                      R"(Take Chebyshev's polynomial of the fourth kind of degree `n` at `x`.

    >>> lampas.special.chebyshev_polynomial_w(lampas.tensor([0.5]), lampas.tensor([3]))
    tensor([-1.])
)"};

const BinaryOp shifted_chebyshev_polynomial_t{
    "special_shifted_chebyshev_polynomial_t(Tensor x, Tensor n) -> Tensor",
    flat_binary<SpecialBinary::shifted_chebyshev_polynomial_t, Result::floating>, polynomial,
    R"(Take Chebyshev's polynomial, shifted to [0, 1], of the first kind of degree `n` at `x`.

    >>> lampas.special.shifted_chebyshev_polynomial_t(lampas.tensor([0.5]), lampas.tensor([3]))
    tensor([-0.])
)"};

const BinaryOp shifted_chebyshev_polynomial_u{
    "special_shifted_chebyshev_polynomial_u(Tensor x, Tensor n) -> Tensor",
    flat_binary<SpecialBinary::shifted_chebyshev_polynomial_u, Result::floating>, polynomial,
    R"(Take Chebyshev's polynomial, shifted to [0, 1], of the second kind of degree `n` at `x`.

    >>> lampas.special.shifted_chebyshev_polynomial_u(lampas.tensor([0.5]), lampas.tensor([3]))
    tensor([-0.])
)"};

const BinaryOp shifted_chebyshev_polynomial_v{
    "special_shifted_chebyshev_polynomial_v(Tensor x, Tensor n) -> Tensor",
    flat_binary<SpecialBinary::shifted_chebyshev_polynomial_v, Result::floating>, polynomial,
    R"(Take Chebyshev's polynomial, shifted to [0, 1], of the third kind of degree `n` at `x`.

    >>> lampas.special.shifted_chebyshev_polynomial_v(lampas.tensor([0.5]), lampas.tensor([3]))
    tensor([1.])
)"};

const BinaryOp shifted_chebyshev_polynomial_w{
    "special_shifted_chebyshev_polynomial_w(Tensor x, Tensor n) -> Tensor",
    flat_binary<SpecialBinary::shifted_chebyshev_polynomial_w, Result::floating>, polynomial,
    R"(Take Chebyshev's polynomial, shifted to [0, 1], of the fourth kind of degree `n` at `x`.

    >>> lampas.special.shifted_chebyshev_polynomial_w(lampas.tensor([0.5]), lampas.tensor([3]))
    tensor([-1.])
)"};

const BinaryOp hermite_polynomial_h{"special_hermite_polynomial_h(Tensor x, Tensor n) -> Tensor",
                                    flat_binary<SpecialBinary::hermite_polynomial_h, Result::floating>,
                                    polynomial,
                                    R"(Take Hermite's polynomial, as physicists have it, of degree `n` at `x`.

    >>> lampas.special.hermite_polynomial_h(lampas.tensor([0.5]), lampas.tensor([3]))
    tensor([-5.])
)"};

const BinaryOp hermite_polynomial_he{
    "special_hermite_polynomial_he(Tensor x, Tensor n) -> Tensor",
    flat_binary<SpecialBinary::hermite_polynomial_he, Result::floating>, polynomial,
    R"(Take Hermite's polynomial, as statisticians have it, of degree `n` at `x`.

    >>> lampas.special.hermite_polynomial_he(lampas.tensor([0.5]), lampas.tensor([3]))
    tensor([-1.3750])
)"};

const BinaryOp laguerre_polynomial_l{"special_laguerre_polynomial_l(Tensor x, Tensor n) -> Tensor",
                                     flat_binary<SpecialBinary::laguerre_polynomial_l, Result::floating>,
                                     polynomial, R"(Take Laguerre's polynomial of degree `n` at `x`.

    >>> lampas.special.laguerre_polynomial_l(lampas.tensor([0.5]), lampas.tensor([3]))
    tensor([-0.1458])
)"};

const BinaryOp legendre_polynomial_p{"special_legendre_polynomial_p(Tensor x, Tensor n) -> Tensor",
                                     flat_binary<SpecialBinary::legendre_polynomial_p, Result::floating>,
                                     polynomial, R"(Take Legendre's polynomial of degree `n` at `x`.

    >>> lampas.special.legendre_polynomial_p(lampas.tensor([0.5]), lampas.tensor([3]))
    tensor([-0.4375])
)"};

}  // namespace lampas
