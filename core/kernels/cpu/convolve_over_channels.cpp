// Rows of results through tiles of pixels by channels, in scratch memory, and from there into planes.
#include "core/kernels/cpu/convolve_over_channels.h"

#include <algorithm>
#include <vector>

#include "core/kernels/cpu/staged_planes.h"
#include "core/kernels/cpu/workspace.h"
#include "core/parallel/thread_pool.h"

namespace lampas::cpu {
namespace {

constexpr double work_worth_a_thread = 4e6;
// Clock cycles that a tile takes besides its steps, and that a square of lanes takes to be transposed.
constexpr double cycles_around_a_tile = 30;
constexpr double cycles_of_a_square = 80;
// Clock cycles to stage a vector of source pixels.
constexpr double staging_cycles = 6;
// Results in scratch memory stay in the first-level cache.
constexpr int64_t scratch_bytes = 1 << 14;

int64_t ceil_divide(int64_t value, int64_t divisor) { return (value + divisor - 1) / divisor; }

bool has_padding(const ConvolutionShape& shape) {
  return shape.padding[0] > 0 || shape.padding[1] > 0 || shape.padding[2] > 0;
}

// How the channels of a group are cut into panels of vectors, a row of results into tiles of pixels.
struct ChannelPlan {
  int64_t vectors = 1;  // of a panel
  int64_t panels = 1;
  int64_t tiles = 1;  // of a row
  double cycles = 0;  // of one image, by estimate
};

// Two multiply-adds and two loads a cycle; a sum can be added to every fourth cycle.
double step_cycles(int64_t pixels, int64_t vectors) {
  return std::max(
      {0.5 * static_cast<double>(pixels * vectors), 0.5 * static_cast<double>(pixels + vectors), 4.0});
}

template <typename T>
ChannelPlan plan_for(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape) {
  const int64_t lanes = kernels.products.lanes;
  const int64_t channels = shape.out_channels_of_group();
  const int64_t width = shape.output[2];
  const int64_t rows = shape.output[0] * shape.output[1];
  const auto steps = static_cast<double>(shape.in_channels_of_group() * product_of(shape.kernel));
  ChannelPlan best;
  for (int64_t vectors = 1; vectors <= vector::maximum_channel_vectors; ++vectors) {
    ChannelPlan plan;
    plan.vectors = vectors;
    plan.panels = ceil_divide(channels, vectors * lanes);
    plan.tiles = ceil_divide(width, kernels.copies.tile_pixels[vectors]);
    const int64_t longer = width % plan.tiles;
    const double row_step_cycles =
        static_cast<double>(longer) * step_cycles(width / plan.tiles + 1, vectors) +
        static_cast<double>(plan.tiles - longer) * step_cycles(width / plan.tiles, vectors);
    plan.cycles = static_cast<double>(rows * plan.panels) *
                      (steps * row_step_cycles + cycles_around_a_tile * static_cast<double>(plan.tiles)) +
                  static_cast<double>(ceil_divide(rows * width, lanes) * ceil_divide(channels, lanes)) *
                      cycles_of_a_square;
    if (best.cycles == 0 || plan.cycles < best.cycles) best = plan;
  }
  if (has_padding(shape)) {
    best.cycles += staging_cycles * static_cast<double>(shape.in_channels_of_group() * shape.input[0] *
                                                        shape.input[1] * ceil_divide(shape.input[2], lanes));
  }
  return best;
}

// weights[panel][step][lane] and starts[panel][lane] of one group, filled up with zeros.
template <typename T>
void pack_weights(const ConvolutionKernels<T>& kernels, int64_t steps, int64_t channels, int64_t panel_width,
                  const T* weight, const T* bias, T* packed, T* starts) {
  vector::Packing<T> packing{};
  packing.source = weight;
  packing.depth = steps;
  packing.width = channels;
  packing.depth_stride = 1;
  packing.width_stride = steps;
  packing.panel_width = panel_width;
  packing.packed = packed;
  kernels.products.pack(packing);
  std::fill_n(starts, ceil_divide(channels, panel_width) * panel_width, T(0));
  if (bias) std::copy_n(bias, channels, starts);
}

// The source of an image's group: where it lies, or staged with its padding.
template <typename T>
class ChannelSource {
 public:
  explicit ChannelSource(const ConvolutionShape& shape)
      : axes_{axis_over_input(shape, 0, Staging::shared), axis_over_input(shape, 1, Staging::shared),
              axis_over_input(shape, 2, Staging::shared)},
        layout_(axes_, shape.output, shape.in_channels_of_group()),
        staged_(has_padding(shape)),
        input_(shape.input) {
    if (!staged_) step_ = shape.stride;
    for (int64_t channel = 0; channel < shape.in_channels_of_group(); ++channel) {
      for (int64_t depth = 0; depth < shape.kernel[0]; ++depth) {
        for (int64_t height = 0; height < shape.kernel[1]; ++height) {
          for (int64_t width = 0; width < shape.kernel[2]; ++width) {
            const Extent tap{depth, height, width};
            offsets_.push_back(staged_ ? layout_.offset(axes_, channel, tap)
                                       : place(channel, depth * shape.dilation[0], height * shape.dilation[1],
                                               width * shape.dilation[2]));
          }
        }
      }
    }
  }

  // Elements of scratch memory that a thread needs.
  int64_t staged_size(int64_t lanes) const {
    return staged_ ? layout_.image_size + layout_.zeros_behind + 8 * lanes : 0;
  }

  // The pixels of a group, staged into `scratch` where they have to be.
  const T* prepare(const vector::ConvolutionFunctions<T>& copies, const T* source, T* scratch) const {
    if (!staged_) return source;
    stage(copies, axes_, layout_, Extent{axes_[0].origin, axes_[1].origin, axes_[2].origin}, source, scratch);
    return scratch;
  }

  // From the first pixel to the one that tap 0 of a result in the first column meets.
  int64_t row_offset(int64_t depth, int64_t height) const {
    if (staged_) return (depth * layout_.size[1] + height) * layout_.size[2];
    return place(0, depth * step_[0], height * step_[1], 0);
  }

  int64_t pixel_step() const { return step_[2]; }
  const std::vector<int64_t>& offsets() const { return offsets_; }

 private:
  int64_t place(int64_t channel, int64_t depth, int64_t height, int64_t width) const {
    return ((channel * input_[0] + depth) * input_[1] + height) * input_[2] + width;
  }

  std::array<StagedAxis, 3> axes_;
  StagedLayout layout_;
  bool staged_;
  Extent input_;
  Extent step_{1, 1, 1};
  std::vector<int64_t> offsets_;
};

}  // namespace

template <typename T>
double cycles_over_channels(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape) {
  return plan_for(kernels, shape).cycles;
}

template <typename T>
void convolve_over_channels(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape,
                            const T* input, const T* weight, const T* bias, T* output) {
  const ChannelPlan plan = plan_for(kernels, shape);
  const ChannelSource<T> source(shape);
  const int64_t lanes = kernels.products.lanes;
  const int64_t channels = shape.out_channels_of_group();
  const int64_t steps = static_cast<int64_t>(source.offsets().size());
  const int64_t panel_width = plan.vectors * lanes;
  const int64_t group_width = plan.panels * panel_width;

  Workspace<T> weights(shape.groups * group_width * steps + lanes), starts(shape.groups * group_width);
  for (int64_t group = 0; group < shape.groups; ++group) {
    pack_weights(kernels, steps, channels, panel_width, weight + group * channels * steps,
                 bias ? bias + group * channels : nullptr, weights.data() + group * group_width * steps,
                 starts.data() + group * group_width);
  }

  // A unit is a band of rows of an image's group; without padding a band costs nothing to begin.
  const int64_t rows = shape.output[0] * shape.output[1];
  const int64_t width = shape.output[2];
  const int64_t images = shape.batch * shape.groups;
  const auto wanted =
      static_cast<int64_t>(std::min(shape.work() / work_worth_a_thread, 4.0 * thread_count()));
  const int64_t bands = std::clamp<int64_t>(ceil_divide(wanted, std::max<int64_t>(1, images)), 1, rows);
  const double unit_work = std::max(shape.work() / static_cast<double>(images * bands), 1.0);
  const auto grain = static_cast<int64_t>(std::min(work_worth_a_thread / unit_work, 1e9)) + 1;
  const int64_t rows_together =
      std::max<int64_t>(1, scratch_bytes / (width * panel_width * static_cast<int64_t>(sizeof(T))));

  parallel_for(0, images * bands, grain, [&](int64_t first, int64_t last) {
    Workspace<T> staged(source.staged_size(lanes)), scratch((rows_together * width + lanes) * panel_width);
    for (int64_t unit = first; unit < last; ++unit) {
      const int64_t image = unit / bands, group = image % shape.groups;
      const T* pixels = source.prepare(kernels.copies,
                                       input + image * shape.in_channels_of_group() * product_of(shape.input),
                                       staged.data());
      T* target = output + image * channels * rows * width;
      const int64_t band_end = rows * (unit % bands + 1) / bands;
      for (int64_t row = rows * (unit % bands) / bands; row < band_end; row += rows_together) {
        const int64_t row_count = std::min(rows_together, band_end - row);
        for (int64_t panel = 0; panel < plan.panels; ++panel) {
          vector::ChannelTile<T> tile{};
          tile.depth = steps;
          tile.source_step = source.pixel_step();
          tile.offsets = source.offsets().data();
          tile.weights = weights.data() + (group * plan.panels + panel) * panel_width * steps;
          tile.start = starts.data() + group * group_width + panel * panel_width;
          tile.result = scratch.data();
          for (int64_t index = row; index < row + row_count; ++index) {
            const T* line = pixels + source.row_offset(index / shape.output[1], index % shape.output[1]);
            for (int64_t part = 0; part < plan.tiles; ++part) {
              const int64_t begin = width * part / plan.tiles, end = width * (part + 1) / plan.tiles;
              tile.source = line + begin * tile.source_step;
              kernels.copies.channel_tile[plan.vectors][end - begin](tile);
              tile.result += (end - begin) * panel_width;
            }
          }
          vector::PlaneStoring<T> storing{};
          storing.source = scratch.data();
          storing.source_width = panel_width;
          storing.pixels = row_count * width;
          storing.channels = std::min(panel_width, channels - panel * panel_width);
          storing.target_stride = rows * width;
          storing.target = target + panel * panel_width * storing.target_stride + row * width;
          kernels.copies.store_planes(storing);
        }
      }
    }
  });
}

#define LAMPAS_INSTANTIATE(T)                                                                           \
  template double cycles_over_channels(const ConvolutionKernels<T>&, const ConvolutionShape&);          \
  template void convolve_over_channels(const ConvolutionKernels<T>&, const ConvolutionShape&, const T*, \
                                       const T*, const T*, T*);
LAMPAS_INSTANTIATE(float)
LAMPAS_INSTANTIATE(double)
#undef LAMPAS_INSTANTIATE

}  // namespace lampas::cpu
