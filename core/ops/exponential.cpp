// Exponential functions and logarithms beside exp, log and log1p; sinc.
#include "core/ops/special_unary.h"

namespace lampas {
namespace {

using namespace arithmetic;
using namespace pointwise;

constexpr double ln_2 = 0.69314718055994530942, ln_10 = 2.30258509299404568402;
constexpr double pi = 3.14159265358979323846;

// (cos(pi x) - sinc(x)) / x, whose limit at 0 is 0.
Tensor sinc_slope(const Tensor& x) {
  Tensor at_zero = eq(x, number_tensor(0));
  Tensor safe = where(at_zero, number_tensor(1), x);
  return where(at_zero, number_tensor(0), (cos(safe * pi) - sinc(safe)) / safe);
}

}  // namespace

const UnaryOp exp2{
    "exp2(Tensor input) -> Tensor",
    unary<SpecialUnary::exp2, "Exp2Backward0", Result::floating, Needs::output,
          [](const Tensor& grad, const Tensor& result) { return grad * conjugate(result) * ln_2; }>,
    plain, R"(Raise 2 to the power of every element.

    >>> lampas.exp2(lampas.tensor([0.0, 3.0]))
    tensor([1., 8.])
)"};

const UnaryOp expm1{
    "expm1(Tensor input) -> Tensor",
    unary<SpecialUnary::expm1, "Expm1Backward0", Result::floating, Needs::output,
          [](const Tensor& grad, const Tensor& result) { return grad * conjugate(result + 1); }>,
    plain, R"(Take exp(x) - 1 of every element, exact near zero.

    >>> lampas.expm1(lampas.tensor([0.0, 1.0]))
    tensor([0.0000, 1.7183])
)"};

const UnaryOp log2{"log2(Tensor input) -> Tensor",
                   unary<SpecialUnary::log2, "Log2Backward0", Result::floating, Needs::input,
                         [](const Tensor& grad, const Tensor& x) { return grad / (conjugate(x) * ln_2); }>,
                   plain, R"(Take the logarithm to base 2 of every element.

    >>> lampas.log2(lampas.tensor([1.0, 8.0]))
    tensor([0., 3.])
)"};

const UnaryOp log10{"log10(Tensor input) -> Tensor",
                    unary<SpecialUnary::log10, "Log10Backward0", Result::floating, Needs::input,
                          [](const Tensor& grad, const Tensor& x) { return grad / (conjugate(x) * ln_10); }>,
                    plain, R"(Take the logarithm to base 10 of every element.

    >>> lampas.log10(lampas.tensor([1.0, 1000.0]))
    tensor([0., 3.])
)"};

const UnaryOp sinc{"sinc(Tensor input) -> Tensor",
                   unary<SpecialUnary::sinc, "SincBackward0", Result::floating, Needs::input,
                         [](const Tensor& grad, const Tensor& x) { return grad * conjugate(sinc_slope(x)); }>,
                   plain, R"(Take sin(pi x) / (pi x) of every element; 1 at zero.

    >>> lampas.sinc(lampas.tensor([0.0, 0.5]))
    tensor([1.0000, 0.6366])
)"};

}  // namespace lampas
