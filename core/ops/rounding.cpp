// Rounding to integers, fractions, and what becomes of numbers that are not finite.
#include <cmath>
#include <limits>

#include "core/kernels/copy.h"
#include "core/ops/special_unary.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

using namespace arithmetic;
using namespace pointwise;

Tensor no_gradient(const Tensor& grad, const Tensor&) { return zeros_like(grad); }

// Integers are round already.
template <UnaryFunction function, Name name>
void round_elements(const Tensor& input, const Tensor& output) {
  if (is_complex(output.dtype()) && function != UnaryFunction::round)
    fail(ErrorKind::not_implemented, name.letters, " is not supported for complex inputs");
  if (is_integral(output.dtype(), false))
    kernels::copy(output.device(), input, output);
  else
    run(function, input, output);
}
template <UnaryFunction function, Name name, Name node_name>
constexpr auto rounding =
    rule<node_name, Result::same, Needs::nothing, round_elements<function, name>, no_gradient>;

// To a number of decimals: x times 10^decimals, rounded, and back.
constexpr auto round_decimals_rule =
    rule<"RoundBackward1", Result::same, Needs::nothing,
         [](const Tensor& input, const Tensor& output, int64_t decimals) {
           if (!is_floating(input.dtype()))
             fail(ErrorKind::not_implemented, "\"round_cpu\" not implemented for '",
                  scalar_type_name(input.dtype()), "'");
           double power = std::pow(10.0, static_cast<double>(std::abs(decimals)));
           Tensor factor = full({}, power, output.dtype(), output.device());
           BinaryFunction there = decimals < 0 ? BinaryFunction::div : BinaryFunction::mul;
           BinaryFunction back = decimals < 0 ? BinaryFunction::mul : BinaryFunction::div;
           run(there, input, factor, output);
           run(UnaryFunction::round, output, output);
           run(back, output, factor, output);
         },
         [](const Tensor& grad, const Tensor&, int64_t) { return zeros_like(grad); }, int64_t>;

using Replacement = std::optional<double>;

// NaN becomes `nan`; the infinities become `posinf` and `neginf`, the dtype's bounds where those are None.
constexpr auto nan_to_num_rule =
    rule<"NanToNumBackward0", Result::same, Needs::input,
         [](const Tensor& input, const Tensor& output, Replacement nan, Replacement posinf,
            Replacement neginf) {
           DType dtype = input.dtype();
           kernels::copy(output.device(), input, output);
           if (is_integral(dtype)) return;
           GradModeGuard unrecorded(false);
           double greatest = greatest_finite(dtype), infinity = std::numeric_limits<double>::infinity();
           Tensor values = detach(input);
           auto replace = [&](const Tensor& hit, double value) {
             kernels::where(output.device(), hit, full({}, value, dtype, output.device()), output, output);
           };
           Tensor is_nan = isnan(values);
           Tensor above = eq(values, number_tensor(infinity)), below = eq(values, number_tensor(-infinity));
           replace(is_nan, nan.value_or(0));
           replace(above, posinf.value_or(greatest));
           replace(below, neginf.value_or(-greatest));
         },
         [](const Tensor& grad, const Tensor& x, Replacement, Replacement, Replacement) {
           return where(isfinite(x), grad, number_tensor(0));
         },
         Replacement, Replacement, Replacement>;

Tensor positive_rule(Call&, const Tensor& input) {
  check(input.dtype() != DType::bool_, "The `+` operator, on a bool tensor is not supported.");
  return input;
}

void check_boolean_target(const Call& call, const char* name) {
  const Tensor* target = call.target();
  if (target && target->defined())
    check(target->dtype() == DType::bool_, name, " does not support non-boolean outputs.");
}

// Minus zero counts as negative; integers by comparison.
Tensor signbit_rule(Call& call, const Tensor& input) {
  call.not_differentiable();
  if (is_complex(input.dtype()))
    fail(ErrorKind::not_implemented, "signbit is not implemented for complex tensors.");
  check_boolean_target(call, "signbit");
  Tensor output = call.elementwise_output({input}, DType::bool_);
  Tensor zero = full({}, 0, input.dtype(), input.device());
  if (is_integral(input.dtype())) {
    kernels::comparison(output.device(), ComparisonFunction::lt, input, zero, output);
    return output;
  }
  Tensor one = full({}, 1, input.dtype(), input.device());
  Tensor signs = new_tensor(input.sizes(), input.dtype(), input.device());
  run(SpecialBinary::copysign, one, input, signs);
  kernels::comparison(output.device(), ComparisonFunction::lt, signs, zero, output);
  return output;
}

template <bool positive>
Tensor is_infinite_rule(Call& call, const Tensor& input) {
  call.not_differentiable();
  const char* name = positive ? "isposinf" : "isneginf";
  check(!is_complex(input.dtype()), name, " does not support complex inputs.");
  check_boolean_target(call, name);
  Tensor output = call.elementwise_output({input}, DType::bool_);
  if (is_integral(input.dtype())) {
    kernels::fill(output.device(), false, output);
    return output;
  }
  double infinity = std::numeric_limits<double>::infinity();
  Tensor bound = full({}, positive ? infinity : -infinity, input.dtype(), input.device());
  kernels::comparison(output.device(), ComparisonFunction::eq, input, bound, output);
  return output;
}

// mantissa * 2^exponent with 1/2 <= |mantissa| < 1.
std::tuple<Tensor, Tensor> frexp_rule(Call& call, const Tensor& input) {
  check(is_floating(input.dtype()), "torch.frexp() only supports floating-point dtypes");
  Tensor mantissa = call.elementwise_output({input}, input.dtype());
  Tensor exponent = call.elementwise_output({input}, DType::int32);
  if (Recording node = call.record("FrexpBackward0", {input})) {
    Saved saved = node.save_output("exponent", 1);
    node.derivative([saved](const Gradients& grad, Wanted) {
      Tensor scale = exp2(neg(cast(saved(), grad[0].dtype())));
      return Gradients{grad[0] * scale};
    });
  }
  kernels::frexp(input.device(), input, mantissa, exponent);
  return {mantissa, exponent};
}

constexpr Traits test{.forms = function | method | out,
                      .batching = Batching::elementwise,
                      .forward = Forward::none,
                      .elementwise = true};

}  // namespace

const UnaryOp floor{"floor(Tensor input) -> Tensor",
                    rounding<UnaryFunction::floor, "floor", "FloorBackward0">, plain,
                    R"(Round every element down to an integer.

    >>> lampas.floor(lampas.tensor([-1.5, 1.5]))
    tensor([-2.,  1.])
)"};

const UnaryOp ceil{"ceil(Tensor input) -> Tensor", rounding<UnaryFunction::ceil, "ceil", "CeilBackward0">,
                   plain,
                   R"(Round every element up to an integer.

    >>> lampas.ceil(lampas.tensor([-1.5, 1.5]))
    tensor([-1.,  2.])
)"};

const UnaryOp trunc{"trunc(Tensor input) -> Tensor",
                    rounding<UnaryFunction::trunc, "trunc", "TruncBackward0">, plain,
                    R"(Round every element towards zero to an integer.

    >>> lampas.trunc(lampas.tensor([-1.5, 1.5]))
    tensor([-1.,  1.])
)"};

const UnaryOp round{"round(Tensor input) -> Tensor",
                    rounding<UnaryFunction::round, "round", "RoundBackward0">, plain,
                    R"(Round every element to the nearest integer, halves to the even one.

    >>> lampas.round(lampas.tensor([0.5, 1.5, 2.6]))
    tensor([0., 2., 3.])
)"};

const Op<Tensor(const Tensor&, int64_t)> round_decimals{
    "round.decimals(Tensor input, *, int decimals) -> Tensor", round_decimals_rule, plain,
    R"(Round every element to a number of decimals; of tens where it is negative.

    >>> lampas.round(lampas.tensor([1.2345, 15.0]), decimals=2)
    tensor([ 1.2300, 15.0000])
)"};

const UnaryOp frac{"frac(Tensor input) -> Tensor",
                   unary<UnaryFunction::frac, "FracBackward0", Result::same, Needs::nothing,
                         [](const Tensor& grad, const Tensor&) { return grad; }>,
                   plain, R"(Keep what trunc takes away from every element.

    >>> lampas.frac(lampas.tensor([-1.5, 2.25]))
    tensor([-0.5000,  0.2500])
)"};

const Op<Tensor(const Tensor&, Replacement, Replacement, Replacement)> nan_to_num{
    "nan_to_num(Tensor input, float? nan=None, float? posinf=None, float? neginf=None) -> Tensor",
    nan_to_num_rule, plain, R"(Replace NaN and infinities by numbers.

    Args:
        nan: what stands for NaN; 0 where it is None.
        posinf, neginf: what stands for the infinities; the dtype's bounds where they are None.

    >>> lampas.nan_to_num(lampas.tensor([float('nan'), float('inf')]), posinf=9.0)
    tensor([0., 9.])
)"};

const UnaryOp positive{"positive(Tensor input) -> Tensor",
                       positive_rule,
                       {.forms = function | method, .composite = true},
                       R"(Return the tensor itself; RuntimeError for bool.

    >>> lampas.positive(lampas.tensor([1, -2]))
    tensor([ 1, -2])
)"};

const UnaryOp signbit{"signbit(Tensor input) -> Tensor", signbit_rule, test,
                      R"(Tell which elements have a minus sign, minus zero too.

    >>> lampas.signbit(lampas.tensor([1.0, -0.0]))
    tensor([False,  True])
)"};

const UnaryOp isposinf{"isposinf(Tensor input) -> Tensor", is_infinite_rule<true>, test,
                       R"(Tell which elements are infinity.

    >>> lampas.isposinf(lampas.tensor([1.0, float('inf')]))
    tensor([False,  True])
)"};

const UnaryOp isneginf{"isneginf(Tensor input) -> Tensor", is_infinite_rule<false>, test,
                       R"(Tell which elements are minus infinity.

    >>> lampas.isneginf(lampas.tensor([1.0, -float('inf')]))
    tensor([False,  True])
)"};

const Op<std::tuple<Tensor, Tensor>(const Tensor&)> frexp{
    "frexp(Tensor input) -> (Tensor mantissa, Tensor exponent)",
    frexp_rule,
    {.forms = function | method | out, .batching = Batching::loop},
    R"(Split every element into a mantissa in [1/2, 1) and a power of 2 (int32).

    >>> lampas.frexp(lampas.tensor([6.0]))
    lampas.return_types.frexp(
    mantissa=tensor([0.7500]),
    exponent=tensor([3], dtype=torch.int32))
)"};

}  // namespace lampas
