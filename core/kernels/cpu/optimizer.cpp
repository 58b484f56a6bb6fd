// Optimizer steps on the CPU; a large parameter is shared among threads.
#include "core/kernels/optimizer.h"

#include "core/kernels/cpu/instruction_set.h"
#include "core/parallel/thread_pool.h"

namespace lampas {
namespace {

constexpr int64_t elements_per_grain = 65536;  // about 50 microseconds of one thread

const vector::OptimizerTable& table() {
  static const vector::OptimizerTable& chosen =
      choose(vector::baseline::optimizer, vector::avx2::optimizer, vector::avx512::optimizer);
  return chosen;
}

void sgd_step_on_cpu(const Tensor& param, const Tensor& grad, const Tensor& momentum_buffer,
                     const SgdStep& step) {
  SgdLoop loop = param.dtype() == DType::float32 ? table().sgd_float32 : table().sgd_float64;
  auto item = static_cast<int64_t>(item_size(param.dtype()));
  parallel_for(0, param.numel(), elements_per_grain, [&](int64_t begin, int64_t end) {
    auto at = [&](const Tensor& tensor) {
      return tensor.defined() ? tensor.data<char>() + begin * item : nullptr;
    };
    loop(at(param), at(grad), at(momentum_buffer), end - begin, step);
  });
}

const Implement implement_sgd_step(kernels::sgd_step, DeviceKind::cpu, sgd_step_on_cpu);

}  // namespace
}  // namespace lampas
