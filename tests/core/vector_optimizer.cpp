// Optimizer steps against torch.optim's operations, one rounding at a time.
#include <cmath>
#include <random>
#include <vector>

#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/vector/optimizer.h"
#include "tests/core/check.h"

namespace lampas {
namespace {

struct NamedTable {
  InstructionSet set;
  const vector::OptimizerTable& table;
};

std::vector<NamedTable> runnable_tables() {
  std::vector<NamedTable> tables = {{InstructionSet::baseline, vector::baseline::optimizer}};
  if (instruction_set() >= InstructionSet::avx2) {
    tables.push_back({InstructionSet::avx2, vector::avx2::optimizer});
  }
  if (instruction_set() >= InstructionSet::avx512) {
    tables.push_back({InstructionSet::avx512, vector::avx512::optimizer});
  }
  return tables;
}

template <class T>
std::vector<T> random_elements(int64_t count, uint32_t seed, T lowest) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<T> uniform(lowest, 1);
  std::vector<T> elements;
  for (int64_t i = 0; i < count; ++i) elements.push_back(uniform(random));
  return elements;
}

// input.add(other, alpha=alpha): one rounding.
template <class T>
T add(T input, T other, double alpha) {
  return std::fma(other, static_cast<T>(alpha), input);
}

// input.addcmul(first, second, value=value): one rounding after that of value * first.
template <class T>
T addcmul(T input, T first, T second, double value) {
  return std::fma(static_cast<T>(value) * first, second, input);
}

// start.lerp(end, weight), from the nearer end.
template <class T>
T lerp(T start, T end, double weight) {
  const T near = static_cast<T>(weight);
  return near < T(0.5) ? std::fma(near, end - start, start) : std::fma(near - 1, end - start, end);
}

template <class T>
void sgd(T& param, T grad, T& buffer, const SgdStep& step) {
  if (step.maximize) grad = -grad;
  if (step.weight_decay != 0) grad = add(grad, param, step.weight_decay);
  if (step.momentum != 0) {
    buffer = step.first_step ? grad : add(buffer * static_cast<T>(step.momentum), grad, 1 - step.dampening);
    grad = step.nesterov ? add(grad, buffer, step.momentum) : buffer;
  }
  param = add(param, grad, -step.lr);
}

template <class T>
struct AdamState {
  T param, average, square, largest;
};

template <class T>
void adam(AdamState<T>& state, T grad, bool amsgrad, const AdamStep& step) {
  if (step.maximize) grad = -grad;
  if (step.weight_decay != 0) {
    if (step.decoupled_weight_decay) {
      state.param *= static_cast<T>(1 - step.lr * step.weight_decay);
    } else {
      grad = add(grad, state.param, step.weight_decay);
    }
  }
  state.average = lerp(state.average, grad, 1 - step.beta1);
  state.square = addcmul(state.square * static_cast<T>(step.beta2), grad, grad, 1 - step.beta2);
  T scale = state.square;
  if (amsgrad) scale = state.largest = std::fmax(state.largest, state.square);
  const double step_size = step.lr / (1 - std::pow(step.beta1, step.step));
  const T root = static_cast<T>(std::sqrt(1 - std::pow(step.beta2, step.step)));
  const T denominator = std::sqrt(scale) / root + static_cast<T>(step.eps);
  state.param += static_cast<T>(-step_size) * state.average / denominator;
}

// The baseline rounds a multiply_add twice, and steps carry that on.
template <class T>
void check_same(InstructionSet set, T actual, T expected) {
  const double unit = sizeof(T) == 4 ? 1e-6 : 2e-15;
  CHECK_NEAR(actual, expected, set == InstructionSet::baseline ? unit : 0.0);
}

template <class T>
void check_sgd(SgdLoop vector::OptimizerTable::*loop, const SgdStep& options) {
  for (const auto& [set, table] : runnable_tables()) {
    for (int64_t count : {1, 7, 16, 37, 100}) {
      std::vector<T> param = random_elements<T>(count, 1, -1), expected = param;
      std::vector<T> buffer(count), expected_buffer(count);
      SgdStep step = options;
      for (uint32_t number = 0; number < 4; ++number) {
        step.first_step = number == 0;
        const std::vector<T> grad = random_elements<T>(count, 10 + number, -1);
        (table.*loop)(param.data(), grad.data(), step.momentum != 0 ? buffer.data() : nullptr, count, step);
        for (int64_t i = 0; i < count; ++i) {
          sgd(expected[i], grad[i], expected_buffer[i], step);
          check_same(set, param[i], expected[i]);
          check_same(set, buffer[i], expected_buffer[i]);
        }
      }
    }
  }
}

TEST(vector_sgd) {
  const SgdStep plain{.lr = 0.1};
  const SgdStep momentum{.lr = 0.1, .momentum = 0.9, .dampening = 0.1, .weight_decay = 0.01};
  const SgdStep nesterov{.lr = 0.1, .momentum = 0.9, .nesterov = true, .maximize = true};
  for (const SgdStep& step : {plain, momentum, nesterov}) {
    check_sgd<float>(&vector::OptimizerTable::sgd_float32, step);
    check_sgd<double>(&vector::OptimizerTable::sgd_float64, step);
  }
}

template <class T>
void check_adam(AdamLoop vector::OptimizerTable::*loop, bool amsgrad, const AdamStep& options) {
  for (const auto& [set, table] : runnable_tables()) {
    for (int64_t count : {1, 7, 16, 37, 100}) {
      std::vector<T> param = random_elements<T>(count, 1, -1), average(count), square(count), largest(count);
      std::vector<AdamState<T>> expected(count);
      for (int64_t i = 0; i < count; ++i) expected[i] = {param[i], 0, 0, 0};
      AdamStep step = options;
      for (uint32_t number = 1; number <= 4; ++number) {
        step.step = number;
        const std::vector<T> grad = random_elements<T>(count, 10 + number, -1);
        (table.*loop)(param.data(), grad.data(), average.data(), square.data(),
                      amsgrad ? largest.data() : nullptr, count, step);
        for (int64_t i = 0; i < count; ++i) {
          adam(expected[i], grad[i], amsgrad, step);
          check_same(set, param[i], expected[i].param);
          check_same(set, average[i], expected[i].average);
          check_same(set, square[i], expected[i].square);
          check_same(set, largest[i], expected[i].largest);
        }
      }
    }
  }
}

TEST(vector_adam) {
  const AdamStep plain{.lr = 0.01, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8};
  const AdamStep coupled{.lr = 0.01, .beta1 = 0.4, .beta2 = 0.9, .eps = 1e-3, .weight_decay = 0.1};
  AdamStep decoupled = coupled;
  decoupled.decoupled_weight_decay = decoupled.maximize = true;
  for (const AdamStep& step : {plain, coupled, decoupled}) {
    for (bool amsgrad : {false, true}) {
      check_adam<float>(&vector::OptimizerTable::adam_float32, amsgrad, step);
      check_adam<double>(&vector::OptimizerTable::adam_float64, amsgrad, step);
    }
  }
}

template <class T>
struct RmspropState {
  T param, square, buffer, average;
};

template <class T>
void rmsprop(RmspropState<T>& state, T grad, const RmspropStep& step) {
  if (step.maximize) grad = -grad;
  if (step.weight_decay != 0) grad = add(grad, state.param, step.weight_decay);
  state.square = addcmul(state.square * static_cast<T>(step.alpha), grad, grad, 1 - step.alpha);
  T variance = state.square;
  if (step.centered) {
    state.average = lerp(state.average, grad, 1 - step.alpha);
    variance = addcmul(variance, state.average, state.average, -1);
  }
  const T deviation = std::sqrt(variance) + static_cast<T>(step.eps);
  if (step.momentum != 0) {
    state.buffer = state.buffer * static_cast<T>(step.momentum) + grad / deviation;
    state.param = add(state.param, state.buffer, -step.lr);
  } else {
    state.param += static_cast<T>(-step.lr) * grad / deviation;
  }
}

template <class T>
void check_rmsprop(RmspropLoop vector::OptimizerTable::*loop, const RmspropStep& step) {
  for (const auto& [set, table] : runnable_tables()) {
    for (int64_t count : {1, 7, 16, 37, 100}) {
      std::vector<T> param = random_elements<T>(count, 1, -1), square(count), buffer(count), average(count);
      std::vector<RmspropState<T>> expected(count);
      for (int64_t i = 0; i < count; ++i) expected[i] = {param[i], 0, 0, 0};
      for (uint32_t number = 0; number < 4; ++number) {
        const std::vector<T> grad = random_elements<T>(count, 10 + number, T(0.25));
        (table.*loop)(param.data(), grad.data(), square.data(), buffer.data(), average.data(), count, step);
        for (int64_t i = 0; i < count; ++i) {
          rmsprop(expected[i], grad[i], step);
          check_same(set, param[i], expected[i].param);
          check_same(set, square[i], expected[i].square);
        }
      }
    }
  }
}

TEST(vector_rmsprop) {
  const RmspropStep plain{.lr = 0.01, .alpha = 0.9, .eps = 1e-8};
  const RmspropStep momentum{.lr = 0.01, .alpha = 0.4, .eps = 1e-3, .weight_decay = 0.1, .momentum = 0.5};
  // A large eps: what a square less a square leaves must not decide the step.
  const RmspropStep centered{.lr = 0.01, .alpha = 0.9, .eps = 1, .centered = true, .maximize = true};
  for (const RmspropStep& step : {plain, momentum, centered}) {
    check_rmsprop<float>(&vector::OptimizerTable::rmsprop_float32, step);
    check_rmsprop<double>(&vector::OptimizerTable::rmsprop_float64, step);
  }
}

template <class T>
void check_adagrad(AdagradLoop vector::OptimizerTable::*loop, const AdagradStep& options) {
  for (const auto& [set, table] : runnable_tables()) {
    for (int64_t count : {1, 7, 16, 37, 100}) {
      std::vector<T> param = random_elements<T>(count, 1, -1), sum(count), expected = param;
      std::vector<T> expected_sum(count);
      AdagradStep step = options;
      for (uint32_t number = 1; number <= 4; ++number) {
        step.step = number;
        const std::vector<T> grads = random_elements<T>(count, 10 + number, -1);
        (table.*loop)(param.data(), grads.data(), sum.data(), count, step);
        const double lr = step.lr / (1 + (step.step - 1) * step.lr_decay);
        for (int64_t i = 0; i < count; ++i) {
          T grad = step.maximize ? -grads[i] : grads[i];
          if (step.weight_decay != 0) grad = add(grad, expected[i], step.weight_decay);
          expected_sum[i] = addcmul(expected_sum[i], grad, grad, 1);
          expected[i] += static_cast<T>(-lr) * grad / (std::sqrt(expected_sum[i]) + static_cast<T>(step.eps));
          check_same(set, param[i], expected[i]);
          check_same(set, sum[i], expected_sum[i]);
        }
      }
    }
  }
}

TEST(vector_adagrad) {
  const AdagradStep plain{.lr = 0.01, .eps = 1e-3};
  const AdagradStep decaying{.lr = 0.01, .lr_decay = 0.5, .weight_decay = 0.1, .eps = 1e-3, .maximize = true};
  for (const AdagradStep& step : {plain, decaying}) {
    check_adagrad<float>(&vector::OptimizerTable::adagrad_float32, step);
    check_adagrad<double>(&vector::OptimizerTable::adagrad_float64, step);
  }
}

template <class T>
void check_adadelta(AdadeltaLoop vector::OptimizerTable::*loop, const AdadeltaStep& step) {
  const T rho = static_cast<T>(step.rho), eps = static_cast<T>(step.eps);
  for (const auto& [set, table] : runnable_tables()) {
    for (int64_t count : {1, 7, 16, 37, 100}) {
      std::vector<T> param = random_elements<T>(count, 1, -1), square(count), delta(count), expected = param;
      std::vector<T> expected_square(count), expected_delta(count);
      for (uint32_t number = 1; number <= 4; ++number) {
        const std::vector<T> grads = random_elements<T>(count, 10 + number, -1);
        (table.*loop)(param.data(), grads.data(), square.data(), delta.data(), count, step);
        for (int64_t i = 0; i < count; ++i) {
          T grad = step.maximize ? -grads[i] : grads[i];
          if (step.weight_decay != 0) grad = add(grad, expected[i], step.weight_decay);
          expected_square[i] = addcmul(expected_square[i] * rho, grad, grad, 1 - step.rho);
          const T change = std::sqrt(expected_delta[i] + eps) / std::sqrt(expected_square[i] + eps) * grad;
          expected_delta[i] = addcmul(expected_delta[i] * rho, change, change, 1 - step.rho);
          expected[i] = add(expected[i], change, -step.lr);
          check_same(set, param[i], expected[i]);
          check_same(set, square[i], expected_square[i]);
          check_same(set, delta[i], expected_delta[i]);
        }
      }
    }
  }
}

TEST(vector_adadelta) {
  const AdadeltaStep plain{.lr = 1, .rho = 0.9, .eps = 1e-6};
  const AdadeltaStep decaying{.lr = 0.5, .rho = 0.4, .eps = 1e-3, .weight_decay = 0.1, .maximize = true};
  for (const AdadeltaStep& step : {plain, decaying}) {
    check_adadelta<float>(&vector::OptimizerTable::adadelta_float32, step);
    check_adadelta<double>(&vector::OptimizerTable::adadelta_float64, step);
  }
}

}  // namespace
}  // namespace lampas
