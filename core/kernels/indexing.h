// Contracts: reading and writing elements at computed places, and finding those that are not zero.
//
// A place is an offset, counted in elements, from a tensor's first element.
#pragma once

#include <optional>

#include "core/kernels/fold.h"
#include "core/kernels/kernel.h"

namespace lampas::kernels {

// index: an integer dtype, broadcasts to offsets (int64, contiguous). Adds stride * index to each offset;
// negative indices count from `size`. Throws IndexError, which names the index, `dimension` and `size`,
// where an index is outside [-size, size).
inline constinit Kernel<void(const Tensor& index, int64_t size, int64_t stride, int64_t dimension,
                             const Tensor& offsets)>
    add_index_offsets{"add_index_offsets"};

// index (int64, any strides), offsets (int64, contiguous): the same sizes. The place of the element of a
// tensor of `sizes` and `strides` that has the position of the index, except along `dim`, where it is the
// index. Throws where an index is outside [0, size).
inline constinit Kernel<void(const Tensor& index, int64_t dim, const Shape& sizes, const Shape& strides,
                             const Tensor& offsets)>
    gather_offsets{"gather_offsets"};

// offsets (B...), int64, contiguous; input (R...): what lies at offset 0; output (B..., R...) any strides.
// output[b, r] = what lies at input[r] + offsets[b].
inline constinit Kernel<void(const Tensor& input, const Tensor& offsets, const Tensor& output)> take{"take"};

// source (B..., R...), offsets (B...), target (R...): as above. Overwrites; or folds (sum, product, maximum,
// minimum; NaN wins) into what is there, in the order of b.
inline constinit Kernel<void(const Tensor& source, const Tensor& offsets, const Tensor& target,
                             std::optional<Fold> fold)>
    put{"put"};

// How many elements of input are not zero.
inline constinit Kernel<void(const Tensor& input, int64_t& count)> count_nonzero{"count_nonzero"};
// positions (n, rank of input), int64, contiguous: where they are, in order.
inline constinit Kernel<void(const Tensor& input, const Tensor& positions)> nonzero{"nonzero"};

}  // namespace lampas::kernels
