// Ops that draw random numbers. A null generator stands for the default one.
#pragma once

#include "core/ops/op.h"

namespace lampas {

// In place: Tensor.bernoulli_(p).
extern const Op<Tensor(const Tensor&, double, const Reference<Opaque>&)> bernoulli_in_place;
// Ones of probability p in the shape and dtype of a tensor.
extern const Op<Tensor(const Tensor&, double, const Reference<Opaque>&)> bernoulli_p;

}  // namespace lampas
