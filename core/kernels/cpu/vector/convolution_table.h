// The copies around convolution of one instruction set; its arithmetic is that of matmul_table.h.
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

template <typename T>
struct ConvolutionFunctions {
  void (*copy_planes)(const PlaneCopy<T>&);
  void (*pack_runs)(const RunPacking<T>&);
  void (*store_runs)(const RunStoring<T>&);
  T (*sum)(const T* values, int64_t count);
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
