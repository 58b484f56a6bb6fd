// Contracts: the largest element of every window of a picture, and moving values between the two.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// Windows over the last `dims` dims, one entry for each of them. Without a kernel they are adaptive: output
// o of n looks at the inputs from floor(o * size / n) to ceil((o + 1) * size / n).
struct Pooling {
  size_t dims = 0;
  Shape kernel, stride, padding, dilation;
  bool adaptive() const { return kernel.empty(); }
};

// input (planes..., in...), output (planes..., out...), indices (int64, as output, or undefined): contiguous.
// An index counts within its plane. NaN wins, the first of equals too.
inline constinit Kernel<void(const Tensor& input, const Pooling& pooling, const Tensor& output,
                             const Tensor& indices)>
    max_pool{"max_pool"};

// samples (planes..., dims) in [0, 1), of the input's dtype: they choose where the windows of `kernel` lie.
// Source: Graham, Fractional max-pooling, 2014.
inline constinit Kernel<void(const Tensor& input, const Tensor& samples, const Shape& kernel,
                             const Tensor& output, const Tensor& indices)>
    fractional_max_pool{"fractional_max_pool"};

// values, indices (planes..., out...), target (planes..., in...), contiguous: target is zero but for the
// values at their indices; of several at one place, the sum or, without `accumulate`, the last counts.
// Throws where an index lies outside its plane.
inline constinit Kernel<void(const Tensor& values, const Tensor& indices, size_t dims, bool accumulate,
                             const Tensor& target)>
    put_in_planes{"put_in_planes"};

}  // namespace lampas::kernels
