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
  // The factor is rounded to the dtype once; halves are computed in float.
  bool narrow = item_size(output.dtype()) < sizeof(double);
  double factor = narrow ? static_cast<double>(1.0f / static_cast<float>(1 - p)) : 1 / (1 - p);
  Tensor scale = new_tensor({}, output.dtype());
  kernels::fill(scale.device(), Scalar(factor), scale);
  kernels::binary(output.device(), BinaryFunction::mul, nullptr, output, scale, output);
}

const Implement implement_dropout_noise(kernels::dropout_noise, DeviceKind::cpu, dropout_noise_on_cpu);

}  // namespace
}  // namespace lampas
