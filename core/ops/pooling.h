// What the pooling ops share: windows as PyTorch's arguments give them, and the sizes that come out.
#pragma once

#include <optional>

#include "core/kernels/pooling.h"
#include "core/ops/op.h"

namespace lampas {

// One number for each spatial dim; `values` may be one for all of them. Throws where there are others.
Shape pooling_argument(const char* op, const char* name, const char* verb, const Shape& values, size_t dims);

// kernel_size, stride (the kernel where it is none or empty), padding and dilation, checked.
kernels::Pooling pooling_window(const char* op, size_t dims, const Shape& kernel_size,
                                const std::optional<Shape>& stride, const Shape& padding,
                                const Shape& dilation);

// The input's sizes with the windows' count in place of the last dims. Throws where nothing would be left.
Shape pooled_sizes(const Tensor& input, const kernels::Pooling& pooling, bool ceil_mode);

// (channels, spatial...) or (batch, channels, spatial...), where only the batch may be empty.
void check_pooling_input(const Tensor& input, size_t dims);

}  // namespace lampas
