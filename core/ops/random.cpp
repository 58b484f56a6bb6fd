// Ops that draw random numbers: in place (uniform_, normal_, …) and into new tensors (rand, randint, …).
#include "core/ops/random.h"

#include <cmath>
#include <limits>

#include "core/kernels/random.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/indexing.h"
#include "core/ops/promotion.h"
#include "core/ops/reduction.h"
#include "core/ops/shared_generator.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

using OptionalDType = std::optional<DType>;
using OptionalDevice = std::optional<Device>;
using GeneratorArgument = Reference<Opaque>;

// The tensor to overwrite with draws, on which its values before do not bear.
Tensor overwritten(Call& call, const char* node_name, const Tensor& input) {
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record(node_name, {input}))
    node.derivative([](const Gradients& grad, Wanted) { return Gradients{zeros_like(grad[0])}; });
  return output;
}

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
  Tensor output = overwritten(call, "UniformBackward0", input);
  kernels::uniform(output.device(), from, to, generator_of(generator), output);
  return output;
}

Tensor normal_rule(Call& call, const Tensor& input, double mean, double std,
                   const GeneratorArgument& generator) {
  check(std >= 0, "normal expects std >= 0.0, but found std ", std);
  Tensor output = overwritten(call, "NormalBackward0", input);
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
  Tensor output = overwritten(call, "ExponentialBackward0", input);
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
  Tensor output = overwritten(call, "CauchyBackward0", input);
  kernels::cauchy(output.device(), median, sigma, generator_of(generator), output);
  return output;
}

Tensor log_normal_rule(Call& call, const Tensor& input, double mean, double std,
                       const GeneratorArgument& generator) {
  check(std > 0, "log_normal_ expects std > 0.0, but found std=", std);
  Tensor output = overwritten(call, "LogNormalBackward0", input);
  kernels::log_normal(output.device(), mean, std, generator_of(generator), output);
  return output;
}

Tensor geometric_rule(Call& call, const Tensor& input, double p, const GeneratorArgument& generator) {
  check(p > 0 && p < 1, "geometric_ expects p to be in (0, 1), but got p=", p);
  Tensor output = overwritten(call, "GeometricBackward0", input);
  kernels::geometric(output.device(), p, generator_of(generator), output);
  return output;
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

// Integers of [from, to).
void draw_between(int64_t from, int64_t to, const GeneratorArgument& generator, const Tensor& output) {
  DType dtype = output.dtype();
  check(from < to, "random_ expects 'from' to be less than 'to', but got from=", from, " >= to=", to);
  check(!is_complex(dtype), "check_random_bounds handles only integral, floating-point and boolean types");
  check(reaches(dtype, from), "from is out of bounds for ", compiler_name(dtype));
  check(reaches(dtype, to - 1), "to - 1 is out of bounds for ", compiler_name(dtype));
  uint64_t range = static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
  kernels::random_range(output.device(), range, from, generator_of(generator), output);
}

Tensor random_rule(Call& call, const Tensor& input, const GeneratorArgument& generator) {
  Tensor output = overwritten(call, "RandomBackward0", input);
  kernels::random_full(output.device(), false, generator_of(generator), output);
  return output;
}

Tensor random_to_rule(Call& call, const Tensor& input, int64_t to, const GeneratorArgument& generator) {
  Tensor output = overwritten(call, "RandomBackward0", input);
  draw_between(0, to, generator, output);
  return output;
}

Tensor random_from_rule(Call& call, const Tensor& input, int64_t from, std::optional<int64_t> to,
                        const GeneratorArgument& generator) {
  Tensor output = overwritten(call, "RandomBackward0", input);
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
  Tensor output = overwritten(call, "BernoulliBackward0", input);
  kernels::bernoulli(output.device(), p, generator_of(generator), output);
  return output;
}

Tensor bernoulli_in_place_tensor_rule(Call& call, const Tensor& input, const Tensor& p,
                                      const GeneratorArgument& generator) {
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record("BernoulliBackward1", {input, p}))
    node.derivative([](const Gradients& grad, Wanted) {
      return Gradients{zeros_like(grad[0]), zeros_like(grad[0])};  // the engine sums
    });
  draw_each(p, "bernoulli_tensor_cpu_p_", generator, output);
  return output;
}

Tensor bernoulli_rule(Call& call, const Tensor& input, const GeneratorArgument& generator) {
  Tensor output = overwritten(call, "BernoulliBackward0", input);
  draw_each(input, "bernoulli_tensor_cpu_p_", generator, output);
  return output;
}

Tensor bernoulli_p_rule(Call& call, const Tensor& input, double p, const GeneratorArgument& generator) {
  check_probability(p);
  Tensor output = overwritten(call, "BernoulliBackward2", input);
  kernels::bernoulli(output.device(), p, generator_of(generator), output);
  return output;
}

Tensor rand_rule(Call& call, const Shape& size, const GeneratorArgument& generator, OptionalDType dtype,
                 OptionalDevice device) {
  Tensor output = made_output(call, size, dtype, device, default_dtype());
  kernels::uniform(output.device(), 0, 1, generator_of(generator), output);
  return output;
}

Tensor randn_rule(Call& call, const Shape& size, const GeneratorArgument& generator, OptionalDType dtype,
                  OptionalDevice device) {
  Tensor output = made_output(call, size, dtype, device, default_dtype());
  double deviation = is_complex(output.dtype()) ? std::sqrt(0.5) : 1;
  kernels::normal(output.device(), 0, deviation, generator_of(generator), output);
  return output;
}

Tensor randint_low_rule(Call& call, int64_t low, int64_t high, const Shape& size,
                        const GeneratorArgument& generator, OptionalDType dtype, OptionalDevice device) {
  Tensor output = made_output(call, size, dtype, device, DType::int64);
  draw_between(low, high, generator, output);
  return output;
}

Tensor randint_rule(Call& call, int64_t high, const Shape& size, const GeneratorArgument& generator,
                    OptionalDType dtype, OptionalDevice device) {
  return randint_low_rule(call, 0, high, size, generator, dtype, device);
}

Tensor randperm_rule(Call& call, int64_t n, const GeneratorArgument& generator, OptionalDType dtype,
                     OptionalDevice device) {
  Tensor output = made_output(call, {n}, dtype, device, DType::int64);
  if (output.dtype() == DType::bool_ || is_complex(output.dtype()))
    fail(ErrorKind::not_implemented, "\"randperm\" not implemented for '", scalar_type_name(output.dtype()),
         "'");
  check_fits(Scalar(n), output.dtype());
  kernels::permutation(output.device(), generator_of(generator), output);
  return output;
}

Tensor rand_like_rule(Call& call, const Tensor& input, const GeneratorArgument& generator,
                      OptionalDType dtype, OptionalDevice device) {
  return rand_rule(call, input.sizes(), generator, dtype.value_or(input.dtype()),
                   device.value_or(input.device()));
}

Tensor randn_like_rule(Call& call, const Tensor& input, const GeneratorArgument& generator,
                       OptionalDType dtype, OptionalDevice device) {
  return randn_rule(call, input.sizes(), generator, dtype.value_or(input.dtype()),
                    device.value_or(input.device()));
}

Tensor randint_like_low_rule(Call& call, const Tensor& input, int64_t low, int64_t high,
                             const GeneratorArgument& generator, OptionalDType dtype, OptionalDevice device) {
  return randint_low_rule(call, low, high, input.sizes(), generator, dtype.value_or(input.dtype()),
                          device.value_or(input.device()));
}

Tensor randint_like_rule(Call& call, const Tensor& input, int64_t high, const GeneratorArgument& generator,
                         OptionalDType dtype, OptionalDevice device) {
  return randint_like_low_rule(call, input, 0, high, generator, dtype, device);
}

// torch.normal: standard draws, scaled and shifted by tensors or numbers.
Tensor normal_size_rule(Call& call, double mean, double std, const Shape& size,
                        const GeneratorArgument& generator, OptionalDType dtype, OptionalDevice device) {
  check(std >= 0, "normal expects std >= 0.0, but found std ", std);
  Tensor output = made_output(call, size, dtype, device, default_dtype());
  double deviation = is_complex(output.dtype()) ? std * std::sqrt(0.5) : std;
  kernels::normal(output.device(), mean, deviation, generator_of(generator), output);
  return output;
}

void check_deviations(const Tensor& std) {
  check(!is_complex(std.dtype()), "normal expects standard deviation to be non-complex");
  if (std.device().kind == DeviceKind::meta || std.numel() == 0) return;
  check(item(all(ge(detach(std), number_tensor(0)))).to<bool>(), "normal expects all elements of std >= 0.0");
}

Tensor normal_mean_rule(Call& call, const Tensor& mean, double std, const GeneratorArgument& generator) {
  check(std >= 0, "normal expects std >= 0.0, but found std ", std);
  Tensor output = overwritten(call, "NormalBackward1", mean);
  Tensor drawn = new_tensor(output.sizes(), output.dtype(), output.device());
  kernels::normal(drawn.device(), 0, std, generator_of(generator), drawn);
  copy_(detach(output), add(drawn, detach(mean), 1));
  return output;
}

Tensor normal_std_rule(Call& call, double mean, const Tensor& std, const GeneratorArgument& generator) {
  check_deviations(std);
  Tensor output = overwritten(call, "NormalBackward2", std);
  Tensor drawn = new_tensor(output.sizes(), output.dtype(), output.device());
  kernels::normal(drawn.device(), 0, 1, generator_of(generator), drawn);
  copy_(detach(output), add(mul(drawn, detach(std)), number_tensor(mean), 1));
  return output;
}

Tensor normal_both_rule(Call& call, const Tensor& mean, const Tensor& std,
                        const GeneratorArgument& generator) {
  check_deviations(std);
  Tensor output = call.output(broadcast_shapes(mean.sizes(), std.sizes()), mean.dtype(), mean.device());
  if (Recording node = call.record("NormalBackward3", {mean, std}))
    node.derivative([](const Gradients& grad, Wanted) {
      return Gradients{zeros_like(grad[0]), zeros_like(grad[0])};  // the engine sums
    });
  Tensor drawn = new_tensor(output.sizes(), output.dtype(), output.device());
  kernels::normal(drawn.device(), 0, 1, generator_of(generator), drawn);
  copy_(detach(output), add(mul(drawn, detach(std)), detach(mean), 1));
  return output;
}

constexpr Traits drawing_in_place{.forms = in_place, .forward = Forward::none, .elementwise = true};
constexpr Traits drawing{.forms = function | out, .forward = Forward::none};
constexpr Traits drawing_like{.forms = function, .forward = Forward::none};
using FromNumbers = Op<Tensor(const Tensor&, double, double, const GeneratorArgument&)>;
using FromNumber = Op<Tensor(const Tensor&, double, const GeneratorArgument&)>;
using FromSize = Op<Tensor(const Shape&, const GeneratorArgument&, OptionalDType, OptionalDevice)>;
using Like = Op<Tensor(const Tensor&, const GeneratorArgument&, OptionalDType, OptionalDevice)>;

}  // namespace

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

const FromSize rand{
    "rand(int[] size, *, Generator? generator=None, ScalarType? dtype=None, Device? "
    "device=None) -> Tensor",
    rand_rule, drawing,
    R"(Draw numbers uniformly from [0, 1).

    >>> lampas.rand(2, 3).shape
    torch.Size([2, 3])
)"};

const FromSize randn{
    "randn(int[] size, *, Generator? generator=None, ScalarType? dtype=None, Device? "
    "device=None) -> Tensor",
    randn_rule, drawing,
    R"(Draw numbers from the standard normal distribution.

    >>> lampas.randn(2, 3).shape
    torch.Size([2, 3])
)"};

const Op<Tensor(int64_t, const Shape&, const GeneratorArgument&, OptionalDType, OptionalDevice)> randint{
    "randint(int high, int[] size, *, Generator? generator=None, ScalarType? dtype=None, Device? "
    "device=None) "
    "-> Tensor",
    randint_rule, drawing,
    R"(Draw integers from [low, high); `low` is 0 where not given.

    Raises RuntimeError where the range is empty or exceeds the dtype.

    >>> lampas.randint(5, 6, (2,))
    tensor([5, 5])
)"};

const Op<Tensor(int64_t, int64_t, const Shape&, const GeneratorArgument&, OptionalDType, OptionalDevice)>
    randint_low{
        "randint.low(int low, int high, int[] size, *, Generator? generator=None, ScalarType? "
        "dtype=None, Device? device=None) -> Tensor",
        randint_low_rule, drawing,
        R"(Draw integers from [low, high).

    >>> lampas.randint(5, 6, (2,))
    tensor([5, 5])
)"};

const Op<Tensor(int64_t, const GeneratorArgument&, OptionalDType, OptionalDevice)> randperm{
    "randperm(int n, *, Generator? generator=None, ScalarType? dtype=None, Device? device=None) -> Tensor",
    randperm_rule, drawing,
    R"(Draw a permutation of 0, 1, …, n - 1.

    >>> sorted(lampas.randperm(3).tolist())
    [0, 1, 2]
)"};

const Like rand_like{
    "rand_like(Tensor input, *, Generator? generator=None, ScalarType? dtype=None, Device? "
    "device=None) -> Tensor",
    rand_like_rule, drawing_like,
    R"(Draw numbers uniformly from [0, 1), in the shape, dtype and device of `input`.

    >>> lampas.rand_like(lampas.zeros(2)).shape
    torch.Size([2])
)"};

const Like randn_like{
    "randn_like(Tensor input, *, Generator? generator=None, ScalarType? dtype=None, Device? "
    "device=None) -> Tensor",
    randn_like_rule, drawing_like,
    R"(Draw from the standard normal distribution, in the shape, dtype and device of `input`.

    >>> lampas.randn_like(lampas.zeros(2)).shape
    torch.Size([2])
)"};

const Op<Tensor(const Tensor&, int64_t, const GeneratorArgument&, OptionalDType, OptionalDevice)>
    randint_like{
        "randint_like(Tensor input, int high, *, Generator? generator=None, ScalarType? dtype=None, Device? "
        "device=None) -> Tensor",
        randint_like_rule, drawing_like,
        R"(Draw integers from [low, high), in the shape, dtype and device of `input`.

    >>> lampas.randint_like(lampas.zeros(2), 1)
    tensor([0., 0.])
)"};

const Op<Tensor(const Tensor&, int64_t, int64_t, const GeneratorArgument&, OptionalDType, OptionalDevice)>
    randint_like_low{
        "randint_like.low(Tensor input, int low, int high, *, Generator? generator=None, "
        "ScalarType? dtype=None, Device? device=None) -> Tensor",
        randint_like_low_rule, drawing_like,
        R"(Draw integers from [low, high), in the shape, dtype and device of `input`.

    >>> lampas.randint_like(lampas.zeros(2), 3, 4)
    tensor([3., 3.])
)"};

const Op<Tensor(double, double, const Shape&, const GeneratorArgument&, OptionalDType, OptionalDevice)>
    normal_size{
        "normal.size(float mean, float std, int[] size, *, Generator? generator=None, ScalarType? "
        "dtype=None, Device? device=None) -> Tensor",
        normal_size_rule, drawing,
        R"(Draw numbers from a normal distribution.

    Args:
        mean, std: numbers, or tensors that broadcast, one normal distribution for each element.
        size: the sizes, where both are numbers.

    Raises RuntimeError where a standard deviation is negative.

    >>> lampas.normal(5.0, 0.0, (2,))
    tensor([5., 5.])
)"};

const Op<Tensor(const Tensor&, double, const GeneratorArgument&)> normal_mean{
    "normal.mean(Tensor mean, float std=1, *, Generator? generator=None) -> Tensor", normal_mean_rule,
    drawing,
    R"(Draw one number for each element of `mean`.

    >>> lampas.normal(lampas.tensor([1.0, 2.0]), 0.0)
    tensor([1., 2.])
)"};

const Op<Tensor(double, const Tensor&, const GeneratorArgument&)> normal_std{
    "normal.std(float mean, Tensor std, *, Generator? generator=None) -> Tensor", normal_std_rule, drawing,
    R"(Draw one number for each element of `std`.

    >>> lampas.normal(1.0, lampas.tensor([0.0, 0.0]))
    tensor([1., 1.])
)"};

const Op<Tensor(const Tensor&, const Tensor&, const GeneratorArgument&)> normal_both{
    "normal.both(Tensor mean, Tensor std, *, Generator? generator=None) -> Tensor", normal_both_rule, drawing,
    R"(Draw one number for each pair of a mean and a standard deviation.

    >>> lampas.normal(lampas.tensor([1.0, 2.0]), lampas.tensor([0.0, 0.0]))
    tensor([1., 2.])
)"};

}  // namespace lampas
