// Sizes and strides, and the arithmetic on them: wrapping, broadcasting, contiguity, overlap.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/tensor/error.h"
#include "core/tensor/small_vector.h"

namespace lampas {

using Shape = SmallVector<int64_t, 5>;

std::string to_text(const Shape& shape);  // "[2, 3]"
inline std::ostream& operator<<(std::ostream& stream, const Shape& shape) { return stream << to_text(shape); }

// Whether the number of elements fits 63 bits; negative sizes count as 1.
bool elements_fit(const Shape& sizes);
// The number of elements; throws where it does not fit 63 bits or a size is negative.
int64_t count_elements(const Shape& sizes);
Shape contiguous_strides(const Shape& sizes);
bool is_contiguous(const Shape& sizes, const Shape& strides);

// Maps dim in [-rank, rank) to [0, rank); throws PyTorch's IndexError. A scalar is wrapped as rank 1.
inline int64_t wrap_dim(int64_t dim, int64_t rank, bool wrap_scalar = true) {
  int64_t limit = rank == 0 && wrap_scalar ? 1 : rank;
  if (dim < -limit || dim >= limit) [[unlikely]] {
    if (limit == 0) fail(ErrorKind::index, "Dimension specified as ", dim, " but tensor has no dimensions");
    fail(ErrorKind::index, "Dimension out of range (expected to be in range of [", -limit, ", ", limit - 1,
         "], but got ", dim, ")");
  }
  return dim < 0 ? dim + limit : dim;
}

// The wrapped dims as a bit per dimension; all dims where `dims` is empty. Throws on a repeated one.
uint64_t dims_mask(const Shape& dims, int64_t rank);
Shape reduced_shape(const Shape& sizes, uint64_t mask, bool keepdim);

Shape broadcast_shapes(const Shape& left, const Shape& right);
bool can_expand(const Shape& from, const Shape& to);
// Fills in a -1 of `requested`; throws PyTorch's message where the count does not fit.
Shape infer_size(const Shape& requested, int64_t count);
// Strides that show (sizes, strides) as `target` without a copy, where there are such.
std::optional<Shape> view_strides(const Shape& sizes, const Shape& strides, const Shape& target);
// Whether two indices can lead to one element (false only where it is certain that none do).
bool may_overlap_itself(const Shape& sizes, const Shape& strides);
// Whether the elements fill a range of memory without gap or overlap, in any order of the dims.
bool is_dense(const Shape& sizes, const Shape& strides);

}  // namespace lampas
