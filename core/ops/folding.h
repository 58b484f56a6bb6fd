// What reductions share: running a fold into an output of another dtype, and undoing the loss of dims.
#pragma once

#include "core/kernels/fold.h"
#include "core/tensor/tensor.h"

namespace lampas {

// Folds the dims of `mask`; the result is converted where the output has another dtype than the fold.
void fold_into(Fold fold, const Tensor& input, uint64_t mask, const Tensor& output);
// `folded` with the dims of `mask` back, of size 1; recorded.
Tensor with_folded_dims(const Tensor& folded, const Shape& sizes, uint64_t mask, bool keepdim);
// The same, repeated up to `sizes`: a gradient of the reduced shape over the input's sizes.
Tensor spread(const Tensor& folded, const Shape& sizes, uint64_t mask, bool keepdim);
// The product along one dim.
Tensor product_of(const Tensor& input, int64_t dim);

}  // namespace lampas
