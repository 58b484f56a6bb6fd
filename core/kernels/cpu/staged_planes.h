// Staging: a copy of planes in which the pixels that one tap of a kernel meets, for adjacent results, are
// adjacent too, whatever the stride, and in which the padding exists.
#pragma once

#include <cstdint>
#include <vector>

#include "core/kernels/cpu/convolution_shape.h"
#include "core/kernels/cpu/vector/convolution_table.h"

namespace lampas::cpu {

// One dimension. The source is taken apart by residues modulo `step`: staged position t of part r shows the
// source's coordinate first + residues[r] + step * t. A result at position x meets, for a tap, the staged
// position x - origin + shift of one part.
struct StagedAxis {
  struct Tap {
    int64_t part;
    int64_t shift;
  };

  int64_t source_size = 1;
  int64_t first = 0;
  int64_t step = 1;
  int64_t origin = 0;     // the first position of a result
  int64_t positions = 1;  // positions of results
  int64_t largest_shift = 0;
  std::vector<int64_t> residues{0};
  std::vector<Tap> taps;

  // Staged positions that `count` results need.
  int64_t staged_size(int64_t count) const { return count + largest_shift; }
  bool shows_source_as_it_is() const {
    return step == 1 && first == 0 && residues.size() == 1 && staged_size(positions) == source_size;
  }
};

// For results at output coordinates that meet the input: coordinate * stride + tap * dilation - padding.
StagedAxis axis_over_input(const ConvolutionShape& shape, int dim);

// For results at input coordinates y that meet the output: y + padding = coordinate * stride + tap *
// dilation. Positions are (y + padding) / stride; a tap belongs to the coordinates of one remainder only.
StagedAxis axis_over_output(const ConvolutionShape& shape, int dim);

// Where staged planes lie: channels of an image one after the other, for each its parts, for each its pixels.
struct StagedLayout {
  StagedLayout(const std::array<StagedAxis, 3>& axes, const Extent& results);

  int64_t tap_offset(const std::array<StagedAxis, 3>& axes, int64_t depth, int64_t height,
                     int64_t width) const;

  Extent size;           // of one part
  Extent parts;          // along each dimension
  int64_t part_size;     // elements of one part
  int64_t channel_size;  // elements of all parts of a channel
};

// Stages `channels` planes of one image for the results from `begin` on along each dimension.
template <typename T>
void stage(const vector::ConvolutionFunctions<T>& functions, const std::array<StagedAxis, 3>& axes,
           const StagedLayout& layout, const Extent& begin, const T* source, int64_t channels, T* staged);

}  // namespace lampas::cpu
