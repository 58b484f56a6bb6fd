// Ops that order elements along a dim, and that look up places in ordered ones.
#pragma once

#include "core/ops/op.h"

namespace lampas {

// Values and indices; dim, descending.
extern const Op<std::tuple<Tensor, Tensor>(const Tensor&, int64_t, bool)> sort;
// How many boundaries lie before each value: sorted sequence, values, out_int32, right, side, sorter.
extern const Op<Tensor(const Tensor&, const Tensor&, bool, bool, const std::optional<std::string>&,
                       const Tensor&)>
    searchsorted;

}  // namespace lampas
