// The gradient of a convolution's weight with lanes along input channels: for each tap a product of the
// output's gradient (channels x pixels) with staged input that was transposed to (pixels x channels).
#include <algorithm>
#include <vector>

#include "core/kernels/cpu/cycle_estimates.h"
#include "core/kernels/cpu/staged_planes.h"
#include "core/kernels/cpu/weight_gradient.h"
#include "core/kernels/cpu/workspace.h"

namespace lampas::cpu {
namespace {

// A panel of so many pixels stays in the first-level cache while all taps and output channels pass by.
constexpr int64_t block_pixels = 256;
// Clock cycles to transpose an element.
constexpr double transposing_cycles = 0.3;
// Clock cycles to load, add and store a vector of sums.
constexpr double adding_cycles_a_vector = 2;

template <typename T>
class OverChannels final : public WeightGradient<T> {
 public:
  OverChannels(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape, const T* input,
               const T* grad_output)
      : kernels_(kernels),
        shape_(shape),
        input_(input),
        grad_output_(grad_output),
        axes_{axis_over_input(shape, 0, Staging::shared), axis_over_input(shape, 1, Staging::shared),
              axis_over_input(shape, 2, Staging::shared)},
        layout_(axes_, shape.output, shape.in_channels_of_group(), /*shares_zeros=*/false),
        lanes_(kernels.products.lanes),
        channel_vectors_(ceil_divide(shape.in_channels_of_group(), lanes_)),
        panel_vectors_(std::min<int64_t>(channel_vectors_, 2)),
        panels_(ceil_divide(channel_vectors_, panel_vectors_)) {
    for (const StagedAxis& axis : axes_) staged_ |= !axis.shows_source_as_it_is();
  }

  double cycles() const override {
    const auto out_channels = static_cast<double>(shape_.out_channels_of_group());
    const auto in_channels = static_cast<double>(shape_.in_channels_of_group());
    const auto sums = static_cast<double>(product_of(shape_.kernel) * channel_vectors_);
    const auto staged = static_cast<double>(layout_.image_size);
    double total = sums * std::max(0.5 * out_channels, 1.0) * static_cast<double>(product_of(shape_.output));
    total += sums * out_channels * adding_cycles_a_vector;
    total += transposing_cycles * std::max(staged, in_channels);
    if (staged_) total += copying_cycles(layout_.image_size / layout_.size[2], layout_.size[2], lanes_);
    return total;
  }

  // An image, a group, and a panel of its input channels.
  int64_t units() const override { return shape_.groups * shape_.batch * panels_; }

  // [group][panel][tap][out_channel][channel of the panel]
  int64_t sums_size() const override { return shape_.groups * panels_ * panel_sums(); }

  void sum_units(int64_t first, int64_t last, T* sums) const override {
    const int64_t width = panel_vectors_ * lanes_;
    const int64_t parts_size = product_of(layout_.parts) * layout_.channel_size;
    Workspace<T> staged(staged_ ? layout_.image_size + lanes_ : 0);
    Workspace<T> panel(parts_size * width + lanes_);
    std::vector<int64_t> pixel_offsets;
    for (int64_t depth = 0; depth < shape_.output[0]; ++depth) {
      for (int64_t height = 0; height < shape_.output[1]; ++height) {
        const int64_t line = (depth * layout_.size[1] + height) * layout_.size[2];
        for (int64_t x = 0; x < shape_.output[2]; ++x) pixel_offsets.push_back((line + x) * width);
      }
    }

    std::vector<bool> begun(shape_.groups * panels_, false);
    int64_t staged_image = -1;  // and group
    for (int64_t unit = first; unit < last; ++unit) {
      const int64_t panel_index = unit % panels_;
      const int64_t image_and_group = unit / panels_;
      const int64_t group = image_and_group % shape_.groups;
      const T* source = input_ + image_and_group * shape_.in_channels_of_group() * product_of(shape_.input);
      if (staged_) {
        if (staged_image != image_and_group) {
          stage(kernels_.copies, axes_, layout_, {0, 0, 0}, source, staged.data());
        }
        staged_image = image_and_group;
        source = staged.data();
      }
      transpose_panel(source, panel_index, panel.data());
      const int64_t sums_index = group * panels_ + panel_index;
      const T* grad =
          grad_output_ + image_and_group * shape_.out_channels_of_group() * product_of(shape_.output);
      multiply_taps(panel.data(), pixel_offsets, grad, begun[sums_index], sums + sums_index * panel_sums());
      begun[sums_index] = true;
    }
    for (size_t index = 0; index < begun.size(); ++index) {
      if (!begun[index]) std::fill_n(sums + static_cast<int64_t>(index) * panel_sums(), panel_sums(), T(0));
    }
  }

  void finish(const T* sums, T* grad_weight) const override {
    const int64_t width = panel_vectors_ * lanes_;
    const int64_t taps = product_of(shape_.kernel);
    const int64_t rows = shape_.out_channels_of_group();
    for (int64_t out_channel = 0; out_channel < shape_.out_channels; ++out_channel) {
      const int64_t group = out_channel / rows;
      for (int64_t channel = 0; channel < shape_.in_channels_of_group(); ++channel) {
        const T* source = sums + (group * panels_ + channel / width) * panel_sums() +
                          out_channel % rows * width + channel % width;
        for (int64_t tap = 0; tap < taps; ++tap) *grad_weight++ = source[tap * rows * width];
      }
    }
  }

 private:
  int64_t panel_sums() const {
    return product_of(shape_.kernel) * shape_.out_channels_of_group() * panel_vectors_ * lanes_;
  }

  // panel[part][staged position][channel of the panel]
  void transpose_panel(const T* source, int64_t panel_index, T* panel) const {
    const int64_t width = panel_vectors_ * lanes_;
    vector::Packing<T> packing{};
    packing.depth = layout_.channel_size;
    packing.width = std::min(width, layout_.channels - panel_index * width);
    packing.depth_stride = 1;
    packing.width_stride = layout_.channel_size;
    packing.panel_width = width;
    for (int64_t part = 0; part < product_of(layout_.parts); ++part) {
      packing.source = source + (part * layout_.channels + panel_index * width) * layout_.channel_size;
      packing.packed = panel + part * layout_.channel_size * width;
      kernels_.products.pack(packing);
    }
  }

  // sums[tap][out_channel][channel] (+)= the products over all pixels.
  void multiply_taps(const T* panel, const std::vector<int64_t>& pixel_offsets, const T* grad, bool begun,
                     T* sums) const {
    const int64_t width = panel_vectors_ * lanes_;
    const int64_t rows = shape_.out_channels_of_group();
    const auto pixels = static_cast<int64_t>(pixel_offsets.size());
    const int64_t blocks = ceil_divide(rows, kernels_.products.tile_rows[panel_vectors_]);
    vector::TileProduct<T> tile{};
    tile.a_row_stride = pixels;
    tile.a_depth_stride = 1;
    tile.c_row_stride = width;
    tile.columns = width;
    tile.alpha = T(1);
    for (int64_t pixel = 0; pixel < pixels; pixel += block_pixels) {
      tile.depth = std::min(block_pixels, pixels - pixel);
      tile.b_offsets = pixel_offsets.data() + pixel;
      tile.beta = begun || pixel > 0 ? T(1) : T(0);
      T* tap_sums = sums;
      for (int64_t depth = 0; depth < shape_.kernel[0]; ++depth) {
        for (int64_t height = 0; height < shape_.kernel[1]; ++height) {
          for (int64_t x = 0; x < shape_.kernel[2]; ++x, tap_sums += rows * width) {
            tile.b = panel + position_of({depth, height, x}) * width;
            for (int64_t block = 0; block < blocks; ++block) {
              const int64_t row = rows * block / blocks;
              const int64_t row_count = rows * (block + 1) / blocks - row;
              tile.a = grad + row * pixels + pixel;
              tile.c = tap_sums + row * width;
              kernels_.products.tile[panel_vectors_][row_count](tile);
            }
          }
        }
      }
    }
  }

  // Where a tap's pixels begin in a panel, which holds one channel after the other's place.
  int64_t position_of(const Extent& tap) const {
    const int64_t offset = layout_.offset(axes_, 0, tap);
    const int64_t part_size = layout_.channels * layout_.channel_size;
    return offset / part_size * layout_.channel_size + offset % part_size;
  }

  const ConvolutionKernels<T>& kernels_;
  const ConvolutionShape& shape_;
  const T* input_;
  const T* grad_output_;
  const std::array<StagedAxis, 3> axes_;
  const StagedLayout layout_;
  const int64_t lanes_;
  const int64_t channel_vectors_;  // of the input channels of a group
  const int64_t panel_vectors_;
  const int64_t panels_;
  bool staged_ = false;  // or the input is read where it is
};

}  // namespace

template <typename T>
std::unique_ptr<WeightGradient<T>> weight_gradient_over_channels(const ConvolutionKernels<T>& kernels,
                                                                 const ConvolutionShape& shape,
                                                                 const T* input, const T* grad_output) {
  return std::make_unique<OverChannels<T>>(kernels, shape, input, grad_output);
}

template std::unique_ptr<WeightGradient<float>> weight_gradient_over_channels(
    const ConvolutionKernels<float>&, const ConvolutionShape&, const float*, const float*);
template std::unique_ptr<WeightGradient<double>> weight_gradient_over_channels(
    const ConvolutionKernels<double>&, const ConvolutionShape&, const double*, const double*);

}  // namespace lampas::cpu
