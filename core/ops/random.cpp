// Ops that draw random numbers into new tensors: rand, randn, randint, randperm, normal.
#include "core/ops/random.h"

#include <cmath>

#include "core/kernels/random.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/indexing.h"
#include "core/ops/promotion.h"
#include "core/ops/reduction.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

Tensor uniform_into(const Tensor& output, const GeneratorArgument& generator) {
  kernels::uniform(output.device(), 0, 1, generator_of(generator), output);
  return output;
}

Tensor standard_normal_into(const Tensor& output, const GeneratorArgument& generator) {
  // Of a complex number, each part has half the variance.
  double deviation = is_complex(output.dtype()) ? std::sqrt(0.5) : 1;
  kernels::normal(output.device(), 0, deviation, generator_of(generator), output);
  return output;
}

Tensor rand_rule(Call& call, const Shape& size, const GeneratorArgument& generator, OptionalDType dtype,
                 OptionalDevice device) {
  return uniform_into(made_output(call, size, dtype, device, default_dtype()), generator);
}

Tensor randn_rule(Call& call, const Shape& size, const GeneratorArgument& generator, OptionalDType dtype,
                  OptionalDevice device) {
  return standard_normal_into(made_output(call, size, dtype, device, default_dtype()), generator);
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
  return uniform_into(output_like(call, input, dtype, device), generator);
}

Tensor randn_like_rule(Call& call, const Tensor& input, const GeneratorArgument& generator,
                       OptionalDType dtype, OptionalDevice device) {
  return standard_normal_into(output_like(call, input, dtype, device), generator);
}

Tensor randint_like_low_rule(Call& call, const Tensor& input, int64_t low, int64_t high,
                             const GeneratorArgument& generator, OptionalDType dtype, OptionalDevice device) {
  Tensor output = output_like(call, input, dtype, device);
  draw_between(low, high, generator, output);
  return output;
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
  Tensor output = drawn_output(call, "NormalBackward1", mean.sizes(), {mean});
  Tensor drawn = new_tensor(output.sizes(), output.dtype(), output.device());
  kernels::normal(drawn.device(), 0, std, generator_of(generator), drawn);
  copy_(detach(output), add(drawn, detach(mean), 1));
  return output;
}

Tensor normal_std_rule(Call& call, double mean, const Tensor& std, const GeneratorArgument& generator) {
  check_deviations(std);
  Tensor output = drawn_output(call, "NormalBackward2", std.sizes(), {std});
  Tensor drawn = new_tensor(output.sizes(), output.dtype(), output.device());
  kernels::normal(drawn.device(), 0, 1, generator_of(generator), drawn);
  copy_(detach(output), add(mul(drawn, detach(std)), number_tensor(mean), 1));
  return output;
}

Tensor normal_both_rule(Call& call, const Tensor& mean, const Tensor& std,
                        const GeneratorArgument& generator) {
  check_deviations(std);
  Tensor output =
      drawn_output(call, "NormalBackward3", broadcast_shapes(mean.sizes(), std.sizes()), {mean, std});
  Tensor drawn = new_tensor(output.sizes(), output.dtype(), output.device());
  kernels::normal(drawn.device(), 0, 1, generator_of(generator), drawn);
  copy_(detach(output), add(mul(drawn, detach(std)), detach(mean), 1));
  return output;
}

constexpr Traits drawing{.forms = function | out, .forward = Forward::none};
constexpr Traits drawing_like{.forms = function, .forward = Forward::none};
using FromSize = Op<Tensor(const Shape&, const GeneratorArgument&, OptionalDType, OptionalDevice)>;
using Like = Op<Tensor(const Tensor&, const GeneratorArgument&, OptionalDType, OptionalDevice)>;

}  // namespace

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
