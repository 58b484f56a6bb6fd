// Contracts: filling with evenly spaced numbers.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// output: (n), any stride; element i becomes start + i * step, in int64 for integer dtypes, else in double.
inline constinit Kernel<void(const Scalar& start, const Scalar& step, const Tensor& output)> arange{"arange"};
// output: (n), any stride; from `start` to `end`, both included, computed from the nearer end.
inline constinit Kernel<void(const Scalar& start, const Scalar& end, const Tensor& output)> linspace{
    "linspace"};
// output: (n), any stride; `base` raised to what linspace gives, before that is rounded to output's dtype.
inline constinit Kernel<void(const Scalar& start, const Scalar& end, double base, const Tensor& output)>
    logspace{"logspace"};

}  // namespace lampas::kernels
