// The table of convolution: padding and taking planes apart, packing and storing runs of pixels, and the
// tiles along channels of channel_tile.h.
#include "core/kernels/cpu/vector/channel_tile.h"
#include "core/kernels/cpu/vector/convolution_table.h"
#include "core/kernels/cpu/vector/vector.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

// Zeros up to `end` and maybe a vector behind.
template <typename T>
LAMPAS_INLINE void write_zeros(T* target, T* end) {
  using V = Vector<T>;
  V zero(T(0));
  // Seen as zeros, these few stores would become a call of memset.
  __asm__("" : "+x"(zero.native));
  for (; target < end; target += V::size) store(zero, target);
}

// Copies `count` elements and maybe writes a vector behind; reads nothing at or behind `source_end`.
template <typename T>
LAMPAS_INLINE void copy_adjacent(const T* source, const T* source_end, T* target, int64_t count) {
  using V = Vector<T>;
  for (; count > 0; count -= V::size, source += V::size, target += V::size) {
    store(source_end - source >= V::size ? load(source) : load(source, count), target);
  }
}

// target[j] = source[2 * j]; reads nothing at or behind `source_end`.
template <typename T>
LAMPAS_INLINE void copy_every_second(const T* source, const T* source_end, T* target, int64_t count) {
  using V = Vector<T>;
  typename V::Bits even;
  for (int64_t lane = 0; lane < V::size; ++lane) even[lane] = 2 * lane;
  int64_t j = 0;
  for (; j + V::size <= count && source_end - source >= 2 * (j + V::size); j += V::size) {
    const typename V::Native low = load(source + 2 * j).native;
    const typename V::Native high = load(source + 2 * j + V::size).native;
    store(V(__builtin_shuffle(low, high, even)), target + j);
  }
  for (; j < count; ++j) target[j] = source[2 * j];
}

// Rounded up; most steps are 1, and dividing is slow.
LAMPAS_INLINE int64_t divide_by_step(int64_t value, int64_t step) {
  return step == 1 ? value : (value + step - 1) / step;
}

// The indices i in [0, count) with 0 <= first + i * step < size.
struct IndexRange {
  int64_t begin;
  int64_t end;
};
LAMPAS_INLINE IndexRange indices_inside(int64_t first, int64_t step, int64_t size, int64_t count) {
  int64_t begin = first < 0 ? divide_by_step(-first, step) : 0;
  int64_t end = first < size ? divide_by_step(size - first, step) : 0;
  if (end > count) end = count;
  if (begin > end) begin = end;
  return {begin, end};
}

// Each row is written from its beginning on, so what was written behind the one before does not matter.
template <typename T>
void copy_planes(const PlaneCopy<T>& copy) {
  using V = Vector<T>;
  const int64_t step = copy.column_step;
  const int64_t width = copy.target_columns;
  IndexRange rows = indices_inside(copy.first_row, copy.row_step, copy.source_rows, copy.target_rows);
  const IndexRange columns = indices_inside(copy.first_column, step, copy.source_columns, width);
  if (columns.begin == columns.end) rows = {0, 0};
  const int64_t count = columns.end - columns.begin;
  const int64_t source_stride = copy.row_step * copy.source_columns;
  const int64_t first_source = (copy.first_row + rows.begin * copy.row_step) * copy.source_columns +
                               copy.first_column + columns.begin * step;

  for (int64_t plane = 0; plane < copy.planes; ++plane) {
    const T* plane_source = copy.source + plane * copy.source_plane_stride;
    const T* source_end = plane_source + copy.source_rows * copy.source_columns;
    const T* source = plane_source + first_source;
    T* plane_target = copy.target + plane * copy.target_rows * width;
    T* target = plane_target + rows.begin * width;
    write_zeros(plane_target, target);
    int64_t i = rows.begin;
    if (step == 1 && count == width && width <= V::size) {
      // Narrow rows without padding: one load and one store each.
      for (; i < rows.end && source_end - source >= V::size; ++i, source += source_stride, target += width) {
        store(load(source), target);
      }
    }
    for (; i < rows.end; ++i, source += source_stride, target += width) {
      write_zeros(target, target + columns.begin);
      T* inside = target + columns.begin;
      if (step == 1) {
        copy_adjacent(source, source_end, inside, count);
      } else if (step == 2) {
        copy_every_second(source, source_end, inside, count);
      } else {
        for (int64_t j = 0; j < count; ++j) inside[j] = source[j * step];
      }
      write_zeros(inside + count, target + width);
    }
    write_zeros(target, plane_target + copy.target_rows * width);
  }
}

// Copies whole vectors: what a run writes too much is overwritten by the next run, or by the next row.
template <typename T>
void pack_runs(const RunPacking<T>& packing) {
  using V = Vector<T>;
  for (int64_t k = 0; k < packing.depth; ++k) {
    const T* source = packing.source + packing.offsets[k];
    T* row = packing.panel + k * packing.panel_width;
    for (int64_t r = 0; r < packing.run_count; ++r) {
      const PixelRun& run = packing.runs[r];
      const T* from = source + run.source;
      T* to = row + run.panel;
      int64_t j = 0;
      for (; j + V::size <= run.length; j += V::size) store(load(from + j), to + j);
      if (j == run.length) continue;
      store(packing.reads_behind ? load(from + j) : load(from + j, run.length - j), to + j);
    }
  }
}

template <typename T>
void store_runs(const RunStoring<T>& storing) {
  using V = Vector<T>;
  for (int64_t i = 0; i < storing.rows; ++i) {
    const T* tile_row = storing.tile + i * storing.tile_row_stride;
    T* target_row = storing.target + i * storing.target_row_stride;
    for (int64_t r = 0; r < storing.run_count; ++r) {
      const PixelRun& run = storing.runs[r];
      const T* from = tile_row + run.panel;
      T* to = target_row + run.target;
      if (storing.target_step != 1) {
        for (int64_t j = 0; j < run.length; ++j) to[j * storing.target_step] = from[j];
        continue;
      }
      int64_t j = 0;
      for (; j + V::size <= run.length; j += V::size) store(load(from + j), to + j);
      if (j < run.length) {
        store(load(from + j, run.length - j), to + j, run.length - j);
      }
    }
  }
}

template <typename T>
T sum(const T* values, int64_t count) {
  using V = Vector<T>;
  V first(T(0)), second(T(0)), third(T(0)), fourth(T(0));
  int64_t i = 0;
  for (; i + 4 * V::size <= count; i += 4 * V::size) {
    first = first + load(values + i);
    second = second + load(values + i + V::size);
    third = third + load(values + i + 2 * V::size);
    fourth = fourth + load(values + i + 3 * V::size);
  }
  for (; i + V::size <= count; i += V::size) first = first + load(values + i);
  if (i < count) second = second + load(values + i, count - i);
  T lanes[V::size];
  store((first + second) + (third + fourth), lanes);
  for (int64_t half = V::size / 2; half > 0; half /= 2) {
    for (int64_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}

template <typename T>
constexpr ConvolutionFunctions<T> all_functions() {
  ConvolutionFunctions<T> functions{
      copy_planes<T>, pack_runs<T>, store_runs<T>, sum<T>, store_planes<T>, {}, {}};
  add_channel_tiles<T, 1, 1>(functions);
  return functions;
}

}  // namespace

constinit const ConvolutionTable convolution{all_functions<float>(), all_functions<double>()};

}  // namespace lampas::vector::LAMPAS_SET
