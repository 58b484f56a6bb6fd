// What scatter and its relatives share: checks, places, and sources that are larger than the index.
#pragma once

#include "core/tensor/tensor.h"

namespace lampas {

// Throws where index and `src`, which may be null, do not fit the input.
void check_scatter(const Tensor& input, int64_t dim, const Tensor& index, const Tensor* src);
// The places in `tensor` that `index` names along `dim`.
Tensor gather_offsets_of(const Tensor& index, int64_t dim, const Tensor& tensor);
// The corner of `src` that an index of these sizes uses.
Tensor used_part(const Tensor& src, const Tensor& index);
// A gradient of an index's sizes in the corner of zeros of the source's sizes; recorded.
Tensor padded(const Tensor& grad, const Shape& sizes);

}  // namespace lampas
