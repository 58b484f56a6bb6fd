// A batch of pictures translated byte by byte, on the CPU; many pictures are shared among threads.
#include "core/kernels/pictures.h"

#include <algorithm>

#include "core/parallel/thread_pool.h"

namespace lampas {
namespace {

constexpr int64_t bytes_per_grain = 65536;  // about 50 microseconds of one thread

// One channel: from (H, W) by strides to (height, width), which is contiguous.
struct Plane {
  int64_t H, W, row_stride, column_stride;
  int64_t top, left, height, width;
};

template <class T>
void translate_run(const uint8_t* from, int64_t stride, const T* table, T* to, int64_t count) {
  if (stride == 1)
    for (int64_t i = 0; i < count; ++i) to[i] = table[from[i]];
  else
    for (int64_t i = 0; i < count; ++i) to[i] = table[from[i * stride]];
}

template <class T>
void translate_plane(const uint8_t* from, const Plane& plane, const T* table, T border, T* to) {
  if (plane.height == plane.H && plane.width == plane.W && plane.row_stride == plane.W * plane.column_stride)
    return translate_run(from, plane.column_stride, table, to, plane.H * plane.W);
  std::fill_n(to, plane.top * plane.width, border);
  for (int64_t y = 0; y < plane.H; ++y) {
    T* row = to + (plane.top + y) * plane.width;
    std::fill_n(row, plane.left, border);
    translate_run(from + y * plane.row_stride, plane.column_stride, table, row + plane.left, plane.W);
    std::fill(row + plane.left + plane.W, row + plane.width, border);
  }
  std::fill(to + (plane.top + plane.H) * plane.width, to + plane.height * plane.width, border);
}

// Asks for the memory of a picture that comes next: pictures lie anywhere, no hardware can foresee them.
void prefetch(const uint8_t* from, int64_t bytes) {
  constexpr int64_t cache_line = 64;
  for (int64_t i = 0; i < bytes; i += cache_line) __builtin_prefetch(from + i);
}

template <class T>
void gather(const Tensor& input, const Tensor& offsets, const Tensor& table,
            const kernels::PictureBorder& border, const Tensor& output) {
  const Shape &sizes = input.sizes(), &strides = input.strides();
  int64_t channels = sizes[1], height = output.sizes()[2], width = output.sizes()[3];
  Plane plane{sizes[2], sizes[3], strides[2], strides[3], border.top, border.left, height, width};
  const uint8_t* first = input.data<uint8_t>();
  const int64_t* places = offsets.data<int64_t>();
  const T* tables = table.data<T>();
  T* result = output.data<T>();
  int64_t pictures_per_grain =
      std::max<int64_t>(1, bytes_per_grain / std::max<int64_t>(1, channels * height * width));
  parallel_for(0, offsets.numel(), pictures_per_grain, [&](int64_t begin, int64_t end) {
    for (int64_t picture = begin; picture < end; ++picture) {
      if (picture + 1 < end) prefetch(first + places[picture + 1], channels * plane.H * plane.W);
      for (int64_t channel = 0; channel < channels; ++channel) {
        const T* translation = tables + channel * 256;
        translate_plane(first + places[picture] + channel * strides[1], plane, translation,
                        translation[border.value], result + (picture * channels + channel) * height * width);
      }
    }
  });
}

void gather_pictures_on_cpu(const Tensor& input, const Tensor& offsets, const Tensor& table,
                            const kernels::PictureBorder& border, const Tensor& output) {
  switch (item_size(table.dtype())) {  // numbers are only copied
    case 2:
      return gather<uint16_t>(input, offsets, table, border, output);
    case 4:
      return gather<uint32_t>(input, offsets, table, border, output);
    default:
      return gather<uint64_t>(input, offsets, table, border, output);
  }
}

const Implement implement_gather_pictures(kernels::gather_pictures, DeviceKind::cpu, gather_pictures_on_cpu);

}  // namespace
}  // namespace lampas
