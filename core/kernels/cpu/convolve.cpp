// Convolution's forward pass and the gradients of its input and bias, as gatherings and sums.
#include "core/kernels/cpu/convolve.h"

#include <algorithm>

#include "core/kernels/cpu/gathering.h"
#include "core/kernels/cpu/gathering_over_channels.h"
#include "core/kernels/cpu/workspace.h"
#include "core/parallel/thread_pool.h"

namespace lampas::cpu {
namespace {

// Elements that take about 50 microseconds to add up.
constexpr int64_t elements_worth_a_thread = 400000;
// Weights are put in another order where it lets more than this share of the taps be left out.
constexpr double share_worth_leaving_out = 0.05;

template <typename T>
Gathering<T> gathering_over_input(const ConvolutionShape& shape) {
  Gathering<T> gathering{};
  gathering.batch = shape.batch;
  gathering.groups = shape.groups;
  gathering.source_channels = shape.in_channels_of_group();
  gathering.result_channels = shape.out_channels_of_group();
  for (int dim = 0; dim < 3; ++dim) gathering.axes[dim] = axis_over_input(shape, dim, Staging::shared);
  gathering.width_apart = axis_over_input(shape, 2, Staging::apart);
  gathering.target_size = shape.output;
  gathering.target_step = {1, 1, 1};
  return gathering;
}

template <typename T>
Gathering<T> gathering_over_output(const ConvolutionShape& shape) {
  Gathering<T> gathering{};
  gathering.batch = shape.batch;
  gathering.groups = shape.groups;
  gathering.source_channels = shape.out_channels_of_group();
  gathering.result_channels = shape.in_channels_of_group();
  for (int dim = 0; dim < 3; ++dim) gathering.axes[dim] = axis_over_output(shape, dim, Staging::shared);
  gathering.width_apart = axis_over_output(shape, 2, Staging::apart);
  gathering.target_size = shape.input;
  gathering.target_step = shape.stride;
  return gathering;
}

// The steps over `channels` source channels and the taps that `belongs(dim, tap)` names.
template <typename Belongs>
std::vector<GatheringStep> list_steps(const ConvolutionShape& shape, int64_t channels, bool by_row,
                                      const Belongs& belongs) {
  std::vector<GatheringStep> steps;
  steps.reserve(static_cast<size_t>(channels * product_of(shape.kernel)));
  // The channel loop stands within the rows of taps, or around them.
  const int64_t outer_channels = by_row ? 1 : channels;
  const int64_t inner_channels = by_row ? channels : 1;
  for (int64_t outer = 0; outer < outer_channels; ++outer) {
    for (int64_t depth = 0; depth < shape.kernel[0]; ++depth) {
      for (int64_t height = 0; height < shape.kernel[1]; ++height) {
        if (!belongs(0, depth) || !belongs(1, height)) continue;
        for (int64_t inner = 0; inner < inner_channels; ++inner) {
          for (int64_t width = 0; width < shape.kernel[2]; ++width) {
            if (belongs(2, width)) steps.push_back({outer + inner, {depth, height, width}});
          }
        }
      }
    }
  }
  return steps;
}

// In list_steps, ordered by row: how many steps have one (depth, height) of taps.
int64_t count_in_first_row(const std::vector<GatheringStep>& steps) {
  int64_t count = 0;
  for (const GatheringStep& step : steps) {
    if (step.tap[0] != steps[0].tap[0] || step.tap[1] != steps[0].tap[1]) break;
    ++count;
  }
  return count;
}

// The share of rows of taps that lie in the padding above and below, over all results.
double share_of_padded_rows(const StagedAxis& axis) {
  const auto taps = static_cast<int64_t>(axis.taps.size());
  int64_t padded = 0;
  for (int64_t position = axis.origin; position < axis.origin + axis.positions; ++position) {
    for (int64_t tap = 0; tap < taps; ++tap) padded += !axis.meets_source(position, tap);
  }
  return static_cast<double>(padded) / static_cast<double>(std::max<int64_t>(1, axis.positions * taps));
}

// At least `stride` elements; rows that lie a multiple of 4 KiB apart would share one set of the cache.
template <typename T>
int64_t unaliased_stride(int64_t stride) {
  constexpr int64_t line = 64 / sizeof(T);
  return stride % (16 * line) == 0 ? stride + line : stride;
}

// Where the weights of steps lie behind that of channel 0 and tap 0, with channels `channel_stride` apart.
std::vector<int64_t> weight_places(const ConvolutionShape& shape, const std::vector<GatheringStep>& steps,
                                   int64_t channel_stride) {
  std::vector<int64_t> places;
  places.reserve(steps.size());
  for (const GatheringStep& step : steps) {
    const Extent& tap = step.tap;
    const int64_t tap_place = (tap[0] * shape.kernel[1] + tap[1]) * shape.kernel[2] + tap[2];
    places.push_back(step.channel * channel_stride + tap_place);
  }
  return places;
}

// The pass for the input coordinates y with (y + padding) % stride == remainder.
template <typename T>
GatheringPass<T> pass_for_remainder(const ConvolutionShape& shape, const Extent& remainder) {
  GatheringPass<T> pass{};
  for (int dim = 0; dim < 3; ++dim) {
    // y = position * stride + remainder - padding, for the positions that keep y within the input.
    const int64_t stride = shape.stride[dim];
    const int64_t at_position_0 = remainder[dim] - shape.padding[dim];
    pass.target_first[dim] = at_position_0;
    pass.begin[dim] = at_position_0 >= 0 ? 0 : (-at_position_0 + stride - 1) / stride;
    const int64_t last = shape.input[dim] - 1 - at_position_0;
    pass.end[dim] = last < 0 ? 0 : last / stride + 1;
  }
  pass.ordered_by_row = true;
  pass.steps = list_steps(shape, shape.out_channels_of_group(), true, [&](int dim, int64_t tap) {
    return tap * shape.dilation[dim] % shape.stride[dim] == remainder[dim];
  });
  pass.steps_of_a_tap_row = count_in_first_row(pass.steps);
  return pass;
}

// turned[in_channel][step] from weight[out_channel][in_channel of the group][tap], rows `row_stride` apart.
template <typename T>
void turn_weight(const ConvolutionShape& shape, const std::vector<GatheringStep>& steps, const T* weight,
                 int64_t row_stride, T* turned) {
  const int64_t in_channels = shape.in_channels_of_group();
  const int64_t kernel_size = product_of(shape.kernel);
  const std::vector<int64_t> places = weight_places(shape, steps, in_channels * kernel_size);
  for (int64_t in_channel = 0; in_channel < shape.in_channels; ++in_channel) {
    const int64_t first_out_channel = in_channel / in_channels * shape.out_channels_of_group();
    const T* source = weight + (first_out_channel * in_channels + in_channel % in_channels) * kernel_size;
    T* row = turned + in_channel * row_stride;
    for (const int64_t place : places) *row++ = source[place];
  }
}

// ordered[out_channel][step] from weight[out_channel][in_channel][tap].
template <typename T>
void order_weight(const ConvolutionShape& shape, const std::vector<GatheringStep>& steps, const T* weight,
                  T* ordered) {
  const int64_t kernel_size = product_of(shape.kernel);
  const std::vector<int64_t> places = weight_places(shape, steps, kernel_size);
  for (int64_t channel = 0; channel < shape.out_channels; ++channel) {
    const T* source = weight + channel * shape.in_channels_of_group() * kernel_size;
    for (const int64_t place : places) *ordered++ = source[place];
  }
}

// Input pixels that no tap meets get the bias alone.
template <typename T>
void fill_channels(const ConvolutionShape& shape, const T* bias, T* target) {
  const int64_t size = product_of(shape.input);
  for (int64_t plane = 0; plane < shape.batch * shape.in_channels; ++plane) {
    std::fill_n(target + plane * size, size, bias ? bias[plane % shape.in_channels] : T(0));
  }
}

// Lanes along pixels or along channels, whichever takes fewer clock cycles by estimate.
template <typename T>
void run(const ConvolutionKernels<T>& kernels, const Gathering<T>& gathering) {
  const double over_channels = cycles_over_channels(kernels, gathering);
  if (!gather(kernels.products, kernels.copies, gathering, over_channels))
    gather_over_channels(kernels, gathering);
}

}  // namespace

template <typename T>
void convolve(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape, const T* input,
              const T* weight, const T* bias, T* output) {
  Gathering<T> gathering = gathering_over_input<T>(shape);
  gathering.source = input;
  gathering.bias = bias;
  gathering.target = output;
  GatheringPass<T> pass{};
  pass.end = shape.output;
  pass.ordered_by_row = share_of_padded_rows(gathering.axes[0]) > share_worth_leaving_out ||
                        share_of_padded_rows(gathering.axes[1]) > share_worth_leaving_out;
  pass.steps =
      list_steps(shape, shape.in_channels_of_group(), pass.ordered_by_row, [](int, int64_t) { return true; });
  pass.steps_of_a_tap_row = count_in_first_row(pass.steps);
  pass.weights = weight;
  pass.row_stride = static_cast<int64_t>(pass.steps.size());
  pass.group_stride = shape.out_channels_of_group() * pass.row_stride;
  pass.step_stride = 1;
  Workspace<T> ordered(pass.ordered_by_row ? shape.groups * pass.group_stride : 0);
  if (pass.ordered_by_row) {
    order_weight(shape, pass.steps, weight, ordered.data());
    pass.weights = ordered.data();
  }
  gathering.passes.push_back(std::move(pass));
  run(kernels, gathering);
}

template <typename T>
void convolve_backward_input(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape,
                             const T* grad_output, const T* weight, const T* bias, T* grad_input) {
  Gathering<T> gathering = gathering_over_output<T>(shape);
  gathering.source = grad_output;
  gathering.bias = bias;
  gathering.target = grad_input;
  // A stride may be far larger than the kernel: only remainders that a tap leaves have a pass.
  std::array<std::vector<int64_t>, 3> remainders;
  bool all_pixels_met = true;
  for (int dim = 0; dim < 3; ++dim) {
    for (int64_t tap = 0; tap < shape.kernel[dim]; ++tap) {
      const int64_t remainder = tap * shape.dilation[dim] % shape.stride[dim];
      const auto end = remainders[dim].end();
      if (std::find(remainders[dim].begin(), end, remainder) == end) remainders[dim].push_back(remainder);
    }
    all_pixels_met &= static_cast<int64_t>(remainders[dim].size()) == shape.stride[dim];
  }
  std::vector<Workspace<T>> turned_weights;
  for (const int64_t depth : remainders[0]) {
    for (const int64_t height : remainders[1]) {
      for (const int64_t width : remainders[2]) {
        GatheringPass<T> pass = pass_for_remainder<T>(shape, {depth, height, width});
        pass.row_stride = unaliased_stride<T>(static_cast<int64_t>(pass.steps.size()));
        pass.step_stride = 1;
        pass.group_stride = shape.in_channels_of_group() * pass.row_stride;
        Workspace<T>& turned = turned_weights.emplace_back(shape.in_channels * pass.row_stride);
        turn_weight(shape, pass.steps, weight, pass.row_stride, turned.data());
        pass.weights = turned.data();
        gathering.passes.push_back(std::move(pass));
      }
    }
  }
  if (!all_pixels_met) fill_channels(shape, bias, grad_input);
  run(kernels, gathering);
}

template <typename T>
void convolve_backward_bias(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape,
                            const T* grad_output, T* grad_bias) {
  const int64_t size = product_of(shape.output);
  const int64_t channel_elements = std::max<int64_t>(1, shape.batch * size);
  parallel_for(0, shape.out_channels, elements_worth_a_thread / channel_elements + 1,
               [&](int64_t begin, int64_t end) {
                 for (int64_t channel = begin; channel < end; ++channel) {
                   double total = 0;
                   for (int64_t image = 0; image < shape.batch; ++image) {
                     const T* plane = grad_output + (image * shape.out_channels + channel) * size;
                     total += static_cast<double>(kernels.copies.sum(plane, size));
                   }
                   grad_bias[channel] = static_cast<T>(total);
                 }
               });
}

#define LAMPAS_INSTANTIATE(T)                                                                            \
  template void convolve(const ConvolutionKernels<T>&, const ConvolutionShape&, const T*, const T*,      \
                         const T*, T*);                                                                  \
  template void convolve_backward_input(const ConvolutionKernels<T>&, const ConvolutionShape&, const T*, \
                                        const T*, const T*, T*);                                         \
  template void convolve_backward_bias(const ConvolutionKernels<T>&, const ConvolutionShape&, const T*, T*);
LAMPAS_INSTANTIATE(float)
LAMPAS_INSTANTIATE(double)
#undef LAMPAS_INSTANTIATE

}  // namespace lampas::cpu
