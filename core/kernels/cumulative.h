// Contracts: folding along a dim with all intermediate results kept.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// logsumexp: the logarithm of the sum of the exponentials; floating and complex dtypes only.
enum class Cumulative : uint8_t { sum, product, logsumexp };
// output[..., i, ...] folds input[..., 0 to i, ...] along `dim`, or from the other end where `reverse`.
// input, output: the same sizes, at least one dim, one dtype but bool; any strides.
inline constinit Kernel<void(Cumulative function, const Tensor& input, int64_t dim, bool reverse,
                             const Tensor& output)>
    cumulative{"cumulative"};

// With weights v, exponents x and their results r = cumulative(logsumexp, x), along `dim`:
// output_i = sum over j <= i of v_j e^(x_j - r_i), or, where `reverse`, its adjoint,
// output_j = sum over i >= j of v_i conj(e^(x_j - r_i)).
// All of the same sizes, at least one dim, one floating or complex dtype; contiguous.
inline constinit Kernel<void(const Tensor& weights, const Tensor& exponents, const Tensor& results,
                             int64_t dim, bool reverse, const Tensor& output)>
    exponential_sums{"exponential_sums"};

// values, indices (int64): the largest or smallest element so far along `dim` and where it is; the last of
// equals, and NaN, win. input: the sizes and the dtype (a real one) of values; any strides, values and
// indices the same ones.
inline constinit Kernel<void(bool largest, const Tensor& input, int64_t dim, const Tensor& values,
                             const Tensor& indices)>
    cumulative_extreme{"cumulative_extreme"};

}  // namespace lampas::kernels
