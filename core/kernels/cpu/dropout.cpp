// Dropout's factors on the CPU.
#include "core/kernels/dropout.h"

#include "core/kernels/copy.h"
#include "core/kernels/elementwise.h"
#include "core/random/distributions.h"
#include "core/random/generator.h"

namespace lampas {
namespace {

void dropout_noise_on_cpu(double p, Generator& generator, const Tensor& output) {
  fill_bernoulli(output.data(), output.dtype(), output.numel(), 1 - p, generator);
  Tensor keep = new_tensor({}, output.dtype());
  kernels::fill(keep.device(), Scalar(1 - p), keep);
  kernels::binary(output.device(), BinaryFunction::div, nullptr, output, keep, output);
}

const Implement implement_dropout_noise(kernels::dropout_noise, DeviceKind::cpu, dropout_noise_on_cpu);

}  // namespace
}  // namespace lampas
