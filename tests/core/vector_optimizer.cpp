// SGD and Adam against torch.optim's operations, one rounding at a time.
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
  const T weight = static_cast<T>(1 - step.beta1);
  const T difference = grad - state.average;
  state.average =
      weight < T(0.5) ? std::fma(weight, difference, state.average) : std::fma(weight - 1, difference, grad);
  state.square = state.square * static_cast<T>(step.beta2) + static_cast<T>(1 - step.beta2) * grad * grad;
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

}  // namespace
}  // namespace lampas
