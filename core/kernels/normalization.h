// Contracts: normalising by mean and deviation, over channels (batch and group norm) and rows (layer norm).
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// All tensors are contiguous. Data is floating; statistics are float64 for float64 and float32 otherwise;
// weight and bias have any floating dtype, or are undefined.

// input (batch, channels, length). With groups == 0 each channel has its statistics, over all the batch;
// otherwise each of `groups` runs of neighbouring channels of each batch entry has. mean, variance (biased)
// and inverse = 1 / sqrt(variance + eps): one for each, (channels) or (batch * groups).
inline constinit Kernel<void(const Tensor& input, int64_t groups, double eps, const Tensor& mean,
                             const Tensor& variance, const Tensor& inverse)>
    channel_moments{"channel_moments"};
// output = (input - mean) * inverse * weight + bias; weight, bias (channels).
inline constinit Kernel<void(const Tensor& input, int64_t groups, const Tensor& mean, const Tensor& inverse,
                             const Tensor& weight, const Tensor& bias, const Tensor& output)>
    channel_normalize{"channel_normalize"};
// The gradients of that; `constant`: mean and inverse do not depend on the input. Undefined ones are not
// made.
inline constinit Kernel<void(const Tensor& grad, const Tensor& input, int64_t groups, const Tensor& mean,
                             const Tensor& inverse, const Tensor& weight, bool constant,
                             const Tensor& grad_input, const Tensor& grad_weight, const Tensor& grad_bias)>
    channel_normalize_backward{"channel_normalize_backward"};

// running = (1 - momentum) * running + momentum * now; variance is made unbiased for `count` elements.
inline constinit Kernel<void(const Tensor& mean, const Tensor& variance, double momentum, int64_t count,
                             const Tensor& running_mean, const Tensor& running_variance)>
    update_running_statistics{"update_running_statistics"};

// input, output (rows, columns), mean, inverse (rows), weight, bias (columns).
inline constinit Kernel<void(const Tensor& input, double eps, const Tensor& weight, const Tensor& bias,
                             const Tensor& output, const Tensor& mean, const Tensor& inverse)>
    normalize_rows{"normalize_rows"};
inline constinit Kernel<void(const Tensor& grad, const Tensor& input, const Tensor& mean,
                             const Tensor& inverse, const Tensor& weight, const Tensor& grad_input,
                             const Tensor& grad_weight, const Tensor& grad_bias)>
    normalize_rows_backward{"normalize_rows_backward"};

}  // namespace lampas::kernels
