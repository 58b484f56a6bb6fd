// What convolution needs of one instruction set beside the tiles of matmul_table.h: copies around those, and
// tiles with lanes along the result channels.
#pragma once

#include <stdint.h>

namespace lampas::vector {

// Copies planes into rows that may begin before them, end after them, and step over them; zeros lie outside.
// Up to a vector may be written behind the last row. In each plane
// target[i * target_columns + j] = source[(first_row + i * row_step), (first_column + j * column_step)].
template <typename T>
struct PlaneCopy {
  int64_t planes;
  const T* source;
  int64_t source_plane_stride;
  int64_t source_rows;
  int64_t source_columns;
  int64_t first_row;     // may be negative
  int64_t first_column;  // may be negative
  int64_t row_step;
  int64_t column_step;
  T* target;  // plane after plane
  int64_t target_rows;
  int64_t target_columns;  // also the distance of two rows
};

// A run of adjacent pixels: where it lies in what was staged, in a panel, and in the result.
struct PixelRun {
  int64_t source;
  int64_t panel;
  int64_t target;
  int64_t length;
};

// panel[k * panel_width + run.panel + j] = source[offsets[k] + run.source + j] for the runs, in ascending
// order of `run.panel` without gaps. What a vector writes too much behind the panel's end is to be expected.
template <typename T>
struct RunPacking {
  const T* source;
  const int64_t* offsets;
  int64_t depth;
  const PixelRun* runs;
  int64_t run_count;
  T* panel;
  int64_t panel_width;
  bool reads_behind;  // whether a vector may be read behind the end of each run, which is faster
};

// target[i * target_row_stride + run.target + j * target_step] = tile[i * tile_row_stride + run.panel + j].
template <typename T>
struct RunStoring {
  const T* tile;
  int64_t tile_row_stride;
  int64_t rows;
  const PixelRun* runs;
  int64_t run_count;
  T* target;
  int64_t target_row_stride;
  int64_t target_step;
};

// result[p][c] = start[c] + sum over k of source[offsets[k] + p * source_step] * weights[k][c], for as many
// pixels p and vectors of channels c as the kernel's name says; rows of `weights` and `result` have no gaps.
template <typename T>
struct ChannelTile {
  int64_t depth;
  const T* source;
  int64_t source_step;
  const int64_t* offsets;
  int64_t adjacent_steps;  // so many offsets at a time, from the first on, ascend by 1; `depth` is a multiple
  const T* weights;
  const T* start;
  T* result;
};

// target[c * target_stride + p] = source[p * source_width + c]. The source is readable for whole vectors of
// pixels and of channels.
template <typename T>
struct PlaneStoring {
  const T* source;
  int64_t source_width;
  int64_t pixels;
  int64_t channels;
  T* target;
  int64_t target_stride;
};

constexpr int64_t maximum_channel_vectors = 2;
constexpr int64_t maximum_tile_pixels = 14;

template <typename T>
struct ConvolutionFunctions {
  void (*copy_planes)(const PlaneCopy<T>&);
  void (*pack_runs)(const RunPacking<T>&);
  void (*store_runs)(const RunStoring<T>&);
  T (*sum)(const T* values, int64_t count);
  void (*store_planes)(const PlaneStoring<T>&);
  int64_t tile_pixels[maximum_channel_vectors + 1];  // most pixels of a tile so many vectors wide
  void (*channel_tile[maximum_channel_vectors + 1][maximum_tile_pixels + 1])(
      const ChannelTile<T>&);  // [vectors][pixels]
};

struct ConvolutionTable {
  ConvolutionFunctions<float> float32;
  ConvolutionFunctions<double> float64;
};

namespace baseline {
extern const ConvolutionTable convolution;
}
namespace avx2 {
extern const ConvolutionTable convolution;
}
namespace avx512 {
extern const ConvolutionTable convolution;
}

}  // namespace lampas::vector
