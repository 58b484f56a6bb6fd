// Ops that read or write elements at places that tensors name, and that read one element as a number.
#pragma once

#include "core/ops/op.h"

namespace lampas {

// An undefined entry of `indices` stands for a whole dim (`:`).
extern const Op<Tensor(const Tensor&, const TensorList&)> index;
extern const Op<Tensor(const Tensor&, const TensorList&, const Tensor&, bool)> index_put;
extern const Op<Tensor(const Tensor&, int64_t, const Tensor&)> index_select;
extern const Op<Tensor(const Tensor&, int64_t, const Tensor&)> gather;
extern const Op<Tensor(const Tensor&, int64_t, const Tensor&, const Tensor&)> scatter;
extern const Op<Tensor(const Tensor&, int64_t, const Tensor&, Scalar)> scatter_value;
extern const Op<Tensor(const Tensor&, int64_t, const Tensor&, const Tensor&)> scatter_add;
extern const Op<Tensor(const Tensor&, const Tensor&)> masked_select;
extern const Op<Tensor(const Tensor&)> nonzero;
extern const Op<Scalar(const Tensor&)> item;
extern const Op<bool(const Tensor&)> is_nonzero;

// Places for the kernels: stride * index for each entry of a vector of indices in [0, size).
Tensor offsets_along(const Tensor& index, int64_t size, int64_t stride);

}  // namespace lampas
