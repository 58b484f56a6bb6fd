// Views of a part of a tensor: one index, a range, a diagonal.
#pragma once

#include "core/ops/op.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, int64_t, int64_t)> select;
// Elements start, start + step, … before end along a dim; bounds are clamped as Python's slices are.
extern const Op<Tensor(const Tensor&, int64_t, std::optional<int64_t>, std::optional<int64_t>, int64_t)>
    slice;
extern const Op<Tensor(const Tensor&, int64_t, int64_t, int64_t)> narrow;
extern const Op<Tensor(const Tensor&, int64_t, int64_t, int64_t)> diagonal;
// Windows of `size` elements along a dim, `step` apart, as one more dim at the end.
extern const Op<Tensor(const Tensor&, int64_t, int64_t, int64_t)> unfold;

// Zeros of a given size with a gradient in the part that the view showed.
extern const Op<Tensor(const Tensor&, const Shape&, int64_t, int64_t)> select_backward;
extern const Op<Tensor(const Tensor&, const Shape&, int64_t, int64_t, int64_t, int64_t)> slice_backward;
extern const Op<Tensor(const Tensor&, const Shape&, int64_t, int64_t, int64_t)> diagonal_backward;

}  // namespace lampas
