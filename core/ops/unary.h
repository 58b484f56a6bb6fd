// Ops of one tensor, element by element.
#pragma once

#include "core/ops/op.h"

namespace lampas {

using UnaryOp = Op<Tensor(const Tensor&)>;
extern const UnaryOp neg;
extern const UnaryOp abs;
extern const UnaryOp conj_physical;
extern const UnaryOp sign;
extern const UnaryOp sgn;
extern const UnaryOp rsqrt;
extern const UnaryOp sin;
extern const UnaryOp cos;
extern const UnaryOp erf;
extern const UnaryOp log1p;
extern const UnaryOp reciprocal;
extern const UnaryOp sqrt;
extern const UnaryOp exp;
extern const UnaryOp log;
extern const UnaryOp tanh;
extern const UnaryOp sigmoid;
extern const UnaryOp relu;
extern const Op<Tensor(const Tensor&, const Tensor&, Scalar)> threshold_backward;

// input * factor; `input` itself where the factor is 1.
Tensor scaled(const Tensor& input, const Scalar& factor);
// The complex conjugate; a real tensor is its own.
Tensor conjugate(Tensor input);

}  // namespace lampas
