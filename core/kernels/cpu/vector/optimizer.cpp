// Steps of SGD and Adam, fused over a parameter's elements, with the roundings of torch.optim's separate
// operations: what is multiply_add here is one add, lerp or addcmul there.
#include "core/kernels/cpu/vector/optimizer.h"

#include "core/kernels/cpu/vector/vector.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

// Whole registers, then the rest, for which `count` keeps load and store inside.
template <int64_t size, class Body>
LAMPAS_INLINE void over_elements(int64_t elements, Body body) {
  int64_t i = 0;
  for (; i + size <= elements; i += size) body(i);
  if (i < elements) body(i, elements - i);
}

// The step is copied, since the compiler must assume that stores to the arrays could change the caller's.
template <class T>
void sgd(void* param, const void* grad, void* momentum_buffer, int64_t count, const SgdStep& caller_step) {
  using V = Vector<T>;
  const SgdStep step = caller_step;
  T* parameter = (T*)param;
  T* buffer = (T*)momentum_buffer;
  const T* gradient = (const T*)grad;
  const V minus_lr(-step.lr), weight_decay(step.weight_decay), momentum(step.momentum);
  const V undamped(1 - step.dampening);
  const bool has_decay = step.weight_decay != 0, has_momentum = step.momentum != 0;
  over_elements<V::size>(count, [&](int64_t i, auto... n) LAMPAS_INLINE_LAMBDA {
    const V value = load(parameter + i, n...);
    V direction = load(gradient + i, n...);
    if (step.maximize) direction = -direction;
    if (has_decay) direction = multiply_add(value, weight_decay, direction);
    if (has_momentum) {
      V average = direction;
      if (!step.first_step) average = multiply_add(direction, undamped, load(buffer + i, n...) * momentum);
      store(average, buffer + i, n...);
      direction = step.nesterov ? multiply_add(average, momentum, direction) : average;
    }
    store(multiply_add(direction, minus_lr, value), parameter + i, n...);
  });
}

template <class T>
void adam(void* param, const void* grad, void* exp_avg, void* exp_avg_sq, void* max_exp_avg_sq, int64_t count,
          const AdamStep& caller_step) {
  using V = Vector<T>;
  const AdamStep step = caller_step;
  T* parameter = (T*)param;
  const T* gradient = (const T*)grad;
  T* first = (T*)exp_avg;
  T* second = (T*)exp_avg_sq;
  T* largest_second = (T*)max_exp_avg_sq;
  const double correction1 = 1 - __builtin_pow(step.beta1, step.step);
  const double correction2 = 1 - __builtin_pow(step.beta2, step.step);
  const V minus_step_size(-(step.lr / correction1)), sqrt_correction2(__builtin_sqrt(correction2));
  const V weight_decay(step.weight_decay), kept(1 - step.lr * step.weight_decay), eps(step.eps);
  // lerp starts from the nearer end: from the average for a weight below 1/2, else from the gradient.
  const double weight = 1 - step.beta1;
  const bool from_average = weight < 0.5;
  const V lerp_weight(from_average ? (T)weight : (T)weight - 1);
  const V beta2(step.beta2), new_share(1 - step.beta2);
  const bool has_decay = step.weight_decay != 0;
  over_elements<V::size>(count, [&](int64_t i, auto... n) LAMPAS_INLINE_LAMBDA {
    V value = load(parameter + i, n...);
    V direction = load(gradient + i, n...);
    if (step.maximize) direction = -direction;
    if (has_decay) {
      if (step.decoupled_weight_decay) {
        value = value * kept;
      } else {
        direction = multiply_add(value, weight_decay, direction);
      }
    }
    V average = load(first + i, n...);
    average = multiply_add(lerp_weight, direction - average, from_average ? average : direction);
    const V square = load(second + i, n...) * beta2 + new_share * direction * direction;
    store(average, first + i, n...);
    store(square, second + i, n...);
    V scale = square;
    if (largest_second != nullptr) {
      const V old = load(largest_second + i, n...);
      scale = select((old > square) | isnan(old), old, square);
      store(scale, largest_second + i, n...);
    }
    const V denominator = sqrt(scale) / sqrt_correction2 + eps;
    store(value + minus_step_size * average / denominator, parameter + i, n...);
  });
}

}  // namespace

constinit const OptimizerTable optimizer = {sgd<float>, sgd<double>, adam<float>, adam<double>};

}  // namespace lampas::vector::LAMPAS_SET
