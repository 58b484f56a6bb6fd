// Ops of two tensors, element by element.
#pragma once

#include "core/ops/op.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, const Tensor&, Scalar)> add;
extern const Op<Tensor(const Tensor&, const Tensor&, Scalar)> sub;
extern const Op<Tensor(const Tensor&, const Tensor&)> mul;
extern const Op<Tensor(const Tensor&, const Tensor&)> div;

}  // namespace lampas
