// Units of work (images, a band of rows, a group), their staging, and panels of pixels through the tiles.
#include "core/kernels/cpu/gathering.h"

#include <algorithm>
#include <optional>

#include "core/kernels/cpu/pixel_panels.h"
#include "core/kernels/cpu/workspace.h"
#include "core/parallel/thread_pool.h"

namespace lampas::cpu {
namespace {

// A panel of so many taps fits the first-level cache together with the weights of a tile.
constexpr int64_t block_depth = 256;
constexpr int64_t unblocked_depth = 640;
// Panels that pass by the weights together, where the weights outgrow the second-level cache.
constexpr int64_t panels_of_large_weights = 4;
constexpr int64_t large_weights_bytes = 1 << 18;
constexpr int64_t staged_bytes = 1 << 18;
// Images are taken together until they have so many pixels, where panels are packed.
constexpr int64_t pixels_worth_a_unit = 192;
constexpr double work_worth_a_thread = 4e6;

int64_t ceil_divide(int64_t value, int64_t divisor) { return (value + divisor - 1) / divisor; }

// What a pass needs for units of one size: the panels, and where each step in depth lies.
struct PreparedPass {
  bool empty = true;
  std::vector<int64_t> offsets;
  PixelPanels pixels;
};

template <typename T>
class GatheringUnit {
 public:
  GatheringUnit(const vector::MatmulFunctions<T>& products, const vector::ConvolutionFunctions<T>& copies,
                const Gathering<T>& gathering, const StagedLayout& layout, bool staged, int64_t images)
      : products_(products),
        copies_(copies),
        gathering_(gathering),
        layout_(layout),
        is_staged_(staged),
        // What the lanes behind the last image meet is never stored; it only has to be there.
        staged_(staged ? images * gathering.source_channels * layout.channel_size + 8 * products.lanes : 0) {}

  // Results of `images` images from `image` on, at the positions from `begin` to `end`.
  void run(int64_t group, int64_t image, int64_t images, const Extent& begin, const Extent& end) {
    stage_images(group, image, images, begin);
    prepare(images, begin, end);
    for (size_t index = 0; index < prepared_.size(); ++index) {
      if (!prepared_[index].empty) run_pass(gathering_.passes[index], prepared_[index], group, image);
    }
  }

 private:
  void stage_images(int64_t group, int64_t image, int64_t images, const Extent& begin) {
    const int64_t source_image_size = gathering_.groups * gathering_.source_channels * source_channel_size();
    const T* source = gathering_.source + image * source_image_size +
                      group * gathering_.source_channels * source_channel_size();
    if (!is_staged_) {
      const std::array<StagedAxis, 3>& axes = gathering_.axes;
      const int64_t skipped =
          ((begin[0] - axes[0].origin) * layout_.size[1] + begin[1] - axes[1].origin) * layout_.size[2];
      base_ = source + skipped;
      image_size_ = source_image_size;
      readable_ = gathering_.source + gathering_.batch * source_image_size - base_;
      return;
    }
    base_ = staged_.data();
    image_size_ = gathering_.source_channels * layout_.channel_size;
    readable_ = staged_.size();
    for (int64_t index = 0; index < images; ++index) {
      stage(copies_, gathering_.axes, layout_, begin, source + index * source_image_size,
            gathering_.source_channels, staged_.data() + index * image_size_);
    }
  }

  int64_t source_channel_size() const {
    return gathering_.axes[0].source_size * gathering_.axes[1].source_size * gathering_.axes[2].source_size;
  }

  // Panels and offsets are the same for most units: only the end of readable memory makes a difference.
  void prepare(int64_t images, const Extent& begin, const Extent& end) {
    const Extent extent{end[0] - begin[0], end[1] - begin[1], end[2] - begin[2]};
    const int64_t widest_panel = vector::maximum_tile_vectors * products_.lanes;
    const bool is_last = readable_ < image_size_ * images + widest_panel;
    const std::array<int64_t, 8> key{images, begin[0], begin[1], extent[0], extent[1], extent[2], is_last};
    if (key == prepared_for_ && !is_last) return;
    prepared_for_ = key;
    prepared_.assign(gathering_.passes.size(), PreparedPass());
    for (size_t index = 0; index < prepared_.size(); ++index) {
      prepare_pass(gathering_.passes[index], images, begin, end, prepared_[index]);
    }
  }

  void prepare_pass(const GatheringPass<T>& pass, int64_t images, const Extent& begin, const Extent& end,
                    PreparedPass& prepared) {
    Extent first, last;
    prepared.empty = pass.taps.empty();
    for (int dim = 0; dim < 3; ++dim) {
      first[dim] = std::max(begin[dim], pass.begin[dim]);
      last[dim] = std::min(end[dim], pass.end[dim]);
      prepared.empty |= first[dim] >= last[dim];
    }
    if (prepared.empty) return;
    int64_t largest_offset = 0;
    for (int64_t channel = 0; channel < gathering_.source_channels; ++channel) {
      for (const auto& tap : pass.taps) {
        const int64_t offset = channel * layout_.channel_size +
                               layout_.tap_offset(gathering_.axes, tap.depth, tap.height, tap.width);
        prepared.offsets.push_back(offset);
        largest_offset = std::max(largest_offset, offset);
      }
    }
    prepared.pixels = cut_into_panels(products_, lines_of(pass, images, begin, first, last),
                                      gathering_.result_channels, {largest_offset, readable_});
  }

  // One line a row of the result.
  PixelLines lines_of(const GatheringPass<T>& pass, int64_t images, const Extent& begin, const Extent& first,
                      const Extent& last) const {
    const Extent& target = gathering_.target_size;
    const int64_t target_image_size = gathering_.groups * gathering_.result_channels * product_of(target);
    PixelLines result;
    result.pitch = layout_.size[2];
    result.target_step = gathering_.target_step[2];
    for (int64_t index = 0; index < images; ++index) {
      for (int64_t depth = first[0]; depth < last[0]; ++depth) {
        for (int64_t height = first[1]; height < last[1]; ++height) {
          const Extent position{depth, height, first[2]};
          Extent coordinate;
          for (int dim = 0; dim < 3; ++dim) {
            coordinate[dim] = pass.target_first[dim] + position[dim] * gathering_.target_step[dim];
          }
          vector::PixelRun line{};
          line.source = index * image_size_ +
                        ((depth - begin[0]) * layout_.size[1] + height - begin[1]) * layout_.size[2] +
                        first[2] - begin[2];
          line.target = index * target_image_size + (coordinate[0] * target[1] + coordinate[1]) * target[2] +
                        coordinate[2];
          line.length = last[2] - first[2];
          result.lines.push_back(line);
        }
      }
    }
    return result;
  }

  void run_pass(const GatheringPass<T>& pass, const PreparedPass& prepared, int64_t group, int64_t image) {
    const auto depth = static_cast<int64_t>(prepared.offsets.size());
    const int64_t rows = gathering_.result_channels;
    const int64_t width = prepared.pixels.vectors * products_.lanes;
    const bool large_weights = rows * depth * static_cast<int64_t>(sizeof(T)) > large_weights_bytes;
    const int64_t together = large_weights ? panels_of_large_weights : 1;
    const int64_t depth_step = depth <= unblocked_depth ? std::max<int64_t>(depth, 1) : block_depth;
    reserve(tiles_, together * rows * width);
    reserve(packed_, together * (depth_step + 2) * width);
    packed_offsets_.resize(depth_step);
    for (int64_t k = 0; k < depth_step; ++k) packed_offsets_[k] = k * width;

    const auto panel_count = static_cast<int64_t>(prepared.pixels.panels.size());
    for (int64_t first = 0; first < panel_count; first += together) {
      const int64_t last = std::min(panel_count, first + together);
      for (int64_t k = 0; k == 0 || k < depth; k += depth_step) {
        multiply_panels(pass, prepared, group, first, last, k, std::min(depth_step, depth - k));
      }
      store_panels(prepared, group, image, first, last);
    }
  }

  void store_panels(const PreparedPass& prepared, int64_t group, int64_t image, int64_t first, int64_t last) {
    const int64_t rows = gathering_.result_channels;
    const int64_t width = prepared.pixels.vectors * products_.lanes;
    const int64_t target_channel_size = product_of(gathering_.target_size);
    vector::RunStoring<T> storing{};
    storing.tile_row_stride = width;
    storing.rows = rows;
    storing.bias = gathering_.bias ? gathering_.bias + group * rows : nullptr;
    storing.target = gathering_.target + (image * gathering_.groups + group) * rows * target_channel_size;
    storing.target_row_stride = target_channel_size;
    storing.target_step = gathering_.target_step[2];
    for (int64_t index = first; index < last; ++index) {
      const Panel& panel = prepared.pixels.panels[index];
      storing.tile = tiles_->data() + (index - first) * rows * width;
      storing.runs = prepared.pixels.runs.data() + panel.first_run;
      storing.run_count = panel.run_count;
      copies_.store_runs(storing);
    }
  }

  // tiles (+)= weights * panels for the steps in depth from k on.
  void multiply_panels(const GatheringPass<T>& pass, const PreparedPass& prepared, int64_t group,
                       int64_t first, int64_t last, int64_t k, int64_t depth) {
    const int64_t rows = gathering_.result_channels;
    const int64_t width = prepared.pixels.vectors * products_.lanes;
    const int64_t panel_elements = (depth + 2) * width;
    for (int64_t index = first; index < last; ++index) {
      const Panel& panel = prepared.pixels.panels[index];
      if (!panel.packed) continue;
      vector::RunPacking<T> packing{};
      packing.source = base_;
      packing.offsets = prepared.offsets.data() + k;
      packing.depth = depth;
      packing.runs = prepared.pixels.runs.data() + panel.first_run;
      packing.run_count = panel.run_count;
      packing.panel = packed_->data() + (index - first) * panel_elements;
      packing.panel_width = width;
      packing.reads_behind = is_staged_;
      copies_.pack_runs(packing);
    }
    vector::TileProduct<T> tile{};
    tile.depth = depth;
    tile.a_row_stride = pass.row_stride;
    tile.a_depth_stride = pass.depth_stride;
    tile.c_row_stride = width;
    tile.alpha = T(1);
    tile.beta = k == 0 ? T(0) : T(1);
    const T* weights = pass.weights + group * pass.group_stride + k * pass.depth_stride;
    const int64_t block_rows = products_.tile_rows[prepared.pixels.vectors];
    const int64_t blocks = ceil_divide(rows, block_rows);
    for (int64_t block = 0; block < blocks; ++block) {
      const int64_t row = rows * block / blocks;
      const int64_t row_count = rows * (block + 1) / blocks - row;
      tile.a = weights + row * pass.row_stride;
      for (int64_t index = first; index < last; ++index) {
        const Panel& panel = prepared.pixels.panels[index];
        const int64_t vectors = ceil_divide(panel.columns, products_.lanes);
        tile.b = panel.packed ? packed_->data() + (index - first) * panel_elements : base_ + panel.source;
        tile.b_offsets = panel.packed ? packed_offsets_.data() : prepared.offsets.data() + k;
        tile.c = tiles_->data() + ((index - first) * rows + row) * width;
        tile.columns = vectors * products_.lanes;
        products_.tile[vectors][row_count](tile);
      }
    }
  }

  static void reserve(std::optional<Workspace<T>>& workspace, int64_t count) {
    if (!workspace || workspace->size() < count) workspace.emplace(count);
  }

  const vector::MatmulFunctions<T>& products_;
  const vector::ConvolutionFunctions<T>& copies_;
  const Gathering<T>& gathering_;
  const StagedLayout& layout_;
  const bool is_staged_;
  Workspace<T> staged_;

  const T* base_ = nullptr;  // the staged pixel at the unit's first position
  int64_t image_size_ = 0;   // elements from one staged image to the next
  int64_t readable_ = 0;     // elements from base_ on that may be read
  std::array<int64_t, 8> prepared_for_{};
  std::vector<PreparedPass> prepared_;
  std::vector<int64_t> packed_offsets_;
  std::optional<Workspace<T>> tiles_;
  std::optional<Workspace<T>> packed_;
};

// How a gathering is cut into units.
struct UnitPlan {
  int64_t images;     // of one unit
  int band_dim;       // the dimension whose positions are cut into bands
  int64_t band_size;  // positions of one band
  int64_t bands;
  int64_t image_groups;
};

template <typename T>
UnitPlan plan_units(const Gathering<T>& gathering, bool staged, double work) {
  UnitPlan plan{};
  plan.band_dim = gathering.axes[0].positions > 1 ? 0 : 1;
  const int64_t positions = gathering.axes[plan.band_dim].positions;
  const StagedLayout whole(gathering.axes, {gathering.axes[0].positions, gathering.axes[1].positions,
                                            gathering.axes[2].positions});
  const int64_t image_bytes =
      gathering.source_channels * whole.channel_size * static_cast<int64_t>(sizeof(T));
  const int64_t pixels =
      gathering.axes[0].positions * gathering.axes[1].positions * gathering.axes[2].positions;

  plan.images = 1;
  while (plan.images < gathering.batch && plan.images * pixels < pixels_worth_a_unit &&
         (plan.images + 1) * image_bytes <= staged_bytes) {
    ++plan.images;
  }
  int64_t bands = staged && plan.images == 1 ? ceil_divide(image_bytes, staged_bytes) : 1;
  const int64_t units = gathering.groups * ceil_divide(gathering.batch, plan.images);
  const auto wanted = static_cast<int64_t>(std::min(work / work_worth_a_thread, 4.0 * thread_count()));
  if (units * bands < wanted) bands = ceil_divide(wanted, units);
  // A band stages the rows around it too: it must not be mostly those.
  const int64_t least = std::max<int64_t>(1, gathering.axes[plan.band_dim].largest_shift);
  plan.band_size = std::max(least, ceil_divide(positions, std::min(bands, positions)));
  plan.bands = ceil_divide(positions, plan.band_size);
  plan.image_groups = ceil_divide(gathering.batch, plan.images);
  return plan;
}

}  // namespace

template <typename T>
void gather(const vector::MatmulFunctions<T>& products, const vector::ConvolutionFunctions<T>& copies,
            const Gathering<T>& gathering) {
  Extent begin, end;
  bool staged = false;
  double pixels = 1;
  for (int dim = 0; dim < 3; ++dim) {
    const StagedAxis& axis = gathering.axes[dim];
    begin[dim] = axis.origin;
    end[dim] = axis.origin + axis.positions;
    staged |= !axis.shows_source_as_it_is();
    pixels *= static_cast<double>(axis.positions);
  }
  double depth = 0;
  for (const GatheringPass<T>& pass : gathering.passes) {
    depth += static_cast<double>(pass.taps.size()) * static_cast<double>(gathering.source_channels);
  }
  const double image_work =
      pixels * depth * static_cast<double>(gathering.groups * gathering.result_channels);
  const UnitPlan plan = plan_units(gathering, staged, image_work * static_cast<double>(gathering.batch));
  Extent layout_results{gathering.axes[0].positions, gathering.axes[1].positions,
                        gathering.axes[2].positions};
  if (staged) layout_results[plan.band_dim] = plan.band_size;
  const StagedLayout layout(gathering.axes, layout_results);

  const int64_t units = plan.image_groups * gathering.groups * plan.bands;
  const double unit_work = image_work * static_cast<double>(gathering.batch) / static_cast<double>(units);
  const auto grain = static_cast<int64_t>(std::min(work_worth_a_thread / std::max(unit_work, 1.0), 1e9)) + 1;
  parallel_for(0, units, grain, [&](int64_t first, int64_t last) {
    GatheringUnit<T> unit(products, copies, gathering, layout, staged, plan.images);
    for (int64_t index = first; index < last; ++index) {
      const int64_t band = index % plan.bands;
      const int64_t group = index / plan.bands % gathering.groups;
      const int64_t image = index / plan.bands / gathering.groups * plan.images;
      Extent unit_begin = begin, unit_end = end;
      unit_begin[plan.band_dim] = begin[plan.band_dim] + band * plan.band_size;
      unit_end[plan.band_dim] = std::min(end[plan.band_dim], unit_begin[plan.band_dim] + plan.band_size);
      unit.run(group, image, std::min(plan.images, gathering.batch - image), unit_begin, unit_end);
    }
  });
}

template void gather(const vector::MatmulFunctions<float>&, const vector::ConvolutionFunctions<float>&,
                     const Gathering<float>&);
template void gather(const vector::MatmulFunctions<double>&, const vector::ConvolutionFunctions<double>&,
                     const Gathering<double>&);

}  // namespace lampas::cpu
