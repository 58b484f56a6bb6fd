// Contracts: ordering the elements along a dim, and looking up places in ordered ones.
//
// A line is what lies along `dim`; a tensor without dims is a line of one. NaN is the greatest number.
// Tensors of any strides, of a real dtype; indices are int64 and count along the line.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// values (the input's dtype), indices: the input's sizes. Equal elements stay in the order they had.
inline constinit Kernel<void(const Tensor& input, int64_t dim, bool descending, const Tensor& values,
                             const Tensor& indices)>
    sort{"sort"};

// values, indices: the input's sizes, but k along `dim`: its k largest or smallest elements, in order where
// `sorted`.
inline constinit Kernel<void(const Tensor& input, int64_t k, int64_t dim, bool largest, bool sorted,
                             const Tensor& values, const Tensor& indices)>
    topk{"topk"};

// What is picked from each line: the k-th smallest (from 0); the lower of the middle elements, or the first
// NaN where there is one; the lower middle of those that are not NaN; the most frequent, the smallest of
// several.
enum class Pick : uint8_t { kth, median, nanmedian, mode };
// values, indices: the input's sizes with 1 along `dim`. Lines are not empty.
inline constinit Kernel<void(Pick pick, const Tensor& input, int64_t k, int64_t dim, const Tensor& values,
                             const Tensor& indices)>
    pick{"pick"};

// rows (n, m), order (n), contiguous: the rows' indices in lexicographic order, equal ones as they were.
inline constinit Kernel<void(const Tensor& rows, const Tensor& order)> order_rows{"order_rows"};

// boundaries (..., n) in order, values (..., m) of the same dtype and leading sizes, or boundaries (n) and
// values of any shape; all contiguous. places (the values' sizes, int64): how many boundaries are less than
// the value, or, where `right`, not greater. sorter (the boundaries' sizes, int64; may be undefined): the
// order of boundaries that are not in order.
inline constinit Kernel<void(const Tensor& boundaries, const Tensor& values, const Tensor& sorter, bool right,
                             const Tensor& places)>
    search_sorted{"search_sorted"};

}  // namespace lampas::kernels
