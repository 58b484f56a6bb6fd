// Powers, and keeping elements between bounds.
#pragma once

#include "core/ops/op.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, Scalar)> pow_scalar;
extern const Op<Tensor(const Tensor&, const Tensor&)> pow;
extern const Op<Tensor(const Tensor&)> square;

}  // namespace lampas
