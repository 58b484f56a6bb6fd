// Staging: a copy of planes in which the pixels that one tap of a kernel meets, for adjacent results, are
// adjacent too, whatever the stride, and in which the padding exists.
#pragma once

#include <cstdint>
#include <vector>

#include "core/kernels/cpu/convolution_shape.h"
#include "core/kernels/cpu/vector/convolution_table.h"

namespace lampas::cpu {

// One dimension. The staged position t of part r shows the source's coordinate first + residues[r] + step *
// t. A result at position x meets, for a tap, the staged position x - origin + shift of one part.
struct StagedAxis {
  struct Tap {
    int64_t part;
    int64_t shift;
  };

  // Staged positions that `count` results need.
  int64_t staged_size(int64_t count) const { return count + largest_shift; }
  bool shows_source_as_it_is() const {
    return step == 1 && first + residues[0] == 0 && residues.size() == 1 &&
           staged_size(positions) == source_size;
  }
  // Whether the source's coordinate that a result meets for a tap is not padding.
  bool meets_source(int64_t position, int64_t tap) const {
    const int64_t staged = position - origin + taps[tap].shift;
    const int64_t coordinate = first + residues[taps[tap].part] + step * staged;
    return coordinate >= 0 && coordinate < source_size;
  }

  // Zeros that the end of a row of so many results can share with the beginning of the next row, in every
  // part.
  int64_t shared_zeros(int64_t count) const;

  int64_t source_size = 1;
  int64_t first = 0;
  int64_t step = 1;
  int64_t origin = 0;     // the first position of a result
  int64_t positions = 1;  // positions of results
  int64_t largest_shift = 0;
  std::vector<int64_t> residues;
  std::vector<Tap> taps;
};

// How taps share what is staged. `shared`: taps whose coordinates are equal modulo the step use one part,
// shifted; a row of it is longer than a row of results. `apart`: each tap has its own part, more to copy, but
// rows of results follow each other without gaps.
enum class Staging { shared, apart };

// For results at output coordinates that meet the input at coordinate * stride + tap * dilation - padding.
StagedAxis axis_over_input(const ConvolutionShape& shape, int dim, Staging staging);

// For results at input coordinates y that meet the output where y + padding = coordinate * stride + tap *
// dilation. Positions are (y + padding) / stride; a tap belongs to the coordinates of one remainder only.
StagedAxis axis_over_output(const ConvolutionShape& shape, int dim, Staging staging);

// Where the staged planes of an image lie: part by part, in each part channel by channel.
struct StagedLayout {
  // For so many results along each dimension, at most. Rows may share zeros with the next row, which may be
  // the next channel's, only where channels stay behind each other.
  StagedLayout(const std::array<StagedAxis, 3>& axes, const Extent& results, int64_t channels,
               bool shares_zeros = true);

  int64_t offset(const std::array<StagedAxis, 3>& axes, int64_t channel, const Extent& tap) const {
    const StagedAxis::Tap& d = axes[0].taps[tap[0]];
    const StagedAxis::Tap& h = axes[1].taps[tap[1]];
    const StagedAxis::Tap& w = axes[2].taps[tap[2]];
    const int64_t part = (d.part * parts[1] + h.part) * parts[2] + w.part;
    return (part * channels + channel) * channel_size + (d.shift * size[1] + h.shift) * size[2] + w.shift;
  }

  Extent size;   // of one channel of one part; rows may end in the zeros that the next row begins with
  Extent parts;  // along each dimension
  int64_t channels;
  int64_t channel_size;  // elements of one channel of one part
  int64_t image_size;    // elements of all parts
  int64_t zeros_behind;  // that the last row needs behind the image
};

// Stages one image's channels for the results from `begin` on along each dimension. Behind them zeros_behind
// elements and up to a vector more are written.
template <typename T>
void stage(const vector::ConvolutionFunctions<T>& functions, const std::array<StagedAxis, 3>& axes,
           const StagedLayout& layout, const Extent& begin, const T* source, T* staged);

}  // namespace lampas::cpu
