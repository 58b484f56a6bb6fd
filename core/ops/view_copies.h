// Copies of what views show, and copies of tensors with a view's part replaced.
#pragma once

#include "core/ops/op.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, int64_t, int64_t, int64_t)> diagonal_copy;
extern const Op<Tensor(const Tensor&, const Tensor&, int64_t, std::optional<int64_t>, std::optional<int64_t>,
                       int64_t)>
    slice_scatter;

}  // namespace lampas
