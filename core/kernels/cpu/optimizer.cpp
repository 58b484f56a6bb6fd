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

// Runs `loop(at, count)` over runs of the elements, where at(tensor) is the run's begin, or null.
template <class Loop>
void over_runs(const Tensor& param, Loop&& loop) {
  auto item = static_cast<int64_t>(item_size(param.dtype()));
  parallel_for(0, param.numel(), elements_per_grain, [&](int64_t begin, int64_t end) {
    auto at = [&](const Tensor& tensor) {
      return tensor.defined() ? tensor.data<char>() + begin * item : nullptr;
    };
    loop(at, end - begin);
  });
}

// The number of the step that begins.
double advance(const Tensor& step) {
  if (step.dtype() == DType::float32) return ++*step.data<float>();
  return ++*step.data<double>();
}

template <class Loop>
Loop of_dtype(const Tensor& param, Loop float32, Loop float64) {
  return param.dtype() == DType::float32 ? float32 : float64;
}

void sgd_step_on_cpu(const Tensor& param, const Tensor& grad, const Tensor& momentum_buffer,
                     const SgdStep& step) {
  SgdLoop loop = of_dtype(param, table().sgd_float32, table().sgd_float64);
  over_runs(param,
            [&](auto at, int64_t count) { loop(at(param), at(grad), at(momentum_buffer), count, step); });
}

void adam_step_on_cpu(const Tensor& param, const Tensor& grad, const Tensor& exp_avg,
                      const Tensor& exp_avg_sq, const Tensor& max_exp_avg_sq, const Tensor& step,
                      const AdamStep& options) {
  AdamLoop loop = of_dtype(param, table().adam_float32, table().adam_float64);
  AdamStep numbered = options;
  numbered.step = advance(step);
  over_runs(param, [&](auto at, int64_t count) {
    loop(at(param), at(grad), at(exp_avg), at(exp_avg_sq), at(max_exp_avg_sq), count, numbered);
  });
}

void rmsprop_step_on_cpu(const Tensor& param, const Tensor& grad, const Tensor& square_avg,
                         const Tensor& momentum_buffer, const Tensor& grad_avg, const Tensor& step,
                         const RmspropStep& options) {
  RmspropLoop loop = of_dtype(param, table().rmsprop_float32, table().rmsprop_float64);
  advance(step);
  over_runs(param, [&](auto at, int64_t count) {
    loop(at(param), at(grad), at(square_avg), at(momentum_buffer), at(grad_avg), count, options);
  });
}

void adagrad_step_on_cpu(const Tensor& param, const Tensor& grad, const Tensor& sum, const Tensor& step,
                         const AdagradStep& options) {
  AdagradLoop loop = of_dtype(param, table().adagrad_float32, table().adagrad_float64);
  AdagradStep numbered = options;
  numbered.step = advance(step);
  over_runs(param, [&](auto at, int64_t count) { loop(at(param), at(grad), at(sum), count, numbered); });
}

void adadelta_step_on_cpu(const Tensor& param, const Tensor& grad, const Tensor& square_avg,
                          const Tensor& acc_delta, const Tensor& step, const AdadeltaStep& options) {
  AdadeltaLoop loop = of_dtype(param, table().adadelta_float32, table().adadelta_float64);
  advance(step);
  over_runs(param, [&](auto at, int64_t count) {
    loop(at(param), at(grad), at(square_avg), at(acc_delta), count, options);
  });
}

const Implement implement_sgd_step(kernels::sgd_step, DeviceKind::cpu, sgd_step_on_cpu);
const Implement implement_adam_step(kernels::adam_step, DeviceKind::cpu, adam_step_on_cpu);
const Implement implement_rmsprop_step(kernels::rmsprop_step, DeviceKind::cpu, rmsprop_step_on_cpu);
const Implement implement_adagrad_step(kernels::adagrad_step, DeviceKind::cpu, adagrad_step_on_cpu);
const Implement implement_adadelta_step(kernels::adadelta_step, DeviceKind::cpu, adadelta_step_on_cpu);

}  // namespace
}  // namespace lampas
