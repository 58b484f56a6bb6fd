// poisson and binomial: random counts, one for each element of a tensor.
#include "core/kernels/random.h"
#include "core/ops/promotion.h"
#include "core/ops/random.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

Tensor poisson_rule(Call& call, const Tensor& input, const GeneratorArgument& generator) {
  if (!is_floating(input.dtype()))
    fail(ErrorKind::not_implemented, "\"poisson_cpu\" not implemented for '", scalar_type_name(input.dtype()),
         "'");
  Tensor output = drawn_output(call, "PoissonBackward0", input.sizes(), {input});
  kernels::poisson(output.device(), generator_of(generator), input, output);
  return output;
}

void check_count_dtype(const char* name, const Tensor& tensor) {
  if (!is_floating(tensor.dtype()))
    fail(ErrorKind::value, "binomial only supports floating-point dtypes for ", name,
         ", got: ", scalar_type_name(tensor.dtype()));
}

Tensor binomial_rule(Call& call, const Tensor& count, const Tensor& prob,
                     const GeneratorArgument& generator) {
  check_count_dtype("count", count);
  check_count_dtype("prob", prob);
  check(count.dtype() == prob.dtype(), "Found dtype ", scalar_type_name(prob.dtype()), " but expected ",
        scalar_type_name(count.dtype()));
  if (item_size(count.dtype()) == 2)
    fail(ErrorKind::not_implemented, "\"binomial_cpu\" not implemented for '",
         scalar_type_name(count.dtype()), "'");
  Shape sizes = broadcast_shapes(count.sizes(), prob.sizes());
  Tensor output = drawn_output(call, "BinomialBackward0", sizes, {count, prob});
  kernels::binomial(output.device(), generator_of(generator), expand(detach(count), sizes),
                    expand(detach(prob), sizes), output);
  return output;
}

}  // namespace

const Op<Tensor(const Tensor&, const GeneratorArgument&)> poisson{
    "poisson(Tensor input, Generator? generator=None) -> Tensor",
    poisson_rule,
    {.forms = function, .forward = Forward::none},
    R"(Draw how many events happen, for each rate in `input`.

    Args:
        input (Tensor): rates, floating point, not negative.
        generator (Generator, optional): what to draw with.

    Raises RuntimeError for a negative rate or NaN, NotImplementedError for integers.

    >>> lampas.poisson(lampas.zeros(2))
    tensor([0., 0.])
)"};

const Op<Tensor(const Tensor&, const Tensor&, const GeneratorArgument&)> binomial{
    "binomial(Tensor count, Tensor prob, Generator? generator=None) -> Tensor",
    binomial_rule,
    {.forms = function, .forward = Forward::none},
    R"(Draw how many of `count` trials succeed, each with probability `prob`.

    Args:
        count (Tensor): how many trials; NaN and infinity give NaN.
        prob (Tensor): of count's dtype, float32 or float64; the two broadcast.
        generator (Generator, optional): what to draw with.

    Raises ValueError for integers, RuntimeError where the dtypes differ.

    >>> lampas.binomial(lampas.tensor([3.0, 4.0]), lampas.tensor([0.0, 1.0]))
    tensor([0., 4.])
)"};

}  // namespace lampas
