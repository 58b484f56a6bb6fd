// Ops that overwrite a tensor with random numbers (uniform_, normal_, random_, …), and bernoulli.
#include <cmath>
#include <limits>

#include "core/kernels/random.h"
#include "core/ops/promotion.h"
#include "core/ops/random.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

double greatest_of(DType dtype) {
  switch (real_dtype(dtype)) {
    case DType::float16:
      return 65504.0;
    case DType::bfloat16:
      return 3.3895313892515355e38;
    case DType::float32:
      return static_cast<double>(std::numeric_limits<float>::max());
    default:
      return std::numeric_limits<double>::max();
  }
}

// The greatest number up to which a dtype holds every integer.
int64_t greatest_exact_integer(DType dtype) {
  switch (dtype) {
    case DType::bool_:
      return 1;
    case DType::float16:
      return int64_t{1} << 11;
    case DType::bfloat16:
      return int64_t{1} << 8;
    case DType::float32:
      return int64_t{1} << 24;
    case DType::float64:
      return int64_t{1} << 53;
    default: {
      int bits = static_cast<int>(item_size(dtype)) * 8 - is_signed(dtype);
      return bits >= 63 ? std::numeric_limits<int64_t>::max() : (int64_t{1} << bits) - 1;
    }
  }
}

// Whether integers of a dtype reach `value`; the floating types hold all that PyTorch checks but halves.
bool reaches(DType dtype, int64_t value) {
  if (dtype == DType::float16) return std::abs(static_cast<double>(value)) <= greatest_of(dtype);
  if (is_floating(dtype)) return true;
  if (value < 0)
    return is_signed(dtype) && (item_size(dtype) == 8 || value >= -greatest_exact_integer(dtype) - 1);
  return value <= greatest_exact_integer(dtype);
}

void check_uniform_bounds(DType dtype, double from, double to) {
  double greatest = greatest_of(dtype);
  check(from >= -greatest && from <= greatest, "from is out of bounds for ", compiler_name(dtype));
  check(to >= -greatest && to <= greatest, "to is out of bounds for ", compiler_name(dtype));
  check(from <= to, "uniform_ expects to return a [from, to) range, but found from=", from, " > to=", to);
  check(to - from <= greatest, "uniform_ expects to-from <= std::numeric_limits<", scalar_type_name(dtype),
        ">::max(), but found to=", to, " and from=", from, " which result in to-from to exceed the limit");
}

Tensor uniform_rule(Call& call, const Tensor& input, double from, double to,
                    const GeneratorArgument& generator) {
  if (is_differentiable(input.dtype())) check_uniform_bounds(input.dtype(), from, to);
  Tensor output = drawn_output(call, "UniformBackward0", input.sizes(), {input});
  kernels::uniform(output.device(), from, to, generator_of(generator), output);
  return output;
}

Tensor normal_rule(Call& call, const Tensor& input, double mean, double std,
                   const GeneratorArgument& generator) {
  check(std >= 0, "normal expects std >= 0.0, but found std ", std);
  Tensor output = drawn_output(call, "NormalBackward0", input.sizes(), {input});
  // Of a complex number, each part has half the variance.
  double deviation = is_complex(output.dtype()) ? std * std::sqrt(0.5) : std;
  kernels::normal(output.device(), mean, deviation, generator_of(generator), output);
  return output;
}

Tensor exponential_rule(Call& call, const Tensor& input, double lambd, const GeneratorArgument& generator) {
  check(is_floating(input.dtype()),
        "Exponential distribution is a continuous probability distribution. dtype must be a floating point "
        "but you specified ",
        scalar_type_name(input.dtype()));
  check(lambd > 0, "exponential_ expects lambda > 0.0, but found lambda=", lambd);
  Tensor output = drawn_output(call, "ExponentialBackward0", input.sizes(), {input});
  kernels::exponential(output.device(), lambd, generator_of(generator), output);
  return output;
}

Tensor cauchy_rule(Call& call, const Tensor& input, double median, double sigma,
                   const GeneratorArgument& generator) {
  check(sigma > 0, "cauchy_ expects sigma > 0.0, but found sigma=", sigma);
  check(is_floating(input.dtype()),
        "Cauchy distribution is a continuous probability distribution. dtype must be a floating point but "
        "you specified ",
        compiler_name(input.dtype()));
  Tensor output = drawn_output(call, "CauchyBackward0", input.sizes(), {input});
  kernels::cauchy(output.device(), median, sigma, generator_of(generator), output);
  return output;
}

Tensor log_normal_rule(Call& call, const Tensor& input, double mean, double std,
                       const GeneratorArgument& generator) {
  check(std > 0, "log_normal_ expects std > 0.0, but found std=", std);
  Tensor output = drawn_output(call, "LogNormalBackward0", input.sizes(), {input});
  kernels::log_normal(output.device(), mean, std, generator_of(generator), output);
  return output;
}

Tensor geometric_rule(Call& call, const Tensor& input, double p, const GeneratorArgument& generator) {
  check(p > 0 && p < 1, "geometric_ expects p to be in (0, 1), but got p=", p);
  Tensor output = drawn_output(call, "GeometricBackward0", input.sizes(), {input});
  kernels::geometric(output.device(), p, generator_of(generator), output);
  return output;
}

Tensor random_rule(Call& call, const Tensor& input, const GeneratorArgument& generator) {
  Tensor output = drawn_output(call, "RandomBackward0", input.sizes(), {input});
  kernels::random_full(output.device(), false, generator_of(generator), output);
  return output;
}

Tensor random_to_rule(Call& call, const Tensor& input, int64_t to, const GeneratorArgument& generator) {
  Tensor output = drawn_output(call, "RandomBackward0", input.sizes(), {input});
  draw_between(0, to, generator, output);
  return output;
}

Tensor random_from_rule(Call& call, const Tensor& input, int64_t from, std::optional<int64_t> to,
                        const GeneratorArgument& generator) {
  Tensor output = drawn_output(call, "RandomBackward0", input.sizes(), {input});
  DType dtype = output.dtype();
  if (to) {
    draw_between(from, *to, generator, output);
  } else if (from == std::numeric_limits<int64_t>::min()) {
    bool wide = dtype == DType::int64 || dtype == DType::float64 || dtype == DType::float32 ||
                dtype == DType::bfloat16;
    check(wide, "random_full_64_bits_range_kernel_cpu handles only int64, double, float and bfloat16");
    kernels::random_full(output.device(), true, generator_of(generator), output);
  } else {
    check(reaches(dtype, from), "from is out of bounds for ", compiler_name(dtype));
    uint64_t range = static_cast<uint64_t>(greatest_exact_integer(dtype)) - static_cast<uint64_t>(from) + 1;
    kernels::random_range(output.device(), range, from, generator_of(generator), output);
  }
  return output;
}

void check_probability(double p) {
  check(p >= 0 && p <= 1, "bernoulli_ expects p to be in [0, 1], but got p=", p);
}

// Draws with the probabilities `p`, which broadcast to the output.
void draw_each(const Tensor& p, const char* kernel, const GeneratorArgument& generator,
               const Tensor& output) {
  if (!is_floating(p.dtype()))
    fail(ErrorKind::not_implemented, "\"", kernel, "\" not implemented for '", scalar_type_name(p.dtype()),
         "'");
  Tensor spread = expand(detach(p), output.sizes());
  DType dtype = p.dtype() == DType::float64 ? DType::float64 : DType::float32;
  kernels::bernoulli_each(output.device(), Converted(spread, dtype), generator_of(generator), output);
}

Tensor bernoulli_in_place_rule(Call& call, const Tensor& input, double p,
                               const GeneratorArgument& generator) {
  check_probability(p);
  Tensor output = drawn_output(call, "BernoulliBackward0", input.sizes(), {input});
  kernels::bernoulli(output.device(), p, generator_of(generator), output);
  return output;
}

Tensor bernoulli_in_place_tensor_rule(Call& call, const Tensor& input, const Tensor& p,
                                      const GeneratorArgument& generator) {
  Tensor output = drawn_output(call, "BernoulliBackward1", input.sizes(), {input, p});
  draw_each(p, "bernoulli_tensor_cpu_p_", generator, output);
  return output;
}

Tensor bernoulli_rule(Call& call, const Tensor& input, const GeneratorArgument& generator) {
  Tensor output = drawn_output(call, "BernoulliBackward0", input.sizes(), {input});
  draw_each(input, "bernoulli_tensor_cpu_p_", generator, output);
  return output;
}

Tensor bernoulli_p_rule(Call& call, const Tensor& input, double p, const GeneratorArgument& generator) {
  check_probability(p);
  Tensor output = drawn_output(call, "BernoulliBackward2", input.sizes(), {input});
  kernels::bernoulli(output.device(), p, generator_of(generator), output);
  return output;
}

constexpr Traits drawing_in_place{.forms = in_place, .forward = Forward::none, .elementwise = true};
using FromNumbers = Op<Tensor(const Tensor&, double, double, const GeneratorArgument&)>;
using FromNumber = Op<Tensor(const Tensor&, double, const GeneratorArgument&)>;

}  // namespace

Tensor drawn_output(Call& call, const char* node_name, const Shape& sizes,
                    std::initializer_list<InputReference> inputs) {
  const Tensor& first = *inputs.begin()->tensor;
  Tensor output = call.output(sizes, first.dtype(), first.device());
  if (Recording node = call.record(node_name, inputs))
    node.derivative([count = inputs.size()](const Gradients& grad, Wanted) {
      Gradients zeros;
      while (zeros.size() < count) zeros.push_back(zeros_like(grad[0]));  // the engine sums
      return zeros;
    });
  return output;
}

void draw_between(int64_t from, int64_t to, const GeneratorArgument& generator, const Tensor& output) {
  DType dtype = output.dtype();
  check(from < to, "random_ expects 'from' to be less than 'to', but got from=", from, " >= to=", to);
  check(!is_complex(dtype), "check_random_bounds handles only integral, floating-point and boolean types");
  check(reaches(dtype, from), "from is out of bounds for ", compiler_name(dtype));
  check(reaches(dtype, to - 1), "to - 1 is out of bounds for ", compiler_name(dtype));
  uint64_t range = static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
  kernels::random_range(output.device(), range, from, generator_of(generator), output);
}

const FromNumbers uniform{
    "uniform(Tensor input, float from=0, float to=1, *, Generator? generator=None) -> Tensor", uniform_rule,
    drawing_in_place,
    R"(Overwrite a tensor with numbers drawn uniformly from [from, to).

    Raises RuntimeError where `from` is greater than `to`.

    >>> bool((lampas.zeros(3).uniform_(2, 3) >= 2).all())
    True
)"};

const FromNumbers normal_in_place{
    "normal(Tensor input, float mean=0, float std=1, *, Generator? generator=None) -> Tensor", normal_rule,
    drawing_in_place,
    R"(Overwrite a tensor with numbers drawn from a normal distribution.

    Raises RuntimeError where `std` is negative.

    >>> lampas.zeros(2).normal_(5, 0)
    tensor([5., 5.])
)"};

const FromNumber exponential{
    "exponential(Tensor input, float lambd=1, *, Generator? generator=None) -> Tensor", exponential_rule,
    drawing_in_place,
    R"(Overwrite a tensor with numbers drawn from an exponential distribution of rate `lambd`.

    >>> bool((lampas.zeros(3).exponential_() >= 0).all())
    True
)"};

const FromNumbers cauchy{
    "cauchy(Tensor input, float median=0, float sigma=1, *, Generator? generator=None) -> Tensor",
    cauchy_rule, drawing_in_place,
    R"(Overwrite a tensor with numbers drawn from a Cauchy distribution.

    >>> lampas.zeros(3).cauchy_().shape
    torch.Size([3])
)"};

const FromNumbers log_normal{
    "log_normal(Tensor input, float mean=1, float std=2, *, Generator? generator=None) -> Tensor",
    log_normal_rule, drawing_in_place,
    R"(Overwrite a tensor with numbers whose logarithms are drawn from a normal distribution.

    >>> bool((lampas.zeros(3).log_normal_() > 0).all())
    True
)"};

const FromNumber geometric{"geometric(Tensor input, float p, *, Generator? generator=None) -> Tensor",
                           geometric_rule, drawing_in_place,
                           R"(Overwrite a tensor with how many trials of probability `p` it took to succeed.

    >>> bool((lampas.zeros(3).geometric_(0.5) >= 1).all())
    True
)"};

const Op<Tensor(const Tensor&, const GeneratorArgument&)> random_full{
    "random(Tensor input, *, Generator? generator=None) -> Tensor", random_rule, drawing_in_place,
    R"(Overwrite a tensor with integers drawn from 0 up to the largest that its dtype holds exactly.

    >>> bool((lampas.zeros(3).random_() >= 0).all())
    True
)"};

const Op<Tensor(const Tensor&, int64_t, const GeneratorArgument&)> random_to{
    "random.to(Tensor input, int to, *, Generator? generator=None) -> Tensor", random_to_rule,
    drawing_in_place,
    R"(Overwrite a tensor with integers drawn from [0, to).

    >>> bool((lampas.zeros(3).random_(5) < 5).all())
    True
)"};

const Op<Tensor(const Tensor&, int64_t, std::optional<int64_t>, const GeneratorArgument&)> random_from{
    "random.from(Tensor input, int from, int? to, *, Generator? generator=None) -> Tensor", random_from_rule,
    drawing_in_place,
    R"(Overwrite a tensor with integers drawn from [from, to), without an upper bound where `to` is None.

    Raises RuntimeError where the range is empty or exceeds the dtype.

    >>> lampas.zeros(2).random_(5, 6)
    tensor([5., 5.])
)"};

const FromNumber bernoulli_in_place{
    "bernoulli(Tensor input, float p=0.5, *, Generator? generator=None) -> Tensor", bernoulli_in_place_rule,
    drawing_in_place,
    R"(Overwrite a tensor with ones of probability `p`, zeros elsewhere.

    Raises RuntimeError where a probability is not in [0, 1].

    >>> lampas.zeros(2).bernoulli_(1)
    tensor([1., 1.])
)"};

const Op<Tensor(const Tensor&, const Tensor&, const GeneratorArgument&)> bernoulli_in_place_tensor{
    "bernoulli.p_tensor(Tensor input, Tensor p, *, Generator? generator=None) -> Tensor",
    bernoulli_in_place_tensor_rule, drawing_in_place,
    R"(Overwrite a tensor with ones of the probabilities `p`, which broadcast; zeros elsewhere.

    >>> lampas.zeros(2).bernoulli_(lampas.tensor([0.0, 1.0]))
    tensor([0., 1.])
)"};

const Op<Tensor(const Tensor&, const GeneratorArgument&)> bernoulli{
    "bernoulli.input(Tensor input, *, Generator? generator=None) -> Tensor",
    bernoulli_rule,
    {.forms = function | method | out, .forward = Forward::none},
    R"(Draw ones with the probabilities that `input` gives, zeros elsewhere.

    Raises RuntimeError where a probability is not in [0, 1].

    >>> lampas.bernoulli(lampas.tensor([0.0, 1.0]))
    tensor([0., 1.])
)"};

const FromNumber bernoulli_p{"bernoulli.p(Tensor input, float p, *, Generator? generator=None) -> Tensor",
                             bernoulli_p_rule,
                             {.forms = function | method, .forward = Forward::none},
                             R"(Draw ones of probability `p`, zeros elsewhere, in the shape of `input`.

    >>> lampas.bernoulli(lampas.zeros(2), 1.0)
    tensor([1., 1.])
)"};

}  // namespace lampas
