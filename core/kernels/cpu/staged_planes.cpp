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

StagedAxis axis_over_input(const ConvolutionShape& shape, int dim, Staging staging) {
  StagedAxis axis;
  axis.source_size = shape.input[dim];
  axis.first = -shape.padding[dim];
  axis.step = shape.stride[dim];
  axis.positions = shape.output[dim];
  for (int64_t tap = 0; tap < shape.kernel[dim]; ++tap) {
    const int64_t distance = tap * shape.dilation[dim];
    const int64_t shift = staging == Staging::shared ? distance / axis.step : 0;
    axis.taps.push_back({index_of(axis.residues, distance - shift * axis.step), shift});
    axis.largest_shift = std::max(axis.largest_shift, shift);
  }
  return axis;
}

StagedAxis axis_over_output(const ConvolutionShape& shape, int dim, Staging staging) {
  const int64_t stride = shape.stride[dim];
  StagedAxis axis;
  axis.source_size = shape.output[dim];
  axis.origin = floor_divide(shape.padding[dim], stride);
  axis.positions = floor_divide(shape.input[dim] - 1 + shape.padding[dim], stride) - axis.origin + 1;
  const auto quotient = [&](int64_t tap) { return tap * shape.dilation[dim] / stride; };
  const int64_t largest = quotient(shape.kernel[dim] - 1);
  axis.first = axis.origin - largest;
  // A later tap meets an earlier output, so shifts count down.
  for (int64_t tap = 0; tap < shape.kernel[dim]; ++tap) {
    const int64_t distance = largest - quotient(tap);
    if (staging == Staging::shared) {
      axis.taps.push_back({index_of(axis.residues, 0), distance});
      axis.largest_shift = std::max(axis.largest_shift, distance);
    } else {
      axis.taps.push_back({index_of(axis.residues, distance), 0});
    }
  }
  return axis;
}

int64_t StagedAxis::shared_zeros(int64_t count) const {
  int64_t shared = largest_shift;
  for (const int64_t residue : residues) {
    const int64_t size = staged_size(count);
    // Zeros before the source, and behind it where the row shows its end.
    const int64_t before = std::max<int64_t>(0, -floor_divide(first + residue, step));
    const int64_t to_end = floor_divide(source_size - first - residue - 1, step) + 1;
    shared = std::min({shared, before, std::max<int64_t>(0, size - to_end)});
  }
  return shared;
}

StagedLayout::StagedLayout(const std::array<StagedAxis, 3>& axes, const Extent& results, int64_t channels,
                           bool shares_zeros)
    : channels(channels) {
  for (int dim = 0; dim < 3; ++dim) {
    size[dim] = axes[dim].staged_size(results[dim]);
    parts[dim] = static_cast<int64_t>(axes[dim].residues.size());
  }
  zeros_behind = shares_zeros ? axes[2].shared_zeros(results[2]) : 0;
  size[2] -= zeros_behind;
  channel_size = product_of(size);
  image_size = channel_size * channels * product_of(parts);
}

template <typename T>
void stage(const vector::ConvolutionFunctions<T>& functions, const std::array<StagedAxis, 3>& axes,
           const StagedLayout& layout, const Extent& begin, const T* source, T* staged) {
  const int64_t plane_size = axes[1].source_size * axes[2].source_size;
  Extent first;
  for (int dim = 0; dim < 3; ++dim) {
    first[dim] = axes[dim].first + (begin[dim] - axes[dim].origin) * axes[dim].step;
  }
  vector::PlaneCopy<T> copy{};
  copy.source_rows = axes[1].source_size;
  copy.source_columns = axes[2].source_size;
  copy.row_step = axes[1].step;
  copy.column_step = axes[2].step;
  copy.target_rows = layout.size[1];
  copy.target_columns = layout.size[2];
  copy.target = staged;
  // All channels in one go, unless planes along the depth lie between them.
  const bool flat = layout.size[0] == 1;
  copy.planes = flat ? layout.channels : 1;
  copy.source_plane_stride = axes[0].source_size * plane_size;
  for (const int64_t depth_residue : axes[0].residues) {
    for (const int64_t height_residue : axes[1].residues) {
      for (const int64_t width_residue : axes[2].residues) {
        copy.first_row = first[1] + height_residue;
        copy.first_column = first[2] + width_residue;
        for (int64_t channel = 0; channel < layout.channels; channel += copy.planes) {
          for (int64_t depth = 0; depth < layout.size[0]; ++depth) {
            const int64_t source_depth = first[0] + depth_residue + depth * axes[0].step;
            const bool inside = source_depth >= 0 && source_depth < axes[0].source_size;
            copy.source =
                source + channel * copy.source_plane_stride + (inside ? source_depth * plane_size : 0);
            copy.source_rows = inside ? axes[1].source_size : 0;
            functions.copy_planes(copy);
            copy.target += copy.planes * layout.size[1] * layout.size[2];
          }
        }
      }
    }
  }
  std::fill_n(copy.target, layout.zeros_behind, T(0));
}

template void stage(const vector::ConvolutionFunctions<float>&, const std::array<StagedAxis, 3>&,
                    const StagedLayout&, const Extent&, const float*, float*);
template void stage(const vector::ConvolutionFunctions<double>&, const std::array<StagedAxis, 3>&,
                    const StagedLayout&, const Extent&, const double*, double*);

}  // namespace lampas::cpu
