// Views of complex numbers as pairs of real ones, and back.
#pragma once

#include "core/ops/op.h"

namespace lampas {

extern const Op<Tensor(const Tensor&)> view_as_real;
extern const Op<Tensor(const Tensor&)> view_as_complex;
extern const Op<Tensor(const Tensor&)> real;
extern const Op<Tensor(const Tensor&)> imag;

}  // namespace lampas
