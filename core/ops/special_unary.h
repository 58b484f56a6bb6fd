// Rare elementwise functions of one tensor, and the rules by which they are declared.
#pragma once

#include "core/ops/arithmetic.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/pointwise.h"

namespace lampas {

extern const UnaryOp exp2;
extern const UnaryOp sinh;
extern const UnaryOp cosh;
extern const UnaryOp sinc;
extern const UnaryOp digamma;
extern const UnaryOp i0;
extern const UnaryOp i0e;
extern const UnaryOp i1;
extern const UnaryOp i1e;
extern const UnaryOp erfc;
extern const UnaryOp erfcx;
extern const Op<Tensor(const Tensor&, int64_t)> polygamma;
extern const UnaryOp lgamma;

namespace pointwise {

// output = input * factor, unrecorded.
inline void multiply(const Tensor& input, double factor, const Tensor& output) {
  run(BinaryFunction::mul, input, full({}, factor, output.dtype(), output.device()), output);
}

}  // namespace pointwise
}  // namespace lampas
