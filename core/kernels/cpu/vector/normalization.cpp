// Sums over runs in registers, in parts so that their error stays low; the rest is left to the compiler.
#include "core/kernels/cpu/vector/normalization.h"

#include "core/kernels/cpu/vector/columns.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

template <class T>
double sum(const T* x, int64_t n) {
  return (double)sum_over_columns<Vector<T>>(
      n, [&](int64_t i, auto... count) LAMPAS_INLINE_LAMBDA { return load(x + i, count...); });
}

template <class T>
double squares(const T* x, int64_t n, T mean) {
  using V = Vector<T>;
  const V center(mean);
  return (double)sum_over_columns<V>(n, [&](int64_t i, auto... count) LAMPAS_INLINE_LAMBDA {
    const V difference = first_lanes_of(load(x + i, count...) - center, count...);
    return difference * difference;
  });
}

template <class T>
void scale(const T* __restrict x, int64_t n, T mean, T factor, T shift, T* __restrict y) {
  for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - mean) * factor + shift;
}

template <class T>
void scale_each(const T* __restrict x, int64_t n, T mean, T inverse, const T* __restrict weight,
                const T* __restrict bias, T* __restrict y) {
  if (weight && bias) {
    for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - mean) * inverse * weight[i] + bias[i];
  } else if (weight) {
    for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - mean) * inverse * weight[i];
  } else if (bias) {
    for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - mean) * inverse + bias[i];
  } else {
    scale(x, n, mean, inverse, T(0), y);
  }
}

template <class T>
void products(const T* g, const T* x, const T* weight, int64_t n, T mean, double* total, double* product) {
  using V = Vector<T>;
  const V center(mean);
  const auto weighted = [&](int64_t i, auto... count) LAMPAS_INLINE_LAMBDA {
    const V incoming = load(g + i, count...);
    return weight ? incoming * load(weight + i, count...) : incoming;
  };
  *total = (double)sum_over_columns<V>(n, weighted);
  *product = (double)sum_over_columns<V>(n, [&](int64_t i, auto... count) LAMPAS_INLINE_LAMBDA {
    return weighted(i, count...) * (load(x + i, count...) - center);
  });
}

template <class T>
void combine(const T* __restrict g, const T* __restrict x, const T* __restrict weight, int64_t n, T mean, T a,
             T b, T c, T* __restrict y) {
  if (weight) {
    for (int64_t i = 0; i < n; ++i) y[i] = a * g[i] * weight[i] + b * (x[i] - mean) + c;
  } else {
    for (int64_t i = 0; i < n; ++i) y[i] = a * g[i] + b * (x[i] - mean) + c;
  }
}

template <class T>
void accumulate(const T* __restrict g, const T* __restrict x, int64_t n, T mean, T inverse,
                T* __restrict weighted, T* __restrict sums) {
  if (weighted)
    for (int64_t i = 0; i < n; ++i) weighted[i] += g[i] * (x[i] - mean) * inverse;
  if (sums)
    for (int64_t i = 0; i < n; ++i) sums[i] += g[i];
}

}  // namespace

#define LAMPAS_LOOPS(T) \
  { sum<T>, squares<T>, scale<T>, scale_each<T>, products<T>, combine<T>, accumulate<T> }
constinit const NormalizationTable normalization = {LAMPAS_LOOPS(float), LAMPAS_LOOPS(double)};
#undef LAMPAS_LOOPS

}  // namespace lampas::vector::LAMPAS_SET
