// Convolution over one to three spatial dims.
#pragma once

#include "core/ops/op.h"

namespace lampas {

// input, weight, bias, stride, padding, dilation, transposed, output_padding, groups
extern const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, const Shape&, const Shape&, const Shape&,
                       bool, const Shape&, int64_t)>
    convolution;

}  // namespace lampas
