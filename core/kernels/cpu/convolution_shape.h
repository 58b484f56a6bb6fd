// The sizes of a convolution over up to three spatial dimensions, as the CPU kernels take them.
#pragma once

#include <array>
#include <cstdint>

namespace lampas::cpu {

// Along depth, height and width; a dimension that is not there has size 1.
using Extent = std::array<int64_t, 3>;

inline int64_t product_of(const Extent& extent) { return extent[0] * extent[1] * extent[2]; }

// input (batch, in_channels, input...), weight (out_channels, in_channels / groups, kernel...),
// output (batch, out_channels, output...), all contiguous.
struct ConvolutionShape {
  int64_t batch = 1;
  int64_t in_channels = 1;
  int64_t out_channels = 1;
  int64_t groups = 1;
  Extent input{1, 1, 1};
  Extent kernel{1, 1, 1};
  Extent output{1, 1, 1};
  Extent stride{1, 1, 1};
  Extent padding{0, 0, 0};  // before the first pixel; behind the last it follows from `output`
  Extent dilation{1, 1, 1};

  int64_t in_channels_of_group() const { return in_channels / groups; }
  int64_t out_channels_of_group() const { return out_channels / groups; }
  // Multiplications and additions of a forward pass.
  double work() const {
    return static_cast<double>(batch) * static_cast<double>(out_channels) *
           static_cast<double>(product_of(output)) *
           static_cast<double>(in_channels_of_group() * product_of(kernel));
  }
};

}  // namespace lampas::cpu
