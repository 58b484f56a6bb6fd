// Contracts: folding dims of a tensor, the place of an extreme element, and mean with variance.
#pragma once

#include "core/kernels/fold.h"
#include "core/kernels/kernel.h"

namespace lampas::kernels {

// What a fold of `dtype` is computed in and written as: bool for any and all; float32 for float16 and
// bfloat16; int64 for the sum and the product of integers and bool; otherwise the dtype itself.
constexpr DType fold_dtype(Fold fold, DType dtype) {
  if (fold == Fold::any || fold == Fold::all) return DType::bool_;
  if (dtype == DType::float16 || dtype == DType::bfloat16) return DType::float32;
  bool accumulates = fold == Fold::sum || fold == Fold::product;
  return accumulates && is_integral(dtype) ? DType::int64 : dtype;
}

// output: the input's sizes with the dims of `mask` gone or of size 1; the fold's dtype. A fold over
// nothing gives the identity: 0, 1, the lowest, the highest value, false, true.
inline constinit Kernel<void(Fold fold, const Tensor& input, uint64_t mask, const Tensor& output)> fold{
    "fold"};

// The largest (or smallest) element along `dim` and its place; the first of equals, and NaN, win.
// values (the input's dtype; may be undefined), indices (int64): the input's sizes without `dim`, or with
// size 1 there. `dim` is not empty.
inline constinit Kernel<void(bool largest, const Tensor& input, int64_t dim, const Tensor& values,
                             const Tensor& indices)>
    extreme{"extreme"};

// Mean and variance over the dims of `mask`, in double precision. input: floating or complex; mean (the
// input's dtype; may be undefined), variance (its real dtype): the input's sizes with those dims gone or of
// size 1, contiguous. The variance is the sum of the squared distances from the mean, divided by `divisor`.
inline constinit Kernel<void(const Tensor& input, uint64_t mask, double divisor, const Tensor& mean,
                             const Tensor& variance)>
    moments{"moments"};

}  // namespace lampas::kernels
