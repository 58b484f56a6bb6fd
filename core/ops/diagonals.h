// Ops that take, place or cut along the diagonal of two dims.
#pragma once

#include "core/ops/op.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, int64_t, int64_t, int64_t)> diag_embed;
extern const Op<Tensor(const Tensor&, int64_t)> tril;
extern const Op<Tensor(const Tensor&, int64_t)> triu;

}  // namespace lampas
