// Special functions of one tensor: around the error function, the gamma function and Bessel's.
#include "core/ops/special_unary.h"

namespace lampas {
namespace {

using namespace arithmetic;
using namespace pointwise;

constexpr double two_over_sqrt_pi = 1.12837916709551257390, sqrt_two_over_pi = 0.79788456080286535588;
constexpr double sqrt_2 = 1.41421356237309504880, log_pi = 1.14472988584940017414;

// f(x) / x for an odd f; `at_zero` is the limit there.
template <class Function>
Tensor quotient_with_limit(const Tensor& x, double at_zero, Function function) {
  Tensor zero = eq(x, number_tensor(0));
  Tensor safe = where(zero, number_tensor(1), x);
  return where(zero, number_tensor(at_zero), function(safe) / safe);
}

// -log(x) - 1 where x is positive; infinity at 0, NaN below.
Tensor entr_slope(const Tensor& x) { return -log(x) - 1; }

// sqrt(2 / pi) / erfcx(-x / sqrt(2)): the density over the share below x.
Tensor log_ndtr_slope(const Tensor& x) { return sqrt_two_over_pi / erfcx(x * (-1 / sqrt_2)); }

Tensor i1_slope(const Tensor& x) {
  return i0(x) - quotient_with_limit(x, 0.5, [](const Tensor& safe) { return i1(safe); });
}
Tensor i1e_slope(const Tensor& x) {
  Tensor quotient = quotient_with_limit(x, 0.5, [](const Tensor& safe) { return i1e(safe); });
  return i0e(x) - sgn(x) * i1e(x) - quotient;
}

// 0.5 (1 + erf(x / sqrt(2))), by erfc where x is small, which keeps the tail exact.
Tensor ndtr_rule(Call&, const Tensor& input) { return 0.5 * erfc(input * (-1 / sqrt_2)); }

// log(x / (1 - x)), x first moved into [eps, 1 - eps] where there is an eps.
Tensor logit_rule(Call& call, const Tensor& input, std::optional<double> eps) {
  DType dtype = floating_result(input.dtype());
  Tensor output = call.elementwise_output({input}, dtype);
  if (Recording node = call.record("LogitBackward0", {input})) {
    Saved saved = node.save("self", input);
    node.derivative([saved, eps](const Gradients& grad, Wanted) {
      Tensor x = saved(), slope = grad[0] / (x * (1 - x));
      Tensor low = number_tensor(eps.value_or(0)), high = number_tensor(1 - eps.value_or(0));
      Tensor outside = add(lt(x, low), gt(x, high), 1);  // of bools: or
      return Gradients{where(outside, number_tensor(eps ? 0.0 : std::nan("")), slope)};
    });
  }
  Tensor bounded = converted(input, dtype);
  if (eps) {
    Parameter bounds[] = {as_parameter(*eps), as_parameter(1 - *eps)};
    kernels::unary(output.device(), UnaryFunction::clamp, bounds, bounded, output);
    bounded = output;
  }
  run(SpecialUnary::logit, bounded, output);
  return output;
}

Tensor polygamma_rule(Call& call, const Tensor& input, int64_t n) {
  check(n >= 0, "polygamma(n, x) does not support negative n.");
  DType dtype = floating_result(input.dtype());
  Tensor output = call.elementwise_output({input}, dtype);
  if (Recording node = call.record("PolygammaBackward0", {input})) {
    Saved saved = node.save("self", input);
    node.derivative(
        [saved, n](const Gradients& grad, Wanted) { return Gradients{grad[0] * polygamma(saved(), n + 1)}; });
  }
  run(SpecialBinary::polygamma, full({}, n, dtype, input.device()), Converted(input, dtype), output);
  return output;
}
Tensor polygamma_function_rule(Call&, int64_t n, const Tensor& input) { return polygamma(input, n); }

// log of the multivariate gamma function: p (p - 1) / 4 log(pi) + the sum of lgamma(x - i / 2), i < p.
Tensor mvlgamma_rule(Call& call, const Tensor& input, int64_t p) {
  check(p >= 1, "p has to be greater than or equal to 1");
  check_fits_in_memory(p);
  check(input.dtype() != DType::bool_, "The input tensor may not be a boolean tensor.");
  DType dtype = floating_result(input.dtype());
  Tensor output = call.elementwise_output({input}, dtype);
  if (Recording node = call.record("MvlgammaBackward0", {input})) {
    Saved saved = node.save("self", input);
    node.derivative([saved, p](const Gradients& grad, Wanted) {
      Tensor x = saved(), slope = digamma(x);
      for (int64_t i = 1; i < p; ++i) slope = slope + digamma(x - static_cast<double>(i) / 2);
      return Gradients{grad[0] * slope};
    });
  }
  GradModeGuard unrecorded(false);
  Tensor x = converted(input, dtype), sum = lgamma(x);
  for (int64_t i = 1; i < p; ++i) sum = sum + lgamma(x - static_cast<double>(i) / 2);
  const auto terms = static_cast<double>(p);
  Tensor constant = full({}, terms * (terms - 1) / 4 * log_pi, dtype, input.device());
  run(BinaryFunction::add, sum, constant, output);
  return output;
}

// Without a derivative, as in PyTorch.
template <SpecialUnary function>
Tensor flat_rule(Call& call, const Tensor& input) {
  call.not_differentiable();
  DType dtype = floating_result(input.dtype());
  Tensor output = call.elementwise_output({input}, dtype);
  run(function, Converted(input, dtype), output);
  return output;
}

// Functions of `lampas.special` alone.
constexpr Traits in_special{.forms = function | out, .batching = Batching::elementwise, .elementwise = true};
// It reads its input several times.
constexpr Traits in_parts{.forms = every_form, .batching = Batching::elementwise};
constexpr Traits flat_in_special{.forms = function | out,
                                 .batching = Batching::elementwise,
                                 .forward = Forward::none,
                                 .elementwise = true,
                                 .untracked = true};

}  // namespace

const UnaryOp erfc{
    "erfc(Tensor input) -> Tensor",
    unary<SpecialUnary::erfc, "ErfcBackward0", Result::floating, Needs::input,
          [](const Tensor& grad, const Tensor& x) { return exp(-(x * x)) * (-two_over_sqrt_pi) * grad; }>,
    plain, R"(Take 1 - erf(x) of every element, exact for large x.

    >>> lampas.erfc(lampas.tensor([0.0, 3.0]))
    tensor([1.0000e+00, 2.2090e-05])
)"};

const UnaryOp erfinv{"erfinv(Tensor input) -> Tensor",
                     unary<SpecialUnary::erfinv, "ErfinvBackward0", Result::floating, Needs::output,
                           [](const Tensor& grad, const Tensor& result) {
                             return grad * exp(result * result) / two_over_sqrt_pi;
                           }>,
                     plain, R"(Take the inverse error function of every element.

    >>> lampas.erfinv(lampas.tensor([0.0, 0.5]))
    tensor([0.0000, 0.4769])
)"};

const UnaryOp erfcx{
    "special_erfcx(Tensor input) -> Tensor",
    unary<SpecialUnary::erfcx, "SpecialErfcxBackward0", Result::floating, Needs::input,
          [](const Tensor& grad, const Tensor& x) { return grad * (2 * (x * erfcx(x)) - two_over_sqrt_pi); }>,
    in_special, R"(Take exp(x^2) erfc(x) of every element.

    >>> lampas.special.erfcx(lampas.tensor([0.0, 30.0]))
    tensor([1.0000, 0.0188])
)"};

const UnaryOp log_ndtr{
    "special_log_ndtr(Tensor input) -> Tensor",
    unary<SpecialUnary::log_ndtr, "SpecialLogNdtrBackward0", Result::floating, Needs::input,
          [](const Tensor& grad, const Tensor& x) { return grad * log_ndtr_slope(x); }>,
    in_special, R"(Take the logarithm of the normal distribution's share below every element.

    >>> lampas.special.log_ndtr(lampas.tensor([0.0, -30.0]))
    tensor([  -0.6931, -454.3213])
)"};

const UnaryOp ndtri{"special_ndtri(Tensor input) -> Tensor",
                    unary<SpecialUnary::ndtri, "SpecialNdtriBackward0", Result::floating, Needs::output,
                          [](const Tensor& grad, const Tensor& result) {
                            return grad * exp(result * result * 0.5) / (sqrt_two_over_pi / 2);
                          }>,
                    in_special, R"(Take the normal distribution's quantile of every element.

    >>> lampas.special.ndtri(lampas.tensor([0.5, 0.975]))
    tensor([0.0000, 1.9600])
)"};

const UnaryOp entr{"special_entr(Tensor input) -> Tensor",
                   unary<SpecialUnary::entr, "SpecialEntrBackward0", Result::floating, Needs::input,
                         [](const Tensor& grad, const Tensor& x) { return grad * entr_slope(x); }>,
                   in_special, R"(Take -x log(x) of every element; 0 at 0, -infinity below.

    >>> lampas.special.entr(lampas.tensor([0.0, 0.5]))
    tensor([0.0000, 0.3466])
)"};

const UnaryOp ndtr{"special_ndtr(Tensor input) -> Tensor",
                   ndtr_rule,
                   {.forms = function | out, .composite = true},
                   R"(Take the normal distribution's share below every element.

    >>> lampas.special.ndtr(lampas.tensor([0.0, 1.96]))
    tensor([0.5000, 0.9750])
)"};

const Op<Tensor(const Tensor&, std::optional<double>)> logit{
    "logit(Tensor input, float? eps=None) -> Tensor", logit_rule, plain,
    R"(Take log(x / (1 - x)) of every element, the inverse of sigmoid.

    Args:
        eps: move elements into [eps, 1 - eps] first; with None, those outside [0, 1] give NaN.

    >>> lampas.logit(lampas.tensor([0.5, 1.0]), eps=1e-6)
    tensor([ 0.0000, 13.8023])
)"};

const UnaryOp lgamma{"lgamma(Tensor input) -> Tensor",
                     unary<SpecialUnary::lgamma, "LgammaBackward0", Result::floating, Needs::input,
                           [](const Tensor& grad, const Tensor& x) { return grad * digamma(x); }>,
                     plain,
                     R"(Take the logarithm of the absolute value of the gamma function of every element.

    >>> lampas.lgamma(lampas.tensor([0.5, 5.0]))
    tensor([0.5724, 3.1781])
)"};

const UnaryOp digamma{"digamma(Tensor input) -> Tensor",
                      unary<SpecialUnary::digamma, "DigammaBackward0", Result::floating, Needs::input,
                            [](const Tensor& grad, const Tensor& x) { return grad * polygamma(x, 1); }>,
                      plain, R"(Take the derivative of lgamma of every element.

    >>> lampas.digamma(lampas.tensor([1.0, 0.5]))
    tensor([-0.5772, -1.9635])
)"};

const Op<Tensor(const Tensor&, int64_t)> polygamma{
    "polygamma.method(Tensor input, int n) -> Tensor",
    polygamma_rule,
    {.forms = method | in_place | out, .batching = Batching::elementwise, .elementwise = true},
    R"(Take the n-th derivative of digamma of every element.

    >>> lampas.tensor([1.0, 0.5]).polygamma(1)
    tensor([1.6449, 4.9348])
)"};

const Op<Tensor(int64_t, const Tensor&)> polygamma_function{
    "polygamma(int n, Tensor input) -> Tensor",
    polygamma_function_rule,
    {.forms = function, .composite = true},
    R"(Take the n-th derivative of digamma of every element.

    >>> lampas.polygamma(1, lampas.tensor([1.0, 0.5]))
    tensor([1.6449, 4.9348])
)"};

const Op<Tensor(const Tensor&, int64_t)> mvlgamma{
    "mvlgamma(Tensor input, int p) -> Tensor", mvlgamma_rule, in_parts,
    R"(Take the logarithm of the multivariate gamma function of dimension `p` of every element.

    >>> lampas.mvlgamma(lampas.tensor([2.0, 5.0]), 2)
    tensor([0.4516, 6.2042])
)"};

const UnaryOp i0{"i0(Tensor input) -> Tensor",
                 unary<SpecialUnary::i0, "I0Backward0", Result::floating, Needs::input,
                       [](const Tensor& grad, const Tensor& x) { return grad * i1(x); }>,
                 plain, R"(Take the modified Bessel function of the first kind, of order 0, of every element.

    >>> lampas.i0(lampas.tensor([0.0, 1.0]))
    tensor([1.0000, 1.2661])
)"};

const UnaryOp i0e{
    "special_i0e(Tensor input) -> Tensor",
    unary<SpecialUnary::i0e, "SpecialI0EBackward0", Result::floating, Needs::input,
          [](const Tensor& grad, const Tensor& x) { return grad * (i1e(x) - sgn(x) * i0e(x)); }>,
    in_special, R"(Take exp(-|x|) i0(x) of every element.

    >>> lampas.special.i0e(lampas.tensor([0.0, 1.0]))
    tensor([1.0000, 0.4658])
)"};

const UnaryOp i1{"special_i1(Tensor input) -> Tensor",
                 unary<SpecialUnary::i1, "SpecialI1Backward0", Result::floating, Needs::input,
                       [](const Tensor& grad, const Tensor& x) { return grad * i1_slope(x); }>,
                 in_special,
                 R"(Take the modified Bessel function of the first kind, of order 1, of every element.

    >>> lampas.special.i1(lampas.tensor([0.0, 1.0]))
    tensor([0.0000, 0.5652])
)"};

const UnaryOp i1e{"special_i1e(Tensor input) -> Tensor",
                  unary<SpecialUnary::i1e, "SpecialI1EBackward0", Result::floating, Needs::input,
                        [](const Tensor& grad, const Tensor& x) { return grad * i1e_slope(x); }>,
                  in_special, R"(Take exp(-|x|) i1(x) of every element.

    >>> lampas.special.i1e(lampas.tensor([0.0, 1.0]))
    tensor([0.0000, 0.2079])
)"};

const UnaryOp bessel_j0{"special_bessel_j0(Tensor input) -> Tensor", flat_rule<SpecialUnary::bessel_j0>,
                        flat_in_special,
                        R"(Take the Bessel function of the first kind, of order 0, of every element.

    >>> lampas.special.bessel_j0(lampas.tensor([1.0, 2.0]))
    tensor([0.7652, 0.2239])
)"};

const UnaryOp bessel_j1{"special_bessel_j1(Tensor input) -> Tensor", flat_rule<SpecialUnary::bessel_j1>,
                        flat_in_special,
                        R"(Take the Bessel function of the first kind, of order 1, of every element.

    >>> lampas.special.bessel_j1(lampas.tensor([1.0, 2.0]))
    tensor([0.4401, 0.5767])
)"};

const UnaryOp bessel_y0{"special_bessel_y0(Tensor input) -> Tensor", flat_rule<SpecialUnary::bessel_y0>,
                        flat_in_special,
                        R"(Take the Bessel function of the second kind, of order 0, of every element.

    >>> lampas.special.bessel_y0(lampas.tensor([1.0, 2.0]))
    tensor([0.0883, 0.5104])
)"};

const UnaryOp bessel_y1{"special_bessel_y1(Tensor input) -> Tensor", flat_rule<SpecialUnary::bessel_y1>,
                        flat_in_special,
                        R"(Take the Bessel function of the second kind, of order 1, of every element.

    >>> lampas.special.bessel_y1(lampas.tensor([1.0, 2.0]))
    tensor([-0.7812, -0.1070])
)"};

const UnaryOp modified_bessel_i0{
    "special_modified_bessel_i0(Tensor input) -> Tensor", flat_rule<SpecialUnary::modified_bessel_i0>,
    flat_in_special,
    R"(Take the modified Bessel function of the first kind, of order 0, of every element.

    >>> lampas.special.modified_bessel_i0(lampas.tensor([0.0, 1.0]))
    tensor([1.0000, 1.2661])
)"};

const UnaryOp modified_bessel_i1{
    "special_modified_bessel_i1(Tensor input) -> Tensor", flat_rule<SpecialUnary::modified_bessel_i1>,
    flat_in_special,
    R"(Take the modified Bessel function of the first kind, of order 1, of every element.

    >>> lampas.special.modified_bessel_i1(lampas.tensor([0.0, 1.0]))
    tensor([0.0000, 0.5652])
)"};

const UnaryOp modified_bessel_k0{
    "special_modified_bessel_k0(Tensor input) -> Tensor", flat_rule<SpecialUnary::modified_bessel_k0>,
    flat_in_special, R"(Take the modified Bessel function of the second kind, of order 0, of every element.

    >>> lampas.special.modified_bessel_k0(lampas.tensor([1.0, 2.0]))
    tensor([0.4210, 0.1139])
)"};

const UnaryOp modified_bessel_k1{
    "special_modified_bessel_k1(Tensor input) -> Tensor", flat_rule<SpecialUnary::modified_bessel_k1>,
    flat_in_special, R"(Take the modified Bessel function of the second kind, of order 1, of every element.

    >>> lampas.special.modified_bessel_k1(lampas.tensor([1.0, 2.0]))
    tensor([0.6019, 0.1399])
)"};

const UnaryOp scaled_modified_bessel_k0{"special_scaled_modified_bessel_k0(Tensor input) -> Tensor",
                                        flat_rule<SpecialUnary::scaled_modified_bessel_k0>, flat_in_special,
                                        R"(Take exp(x) modified_bessel_k0(x) of every element.

    >>> lampas.special.scaled_modified_bessel_k0(lampas.tensor([1.0, 2.0]))
    tensor([1.1445, 0.8416])
)"};

const UnaryOp scaled_modified_bessel_k1{"special_scaled_modified_bessel_k1(Tensor input) -> Tensor",
                                        flat_rule<SpecialUnary::scaled_modified_bessel_k1>, flat_in_special,
                                        R"(Take exp(x) modified_bessel_k1(x) of every element.

    >>> lampas.special.scaled_modified_bessel_k1(lampas.tensor([1.0, 2.0]))
    tensor([1.6362, 1.0335])
)"};

const UnaryOp spherical_bessel_j0{"special_spherical_bessel_j0(Tensor input) -> Tensor",
                                  flat_rule<SpecialUnary::spherical_bessel_j0>, flat_in_special,
                                  R"(Take sin(x) / x of every element; 1 at zero.

    >>> lampas.special.spherical_bessel_j0(lampas.tensor([0.0, 1.0]))
    tensor([1.0000, 0.8415])
)"};

const UnaryOp airy_ai{"special_airy_ai(Tensor input) -> Tensor", flat_rule<SpecialUnary::airy_ai>,
                      flat_in_special, R"(Take Airy's function Ai of every element.

    >>> lampas.special.airy_ai(lampas.tensor([0.0, 1.0]))
    tensor([0.3550, 0.1353])
)"};

}  // namespace lampas
