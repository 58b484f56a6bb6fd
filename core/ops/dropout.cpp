// dropout: elements become zero at random, the others grow so that the mean stays.
#include "core/kernels/dropout.h"

#include "core/ops/binary.h"
#include "core/ops/creation.h"
#include "core/ops/op.h"
#include "core/ops/shared_generator.h"

namespace lampas {
namespace {

// 0 with probability p, else 1 / (1 - p), drawn as PyTorch draws it.
Tensor noise_rule(Call& call, const Tensor& input, double p, const Reference<Opaque>& generator) {
  call.not_differentiable();
  if (is_complex(input.dtype()))
    fail(ErrorKind::not_implemented, "\"bernoulli_scalar_cpu_\" not implemented for '",
         scalar_type_name(input.dtype()), "'");
  if (!is_floating(input.dtype()))
    fail(ErrorKind::runtime, "result type Float can't be cast to the desired output type ",
         scalar_type_name(input.dtype()));
  Tensor noise = call.elementwise_output({input}, input.dtype());
  kernels::dropout_noise(input.device(), p, generator_of(generator), noise);
  return noise;
}

const Op<Tensor(const Tensor&, double, const Reference<Opaque>&)> dropout_noise{
    "_dropout_noise(Tensor input, float p, *, Generator? generator=None) -> Tensor",
    noise_rule,
    {
        .forms = Forms{},
        .batching = Batching::elementwise,
        .forward = Forward::none,
    },
    "The factors of dropout."};

void check_probability(double p) {
  if (!(p >= 0 && p <= 1))
    fail(ErrorKind::runtime, "dropout probability has to be between 0 and 1, but got ", p);
}

// Undefined where nothing is to be dropped.
Tensor factors(const Tensor& input, double p, bool train) {
  check_probability(p);
  if (p == 0 || !train || input.numel() == 0) return Tensor();
  if (p == 1) return zeros({}, input.dtype(), input.device());
  return dropout_noise(input, p, nullptr);
}

Tensor dropout_rule(Call&, const Tensor& input, double p, bool train) {
  Tensor noise = factors(input, p, train);
  return noise.defined() ? mul(input, noise) : input;
}

Tensor dropout_in_place_rule(Call&, const Tensor& input, double p, bool train) {
  Tensor noise = factors(input, p, train);
  if (noise.defined()) mul.write_into(input, noise);
  return input;
}

const Op<Tensor(const Tensor&, double, bool)> dropout{
    "dropout(Tensor input, float p, bool train) -> Tensor",
    dropout_rule,
    {.forms = function, .composite = true},
    R"(Set elements to zero with probability `p` and multiply the others by 1 / (1 - p).

    Args:
        input: a floating point tensor of any shape.
        p: the probability, in [0, 1].
        train: with False, `input` is returned as it is.

    Source: Srivastava et al., Dropout, 2014.

    >>> lampas.dropout(lampas.ones(3), 0.5, train=False)
    tensor([1., 1., 1.])
)"};

const Op<Tensor(const Tensor&, double, bool)> dropout_in_place{
    "dropout_(Tensor input, float p, bool train) -> Tensor",
    dropout_in_place_rule,
    {.forms = function, .composite = true},
    "dropout that overwrites its input."};

}  // namespace
}  // namespace lampas
