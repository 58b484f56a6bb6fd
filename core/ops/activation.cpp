// Activation functions: smooth ones, and those made of straight pieces.
#include "core/ops/activation.h"

#include "core/kernels/random.h"
#include "core/ops/arithmetic.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/joining.h"
#include "core/ops/pointwise.h"
#include "core/ops/shared_generator.h"
#include "core/ops/view.h"
#include "core/ops/view_parts.h"

namespace lampas {
namespace {

using namespace arithmetic;
using namespace pointwise;

void run_with(UnaryFunction function, std::initializer_list<Parameter> parameters, const Tensor& input,
              const Tensor& output) {
  kernels::unary(output.device(), function, parameters.begin(), input, output);
}

Tensor zero_where(const Tensor& condition, const Tensor& grad) {
  return where(condition, number_tensor(0), grad);
}
// NaN is neither above nor below: the conditions are such that it lets gradients pass, as PyTorch does.
Tensor above(const Tensor& x, double bound) { return gt(x, number_tensor(bound)); }
Tensor below(const Tensor& x, double bound) { return lt(x, number_tensor(bound)); }
Tensor at_least(const Tensor& x, double bound) { return ge(x, number_tensor(bound)); }
Tensor at_most(const Tensor& x, double bound) { return le(x, number_tensor(bound)); }
// min(x, 0): keeps exp of it from overflowing where the result is not used.
Tensor negative_part(const Tensor& x) { return -relu(-x); }

// ---- Smooth ones.

Tensor silu_slope(const Tensor& x) {
  Tensor share = sigmoid(x);
  return share * (1 + x * (1 - share));
}
constexpr auto silu_rule =
    pointwise::unary<UnaryFunction::silu, "SiluBackward0", Result::same, Needs::input,
                     [](const Tensor& grad, const Tensor& x) { return grad * conjugate(silu_slope(x)); }>;

// The share of the normal distribution below x, and x times its density.
Tensor gelu_slope(const Tensor& x) {
  Tensor density = exp(x * x * -0.5) * 0.3989422804014327;  // 1 / sqrt(2 pi)
  return 0.5 * (1 + erf(x * 0.7071067811865476)) + x * density;
}
Tensor tanh_gelu_slope(const Tensor& x) {
  constexpr double scale = 0.7978845608028654, cubic = 0.044715;  // sqrt(2 / pi)
  Tensor square = x * x;
  Tensor t = tanh(scale * (x + cubic * (square * x)));
  Tensor inner_slope = scale * (1 + (3 * cubic) * square);
  return 0.5 * (1 + t) + 0.5 * (x * ((1 - t * t) * inner_slope));
}
bool by_tanh(const std::string& approximate) {
  check(approximate == "none" || approximate == "tanh", "approximate argument must be either none or tanh.");
  return approximate == "tanh";
}
constexpr auto gelu_rule =
    rule<"GeluBackward0", Result::same, Needs::input,
         [](const Tensor& input, const Tensor& output, const std::string& approximate) {
           run(by_tanh(approximate) ? UnaryFunction::gelu_by_tanh : UnaryFunction::gelu, input, output);
         },
         [](const Tensor& grad, const Tensor& x, const std::string& approximate) {
           return grad * (by_tanh(approximate) ? tanh_gelu_slope(x) : gelu_slope(x));
         },
         std::string>;

constexpr auto mish_rule = pointwise::unary<UnaryFunction::mish, "MishBackward0", Result::same, Needs::input,
                                            [](const Tensor& grad, const Tensor& x) {
                                              Tensor t = tanh(softplus(x, 1, 20));
                                              return grad * (t + x * (1 - t * t) * sigmoid(x));
                                            }>;

constexpr auto log_sigmoid_rule =
    pointwise::unary<UnaryFunction::log_sigmoid, "LogSigmoidBackward0", Result::same, Needs::input,
                     [](const Tensor& grad, const Tensor& x) { return grad * sigmoid(-x); }>;

constexpr auto softplus_rule =
    rule<"SoftplusBackward0", Result::same, Needs::input,
         [](const Tensor& input, const Tensor& output, Scalar beta, Scalar threshold) {
           run_with(UnaryFunction::softplus, {as_parameter(beta), as_parameter(threshold)}, input, output);
         },
         [](const Tensor& grad, const Tensor& x, Scalar beta, Scalar threshold) {
           Tensor scaled_x = x * beta.to<double>();
           return where(above(scaled_x, threshold.to<double>()), grad, grad * sigmoid(scaled_x));
         },
         Scalar, Scalar>;

// negative (exp(steepness x) - 1) below zero, positive x above.
void run_elu(const Tensor& input, const Tensor& output, double negative, double positive, double steepness) {
  run_with(UnaryFunction::elu, {as_parameter(negative), as_parameter(positive), as_parameter(steepness)},
           input, output);
}
Tensor elu_gradient(const Tensor& grad, const Tensor& x, double negative, double positive, double steepness) {
  Tensor curved = grad * exp(negative_part(x) * steepness) * (negative * steepness);
  return where(at_most(x, 0), curved, grad * positive);
}
constexpr auto elu_rule =
    rule<"EluBackward0", Result::same, Needs::input,
         [](const Tensor& input, const Tensor& output, Scalar alpha, Scalar scale, Scalar input_scale) {
           double factor = scale.to<double>();
           run_elu(input, output, alpha.to<double>() * factor, factor, input_scale.to<double>());
         },
         [](const Tensor& grad, const Tensor& x, Scalar alpha, Scalar scale, Scalar input_scale) {
           double factor = scale.to<double>();
           return elu_gradient(grad, x, alpha.to<double>() * factor, factor, input_scale.to<double>());
         },
         Scalar, Scalar, Scalar>;

constexpr auto celu_of_any =
    rule<"CeluBackward0", Result::same, Needs::input,
         [](const Tensor& input, const Tensor& output, Scalar alpha) {
           run_elu(input, output, alpha.to<double>(), 1, 1 / alpha.to<double>());
         },
         [](const Tensor& grad, const Tensor& x, Scalar alpha) {
           return elu_gradient(grad, x, alpha.to<double>(), 1, 1 / alpha.to<double>());
         },
         Scalar>;
Tensor celu_rule(Call& call, const Tensor& input, Scalar alpha) {
  check(alpha.to<double>() != 0, "ZeroDivisionError: alpha cannot be 0 for CELU");
  return celu_of_any(call, input, alpha);
}

// G. Klambauer et al., "Self-Normalizing Neural Networks", 2017.
constexpr double selu_alpha = 1.6732632423543772848170429916717;
constexpr double selu_scale = 1.0507009873554804934193349852946;
Tensor selu_rule(Call& call, const Tensor& input) { return elu_rule(call, input, selu_alpha, selu_scale, 1); }

// ---- Straight pieces.

constexpr auto leaky_relu_rule =
    rule<"LeakyReluBackward0", Result::same, Needs::input,
         [](const Tensor& input, const Tensor& output, Scalar slope) {
           run_with(UnaryFunction::leaky_relu, {as_parameter(slope)}, input, output);
         },
         [](const Tensor& grad, const Tensor& x, Scalar slope) {
           return where(above(x, 0), grad, grad * slope.to<double>());
         },
         Scalar>;

constexpr auto threshold_rule =
    rule<"ThresholdBackward0", Result::same, Needs::input,
         [](const Tensor& input, const Tensor& output, Scalar threshold, Scalar value) {
           run_with(UnaryFunction::threshold, {as_parameter(threshold), as_parameter(value)}, input, output);
         },
         [](const Tensor& grad, const Tensor& x, Scalar threshold, Scalar) {
           return threshold_backward(grad, x, threshold);
         },
         Scalar, Scalar>;

constexpr auto hardtanh_between =
    rule<"HardtanhBackward0", Result::same, Needs::input,
         [](const Tensor& input, const Tensor& output, Scalar low, Scalar high) {
           run_with(UnaryFunction::clamp, {as_parameter(low), as_parameter(high)}, input, output);
         },
         [](const Tensor& grad, const Tensor& x, Scalar low, Scalar high) {
           Tensor outside = at_most(x, low.to<double>()) + at_least(x, high.to<double>());  // of bools: or
           return zero_where(outside, grad);
         },
         Scalar, Scalar>;
Tensor hardtanh_rule(Call& call, const Tensor& input, Scalar low, Scalar high) {
  check(input.dtype() != DType::bool_, "Bool inputs not supported for hardtanh");
  if (is_complex(input.dtype())) fail(ErrorKind::not_implemented, "clamp is not supported for complex types");
  check(is_signed(input.dtype()) || low.to<double>() >= 0,
        "cannot do hardtanh on an unsigned type with negative limits");
  return hardtanh_between(call, input, low, high);
}
Tensor relu6_rule(Call& call, const Tensor& input) { return hardtanh_rule(call, input, 0, 6); }

constexpr auto hardsigmoid_rule =
    pointwise::unary<UnaryFunction::hardsigmoid, "HardsigmoidBackward0", Result::same, Needs::input,
                     [](const Tensor& grad, const Tensor& x) {
                       return where(below(abs(x), 3), grad / 6, number_tensor(0));
                     }>;
constexpr auto hardswish_rule =
    pointwise::unary<UnaryFunction::hardswish, "HardswishBackward0", Result::same, Needs::input,
                     [](const Tensor& grad, const Tensor& x) {
                       Tensor middle = grad * (x / 3 + 0.5);
                       return zero_where(at_most(x, -3), where(below(x, 3), middle, grad));
                     }>;

Tensor shrink_gradient(const Tensor& grad, const Tensor& x, Scalar width) {
  return zero_where(at_most(abs(x), width.to<double>()), grad);
}
constexpr auto hardshrink_rule =
    rule<"HardshrinkBackward0", Result::same, Needs::input,
         [](const Tensor& input, const Tensor& output, Scalar width) {
           run_with(UnaryFunction::hardshrink, {as_parameter(width)}, input, output);
         },
         shrink_gradient, Scalar>;
constexpr auto softshrink_by =
    rule<"SoftshrinkBackward0", Result::same, Needs::input,
         [](const Tensor& input, const Tensor& output, Scalar width) {
           run_with(UnaryFunction::softshrink, {as_parameter(width)}, input, output);
         },
         shrink_gradient, Scalar>;
Tensor softshrink_rule(Call& call, const Tensor& input, Scalar width) {
  double greatest = greatest_finite(input.dtype());
  check(width.to<double>() >= 0 && width.to<double>() <= greatest, "lambda must be in range [0, ", greatest,
        "] for input dtype ", scalar_type_name(input.dtype()), ", but found ", width.to<double>());
  return softshrink_by(call, input, width);
}

constexpr auto prelu_kernel_rule =
    pointwise::binary<BinaryFunction::prelu, "PreluKernelBackward0", Result::same,
                      [](const Tensor& grad, const Tensor& x, const Tensor& slope, Wanted wanted) {
                        Tensor positive = above(x, 0);
                        return Gradients{wanted[0] ? where(positive, grad, grad * slope) : Tensor(),
                                         wanted[1] ? where(positive, number_tensor(0), grad * x) : Tensor()};
                      }>;

const Op<Tensor(const Tensor&, const Tensor&)> prelu_kernel{
    "_prelu_kernel(Tensor input, Tensor weight) -> Tensor",
    prelu_kernel_rule,
    {.batching = Batching::elementwise, .autocast = Autocast::lower, .elementwise = true},
    "Multiply negative elements by `weight`, which broadcasts."};

// The weight, one number or one for each channel (dim 1), broadcasts along the other dims.
Tensor prelu_rule(Call&, const Tensor& input, const Tensor& weight) {
  check(input.dtype() == weight.dtype(), "prelu: Type promoting not supported. Got ",
        scalar_type_name(input.dtype()), " and ", scalar_type_name(weight.dtype()));
  check(weight.dim() <= 1,
        "prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = ", weight.dim());
  if (weight.numel() != 1) {
    check(input.dim() > 0, "Not allow zero-dim input tensor.");
    int64_t channels = input.dim() > 1 ? input.size(1) : 1;
    check(channels == weight.numel(),
          "Mismatch of parameter numbers and input channel size. Found parameter numbers = ", weight.numel(),
          " and channel size = ", channels, ".");
  }
  Shape sizes(static_cast<size_t>(input.dim()), 1);
  if (input.dim() > 1) sizes[1] = weight.numel();
  return prelu_kernel(input,
                      weight.dim() == input.dim() && weight.dim() <= 1 ? weight : reshape(weight, sizes));
}

// Negative elements times a factor each, which is drawn in training.
constexpr auto rrelu_with_noise_rule = [](Call& call, const Tensor& input, const Tensor& noise) {
  Tensor output = call.elementwise_output({input}, input.dtype());
  if (Recording node = call.record("RreluWithNoiseBackward0", {input})) {
    Saved saved_input = node.save("self", input), saved_noise = node.save("noise", noise);
    node.derivative([saved_input, saved_noise](const Gradients& grad, Wanted) {
      return Gradients{where(above(saved_input(), 0), grad[0], grad[0] * saved_noise())};
    });
  }
  run(BinaryFunction::prelu, input, noise, output);
  return output;
};

// Between lower and upper for elements that are not positive, else 1, drawn as PyTorch draws them.
Tensor rrelu_noise_rule(Call& call, const Tensor& input, double lower, double upper,
                        const Reference<Opaque>& generator) {
  call.not_differentiable();
  Tensor noise = call.output(input.sizes(), input.dtype(), input.device());
  kernels::rrelu_noise(input.device(), lower, upper, generator_of(generator), input, noise);
  return noise;
}

const Op<Tensor(const Tensor&, const Tensor&)> rrelu_with_noise{
    "_rrelu_with_noise(Tensor input, Tensor noise) -> Tensor",
    rrelu_with_noise_rule,
    {.forms = in_place, .batching = Batching::elementwise, .elementwise = true},
    "Multiply elements that are not positive by the factors in `noise`."};
const Op<Tensor(const Tensor&, double, double, const Reference<Opaque>&)> rrelu_noise{
    "_rrelu_noise(Tensor input, float lower, float upper, *, Generator? generator=None) -> Tensor",
    rrelu_noise_rule,
    {.forms = Forms{}, .batching = Batching::elementwise, .forward = Forward::none},
    "The factors of rrelu."};

Tensor rrelu_factors(const Tensor& input, Scalar lower, Scalar upper, bool training,
                     const Reference<Opaque>& generator) {
  double low = lower.to<double>(), high = upper.to<double>();
  check(low <= high, "Lower bound should be less than or equal to the upper bound");
  if (training) return rrelu_noise(detach(input), low, high, generator);
  return full({}, (low + high) / 2, input.dtype(), input.device());
}
Tensor rrelu_rule(Call&, const Tensor& input, Scalar lower, Scalar upper, bool training,
                  const Reference<Opaque>& generator) {
  return rrelu_with_noise(input, rrelu_factors(input, lower, upper, training, generator));
}
Tensor rrelu_in_place_rule(Call&, const Tensor& input, Scalar lower, Scalar upper, bool training,
                           const Reference<Opaque>& generator) {
  return rrelu_with_noise.write_into(input, rrelu_factors(input, lower, upper, training, generator));
}

// The first half of a dim times the sigmoid of the second. Y. Dauphin et al., "Language Modeling with Gated
// Convolutional Networks", 2016.
Tensor glu_rule(Call& call, const Tensor& input, int64_t dim) {
  check(input.dim() > 0, "glu does not support 0-dimensional tensors");
  dim = wrap_dim(dim, input.dim());
  int64_t size = input.size(dim), half = size / 2;
  check(size % 2 == 0, "Halving dimension must be even, but dimension ", dim, " is size ", size);
  if (!is_floating(input.dtype()))
    fail(ErrorKind::not_implemented, "\"glu_cpu\" not implemented for '", scalar_type_name(input.dtype()),
         "'");
  Shape sizes = input.sizes(), strides = input.strides();
  sizes[static_cast<size_t>(dim)] = half;
  Tensor output = call.output(sizes, input.dtype(), input.device());
  if (Recording node = call.record("GluBackward0", {input})) {
    Saved saved = node.save("self", input);
    node.derivative([saved, dim, half](const Gradients& grad, Wanted) {
      Tensor whole = saved();
      Tensor value = narrow(whole, dim, 0, half), gate = sigmoid(narrow(whole, dim, half, half));
      Tensor of_value = grad[0] * gate;
      return Gradients{cat({of_value, of_value * value * (1 - gate)}, dim)};
    });
  }
  int64_t offset = half * strides[static_cast<size_t>(dim)];
  Tensor value = alias(input, sizes, strides, input.offset());
  Tensor gate = new_tensor(sizes, input.dtype(), input.device());
  run(UnaryFunction::sigmoid, alias(input, sizes, strides, input.offset() + offset), gate);
  run(BinaryFunction::mul, value, gate, output);
  return output;
}

constexpr Traits writable{
    .forms = function | in_place | out, .batching = Batching::elementwise, .elementwise = true};
constexpr Traits function_only{
    .forms = function | out, .batching = Batching::elementwise, .elementwise = true};
constexpr Traits functions{
    .forms = function | in_place, .batching = Batching::elementwise, .elementwise = true};
using Plain = Op<Tensor(const Tensor&)>;
using WithNumber = Op<Tensor(const Tensor&, Scalar)>;
using WithNumbers = Op<Tensor(const Tensor&, Scalar, Scalar)>;

}  // namespace

const Plain silu{"silu(Tensor input) -> Tensor", silu_rule, writable,
                 R"(Multiply every element by its sigmoid.

    >>> lampas.nn.functional.silu(lampas.tensor([-1.0, 1.0]))
    tensor([-0.2689,  0.7311])

Source: S. Elfwing et al., "Sigmoid-weighted linear units", 2017.
)"};

const Op<Tensor(const Tensor&, std::string)> gelu{
    "gelu(Tensor input, *, str approximate='none') -> Tensor", gelu_rule, writable,
    R"(Multiply every element by the normal distribution's share below it.

    Args:
        approximate: 'none', or 'tanh' for an approximation without the error function.

    >>> lampas.nn.functional.gelu(lampas.tensor([-1.0, 1.0]))
    tensor([-0.1587,  0.8413])

Source: D. Hendrycks and K. Gimpel, "Gaussian Error Linear Units", 2016.
)"};

const Plain mish{"mish(Tensor input) -> Tensor", mish_rule, writable,
                 R"(Multiply every element by tanh(softplus(x)).

    >>> lampas.nn.functional.mish(lampas.tensor([-1.0, 1.0]))
    tensor([-0.3034,  0.8651])

Source: D. Misra, "Mish: a self regularized non-monotonic activation function", 2019.
)"};

const Plain log_sigmoid{"log_sigmoid(Tensor input) -> Tensor", log_sigmoid_rule, function_only,
                        R"(Take the logarithm of the sigmoid of every element.

    >>> lampas.nn.functional.logsigmoid(lampas.tensor([0.0]))
    tensor([-0.6931])
)"};

const WithNumbers softplus{"softplus(Tensor input, Scalar beta=1, Scalar threshold=20) -> Tensor",
                           softplus_rule, function_only,
                           R"(Take log(1 + exp(beta x)) / beta of every element, a smooth relu.

    Args:
        threshold: where beta x is above it, x itself is the result.

    >>> lampas.nn.functional.softplus(lampas.tensor([0.0, 30.0]))
    tensor([ 0.6931, 30.0000])
)"};

const Op<Tensor(const Tensor&, Scalar, Scalar, Scalar)> elu{
    "elu(Tensor input, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1) -> Tensor", elu_rule, writable,
    R"(Keep positive elements; map others to alpha (exp(x) - 1).

    >>> lampas.nn.functional.elu(lampas.tensor([-1.0, 1.0]))
    tensor([-0.6321,  1.0000])

Source: D. Clevert et al., "Exponential Linear Units", 2015.
)"};

const WithNumber celu{"celu(Tensor input, Scalar alpha=1.0) -> Tensor", celu_rule, functions,
                      R"(Keep positive elements; map others to alpha (exp(x / alpha) - 1).

    >>> lampas.celu(lampas.tensor([-1.0, 1.0]), 2)
    tensor([-0.7869,  1.0000])

Source: J. Barron, "Continuously differentiable exponential linear units", 2017.
)"};

const Plain selu{"selu(Tensor input) -> Tensor", selu_rule, functions,
                 R"(Apply elu, scaled so that deep nets keep zero mean and unit variance.

    >>> lampas.selu(lampas.tensor([-1.0, 1.0]))
    tensor([-1.1113,  1.0507])

Source: G. Klambauer et al., "Self-Normalizing Neural Networks", 2017.
)"};

const WithNumber leaky_relu{"leaky_relu(Tensor input, Scalar negative_slope=0.01) -> Tensor", leaky_relu_rule,
                            writable,
                            R"(Multiply negative elements by `negative_slope`.

    >>> lampas.nn.functional.leaky_relu(lampas.tensor([-1.0, 1.0]), 0.1)
    tensor([-0.1000,  1.0000])
)"};

const WithNumbers threshold_op{"threshold(Tensor input, Scalar threshold, Scalar value) -> Tensor",
                               threshold_rule, writable,
                               R"(Replace elements that are not above `threshold` by `value`.

    >>> lampas.threshold(lampas.tensor([-1.0, 1.0]), 0.5, 9.0)
    tensor([9., 1.])
)"};

const WithNumbers hardtanh{"hardtanh(Tensor input, Scalar min_val=-1, Scalar max_val=1) -> Tensor",
                           hardtanh_rule, writable,
                           R"(Keep elements between two bounds.

    >>> lampas.nn.functional.hardtanh(lampas.tensor([-2.0, 0.5]))
    tensor([-1.0000,  0.5000])
)"};

const Plain relu6{"relu6(Tensor input) -> Tensor", relu6_rule, functions,
                  R"(Keep elements between 0 and 6.

    >>> lampas.nn.functional.relu6(lampas.tensor([-1.0, 8.0]))
    tensor([0., 6.])
)"};

const Plain hardsigmoid{"hardsigmoid(Tensor input) -> Tensor", hardsigmoid_rule, writable,
                        R"(Map every element to min(max(x + 3, 0), 6) / 6.

    >>> lampas.nn.functional.hardsigmoid(lampas.tensor([-4.0, 0.0]))
    tensor([0.0000, 0.5000])
)"};

const Plain hardswish{"hardswish(Tensor input) -> Tensor", hardswish_rule, writable,
                      R"(Multiply every element by its hardsigmoid.

    >>> lampas.nn.functional.hardswish(lampas.tensor([-1.0, 1.0]))
    tensor([-0.3333,  0.6667])

Source: A. Howard et al., "Searching for MobileNetV3", 2019.
)"};

const WithNumber hardshrink{
    "hardshrink(Tensor input, Scalar lambd=0.5) -> Tensor",
    hardshrink_rule,
    {.forms = function | method | out, .batching = Batching::elementwise, .elementwise = true},
    R"(Replace elements between -lambd and lambd by zero.

    >>> lampas.hardshrink(lampas.tensor([-1.0, 0.3]))
    tensor([-1.,  0.])
)"};

const WithNumber softshrink{"softshrink(Tensor input, Scalar lambd=0.5) -> Tensor", softshrink_rule,
                            function_only,
                            R"(Move every element towards zero by `lambd`, at most to zero.

    >>> lampas.nn.functional.softshrink(lampas.tensor([-1.0, 0.3]))
    tensor([-0.5000,  0.0000])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> prelu{"prelu(Tensor input, Tensor weight) -> Tensor",
                                                     prelu_rule,
                                                     {.forms = function | method, .composite = true},
                                                     R"(Multiply negative elements by `weight`.

    Args:
        input: any shape; dim 1 are the channels.
        weight: one number, or one for each channel, in the input's dtype.

    >>> lampas.prelu(lampas.tensor([-1.0, 1.0]), lampas.tensor([0.5]))
    tensor([-0.5000,  1.0000])

Source: K. He et al., "Delving deep into rectifiers", 2015.
)"};

const Op<Tensor(const Tensor&, Scalar, Scalar, bool, const Reference<Opaque>&)> rrelu{
    "rrelu(Tensor input, Scalar lower=0.125, Scalar upper=0.3333333333333333, bool training=False, "
    "Generator? generator=None) -> Tensor",
    rrelu_rule,
    {.forms = function, .composite = true},
    R"(Multiply elements that are not positive by random factors between `lower` and `upper`.

    Args:
        training: with False, the factor is the middle of the two bounds.

    >>> lampas.rrelu(lampas.tensor([-1.0, 1.0]), 0.1, 0.3)
    tensor([-0.2000,  1.0000])

Source: B. Xu et al., "Empirical evaluation of rectified activations", 2015.
)"};

const Op<Tensor(const Tensor&, Scalar, Scalar, bool, const Reference<Opaque>&)> rrelu_in_place{
    "rrelu_(Tensor input, Scalar lower=0.125, Scalar upper=0.3333333333333333, bool training=False, "
    "Generator? generator=None) -> Tensor",
    rrelu_in_place_rule,
    {.forms = function, .composite = true},
    "rrelu that overwrites its input."};

const Op<Tensor(const Tensor&, int64_t)> glu{"glu(Tensor input, int dim=-1) -> Tensor",
                                             glu_rule,
                                             {.forms = function | out, .batching = Batching::leading},
                                             R"(Multiply the first half of `dim` by the sigmoid of the second.

    >>> lampas.nn.functional.glu(lampas.tensor([2.0, 0.0]))
    tensor([1.])
)"};

}  // namespace lampas
