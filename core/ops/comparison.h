// Ops that compare elements or choose between them.
#pragma once

#include "core/ops/op.h"

namespace lampas {

using BinaryOp = Op<Tensor(const Tensor&, const Tensor&)>;
extern const BinaryOp eq;
extern const BinaryOp ne;
extern const BinaryOp lt;
extern const BinaryOp le;
extern const BinaryOp gt;
extern const BinaryOp ge;
extern const BinaryOp maximum;
extern const BinaryOp minimum;
extern const Op<Tensor(const Tensor&)> logical_not;
extern const Op<Tensor(const Tensor&)> isnan;
extern const Op<Tensor(const Tensor&)> isfinite;
extern const Op<Tensor(const Tensor&, const Tensor&, const Tensor&)> where;  // condition, input, other
extern const Op<Tensor(const Tensor&, const Tensor&, Scalar)> masked_fill;

}  // namespace lampas
