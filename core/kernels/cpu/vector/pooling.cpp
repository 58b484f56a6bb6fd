// The largest of every 2 x 2 elements, in loops that the compiler vectorises.
#include "core/kernels/cpu/vector/pooling.h"

#include "core/kernels/cpu/vector/set.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

// b where it is larger than a or NaN, as PyTorch compares along a window.
template <class T>
LAMPAS_INLINE bool takes_over(T b, T a) {
  return !(b <= a) && (b > a || b != b);
}

template <class T, class Place>
LAMPAS_INLINE void pool_row(const T* upper, const T* lower, int64_t width, int64_t first, int64_t out_width,
                            T* output, int64_t* indices) {
  for (int64_t x = 0; x < out_width; ++x) {
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
