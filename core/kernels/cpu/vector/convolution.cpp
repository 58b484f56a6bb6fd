// The copies around convolution: padding and taking planes apart, packing and storing runs of pixels.
#include "core/kernels/cpu/vector/convolution_table.h"
#include "core/kernels/cpu/vector/vector.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

template <typename T>
LAMPAS_INLINE void fill_zeros(T* target, int64_t count) {
  using V = Vector<T>;
  int64_t j = 0;
  for (; j + V::size <= count; j += V::size) store(V(T(0)), target + j);
  if (j < count) store(V(T(0)), target + j, count - j);
}

template <typename T>
LAMPAS_INLINE void copy_adjacent(const T* source, T* target, int64_t count) {
  using V = Vector<T>;
  int64_t j = 0;
  for (; j + V::size <= count; j += V::size) store(load(source + j), target + j);
  if (j < count) store(load(source + j, count - j), target + j, count - j);
}

// target[j] = source[2 * j]; `readable` elements lie from `source` on.
template <typename T>
LAMPAS_INLINE void copy_every_second(const T* source, int64_t readable, T* target, int64_t count) {
  using V = Vector<T>;
  typename V::Bits even;
  for (int64_t lane = 0; lane < V::size; ++lane) even[lane] = 2 * lane;
  int64_t j = 0;
  for (; j + V::size <= count && 2 * (j + V::size) <= readable; j += V::size) {
    const typename V::Native low = load(source + 2 * j).native;
    const typename V::Native high = load(source + 2 * j + V::size).native;
    store(V(__builtin_shuffle(low, high, even)), target + j);
  }
  for (; j < count; ++j) target[j] = source[2 * j];
}

template <typename T>
void copy_plane(const PlaneCopy<T>& copy) {
  const int64_t step = copy.column_step;
  // Columns [begin, end) of the target lie inside the source.
  int64_t begin = copy.first_column < 0 ? (-copy.first_column + step - 1) / step : 0;
  if (begin > copy.target_columns) begin = copy.target_columns;
  int64_t end = begin;
  const int64_t inside = copy.source_columns - (copy.first_column + begin * step);
  if (inside > 0) end = begin + (inside + step - 1) / step;
  if (end > copy.target_columns) end = copy.target_columns;

  T* target = copy.target;
  for (int64_t i = 0; i < copy.target_rows; ++i, target += copy.target_columns) {
    const int64_t row = copy.first_row + i * copy.row_step;
    if (row < 0 || row >= copy.source_rows || begin == end) {
      fill_zeros(target, copy.target_columns);
      continue;
    }
    const T* source = copy.source + row * copy.source_columns + copy.first_column + begin * step;
    fill_zeros(target, begin);
    if (step == 1) {
      copy_adjacent(source, target + begin, end - begin);
    } else if (step == 2) {
      copy_every_second(source, inside, target + begin, end - begin);
    } else {
      for (int64_t j = 0; j < end - begin; ++j) target[begin + j] = source[j * step];
    }
    fill_zeros(target + end, copy.target_columns - end);
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
    const T bias = storing.bias ? storing.bias[i] : T(0);
    const V bias_vector(bias);
    for (int64_t r = 0; r < storing.run_count; ++r) {
      const PixelRun& run = storing.runs[r];
      const T* from = tile_row + run.panel;
      T* to = target_row + run.target;
      if (storing.target_step != 1) {
        for (int64_t j = 0; j < run.length; ++j) to[j * storing.target_step] = from[j] + bias;
        continue;
      }
      int64_t j = 0;
      for (; j + V::size <= run.length; j += V::size) store(load(from + j) + bias_vector, to + j);
      if (j < run.length) {
        store(load(from + j, run.length - j) + bias_vector, to + j, run.length - j);
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
constexpr ConvolutionFunctions<T> all_functions{copy_plane<T>, pack_runs<T>, store_runs<T>, sum<T>};

}  // namespace

constinit const ConvolutionTable convolution{all_functions<float>, all_functions<double>};

}  // namespace lampas::vector::LAMPAS_SET
