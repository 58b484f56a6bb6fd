// Gathering: the one engine behind a convolution's forward pass and the gradient of its input. Each result
// pixel gathers, over source channels and taps, staged source pixels times weights.
#pragma once

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "core/kernels/cpu/convolution_shape.h"
#include "core/kernels/cpu/staged_planes.h"
#include "core/kernels/cpu/vector/convolution_table.h"
#include "core/kernels/cpu/vector/matmul_table.h"

namespace lampas::cpu {

// A source channel of the group, and a tap of the kernel.
struct GatheringStep {
  int64_t channel;
  Extent tap;
};

// The results that share their taps: all of them, or those with one remainder modulo the stride. The result
// at position x has the coordinate target_first + x * target_step.
template <typename T>
struct GatheringPass {
  Extent begin;  // positions of results along each dimension
  Extent end;
  Extent target_first;
  std::vector<GatheringStep> steps;
  // Whether steps with one (depth, height) of taps are adjacent, so that those in the padding can be left
  // out; and how many they are.
  bool ordered_by_row;
  int64_t steps_of_a_tap_row;
  // The weight of result channel r (of a group) in step k is
  // weights[group * group_stride + r * row_stride + k * step_stride].
  const T* weights;
  int64_t group_stride;
  int64_t row_stride;
  int64_t step_stride;
};

template <typename T>
struct Gathering {
  int64_t batch;
  int64_t groups;
  int64_t source_channels;  // of one group
  int64_t result_channels;  // of one group
  std::array<StagedAxis, 3> axes;
  StagedAxis width_apart;  // the axis of the width, staged the other way
  Extent target_size;
  Extent target_step;
  const T* source;
  const T* bias;  // one value a result channel, or null
  T* target;      // written where a pass has results
  std::vector<GatheringPass<T>> passes;

  // From the first to behind the last step whose tap does not lie in the padding above or below.
  std::pair<int64_t, int64_t> steps_in_source(const GatheringPass<T>& pass, int64_t depth,
                                              int64_t height) const;
  // The sum of those over the rows of results of an image.
  double steps_of_an_image() const;
};

// Does nothing and returns false where an image of a group would take more clock cycles than `cycles_limit`,
// by estimate.
template <typename T>
bool gather(const vector::MatmulFunctions<T>& products, const vector::ConvolutionFunctions<T>& copies,
            const Gathering<T>& gathering, double cycles_limit = std::numeric_limits<double>::infinity());

}  // namespace lampas::cpu
