// Ops that overwrite slices of a tensor, and what those that fold into slices share with them.
#pragma once

#include "core/kernels/fold.h"
#include "core/ops/op.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, int64_t, const Tensor&, const Tensor&, Scalar)> index_add;
extern const Op<Tensor(const Tensor&, int64_t, const Tensor&, const Tensor&)> index_copy;
extern const Op<Tensor(const Tensor&, int64_t, const Tensor&, Scalar)> index_fill;

// Throws where a vector of indices or the slices do not fit the input.
void check_index_source(const char* name, const Tensor& input, int64_t dim, const Tensor& index,
                        const Tensor& source);
// Writes or folds the slices of `source` to those of `output` that `index` names.
void put_slices(const Tensor& source, int64_t dim, const Tensor& index, const Tensor& output,
                std::optional<Fold> fold);

}  // namespace lampas
