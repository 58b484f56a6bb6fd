// The formulas of elementwise ops, written once for every device: V is a number, a register of
// numbers (CPU) or a number on the GPU. Included after a prelude that supplies, for V: arithmetic,
// comparisons, select(condition, a, b), isnan, abs, copysign, sqrt, floor, ceil, trunc, round,
// multiply_add, exp, expm1, log, tanh, erf, sin, cos, pow. This file itself includes nothing.
// A function named by a row of elementwise_rows.h but not found here is such a primitive.
#pragma once

// How a formula is declared; a GPU prelude may say __device__ instead.
#if !defined(LAMPAS_FUNCTION)
#define LAMPAS_FUNCTION [[maybe_unused]] static inline
#endif

namespace lampas::formulas {

template <class V>
LAMPAS_FUNCTION V neg(V x) {
  return -x;
}

template <class V>
LAMPAS_FUNCTION V reciprocal(V x) {
  return V(1) / x;
}

template <class V>
LAMPAS_FUNCTION V rsqrt(V x) {
  return V(1) / sqrt(x);
}

template <class V>
LAMPAS_FUNCTION V square(V x) {
  return x * x;
}

template <class V>
LAMPAS_FUNCTION V cube(V x) {
  return x * x * x;
}

// Only what is below zero is replaced: NaN and -0 stay.
template <class V>
LAMPAS_FUNCTION V relu(V x) {
  return select(x < V(0), V(0), x);
}

template <class V>
LAMPAS_FUNCTION V sigmoid(V x) {
  return V(1) / (V(1) + exp(-x));
}

template <class V>
LAMPAS_FUNCTION V frac(V x) {
  return x - trunc(x);
}

// log(1 + x), exact near 0: W. Kahan's correction of what 1 + x rounds away.
template <class V>
LAMPAS_FUNCTION V log1p(V x) {
  V raised = V(1) + x;
  V corrected = log(raised) * (x / (raised - V(1)));
  return select(raised == V(1), x, select(raised == x, log(raised), corrected));
}

template <class V>
LAMPAS_FUNCTION V silu(V x) {
  return x / (V(1) + exp(-x));
}

// x times the normal distribution's share below x. D. Hendrycks and K. Gimpel, "Gaussian Error Linear
// Units", 2016.
template <class V>
LAMPAS_FUNCTION V gelu(V x) {
  return V(0.5) * x * (V(1) + erf(x * V(0.70710678118654752440)));
}

// The same paper's approximation: tanh(sqrt(2 / pi) (x + 0.044715 x^3)) in erf's place.
template <class V>
LAMPAS_FUNCTION V gelu_by_tanh(V x) {
  V inner = V(0.79788456080286535588) * (x + V(0.044715) * x * x * x);
  return V(0.5) * x * (V(1) + tanh(inner));
}

// x tanh(log(1 + exp(x)))
template <class V>
LAMPAS_FUNCTION V mish(V x) {
  return x * tanh(log1p(exp(x)));
}

// min(max(x + 3, 0), 6); NaN stays.
template <class V>
LAMPAS_FUNCTION V hard_ramp(V x) {
  V raised = x + V(3);
  V bounded = select(raised < V(0), V(0), raised);
  return select(bounded > V(6), V(6), bounded);
}

template <class V>
LAMPAS_FUNCTION V hardsigmoid(V x) {
  return hard_ramp(x) / V(6);
}

template <class V>
LAMPAS_FUNCTION V hardswish(V x) {
  return x * hard_ramp(x) / V(6);
}

// log(sigmoid(x)) = min(x, 0) - log(1 + exp(-|x|))
template <class V>
LAMPAS_FUNCTION V log_sigmoid(V x) {
  return select(x > V(0), V(0), x) - log1p(exp(-abs(x)));
}

template <class V>
LAMPAS_FUNCTION V leaky_relu(V x, V slope) {
  return select(x > V(0), x, x * slope);
}

// What is nearer to 0 than `width` becomes 0; the rest moves towards 0 by as much.
template <class V>
LAMPAS_FUNCTION V softshrink(V x, V width) {
  return select(x > width, x - width, select(x < -width, x + width, x * V(0)));
}

template <class V>
LAMPAS_FUNCTION V hardshrink(V x, V width) {
  return select((x >= -width) & (x <= width), V(0), x);
}

// log(1 + exp(scale x)) / scale, or x where scale x is above `limit`.
template <class V>
LAMPAS_FUNCTION V softplus(V x, V scale, V limit) {
  V scaled = x * scale;
  return select(scaled > limit, x, log1p(exp(scaled)) / scale);
}

template <class V>
LAMPAS_FUNCTION V threshold(V x, V limit, V value) {
  return select(x <= limit, value, x);
}

// negative (exp(steepness x) - 1) below 0, positive x from there on.
template <class V>
LAMPAS_FUNCTION V elu(V x, V negative, V positive, V steepness) {
  return select(x < V(0), expm1(x * steepness) * negative, x * positive);
}

// -1, 0 or 1; 0 for NaN.
template <class V>
LAMPAS_FUNCTION V sign(V x) {
  return select(x > V(0), V(1), select(x < V(0), V(-1), V(0)));
}

template <class V>
LAMPAS_FUNCTION auto logical_not(V x) {
  return x == V(0);
}

template <class V>
LAMPAS_FUNCTION V add(V a, V b) {
  return a + b;
}

template <class V>
LAMPAS_FUNCTION V sub(V a, V b) {
  return a - b;
}

template <class V>
LAMPAS_FUNCTION V mul(V a, V b) {
  return a * b;
}

template <class V>
LAMPAS_FUNCTION V div(V a, V b) {
  return a / b;
}

// a + alpha * b; subtraction is this with -alpha.
template <class V>
LAMPAS_FUNCTION V add_scaled(V a, V b, V alpha) {
  return multiply_add(b, alpha, a);
}

// A NaN on either side is the result.
template <class V>
LAMPAS_FUNCTION V maximum(V a, V b) {
  return select((a > b) | isnan(a), a, b);
}

template <class V>
LAMPAS_FUNCTION V minimum(V a, V b) {
  return select((a < b) | isnan(a), a, b);
}

// The lower bound first, then the upper one, which wins where they cross; NaN stays NaN.
template <class V>
LAMPAS_FUNCTION V clamp(V x, V low, V high) {
  V raised = select(x < low, low, x);
  return select(raised > high, high, raised);
}

template <class V>
LAMPAS_FUNCTION auto eq(V a, V b) {
  return a == b;
}

template <class V>
LAMPAS_FUNCTION auto ne(V a, V b) {
  return a != b;
}

template <class V>
LAMPAS_FUNCTION auto lt(V a, V b) {
  return a < b;
}

template <class V>
LAMPAS_FUNCTION auto le(V a, V b) {
  return a <= b;
}

template <class V>
LAMPAS_FUNCTION auto gt(V a, V b) {
  return a > b;
}

template <class V>
LAMPAS_FUNCTION auto ge(V a, V b) {
  return a >= b;
}

// The gradient passes where x is above the threshold; relu's derivative has threshold 0.
template <class V>
LAMPAS_FUNCTION V threshold_backward(V grad, V x, V threshold) {
  return select(x <= threshold, V(0), grad);
}

template <class V>
LAMPAS_FUNCTION V prelu(V x, V slope) {
  return select(x > V(0), x, x * slope);
}

// In terms of the result y = sigmoid(x): grad * (1 - y) * y.
template <class V>
LAMPAS_FUNCTION V sigmoid_backward(V grad, V y) {
  return grad * (V(1) - y) * y;
}

// In terms of the result y = tanh(x): grad * (1 - y^2).
template <class V>
LAMPAS_FUNCTION V tanh_backward(V grad, V y) {
  return grad * (V(1) - y * y);
}

// self + value * a * b, with PyTorch's roundings
template <class V>
LAMPAS_FUNCTION V addcmul(V self, V a, V b, V value) {
  return multiply_add(value * a, b, self);
}

// self + value * a / b
template <class V>
LAMPAS_FUNCTION V addcdiv(V self, V a, V b, V value) {
  return self + value * a / b;
}

// start + weight (end - start), from the nearer end: weight 0 gives start, weight 1 gives end.
template <class V>
LAMPAS_FUNCTION V lerp(V start, V end, V weight) {
  auto is_small = abs(weight) < V(0.5);
  V from_nearer_end = select(is_small, weight, weight - V(1));
  return multiply_add(from_nearer_end, end - start, select(is_small, start, end));
}

template <class V>
LAMPAS_FUNCTION V squared_difference(V a, V b) {
  V difference = a - b;
  return difference * difference;
}

// A parabola within beta of the target, a line of slope 1 beyond.
template <class V>
LAMPAS_FUNCTION V smooth_l1(V x, V target, V beta) {
  V distance = abs(x - target);
  return select(distance < beta, V(0.5) * distance * distance / beta, distance - V(0.5) * beta);
}

// A parabola within delta of the target, a line of slope delta beyond.
template <class V>
LAMPAS_FUNCTION V huber(V x, V target, V delta) {
  V distance = abs(x - target);
  return select(distance <= delta, V(0.5) * distance * distance, delta * (distance - V(0.5) * delta));
}

// log(1 + exp(-target x)), for targets of 1 and -1.
template <class V>
LAMPAS_FUNCTION V soft_margin(V x, V target) {
  return log1p(exp(-target * x));
}

// Of a probability x. Logarithms are cut off at -100, so that a certain mistake has a finite loss.
template <class V>
LAMPAS_FUNCTION V binary_cross_entropy(V x, V target) {
  return (target - V(1)) * maximum(log1p(-x), V(-100)) - target * maximum(log(x), V(-100));
}

// Of the probability sigmoid(x): (1 - target) x + log(1 + exp(-x)), without overflow.
template <class V>
LAMPAS_FUNCTION V binary_cross_entropy_with_logits(V x, V target) {
  return (V(1) - target) * x + (log1p(exp(-abs(x))) + maximum(-x, V(0)));
}

}  // namespace lampas::formulas
