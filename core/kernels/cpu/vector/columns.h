// Walking one contiguous row, and sums over it.
#pragma once

#include "core/kernels/cpu/vector/fold.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

// Calls body(column) for whole registers, then body(column, count) for the rest: passed on to load and
// store, `count` keeps them inside the row.
template <int64_t size, class Body>
LAMPAS_INLINE void over_columns(int64_t begin, int64_t end, Body body) {
  for (; begin + size <= end; begin += size) body(begin);
  if (begin < end) body(begin, end - begin);
}

// The sum of term(column, count...) over a row, in parts of 64 terms a lane so that its error stays low in
// long rows. Lanes beyond the row must be zero.
template <class V, class Term>
LAMPAS_INLINE typename V::Element sum_over_columns(int64_t columns, Term term) {
  constexpr int64_t part_columns = 64 * V::size;
  V total(0);
  for (int64_t begin = 0; begin < columns; begin += part_columns) {
    const int64_t end = columns - begin < part_columns ? columns : begin + part_columns;
    V part(0);
    over_columns<V::size>(begin, end, [&](int64_t column, auto... count) LAMPAS_INLINE_LAMBDA {
      part = part + term(column, count...);
    });
    total = total + part;
  }
  return fold_lanes<SumFold>(total);
}

// Zero in the lanes from `count` on; everything where there is no count.
template <class V>
LAMPAS_INLINE V first_lanes_of(V x) {
  return x;
}
template <class V>
LAMPAS_INLINE V first_lanes_of(V x, int64_t count) {
  using T = typename V::Element;
  const Mask<T> inside{(typename V::Bits)(lane_numbers<T>() < (typename V::Lanes::Signed)count)};
  return select(inside, x, V(0));
}

}  // namespace
}  // namespace lampas::vector::LAMPAS_SET
