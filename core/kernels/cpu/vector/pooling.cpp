// The largest of every 2 x 2 elements, in loops that the compiler vectorises.
#include "core/kernels/cpu/vector/pooling.h"

#include "core/kernels/cpu/vector/set.h"

// Rows of pictures are short: 14 results would leave a register of 16 lanes unused.
#pragma GCC target("prefer-vector-width=256")

namespace lampas::vector::LAMPAS_SET {
namespace {

// b where it is larger than a or NaN, as PyTorch compares along a window.
template <class T>
LAMPAS_INLINE bool takes_over(T b, T a) {
  return (b > a) | (b != b);
}

template <class T, class Place>
LAMPAS_INLINE void pool_results(const T* upper, const T* lower, int64_t width, int64_t first, int64_t count,
                                T* __restrict output, int64_t* __restrict indices) {
  for (int64_t x = 0; x < count; ++x) {
    const T a = upper[2 * x], b = upper[2 * x + 1], c = lower[2 * x], d = lower[2 * x + 1];
    T largest = a;
    Place place = 0;
    const bool second = takes_over(b, largest);
    largest = second ? b : largest;
    place = second ? Place(1) : place;
    const bool third = takes_over(c, largest);
    largest = third ? c : largest;
    place = third ? Place(width) : place;
    const bool fourth = takes_over(d, largest);
    largest = fourth ? d : largest;
    place = fourth ? Place(width + 1) : place;
    output[x] = largest;
    if (indices) indices[x] = first + 2 * x + place;
  }
}

// Blocks of `lanes` results; the last one begins so early that it fits, and gives some results again.
template <int64_t lanes, class T, class Place>
LAMPAS_INLINE void pool_blocks(const T* upper, const T* lower, int64_t width, int64_t first, int64_t count,
                               T* output, int64_t* indices) {
  int64_t block = lanes;
  asm("" : "+r"(block));  // a count the compiler knows it would unroll into branches, not registers
  for (int64_t x = 0; x < count; x += lanes) {
    const int64_t begin = x + lanes <= count ? x : count - lanes;
    pool_results<T, Place>(upper + 2 * begin, lower + 2 * begin, width, first + 2 * begin, block,
                           output + begin, indices ? indices + begin : nullptr);
  }
}

template <class T, class Place>
LAMPAS_INLINE void pool_row(const T* upper, const T* lower, int64_t width, int64_t first, int64_t count,
                            T* output, int64_t* indices) {
  if (count >= 8)
    pool_blocks<8, T, Place>(upper, lower, width, first, count, output, indices);
  else if (count >= 4)
    pool_blocks<4, T, Place>(upper, lower, width, first, count, output, indices);
  else
    pool_results<T, Place>(upper, lower, width, first, count, output, indices);
}

// Place: an integer as wide as T, so that both fill the same number of lanes.
template <class T, class Place>
void max_pool_pairs(const T* input, int64_t width, int64_t out_height, int64_t out_width, T* output,
                    int64_t* indices) {
  for (int64_t y = 0; y < out_height; ++y) {
    const T* row = input + 2 * y * width;
    T* target = output + y * out_width;
    if (indices)
      pool_row<T, Place>(row, row + width, width, 2 * y * width, out_width, target, indices + y * out_width);
    else
      pool_row<T, Place>(row, row + width, width, 0, out_width, target, nullptr);
  }
}

}  // namespace

constinit const PoolingTable pooling = {max_pool_pairs<float, int32_t>, max_pool_pairs<double, int64_t>};

}  // namespace lampas::vector::LAMPAS_SET
