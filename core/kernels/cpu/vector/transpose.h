// Transposing squares of as many rows as a vector has lanes, in registers.
#pragma once

#include "core/kernels/cpu/vector/vector.h"

// Arrays of vectors become registers only where every loop over them is unrolled.
#define LAMPAS_UNROLL _Pragma("GCC unroll 16")

namespace lampas::vector::LAMPAS_SET {

// Takes a square of as many rows as lanes one step towards its transpose: rows that lie `distance` apart
// exchange the lanes that do not stay. `first` and `second` are such rows, and are replaced.
template <typename T, int64_t distance>
LAMPAS_INLINE void exchange_lanes(Vector<T>& first, Vector<T>& second) {
  using V = Vector<T>;
  typename V::Bits of_first, of_second;
  LAMPAS_UNROLL for (int64_t lane = 0; lane < V::size; ++lane) {
    const bool odd = (lane & distance) != 0;
    of_first[lane] = odd ? lane - distance + V::size : lane;
    of_second[lane] = odd ? lane + V::size : lane + distance;
  }
  const typename V::Native old_first = first.native, old_second = second.native;
  first = V(__builtin_shuffle(old_first, old_second, of_first));
  second = V(__builtin_shuffle(old_first, old_second, of_second));
}

template <typename T, int64_t distance>
LAMPAS_INLINE void transpose_from(Vector<T>* rows) {
  if constexpr (distance < Vector<T>::size) {
    LAMPAS_UNROLL for (int64_t i = 0; i < Vector<T>::size; ++i) {
      if ((i & distance) == 0) exchange_lanes<T, distance>(rows[i], rows[i + distance]);
    }
    transpose_from<T, 2 * distance>(rows);
  }
}

// target[i * target_stride + j] = source[j * source_stride + i] for a square of as many rows as lanes.
template <typename T>
LAMPAS_INLINE void transpose_square(const T* source, int64_t source_stride, T* target,
                                    int64_t target_stride) {
  using V = Vector<T>;
  V rows[V::size];
  LAMPAS_UNROLL for (int64_t i = 0; i < V::size; ++i) rows[i] = load(source + i * source_stride);
  transpose_from<T, 1>(rows);
  LAMPAS_UNROLL for (int64_t i = 0; i < V::size; ++i) store(rows[i], target + i * target_stride);
}

}  // namespace lampas::vector::LAMPAS_SET
