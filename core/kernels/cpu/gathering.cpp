// Units of work (images, a band of rows, a group), their staging, and panels of pixels through the tiles.
#include "core/kernels/cpu/gathering.h"

#include <algorithm>
#include <optional>

#include "core/kernels/cpu/pixel_panels.h"
#include "core/kernels/cpu/workspace.h"
#include "core/parallel/thread_pool.h"

namespace lampas::cpu {
namespace {

// A panel of so many steps fits the first-level cache together with the weights of a tile.
constexpr int64_t block_depth = 256;
constexpr int64_t unblocked_depth = 640;
// Panels that pass by the weights together, where the weights outgrow the second-level cache.
constexpr int64_t panels_of_large_weights = 4;
constexpr int64_t large_weights_bytes = 1 << 18;
// What is staged at once stays in the second-level cache.
constexpr int64_t staged_bytes = 3 << 17;
// Images are taken together until they have so many pixels, so that packed panels are full.
constexpr int64_t pixels_worth_a_unit = 192;

// How a gathering is cut into units, and how a unit's source is staged.
struct UnitPlan {
  std::array<StagedAxis, 3> axes;
  bool staged;        // or the source is read where it is
  int64_t images;     // of one unit
  int band_dim;       // the dimension whose positions are cut into bands
  int64_t band_size;  // positions of one band
  int64_t bands;
  int64_t image_groups;
  double cycles;  // of one image, by estimate

  Extent staged_results() const {
    Extent results{axes[0].positions, axes[1].positions, axes[2].positions};
    if (staged) results[band_dim] = band_size;
    return results;
  }
};

// A panel with the steps in which it meets any source pixel.
struct PreparedPanel {
  Panel panel;
  int64_t vectors;
  int64_t first_step;
  int64_t last_step;
};

// What a pass needs for units of one size.
struct PreparedPass {
  std::vector<PreparedPanel> panels;
  std::vector<int64_t> row_blocks;  // where the tiles' rows begin, and behind the last one
  std::vector<vector::PixelRun> runs;
  int64_t vectors = 1;                  // of a whole panel
  std::vector<int64_t> offsets;         // of each step in what is staged
  int64_t depth_step = 1;               // steps in one go
  std::vector<int64_t> packed_offsets;  // of each of them in a packed panel
};

template <typename T>
class GatheringUnit {
 public:
  GatheringUnit(const vector::MatmulFunctions<T>& products, const vector::ConvolutionFunctions<T>& copies,
                const Gathering<T>& gathering, const UnitPlan& plan, const StagedLayout& layout)
      : products_(products),
        copies_(copies),
        gathering_(gathering),
        plan_(plan),
        layout_(layout),
        source_channel_size_(plan.axes[0].source_size * plan.axes[1].source_size * plan.axes[2].source_size),
        // What the lanes behind the last image meet is never stored; it only has to be there.
        staged_(plan.staged ? plan.images * layout.image_size + layout.zeros_behind + 8 * products.lanes
                            : 0) {}

  // Results of `images` images from `image` on, at the positions from `begin` to `end`.
  void run(int64_t group, int64_t image, int64_t images, const Extent& begin, const Extent& end) {
    stage_images(group, image, images, begin);
    prepare(images, begin, end);
    for (size_t index = 0; index < prepared_.size(); ++index) {
      run_pass(gathering_.passes[index], prepared_[index], group, image);
    }
  }

 private:
  void stage_images(int64_t group, int64_t image, int64_t images, const Extent& begin) {
    const int64_t channels = gathering_.source_channels;
    const int64_t source_image_size = gathering_.groups * channels * source_channel_size_;
    const T* source = gathering_.source + image * source_image_size + group * channels * source_channel_size_;
    if (!plan_.staged) {
      base_ =
          source + ((begin[0] - plan_.axes[0].origin) * layout_.size[1] + begin[1] - plan_.axes[1].origin) *
                       layout_.size[2];
      image_size_ = source_image_size;
      readable_ = gathering_.source + gathering_.batch * source_image_size - base_;
      return;
    }
    base_ = staged_.data();
    image_size_ = layout_.image_size;
    readable_ = staged_.size();
    for (int64_t index = 0; index < images; ++index) {
      stage(copies_, plan_.axes, layout_, begin, source + index * source_image_size,
            staged_.data() + index * image_size_);
    }
  }

  // Panels and offsets are the same for most units: only the end of readable memory makes a difference.
  void prepare(int64_t images, const Extent& begin, const Extent& end) {
    const int64_t widest_panel = vector::maximum_tile_vectors * products_.lanes;
    const bool is_last = readable_ < image_size_ * images + widest_panel;
    const std::array<int64_t, 5> key{images, begin[0], begin[1], end[0], end[1]};
    if (key == prepared_for_ && !is_last) return;
    prepared_for_ = key;
    prepared_.assign(gathering_.passes.size(), PreparedPass());
    for (size_t index = 0; index < prepared_.size(); ++index) {
      prepare_pass(gathering_.passes[index], images, begin, end, prepared_[index]);
    }
  }

  void prepare_pass(const GatheringPass<T>& pass, int64_t images, const Extent& begin, const Extent& end,
                    PreparedPass& prepared) const {
    Extent first, last;
    for (int dim = 0; dim < 3; ++dim) {
      first[dim] = std::max(begin[dim], pass.begin[dim]);
      last[dim] = std::min(end[dim], pass.end[dim]);
      if (first[dim] >= last[dim]) return;
    }
    int64_t largest_offset = 0;
    prepared.offsets.reserve(pass.steps.size());
    for (const GatheringStep& step : pass.steps) {
      const int64_t offset = layout_.offset(plan_.axes, step.channel, step.tap);
      prepared.offsets.push_back(offset);
      largest_offset = std::max(largest_offset, offset);
    }
    std::vector<std::pair<int64_t, int64_t>> steps_of_lines;
    const PixelLines lines = lines_of(pass, images, begin, first, last, steps_of_lines);
    PixelPanels cut =
        cut_into_panels(products_, lines, gathering_.result_channels, {largest_offset, readable_});
    prepared.runs = std::move(cut.runs);
    prepared.vectors = cut.vectors;
    const auto depth = static_cast<int64_t>(prepared.offsets.size());
    prepared.depth_step = depth <= unblocked_depth ? std::max<int64_t>(depth, 1) : block_depth;
    prepared.packed_offsets.reserve(static_cast<size_t>(prepared.depth_step));
    for (int64_t k = 0; k < prepared.depth_step; ++k) {
      prepared.packed_offsets.push_back(k * cut.vectors * products_.lanes);
    }
    for (const Panel& panel : cut.panels) {
      auto [first_step, last_step] = steps_of_lines[panel.first_line];
      for (int64_t line = panel.first_line; line <= panel.last_line; ++line) {
        first_step = std::min(first_step, steps_of_lines[line].first);
        last_step = std::max(last_step, steps_of_lines[line].second);
      }
      prepared.panels.push_back(
          {panel, ceil_divide(panel.columns, products_.lanes), first_step, std::max(first_step, last_step)});
    }
    const int64_t rows = gathering_.result_channels;
    const int64_t blocks = ceil_divide(rows, products_.tile_rows[cut.vectors]);
    for (int64_t block = 0; block <= blocks; ++block) prepared.row_blocks.push_back(rows * block / blocks);
  }

  // One line a row of the result, and the steps in which it meets any source pixel.
  PixelLines lines_of(const GatheringPass<T>& pass, int64_t images, const Extent& begin, const Extent& first,
                      const Extent& last, std::vector<std::pair<int64_t, int64_t>>& steps) const {
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
          steps.push_back(gathering_.steps_in_source(pass, depth, height));
        }
      }
    }
    return result;
  }

  void run_pass(const GatheringPass<T>& pass, const PreparedPass& prepared, int64_t group, int64_t image) {
    const auto depth = static_cast<int64_t>(prepared.offsets.size());
    const int64_t rows = gathering_.result_channels;
    const int64_t width = prepared.vectors * products_.lanes;
    const bool large_weights = rows * depth * static_cast<int64_t>(sizeof(T)) > large_weights_bytes;
    const int64_t together = large_weights ? panels_of_large_weights : 1;
    const int64_t depth_step = prepared.depth_step;
    reserve(tiles_, together * rows * width);
    reserve(packed_, together * (depth_step + 2) * width);

    const auto panel_count = static_cast<int64_t>(prepared.panels.size());
    for (int64_t first = 0; first < panel_count; first += together) {
      const int64_t last = std::min(panel_count, first + together);
      for (int64_t k = 0; k == 0 || k < depth; k += depth_step) {
        multiply_panels(pass, prepared, group, image, first, last, k, std::min(k + depth_step, depth));
      }
      for (int64_t index = first; index < last; ++index) {
        const Panel& panel = prepared.panels[index].panel;
        if (is_written_in_place(panel)) continue;
        vector::RunStoring<T> storing{};
        storing.tile = tiles_->data() + (index - first) * rows * width;
        storing.tile_row_stride = width;
        storing.rows = rows;
        storing.runs = prepared.runs.data() + panel.first_run;
        storing.run_count = panel.run_count;
        storing.target = target_of(group, image);
        storing.target_row_stride = product_of(gathering_.target_size);
        storing.target_step = gathering_.target_step[2];
        copies_.store_runs(storing);
      }
    }
  }

  // The target's first pixel of the group's first channel.
  T* target_of(int64_t group, int64_t image) const {
    return gathering_.target + (image * gathering_.groups + group) * gathering_.result_channels *
                                   product_of(gathering_.target_size);
  }

  bool is_written_in_place(const Panel& panel) const {
    return panel.run_count == 1 && gathering_.target_step[2] == 1;
  }

  // The panels' results (+)= weights * panels for the steps from k to `k_end`.
  void multiply_panels(const GatheringPass<T>& pass, const PreparedPass& prepared, int64_t group,
                       int64_t image, int64_t first, int64_t last, int64_t k, int64_t k_end) {
    const int64_t rows = gathering_.result_channels;
    const int64_t width = prepared.vectors * products_.lanes;
    const int64_t packed_elements = (k_end - k + 2) * width;
    for (int64_t index = first; index < last; ++index) {
      const Panel& panel = prepared.panels[index].panel;
      if (!panel.packed) continue;
      vector::RunPacking<T> packing{};
      packing.source = base_;
      packing.offsets = prepared.offsets.data() + k;
      packing.depth = k_end - k;
      packing.runs = prepared.runs.data() + panel.first_run;
      packing.run_count = panel.run_count;
      packing.panel = packed_->data() + (index - first) * packed_elements;
      packing.panel_width = width;
      packing.reads_behind = plan_.staged;
      copies_.pack_runs(packing);
    }
    vector::TileProduct<T> tile{};
    tile.a_row_stride = pass.row_stride;
    tile.a_depth_stride = pass.step_stride;
    tile.alpha = T(1);
    tile.beta = k == 0 ? T(0) : T(1);
    for (size_t block = 0; block + 1 < prepared.row_blocks.size(); ++block) {
      const int64_t row = prepared.row_blocks[block];
      const int64_t row_count = prepared.row_blocks[block + 1] - row;
      const T* weights = pass.weights + group * pass.group_stride + row * pass.row_stride;
      if (gathering_.bias && k == 0) tile.row_start = gathering_.bias + group * rows + row;
      for (int64_t index = first; index < last; ++index) {
        const PreparedPanel& prepared_panel = prepared.panels[index];
        const Panel& panel = prepared_panel.panel;
        const int64_t first_step = std::clamp(prepared_panel.first_step, k, k_end);
        tile.depth = std::clamp(prepared_panel.last_step, first_step, k_end) - first_step;
        tile.a = weights + first_step * pass.step_stride;
        if (panel.packed) {
          tile.b = packed_->data() + (index - first) * packed_elements;
          tile.b_offsets = prepared.packed_offsets.data() + first_step - k;
        } else {
          tile.b = base_ + panel.source;
          tile.b_offsets = prepared.offsets.data() + first_step;
        }
        if (is_written_in_place(panel)) {
          tile.c_row_stride = product_of(gathering_.target_size);
          tile.c = target_of(group, image) + prepared.runs[panel.first_run].target + row * tile.c_row_stride;
          tile.columns = panel.columns;
        } else {
          tile.c_row_stride = width;
          tile.c = tiles_->data() + ((index - first) * rows + row) * width;
          tile.columns = prepared_panel.vectors * products_.lanes;
        }
        products_.tile[prepared_panel.vectors][row_count](tile);
      }
    }
  }

  static void reserve(std::optional<Workspace<T>>& workspace, int64_t count) {
    if (!workspace || workspace->size() < count) workspace.emplace(count);
  }

  const vector::MatmulFunctions<T>& products_;
  const vector::ConvolutionFunctions<T>& copies_;
  const Gathering<T>& gathering_;
  const UnitPlan& plan_;
  const StagedLayout& layout_;
  const int64_t source_channel_size_;
  Workspace<T> staged_;

  const T* base_ = nullptr;  // the staged pixel at the unit's first position
  int64_t image_size_ = 0;   // elements from one staged image to the next
  int64_t readable_ = 0;     // elements from base_ on that may be read
  std::array<int64_t, 5> prepared_for_{};
  std::vector<PreparedPass> prepared_;
  std::optional<Workspace<T>> tiles_;
  std::optional<Workspace<T>> packed_;
};

template <typename T>
UnitPlan plan_units(const vector::MatmulFunctions<T>& products, const Gathering<T>& gathering,
                    const StagedAxis& width_axis, double work) {
  UnitPlan plan{};
  plan.axes = {gathering.axes[0], gathering.axes[1], width_axis};
  plan.staged = false;
  for (const StagedAxis& axis : plan.axes) plan.staged |= !axis.shows_source_as_it_is();
  plan.band_dim = plan.axes[0].positions > 1 ? 0 : 1;
  const StagedAxis& band_axis = plan.axes[plan.band_dim];
  const Extent results{plan.axes[0].positions, plan.axes[1].positions, plan.axes[2].positions};
  const StagedLayout whole(plan.axes, results, gathering.source_channels);
  const int64_t image_bytes = whole.image_size * static_cast<int64_t>(sizeof(T));

  plan.images = 1;
  while (plan.images < gathering.batch && plan.images * product_of(results) < pixels_worth_a_unit &&
         (plan.images + 1) * image_bytes <= staged_bytes) {
    ++plan.images;
  }
  plan.image_groups = ceil_divide(gathering.batch, plan.images);
  int64_t bands = plan.staged && plan.images == 1 ? ceil_divide(image_bytes, staged_bytes) : 1;
  const int64_t units = gathering.groups * plan.image_groups;
  const auto wanted = static_cast<int64_t>(std::min(work / work_worth_a_thread, 4.0 * thread_count()));
  if (units * bands < wanted) bands = ceil_divide(wanted, units);
  // A band stages the rows around it too: it must not be mostly those.
  const int64_t least = std::max<int64_t>(1, band_axis.largest_shift);
  plan.band_size = std::max(least, ceil_divide(band_axis.positions, std::min(bands, band_axis.positions)));
  plan.bands = ceil_divide(band_axis.positions, plan.band_size);

  double steps = 0;
  for (const GatheringPass<T>& pass : gathering.passes) steps += static_cast<double>(pass.steps.size());
  plan.cycles = steps * estimated_cycles(products, results[0] * results[1], results[2], whole.size[2],
                                         gathering.result_channels);
  if (plan.staged) {
    const StagedLayout layout(plan.axes, plan.staged_results(), gathering.source_channels);
    plan.cycles +=
        copying_cycles(plan.bands * layout.image_size / layout.size[2], layout.size[2], products.lanes);
  }
  // Results with gaps between their rows are copied into place.
  if (whole.size[2] != results[2]) {
    plan.cycles +=
        copying_cycles(gathering.result_channels * results[0] * results[1], results[2], products.lanes);
  }
  return plan;
}

}  // namespace

template <typename T>
std::pair<int64_t, int64_t> Gathering<T>::steps_in_source(const GatheringPass<T>& pass, int64_t depth,
                                                          int64_t height) const {
  const auto count = static_cast<int64_t>(pass.steps.size());
  if (!pass.ordered_by_row) return {0, count};
  const auto in_source = [&](int64_t k) {
    const Extent& tap = pass.steps[k].tap;
    return axes[0].meets_source(depth, tap[0]) && axes[1].meets_source(height, tap[1]);
  };
  int64_t first = 0, last = count;
  while (first < last && !in_source(first)) first += pass.steps_of_a_tap_row;
  while (first < last && !in_source(last - 1)) last -= pass.steps_of_a_tap_row;
  return {first, last};
}

template <typename T>
double Gathering<T>::steps_of_an_image() const {
  double total = 0;
  for (const GatheringPass<T>& pass : passes) {
    if (!pass.ordered_by_row) {
      total += static_cast<double>(pass.steps.size()) *
               static_cast<double>((pass.end[0] - pass.begin[0]) * (pass.end[1] - pass.begin[1]));
      continue;
    }
    for (int64_t depth = pass.begin[0]; depth < pass.end[0]; ++depth) {
      for (int64_t height = pass.begin[1]; height < pass.end[1]; ++height) {
        const auto [first, last] = steps_in_source(pass, depth, height);
        total += static_cast<double>(last - first);
      }
    }
  }
  return total;
}

template <typename T>
bool gather(const vector::MatmulFunctions<T>& products, const vector::ConvolutionFunctions<T>& copies,
            const Gathering<T>& gathering, double cycles_limit) {
  double steps = 0;
  for (const GatheringPass<T>& pass : gathering.passes) steps += static_cast<double>(pass.steps.size());
  const double pixels = static_cast<double>(gathering.axes[0].positions) *
                        static_cast<double>(gathering.axes[1].positions * gathering.axes[2].positions);
  const double work =
      static_cast<double>(gathering.batch * gathering.groups * gathering.result_channels) * steps * pixels;
  UnitPlan plan = plan_units(products, gathering, gathering.axes[2], work);
  if (gathering.axes[2].taps.size() > 1) {
    UnitPlan apart = plan_units(products, gathering, gathering.width_apart, work);
    if (apart.cycles < plan.cycles) plan = std::move(apart);
  }
  if (plan.cycles > cycles_limit) return false;
  const StagedLayout layout(plan.axes, plan.staged_results(), gathering.source_channels);
  Extent begin, end;
  for (int dim = 0; dim < 3; ++dim) {
    begin[dim] = plan.axes[dim].origin;
    end[dim] = begin[dim] + plan.axes[dim].positions;
  }

  const int64_t units = plan.image_groups * gathering.groups * plan.bands;
  const double unit_work = std::max(work / static_cast<double>(std::max<int64_t>(units, 1)), 1.0);
  const auto grain = static_cast<int64_t>(std::min(work_worth_a_thread / unit_work, 1e9)) + 1;
  parallel_for(0, units, grain, [&](int64_t first, int64_t last) {
    GatheringUnit<T> unit(products, copies, gathering, plan, layout);
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
  return true;
}

template struct Gathering<float>;
template struct Gathering<double>;
template bool gather(const vector::MatmulFunctions<float>&, const vector::ConvolutionFunctions<float>&,
                     const Gathering<float>&, double);
template bool gather(const vector::MatmulFunctions<double>&, const vector::ConvolutionFunctions<double>&,
                     const Gathering<double>&, double);

}  // namespace lampas::cpu
