// Convolution's forward pass and the gradients of its input and bias, as gatherings and sums.
#include "core/kernels/cpu/convolve.h"

#include <algorithm>

#include "core/kernels/cpu/gathering.h"
#include "core/kernels/cpu/workspace.h"
#include "core/parallel/thread_pool.h"

namespace lampas::cpu {
namespace {

// Elements that take about 50 microseconds to add up.
constexpr int64_t elements_worth_a_thread = 400000;

template <typename T>
Gathering<T> gathering_over_input(const ConvolutionShape& shape) {
  Gathering<T> gathering{};
  gathering.batch = shape.batch;
  gathering.groups = shape.groups;
  gathering.source_channels = shape.in_channels_of_group();
  gathering.result_channels = shape.out_channels_of_group();
  for (int dim = 0; dim < 3; ++dim) gathering.axes[dim] = axis_over_input(shape, dim);
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
  for (int dim = 0; dim < 3; ++dim) gathering.axes[dim] = axis_over_output(shape, dim);
  gathering.target_size = shape.input;
  gathering.target_step = shape.stride;
  return gathering;
}

// The taps whose coordinates leave these remainders modulo the stride.
template <typename T>
std::vector<typename GatheringPass<T>::Tap> taps_with_remainders(const ConvolutionShape& shape,
                                                                 const Extent& remainder) {
  std::vector<typename GatheringPass<T>::Tap> taps;
  const auto belongs = [&](int dim, int64_t tap) {
    return tap * shape.dilation[dim] % shape.stride[dim] == remainder[dim];
  };
  for (int64_t depth = 0; depth < shape.kernel[0]; ++depth) {
    for (int64_t height = 0; height < shape.kernel[1]; ++height) {
      for (int64_t width = 0; width < shape.kernel[2]; ++width) {
        if (belongs(0, depth) && belongs(1, height) && belongs(2, width)) {
          taps.push_back({depth, height, width});
        }
      }
    }
  }
  return taps;
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
  pass.taps = taps_with_remainders<T>(shape, remainder);
  return pass;
}

// turned[group][(out_channel, tap)][in_channel] from weight[out_channel][in_channel][tap], for a pass's taps.
template <typename T>
void turn_weight(const ConvolutionShape& shape, const GatheringPass<T>& pass, const T* weight, T* turned) {
  const int64_t in_channels = shape.in_channels_of_group();
  const int64_t kernel_size = product_of(shape.kernel);
  const auto tap_count = static_cast<int64_t>(pass.taps.size());
  std::vector<int64_t> tap_index;
  for (const auto& tap : pass.taps) {
    tap_index.push_back((tap.depth * shape.kernel[1] + tap.height) * shape.kernel[2] + tap.width);
  }
  for (int64_t out_channel = 0; out_channel < shape.out_channels; ++out_channel) {
    for (int64_t in_channel = 0; in_channel < in_channels; ++in_channel) {
      const T* taps = weight + (out_channel * in_channels + in_channel) * kernel_size;
      T* target = turned + out_channel * tap_count * in_channels + in_channel;
      for (int64_t t = 0; t < tap_count; ++t) target[t * in_channels] = taps[tap_index[t]];
    }
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
  for (int64_t depth = 0; depth < shape.kernel[0]; ++depth) {
    for (int64_t height = 0; height < shape.kernel[1]; ++height) {
      for (int64_t width = 0; width < shape.kernel[2]; ++width) pass.taps.push_back({depth, height, width});
    }
  }
  pass.weights = weight;
  pass.row_stride = shape.in_channels_of_group() * product_of(shape.kernel);
  pass.group_stride = shape.out_channels_of_group() * pass.row_stride;
  pass.depth_stride = 1;
  gathering.passes.push_back(std::move(pass));
  gather(kernels.products, kernels.copies, gathering);
}

template <typename T>
void convolve_backward_input(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape,
                             const T* grad_output, const T* weight, const T* bias, T* grad_input) {
  Gathering<T> gathering = gathering_over_output<T>(shape);
  gathering.source = grad_output;
  gathering.bias = bias;
  gathering.target = grad_input;
  const int64_t in_channels = shape.in_channels_of_group();
  const bool one_tap = product_of(shape.kernel) == 1;
  Workspace<T> turned(one_tap ? 0 : shape.out_channels * in_channels * product_of(shape.kernel));
  int64_t turned_before = 0;
  bool all_pixels_met = true;
  for (int64_t depth = 0; depth < shape.stride[0]; ++depth) {
    for (int64_t height = 0; height < shape.stride[1]; ++height) {
      for (int64_t width = 0; width < shape.stride[2]; ++width) {
        GatheringPass<T> pass = pass_for_remainder<T>(shape, {depth, height, width});
        all_pixels_met &= !pass.taps.empty();
        if (pass.taps.empty()) continue;
        const auto tap_count = static_cast<int64_t>(pass.taps.size());
        pass.weights = one_tap ? weight : turned.data() + turned_before;
        pass.row_stride = 1;
        pass.depth_stride = in_channels;
        pass.group_stride = shape.out_channels_of_group() * tap_count * in_channels;
        if (!one_tap) turn_weight(shape, pass, weight, turned.data() + turned_before);
        turned_before += shape.out_channels * tap_count * in_channels;
        gathering.passes.push_back(std::move(pass));
      }
    }
  }
  if (!all_pixels_met) fill_channels(shape, bias, grad_input);
  gather(kernels.products, kernels.copies, gathering);
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
