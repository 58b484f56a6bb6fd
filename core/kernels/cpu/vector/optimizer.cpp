// Steps of SGD, Adam, RMSprop, Adagrad and Adadelta, fused over a parameter's elements, with the roundings of
// torch.optim's separate operations: what is multiply_add here is one add, lerp or addcmul there.
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

// lerp(start, end, weight), which begins at the nearer end: at `start` for a weight below 1/2.
template <class T>
struct Lerp {
  using V = Vector<T>;
  explicit Lerp(double weight) : from_start(weight < 0.5), factor(from_start ? (T)weight : (T)weight - 1) {}
  LAMPAS_INLINE V operator()(V start, V end) const {
    return multiply_add(factor, end - start, from_start ? start : end);
  }
  bool from_start;
  V factor;
};

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
  const Lerp<T> toward_gradient(1 - step.beta1);
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
    const V average = toward_gradient(load(first + i, n...), direction);
    const V square = multiply_add(new_share * direction, direction, load(second + i, n...) * beta2);
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

template <class T>
void rmsprop(void* param, const void* grad, void* square_avg, void* momentum_buffer, void* grad_avg,
             int64_t count, const RmspropStep& caller_step) {
  using V = Vector<T>;
  const RmspropStep step = caller_step;
  T* parameter = (T*)param;
  const T* gradient = (const T*)grad;
  T* squares = (T*)square_avg;
  T* buffer = (T*)momentum_buffer;
  T* averages = (T*)grad_avg;
  const V minus_lr(-step.lr), alpha(step.alpha), new_share(1 - step.alpha), eps(step.eps);
  const V weight_decay(step.weight_decay), momentum(step.momentum);
  const Lerp<T> toward_gradient(1 - step.alpha);
  const bool has_decay = step.weight_decay != 0, has_momentum = step.momentum != 0;
  over_elements<V::size>(count, [&](int64_t i, auto... n) LAMPAS_INLINE_LAMBDA {
    const V value = load(parameter + i, n...);
    V direction = load(gradient + i, n...);
    if (step.maximize) direction = -direction;
    if (has_decay) direction = multiply_add(value, weight_decay, direction);
    const V square = multiply_add(new_share * direction, direction, load(squares + i, n...) * alpha);
    store(square, squares + i, n...);
    V variance = square;
    if (step.centered) {
      const V average = toward_gradient(load(averages + i, n...), direction);
      store(average, averages + i, n...);
      variance = multiply_add(-average, average, square);
    }
    const V deviation = sqrt(variance) + eps;
    if (has_momentum) {
      const V velocity = load(buffer + i, n...) * momentum + direction / deviation;
      store(velocity, buffer + i, n...);
      store(multiply_add(velocity, minus_lr, value), parameter + i, n...);
    } else {
      store(value + minus_lr * direction / deviation, parameter + i, n...);
    }
  });
}

template <class T>
void adagrad(void* param, const void* grad, void* sum, int64_t count, const AdagradStep& caller_step) {
  using V = Vector<T>;
  const AdagradStep step = caller_step;
  T* parameter = (T*)param;
  const T* gradient = (const T*)grad;
  T* sums = (T*)sum;
  const V minus_lr(-(step.lr / (1 + (step.step - 1) * step.lr_decay)));
  const V weight_decay(step.weight_decay), eps(step.eps);
  const bool has_decay = step.weight_decay != 0;
  over_elements<V::size>(count, [&](int64_t i, auto... n) LAMPAS_INLINE_LAMBDA {
    const V value = load(parameter + i, n...);
    V direction = load(gradient + i, n...);
    if (step.maximize) direction = -direction;
    if (has_decay) direction = multiply_add(value, weight_decay, direction);
    const V total = multiply_add(direction, direction, load(sums + i, n...));
    store(total, sums + i, n...);
    store(value + minus_lr * direction / (sqrt(total) + eps), parameter + i, n...);
  });
}

template <class T>
void adadelta(void* param, const void* grad, void* square_avg, void* acc_delta, int64_t count,
              const AdadeltaStep& caller_step) {
  using V = Vector<T>;
  const AdadeltaStep step = caller_step;
  T* parameter = (T*)param;
  const T* gradient = (const T*)grad;
  T* squares = (T*)square_avg;
  T* deltas = (T*)acc_delta;
  const V minus_lr(-step.lr), rho(step.rho), new_share(1 - step.rho), eps(step.eps);
  const V weight_decay(step.weight_decay);
  const bool has_decay = step.weight_decay != 0;
  over_elements<V::size>(count, [&](int64_t i, auto... n) LAMPAS_INLINE_LAMBDA {
    const V value = load(parameter + i, n...);
    V direction = load(gradient + i, n...);
    if (step.maximize) direction = -direction;
    if (has_decay) direction = multiply_add(value, weight_decay, direction);
    const V square = multiply_add(new_share * direction, direction, load(squares + i, n...) * rho);
    store(square, squares + i, n...);
    const V accumulated = load(deltas + i, n...);
    const V delta = sqrt(accumulated + eps) / sqrt(square + eps) * direction;
    store(multiply_add(new_share * delta, delta, accumulated * rho), deltas + i, n...);
    store(multiply_add(delta, minus_lr, value), parameter + i, n...);
  });
}

}  // namespace

constinit const OptimizerTable optimizer = {sgd<float>,      sgd<double>,     adam<float>,    adam<double>,
                                            rmsprop<float>,  rmsprop<double>, adagrad<float>, adagrad<double>,
                                            adadelta<float>, adadelta<double>};

}  // namespace lampas::vector::LAMPAS_SET
