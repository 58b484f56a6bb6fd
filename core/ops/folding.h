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
// The gradient of an extreme over the dims of `mask`: the elements that reach it, `hits`, share its gradient.
Tensor shared_gradient(const Tensor& grad, const Tensor& hits, uint64_t mask);
// The gradient of an input of these sizes where some of its elements along `dim` were taken: those at
// `indices`, whose sizes are the gradient's. `dim` is gone where not `keepdim`.
Tensor selected_gradient(const Tensor& grad, const Tensor& indices, const Shape& sizes, int64_t dim,
                         bool keepdim);
// Throws where `dim` is empty. `call` is the op's name as PyTorch's message has it, mostly with parentheses.
void check_dim_not_empty(const std::string& call, const Tensor& input, int64_t dim);
// Whether an element may be zero.
bool has_zero(const Tensor& input);
// The product along one dim.
Tensor product_of(const Tensor& input, int64_t dim);

}  // namespace lampas
