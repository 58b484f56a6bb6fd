// Staging planes for convolution: which source coordinates each part shows, and the copy itself.
#include "core/kernels/cpu/staged_planes.h"

#include <algorithm>

namespace lampas::cpu {
namespace {

int64_t floor_divide(int64_t value, int64_t divisor) {
  const int64_t quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}

// The index of `residue` in the list, appended where it is new.
int64_t index_of(std::vector<int64_t>& residues, int64_t residue) {
  const auto found = std::find(residues.begin(), residues.end(), residue);
  if (found == residues.end()) {
    residues.push_back(residue);
    return static_cast<int64_t>(residues.size()) - 1;
  }
  return found - residues.begin();
}

}  // namespace

StagedAxis axis_over_input(const ConvolutionShape& shape, int dim) {
  StagedAxis axis;
  axis.source_size = shape.input[dim];
  axis.first = -shape.padding[dim];
  axis.step = shape.stride[dim];
  axis.positions = shape.output[dim];
  axis.residues.clear();
  for (int64_t tap = 0; tap < shape.kernel[dim]; ++tap) {
    const int64_t distance = tap * shape.dilation[dim];
    const int64_t shift = distance / axis.step;
    axis.taps.push_back({index_of(axis.residues, distance % axis.step), shift});
    axis.largest_shift = std::max(axis.largest_shift, shift);
  }
  return axis;
}

StagedAxis axis_over_output(const ConvolutionShape& shape, int dim) {
  const int64_t stride = shape.stride[dim];
  StagedAxis axis;
  axis.source_size = shape.output[dim];
  axis.origin = floor_divide(shape.padding[dim], stride);
  axis.positions = floor_divide(shape.input[dim] - 1 + shape.padding[dim], stride) - axis.origin + 1;
  for (int64_t tap = 0; tap < shape.kernel[dim]; ++tap) {
    axis.largest_shift = std::max(axis.largest_shift, tap * shape.dilation[dim] / stride);
  }
  // A later tap meets an earlier output, so shifts count down.
  for (int64_t tap = 0; tap < shape.kernel[dim]; ++tap) {
    axis.taps.push_back({0, axis.largest_shift - tap * shape.dilation[dim] / stride});
  }
  axis.first = axis.origin - axis.largest_shift;
  return axis;
}

StagedLayout::StagedLayout(const std::array<StagedAxis, 3>& axes, const Extent& results) {
  for (int dim = 0; dim < 3; ++dim) {
    size[dim] = axes[dim].staged_size(results[dim]);
    parts[dim] = static_cast<int64_t>(axes[dim].residues.size());
  }
  part_size = product_of(size);
  channel_size = part_size * product_of(parts);
}

int64_t StagedLayout::tap_offset(const std::array<StagedAxis, 3>& axes, int64_t depth, int64_t height,
                                 int64_t width) const {
  const StagedAxis::Tap& d = axes[0].taps[depth];
  const StagedAxis::Tap& h = axes[1].taps[height];
  const StagedAxis::Tap& w = axes[2].taps[width];
  const int64_t part = (d.part * parts[1] + h.part) * parts[2] + w.part;
  return part * part_size + (d.shift * size[1] + h.shift) * size[2] + w.shift;
}

template <typename T>
void stage(const vector::ConvolutionFunctions<T>& functions, const std::array<StagedAxis, 3>& axes,
           const StagedLayout& layout, const Extent& begin, const T* source, int64_t channels, T* staged) {
  const int64_t plane_size = axes[1].source_size * axes[2].source_size;
  const int64_t staged_plane_size = layout.size[1] * layout.size[2];
  Extent first;
  for (int dim = 0; dim < 3; ++dim) {
    first[dim] = axes[dim].first + (begin[dim] - axes[dim].origin) * axes[dim].step;
  }
  vector::PlaneCopy<T> copy{};
  copy.source_columns = axes[2].source_size;
  copy.row_step = axes[1].step;
  copy.column_step = axes[2].step;
  copy.target_rows = layout.size[1];
  copy.target_columns = layout.size[2];
  copy.target = staged;
  for (int64_t channel = 0; channel < channels; ++channel) {
    const T* image = source + channel * axes[0].source_size * plane_size;
    for (const int64_t depth_residue : axes[0].residues) {
      for (const int64_t height_residue : axes[1].residues) {
        for (const int64_t width_residue : axes[2].residues) {
          for (int64_t depth = 0; depth < layout.size[0]; ++depth) {
            const int64_t source_depth = first[0] + depth_residue + depth * axes[0].step;
            const bool inside = source_depth >= 0 && source_depth < axes[0].source_size;
            copy.source = image + (inside ? source_depth * plane_size : 0);
            copy.source_rows = inside ? axes[1].source_size : 0;
            copy.first_row = first[1] + height_residue;
            copy.first_column = first[2] + width_residue;
            functions.copy_plane(copy);
            copy.target += staged_plane_size;
          }
        }
      }
    }
  }
}

template void stage(const vector::ConvolutionFunctions<float>&, const std::array<StagedAxis, 3>&,
                    const StagedLayout&, const Extent&, const float*, int64_t, float*);
template void stage(const vector::ConvolutionFunctions<double>&, const std::array<StagedAxis, 3>&,
                    const StagedLayout&, const Extent&, const double*, int64_t, double*);

}  // namespace lampas::cpu
