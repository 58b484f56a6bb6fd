// The loops of normalisation over contiguous runs, compiled per instruction set.
// Included by the kernels, which choose a table, and by the file that fills them.
#pragma once

#include <stdint.h>

namespace lampas::vector {

// x, y, g: runs of n elements. weight, bias: one for each element, or null for 1 and 0.
template <class T>
struct NormalizationLoops {
  // The sum of x.
  double (*sum)(const T* x, int64_t n);
  // The sum of (x - mean)^2.
  double (*squares)(const T* x, int64_t n, T mean);
  // y = (x - mean) * scale + shift
  void (*scale)(const T* x, int64_t n, T mean, T scale, T shift, T* y);
  // y = (x - mean) * inverse * weight + bias
  void (*scale_each)(const T* x, int64_t n, T mean, T inverse, const T* weight, const T* bias, T* y);
  // The sums of g * weight and of g * weight * (x - mean).
  void (*products)(const T* g, const T* x, const T* weight, int64_t n, T mean, double* sum, double* product);
  // y = a * g * weight + b * (x - mean) + c
  void (*combine)(const T* g, const T* x, const T* weight, int64_t n, T mean, T a, T b, T c, T* y);
  // products += g * (x - mean) * inverse, sums += g; either may be null.
  void (*accumulate)(const T* g, const T* x, int64_t n, T mean, T inverse, T* products, T* sums);
};

struct NormalizationTable {
  NormalizationLoops<float> float32;
  NormalizationLoops<double> float64;
};

namespace baseline {
extern const NormalizationTable normalization;
}
namespace avx2 {
extern const NormalizationTable normalization;
}
namespace avx512 {
extern const NormalizationTable normalization;
}

}  // namespace lampas::vector
