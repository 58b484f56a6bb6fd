// Ops that repeat elements or put them in another order along whole dims.
#pragma once

#include "core/ops/op.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, const Shape&)> repeat;
extern const Op<Tensor(const Tensor&, const Shape&)> flip;
extern const Op<Tensor(const Tensor&, const Shape&, const Shape&)> roll;

}  // namespace lampas
