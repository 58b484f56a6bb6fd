// Rows of results through tiles of pixels by channels, in scratch memory, and from there into planes.
#include "core/kernels/cpu/gathering_over_channels.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "core/kernels/cpu/pixel_panels.h"
#include "core/kernels/cpu/workspace.h"
#include "core/parallel/thread_pool.h"

namespace lampas::cpu {
namespace {

// Clock cycles that a tile takes besides its steps, and that a square of lanes takes to be transposed.
constexpr double cycles_around_a_tile = 30;
constexpr double cycles_of_a_square = 80;
// Clock cycles to stage a vector of source pixels.
constexpr double staging_cycles = 6;
// Results in scratch memory stay in the first-level cache.
constexpr int64_t scratch_bytes = 1 << 14;

// Whether all results meet source pixels only, so that those can be read where they lie.
bool stays_in_source(const StagedAxis& axis) {
  for (size_t tap = 0; tap < axis.taps.size(); ++tap) {
    const auto index = static_cast<int64_t>(tap);
    if (!axis.meets_source(axis.origin, index) || !axis.meets_source(axis.origin + axis.positions - 1, index))
      return false;
  }
  return true;
}

template <typename T>
bool needs_staging(const Gathering<T>& gathering) {
  const auto& axes = gathering.axes;
  return !(stays_in_source(axes[0]) && stays_in_source(axes[1]) && stays_in_source(axes[2]));
}

// Clock cycles to stage an image, by estimate.
template <typename T>
double cycles_to_stage(const Gathering<T>& gathering, int64_t lanes) {
  if (!needs_staging(gathering)) return 0;
  const StagedLayout layout(gathering.axes, gathering.target_size, gathering.source_channels);
  return staging_cycles *
         static_cast<double>(layout.image_size / layout.size[2] * ceil_divide(layout.size[2], lanes));
}

// How the channels of a group are cut into panels of vectors, a row of results into tiles of pixels.
struct ChannelPlan {
  int64_t vectors = 1;  // of a panel
  int64_t panels = 1;
  int64_t tiles = 1;  // of a row
  double cycles = 0;  // of one image, by estimate
};

template <typename T>
ChannelPlan plan_for(const ConvolutionKernels<T>& kernels, const Gathering<T>& gathering) {
  const int64_t lanes = kernels.products.lanes;
  const int64_t channels = gathering.result_channels;
  const int64_t width = gathering.target_size[2];
  const int64_t rows = gathering.target_size[0] * gathering.target_size[1];
  const double steps = gathering.steps_of_an_image() / static_cast<double>(std::max<int64_t>(1, rows));
  ChannelPlan best;
  for (int64_t vectors = 1; vectors <= vector::maximum_channel_vectors; ++vectors) {
    ChannelPlan plan;
    plan.vectors = vectors;
    plan.panels = ceil_divide(channels, vectors * lanes);
    plan.tiles = ceil_divide(width, kernels.copies.tile_pixels[vectors]);
    const int64_t longer = width % plan.tiles;
    const double row_step_cycles =
        static_cast<double>(longer) * tile_cycles(width / plan.tiles + 1, vectors) +
        static_cast<double>(plan.tiles - longer) * tile_cycles(width / plan.tiles, vectors);
    plan.cycles = static_cast<double>(rows * plan.panels) *
                      (steps * row_step_cycles + cycles_around_a_tile * static_cast<double>(plan.tiles)) +
                  static_cast<double>(ceil_divide(rows * width, lanes) * ceil_divide(channels, lanes)) *
                      cycles_of_a_square;
    if (best.cycles == 0 || plan.cycles < best.cycles) best = plan;
  }
  return best;
}

// The source of an image's group: where it lies, or staged with its padding.
template <typename T>
class ChannelSource {
 public:
  explicit ChannelSource(const Gathering<T>& gathering)
      : axes_(gathering.axes),
        layout_(axes_, gathering.target_size, gathering.source_channels),
        staged_(needs_staging(gathering)) {
    for (const GatheringStep& step : gathering.passes[0].steps) {
      if (staged_) {
        offsets_.push_back(layout_.offset(axes_, step.channel, step.tap));
        continue;
      }
      Extent place;
      for (int dim = 0; dim < 3; ++dim) {
        const StagedAxis::Tap& tap = axes_[dim].taps[step.tap[dim]];
        place[dim] = axes_[dim].first + axes_[dim].residues[tap.part] + axes_[dim].step * tap.shift;
      }
      offsets_.push_back(step.channel * channel_size() + source_offset(place));
    }
    adjacent_steps_ = runs_of(static_cast<int64_t>(axes_[2].taps.size()));
  }

  int64_t channel_size() const { return axes_[0].source_size * axes_[1].source_size * axes_[2].source_size; }

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

  // From what the first result meets to what the first one of a row meets.
  int64_t row_offset(int64_t depth, int64_t height) const {
    if (staged_) return (depth * layout_.size[1] + height) * layout_.size[2];
    return source_offset({depth * axes_[0].step, height * axes_[1].step, 0});
  }

  int64_t pixel_step() const { return staged_ ? 1 : axes_[2].step; }
  const std::vector<int64_t>& offsets() const { return offsets_; }
  // Steps that meet adjacent pixels, in each row of taps.
  int64_t adjacent_steps() const { return adjacent_steps_; }

 private:
  // `length` where runs of so many offsets ascend by 1, else 1.
  int64_t runs_of(int64_t length) const {
    const auto count = static_cast<int64_t>(offsets_.size());
    if (count % length != 0) return 1;
    for (int64_t k = 0; k < count; ++k) {
      if (k % length != 0 && offsets_[k] != offsets_[k - 1] + 1) return 1;
    }
    return length;
  }

  int64_t source_offset(const Extent& place) const {
    return (place[0] * axes_[1].source_size + place[1]) * axes_[2].source_size + place[2];
  }

  const std::array<StagedAxis, 3>& axes_;
  StagedLayout layout_;
  bool staged_;
  std::vector<int64_t> offsets_;
  int64_t adjacent_steps_ = 1;
};

// The weights of all groups as the tiles read them, [group][panel][step][lane], and what sums begin with,
// [group][panel][lane]; filled up with zeros.
template <typename T>
class PackedWeights {
 public:
  PackedWeights(const ConvolutionKernels<T>& kernels, const Gathering<T>& gathering, const ChannelPlan& plan)
      : steps_(static_cast<int64_t>(gathering.passes[0].steps.size())),
        panel_width_(plan.vectors * kernels.products.lanes),
        panels_(plan.panels),
        weights_(gathering.groups * panels_ * panel_width_ * steps_ + kernels.products.lanes),
        starts_(gathering.groups * panels_ * panel_width_) {
    const GatheringPass<T>& pass = gathering.passes[0];
    const int64_t channels = gathering.result_channels;
    std::fill_n(starts_.data(), starts_.size(), T(0));
    for (int64_t group = 0; group < gathering.groups; ++group) {
      vector::Packing<T> packing{};
      packing.source = pass.weights + group * pass.group_stride;
      packing.depth = steps_;
      packing.width = channels;
      packing.depth_stride = pass.step_stride;
      packing.width_stride = pass.row_stride;
      packing.panel_width = panel_width_;
      packing.packed = weights_.data() + group * panels_ * panel_width_ * steps_;
      kernels.products.pack(packing);
      if (gathering.bias)
        std::copy_n(gathering.bias + group * channels, channels,
                    starts_.data() + group * panels_ * panel_width_);
    }
  }

  int64_t panel_width() const { return panel_width_; }
  const T* weights(int64_t group, int64_t panel) {
    return weights_.data() + (group * panels_ + panel) * panel_width_ * steps_;
  }
  const T* starts(int64_t group, int64_t panel) {
    return starts_.data() + (group * panels_ + panel) * panel_width_;
  }

 private:
  int64_t steps_;
  int64_t panel_width_;
  int64_t panels_;
  Workspace<T> weights_;
  Workspace<T> starts_;
};

}  // namespace

template <typename T>
double cycles_over_channels(const ConvolutionKernels<T>& kernels, const Gathering<T>& gathering) {
  if (gathering.passes.size() != 1 || product_of(gathering.target_size) == 0)
    return std::numeric_limits<double>::infinity();
  const GatheringPass<T>& pass = gathering.passes[0];
  for (int dim = 0; dim < 3; ++dim) {
    const bool all = gathering.target_step[dim] == 1 && pass.begin[dim] == gathering.axes[dim].origin &&
                     pass.end[dim] - pass.begin[dim] == gathering.target_size[dim];
    if (!all) return std::numeric_limits<double>::infinity();
  }
  return plan_for(kernels, gathering).cycles + cycles_to_stage(gathering, kernels.products.lanes);
}

template <typename T>
void gather_over_channels(const ConvolutionKernels<T>& kernels, const Gathering<T>& gathering) {
  const ChannelPlan plan = plan_for(kernels, gathering);
  const ChannelSource<T> source(gathering);
  const GatheringPass<T>& pass = gathering.passes[0];
  PackedWeights<T> packed(kernels, gathering, plan);
  const int64_t lanes = kernels.products.lanes;
  const int64_t panel_width = packed.panel_width();
  const int64_t channels = gathering.result_channels;
  const Extent& size = gathering.target_size;
  const int64_t rows = size[0] * size[1], width = size[2];

  // A unit is a band of rows of an image's group.
  const int64_t images = gathering.batch * gathering.groups;
  const double image_work = gathering.steps_of_an_image() * static_cast<double>(channels * width);
  const double work = image_work * static_cast<double>(images);
  const auto wanted = static_cast<int64_t>(std::min(work / work_worth_a_thread, 4.0 * thread_count()));
  const int64_t bands = std::clamp<int64_t>(ceil_divide(wanted, std::max<int64_t>(1, images)), 1, rows);
  const double unit_work = std::max(image_work / static_cast<double>(bands), 1.0);
  const auto grain = static_cast<int64_t>(std::min(work_worth_a_thread / unit_work, 1e9)) + 1;
  std::vector<std::pair<int64_t, int64_t>> steps_of_rows;
  for (int64_t index = 0; index < rows; ++index) {
    steps_of_rows.push_back(
        gathering.steps_in_source(pass, pass.begin[0] + index / size[1], pass.begin[1] + index % size[1]));
  }
  const int64_t rows_together =
      std::max<int64_t>(1, scratch_bytes / (width * panel_width * static_cast<int64_t>(sizeof(T))));

  parallel_for(0, images * bands, grain, [&](int64_t first, int64_t last) {
    Workspace<T> staged(source.staged_size(lanes)), scratch((rows_together * width + lanes) * panel_width);
    for (int64_t unit = first; unit < last; ++unit) {
      const int64_t image = unit / bands, group = image % gathering.groups;
      const T* pixels = source.prepare(
          kernels.copies, gathering.source + image * gathering.source_channels * source.channel_size(),
          staged.data());
      T* target = gathering.target + image * channels * rows * width;
      const int64_t band_end = rows * (unit % bands + 1) / bands;
      for (int64_t row = rows * (unit % bands) / bands; row < band_end; row += rows_together) {
        const int64_t row_end = std::min(row + rows_together, band_end);
        for (int64_t panel = 0; panel < plan.panels; ++panel) {
          vector::ChannelTile<T> tile{};
          tile.source_step = source.pixel_step();
          tile.adjacent_steps = source.adjacent_steps();
          tile.start = packed.starts(group, panel);
          tile.result = scratch.data();
          for (int64_t index = row; index < row_end; ++index) {
            const auto [first_step, last_step] = steps_of_rows[index];
            tile.depth = last_step - first_step;
            tile.offsets = source.offsets().data() + first_step;
            tile.weights = packed.weights(group, panel) + first_step * panel_width;
            const T* line = pixels + source.row_offset(index / size[1], index % size[1]);
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
          storing.pixels = (row_end - row) * width;
          storing.channels = std::min(panel_width, channels - panel * panel_width);
          storing.target_stride = rows * width;
          storing.target = target + panel * panel_width * storing.target_stride + row * width;
          kernels.copies.store_planes(storing);
        }
      }
    }
  });
}

#define LAMPAS_INSTANTIATE(T)                                                              \
  template double cycles_over_channels(const ConvolutionKernels<T>&, const Gathering<T>&); \
  template void gather_over_channels(const ConvolutionKernels<T>&, const Gathering<T>&);
LAMPAS_INSTANTIATE(float)
LAMPAS_INSTANTIATE(double)
#undef LAMPAS_INSTANTIATE

}  // namespace lampas::cpu
