// Products of matrices and vectors.
#pragma once

#include "core/ops/op.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, const Tensor&)> mm;
extern const Op<Tensor(const Tensor&, const Tensor&)> bmm;
extern const Op<Tensor(const Tensor&, const Tensor&)> mv;
extern const Op<Tensor(const Tensor&, const Tensor&)> dot;
extern const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, Scalar, Scalar)> addmm;
extern const Op<Tensor(const Tensor&, const Tensor&)> matmul;
extern const Op<Tensor(const Tensor&, const Tensor&, const Tensor&)> linear;

}  // namespace lampas
