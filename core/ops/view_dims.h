// Views that reorder, add or drop dims.
#pragma once

#include "core/ops/op.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, int64_t, int64_t)> transpose;
extern const Op<Tensor(const Tensor&)> t;
extern const Op<Tensor(const Tensor&, const Shape&)> permute;
extern const Op<Tensor(const Tensor&, const Shape&, const Shape&)> movedim;
extern const Op<Tensor(const Tensor&)> squeeze;
extern const Op<Tensor(const Tensor&, int64_t)> squeeze_dim;
extern const Op<Tensor(const Tensor&, const Shape&)> squeeze_dims;
extern const Op<Tensor(const Tensor&, int64_t)> unsqueeze;

// Matrices of a batch, transposed.
inline Tensor transpose_last(const Tensor& input) { return transpose(input, -2, -1); }

}  // namespace lampas
