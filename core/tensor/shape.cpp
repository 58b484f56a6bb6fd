// Arithmetic on sizes and strides.
#include "core/tensor/shape.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace lampas {

std::string to_text(const Shape& shape) {
  std::string result = "[";
  for (size_t i = 0; i < shape.size(); ++i) result += (i ? ", " : "") + std::to_string(shape[i]);
  return result + "]";
}

bool elements_fit(const Shape& sizes) {
  int64_t count = 1;
  bool overflow = false;
  for (int64_t size : sizes) {
    if (size == 0) return true;
    overflow |= __builtin_mul_overflow(count, size < 0 ? 1 : size, &count);
  }
  return !overflow;
}

int64_t count_elements(const Shape& sizes) {
  int64_t count = 1;
  bool overflow = false, empty = false;
  for (int64_t size : sizes) {
    if (size < 0)
      fail(ErrorKind::runtime, "Trying to create tensor with negative dimension ", size, ": ", sizes);
    empty |= size == 0;
    overflow |= __builtin_mul_overflow(count, size, &count);
  }
  if (empty) return 0;
  if (overflow) fail(ErrorKind::runtime, "numel: integer multiplication overflow");
  return count;
}

Shape contiguous_strides(const Shape& sizes) {
  Shape strides(sizes.size());
  uint64_t step = 1;  // unsigned: an absurd empty shape must not overflow
  for (size_t i = sizes.size(); i-- > 0;) {
    strides[i] = static_cast<int64_t>(step);
    step *= static_cast<uint64_t>(std::max<int64_t>(sizes[i], 1));
  }
  return strides;
}

bool is_contiguous(const Shape& sizes, const Shape& strides) {
  int64_t step = 1;
  for (size_t i = sizes.size(); i-- > 0;) {
    if (sizes[i] == 0) return true;
    if (sizes[i] != 1) {
      if (strides[i] != step) {
        for (int64_t size : sizes)
          if (size == 0) return true;
        return false;
      }
      step *= sizes[i];
    }
  }
  return true;
}

uint64_t dims_mask(const Shape& dims, int64_t rank) {
  check(rank <= 64, "only tensors with up to 64 dims are supported");
  if (dims.empty()) return rank == 64 ? ~uint64_t{0} : (uint64_t{1} << rank) - 1;
  uint64_t mask = 0;
  for (int64_t dim : dims) {
    int64_t wrapped = wrap_dim(dim, rank);
    if (mask >> wrapped & 1)
      fail(ErrorKind::runtime, "dim ", wrapped, " appears multiple times in the list of dims");
    mask |= uint64_t{1} << wrapped;
  }
  return mask;
}

Shape reduced_shape(const Shape& sizes, uint64_t mask, bool keepdim) {
  Shape result;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (!(mask >> i & 1))
      result.push_back(sizes[i]);
    else if (keepdim)
      result.push_back(1);
  }
  return result;
}

Shape broadcast_shapes(const Shape& left, const Shape& right) {
  const Shape& longer = left.size() >= right.size() ? left : right;
  const Shape& shorter = left.size() >= right.size() ? right : left;
  Shape result = longer;
  size_t shift = longer.size() - shorter.size();
  for (size_t i = shorter.size(); i-- > 0;) {  // the last dim that does not fit is the one that is named
    int64_t& size = result[shift + i];
    if (size == shorter[i]) continue;
    if (size == 1) {
      size = shorter[i];
    } else if (shorter[i] != 1) {
      fail(ErrorKind::runtime, "The size of tensor a (", left[left.size() - shorter.size() + i],
           ") must match the size of tensor b (", right[right.size() - shorter.size() + i],
           ") at non-singleton dimension ", shift + i);
    }
  }
  return result;
}

bool can_expand(const Shape& from, const Shape& to) {
  if (from.size() > to.size()) return false;
  size_t shift = to.size() - from.size();
  for (size_t i = 0; i < from.size(); ++i)
    if (from[i] != to[shift + i] && from[i] != 1) return false;
  return true;
}

Shape infer_size(const Shape& requested, int64_t count) {
  Shape result = requested;
  int64_t known = 1;
  std::optional<size_t> unknown;
  bool overflow = false;
  for (size_t i = 0; i < requested.size(); ++i) {
    if (requested[i] == -1) {
      if (unknown) fail(ErrorKind::runtime, "only one dimension can be inferred");
      unknown = i;
    } else if (requested[i] < 0) {
      fail(ErrorKind::runtime, "invalid shape dimension ", requested[i], " at index ", i, " of shape ",
           requested);
    } else {
      overflow |= __builtin_mul_overflow(known, requested[i], &known);
    }
  }
  bool fits = !overflow && (known == count || (unknown && known > 0 && count % known == 0));
  if (!fits) fail(ErrorKind::runtime, "shape '", requested, "' is invalid for input of size ", count);
  if (unknown) {
    if (known == 0)
      fail(ErrorKind::runtime, "cannot reshape tensor of 0 elements into shape ", requested,
           " because the unspecified dimension size -1 can be any value and is ambiguous");
    result[*unknown] = count / known;
  }
  return result;
}

std::optional<Shape> view_strides(const Shape& sizes, const Shape& strides, const Shape& target) {
  int64_t count = count_elements(sizes);
  if (count == 0) return sizes == target ? strides : contiguous_strides(target);
  Shape result;
  result.resize(target.size());
  // Walk from the last dim: each run of source dims that is contiguous in itself must be covered
  // exactly by a run of target dims.
  int64_t target_dim = static_cast<int64_t>(target.size()) - 1;
  int64_t run_stride = sizes.empty() ? 1 : strides.back();
  int64_t run_count = 1, target_count = 1;
  for (int64_t dim = static_cast<int64_t>(sizes.size()) - 1; dim >= 0; --dim) {
    run_count *= sizes[dim];
    bool run_ends = dim == 0 || (sizes[dim - 1] != 1 && strides[dim - 1] != run_count * run_stride);
    if (!run_ends) continue;
    while (target_dim >= 0 && (target_count < run_count || target[target_dim] == 1)) {
      result[target_dim] = target_count * run_stride;
      target_count *= target[target_dim--];
    }
    if (target_count != run_count) return std::nullopt;
    if (dim > 0) {
      run_stride = strides[dim - 1];
      run_count = target_count = 1;
    }
  }
  for (; target_dim >= 0; --target_dim) result[target_dim] = run_stride;  // only sizes 1 are left
  return result;
}

namespace {

// (stride, size) of the dims that move, the smallest stride first.
SmallVector<std::pair<int64_t, int64_t>, 5> moving_dims(const Shape& sizes, const Shape& strides) {
  SmallVector<std::pair<int64_t, int64_t>, 5> dims;
  for (size_t i = 0; i < sizes.size(); ++i)
    if (sizes[i] > 1) dims.emplace_back(std::abs(strides[i]), sizes[i]);
  std::sort(dims.begin(), dims.end());
  return dims;
}

}  // namespace

bool is_dense(const Shape& sizes, const Shape& strides) {
  int64_t step = 1;
  for (auto [stride, size] : moving_dims(sizes, strides)) {
    if (stride != step) return false;
    step *= size;
  }
  return true;
}

bool may_overlap_itself(const Shape& sizes, const Shape& strides) {
  for (int64_t size : sizes)
    if (size == 0) return false;
  int64_t reach = 0;  // the furthest offset that the dims seen so far lead to
  for (auto [stride, size] : moving_dims(sizes, strides)) {
    if (stride <= reach) return true;
    reach += stride * (size - 1);
  }
  return false;
}

}  // namespace lampas
