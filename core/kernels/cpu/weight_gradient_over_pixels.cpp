// The gradient of a convolution's weight with lanes along the output's pixels: inner products of the output's
// gradient with staged input, for each tap.
#include <algorithm>
#include <optional>
#include <type_traits>
#include <vector>

#include "core/kernels/cpu/cycle_estimates.h"
#include "core/kernels/cpu/staged_planes.h"
#include "core/kernels/cpu/weight_gradient.h"
#include "core/kernels/cpu/workspace.h"

namespace lampas::cpu {
namespace {

// Images are staged together up to so much memory, so that lanes are seldom added up.
constexpr int64_t staged_bytes = 1 << 18;
// A single image is staged in bands where it needs more.
constexpr int64_t most_staged_bytes = 3 << 17;
// Clock cycles to add up the lanes of one inner product and to add it to the sums.
constexpr double summing_cycles = 6;

// How the inner products meet their operands. The output's gradient is read where it is, or copied:
enum class Way {
  adjacent,  // where it is; the input is staged so that its rows are without gaps too
  spread,    // copied to the pitch of the staged input; a mask leaves out what lies between the rows
  packed,    // copied image to image; the input once for each tap, for few pixels an image
};

struct Plan {
  Way way;
  std::array<StagedAxis, 3> axes;
  bool staged;     // or the input is read where it is
  int64_t images;  // of one unit
  int band_dim;    // the dimension of the output that is cut into bands
  int64_t band_size;
  int64_t bands;
  double cycles;  // of one image, by estimate

  // Results of a whole band.
  Extent results(const ConvolutionShape& shape) const {
    Extent extent = shape.output;
    extent[band_dim] = band_size;
    return extent;
  }
};

Plan plan_way(const ConvolutionShape& shape, Way way, int64_t lanes, int64_t element_bytes, int64_t threads) {
  Plan plan{};
  plan.way = way;
  const Staging staging = way == Way::adjacent ? Staging::apart : Staging::shared;
  plan.axes = {axis_over_input(shape, 0, Staging::shared), axis_over_input(shape, 1, Staging::shared),
               axis_over_input(shape, 2, staging)};
  for (const StagedAxis& axis : plan.axes) plan.staged |= !axis.shows_source_as_it_is();
  plan.staged |= way != Way::adjacent;

  const int64_t in_channels = shape.in_channels_of_group();
  const int64_t out_channels = shape.out_channels_of_group();
  const StagedLayout whole(plan.axes, shape.output, in_channels);
  const int64_t lines = shape.output[0] * shape.output[1];
  const int64_t length = shape.output[2];
  const int64_t taps = in_channels * product_of(shape.kernel);
  int64_t elements = whole.image_size;
  int64_t vectors = 0;
  if (way == Way::adjacent) {
    vectors = shape.output[0] * ceil_divide(shape.output[1] * length, lanes);
  } else if (way == Way::spread) {
    vectors = ceil_divide((lines - 1) * whole.size[2] + length, lanes);
    plan.cycles += copying_cycles(out_channels * lines, length, lanes);
    elements += out_channels * lines * whole.size[2];
  } else {
    vectors = ceil_divide(lines * length, lanes);
    plan.cycles += copying_cycles(out_channels, lines * length, lanes);
    plan.cycles += copying_cycles(taps * lines, length, lanes);
    elements += (taps + out_channels) * lines * length;
  }
  // A tile takes two multiply-adds a cycle; with few output channels, two loads a cycle.
  const double cycles_a_vector = std::max(0.5 * static_cast<double>(out_channels), 1.0);
  plan.cycles += static_cast<double>(taps * vectors) * cycles_a_vector;
  if (plan.staged) plan.cycles += copying_cycles(whole.image_size / whole.size[2], whole.size[2], lanes);
  if (way == Way::packed) {
    // Lanes fill up across images.
    plan.cycles -=
        cycles_a_vector * static_cast<double>(taps) *
        (static_cast<double>(vectors) - static_cast<double>(lines * length) / static_cast<double>(lanes));
  }

  const int64_t bytes = std::max<int64_t>(1, elements * element_bytes);
  plan.images = std::clamp<int64_t>(staged_bytes / bytes, 1, shape.batch);
  plan.band_dim = shape.output[0] > 1 ? 0 : 1;
  plan.band_size = shape.output[plan.band_dim];
  if (plan.staged && plan.images == 1) {
    const int64_t least = std::max<int64_t>(1, 2 * plan.axes[plan.band_dim].largest_shift);
    const int64_t bands = ceil_divide(bytes, most_staged_bytes);
    plan.band_size = std::min(plan.band_size, std::max(least, ceil_divide(plan.band_size, bands)));
  }
  plan.bands = ceil_divide(shape.output[plan.band_dim], plan.band_size);
  plan.cycles += summing_cycles * static_cast<double>(out_channels * taps * plan.bands) /
                 static_cast<double>(plan.images);
  if (plan.bands == 1) plan.images = std::min(plan.images, ceil_divide(shape.batch, threads));
  return plan;
}

Plan choose_plan(const ConvolutionShape& shape, int64_t lanes, int64_t element_bytes, int64_t threads) {
  Plan best = plan_way(shape, Way::adjacent, lanes, element_bytes, threads);
  for (const Way way : {Way::spread, Way::packed}) {
    Plan plan = plan_way(shape, way, lanes, element_bytes, threads);
    if (plan.cycles < best.cycles) best = std::move(plan);
  }
  return best;
}

template <typename T>
class OverPixels final : public WeightGradient<T> {
 public:
  OverPixels(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape, const T* input,
             const T* grad_output, int64_t threads)
      : kernels_(kernels),
        shape_(shape),
        input_(input),
        grad_output_(grad_output),
        plan_(choose_plan(shape, kernels.products.lanes, sizeof(T), threads)),
        layout_(plan_.axes, plan_.staged ? plan_.results(shape) : shape.output,
                shape.in_channels_of_group()) {
    // Taps that meet the same rows of a part are neighbours, so that a tile reads few cache lines.
    for (int64_t channel = 0; channel < shape.in_channels_of_group(); ++channel) {
      for (int64_t width = 0; width < shape.kernel[2]; ++width) {
        for (int64_t depth = 0; depth < shape.kernel[0]; ++depth) {
          for (int64_t height = 0; height < shape.kernel[1]; ++height) {
            offsets_.push_back(layout_.offset(plan_.axes, channel, {depth, height, width}));
            weight_offsets_.push_back(
                ((channel * shape.kernel[0] + depth) * shape.kernel[1] + height) * shape.kernel[2] + width);
          }
        }
      }
    }
    if (plan_.way == Way::spread) {
      Extent last = plan_.results(shape);
      last[plan_.band_dim] = shape.output[plan_.band_dim] - (plan_.bands - 1) * plan_.band_size;
      mask_ = mask_of(plan_.results(shape));
      last_mask_ = mask_of(last);
    }
  }

  double cycles() const override { return plan_.cycles; }

  int64_t units() const override {
    return ceil_divide(shape_.batch, plan_.images) * plan_.bands * shape_.groups;
  }

  int64_t sums_size() const override { return shape_.out_channels * static_cast<int64_t>(offsets_.size()); }

  void sum_units(int64_t first, int64_t last, T* sums) const override {
    Buffers buffers;
    make_buffers(buffers);
    std::vector<bool> group_begun(shape_.groups, false);
    for (int64_t unit = first; unit < last; ++unit) sum_unit(unit, buffers, group_begun, sums);
    const int64_t group_size = sums_size() / shape_.groups;
    for (int64_t group = 0; group < shape_.groups; ++group) {
      if (!group_begun[group]) std::fill_n(sums + group * group_size, group_size, T(0));
    }
  }

  void finish(const T* sums, T* grad_weight) const override { std::copy_n(sums, sums_size(), grad_weight); }

 private:
  using Word = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;

  // Memory of one thread.
  struct Buffers {
    std::optional<Workspace<T>> input;
    std::optional<Workspace<T>> grad_output;
    std::optional<Workspace<T>> packed;
  };

  void make_buffers(Buffers& buffers) const {
    const int64_t lanes = kernels_.products.lanes;
    if (plan_.staged)
      buffers.input.emplace(plan_.images * layout_.image_size + layout_.zeros_behind + 2 * lanes);
    if (plan_.way != Way::adjacent) {
      const int64_t images = plan_.way == Way::spread ? plan_.images : 1;
      buffers.grad_output.emplace(images * shape_.out_channels_of_group() * copied_row() + lanes);
    }
    if (plan_.way == Way::packed) {
      buffers.packed.emplace(static_cast<int64_t>(offsets_.size()) * copied_row() + 2 * lanes);
    }
  }

  // Adds one unit to the sums, or writes it where the group is new.
  void sum_unit(int64_t index, Buffers& buffers, std::vector<bool>& group_begun, T* sums) const {
    const int64_t band = index % plan_.bands;
    const int64_t group = index / plan_.bands % shape_.groups;
    Unit unit{};
    unit.image = index / plan_.bands / shape_.groups * plan_.images;
    unit.images = std::min(plan_.images, shape_.batch - unit.image);
    unit.begin[plan_.band_dim] = band * plan_.band_size;
    unit.results = shape_.output;
    unit.results[plan_.band_dim] =
        std::min(plan_.band_size, shape_.output[plan_.band_dim] - unit.begin[plan_.band_dim]);
    unit.is_last_band = band + 1 == plan_.bands;

    const int64_t in_size = shape_.in_channels_of_group() * product_of(shape_.input);
    const int64_t out_size = shape_.out_channels_of_group() * product_of(shape_.output);
    const T* input = input_ + (unit.image * shape_.groups + group) * in_size;
    const T* grad_output = grad_output_ + (unit.image * shape_.groups + group) * out_size +
                           (unit.begin[0] * shape_.output[1] + unit.begin[1]) * shape_.output[2];
    if (plan_.staged) {
      for (int64_t image = 0; image < unit.images; ++image) {
        stage(kernels_.copies, plan_.axes, layout_, unit.begin, input + image * shape_.groups * in_size,
              buffers.input->data() + image * layout_.image_size);
      }
      input = buffers.input->data();
    }

    vector::InnerProducts<T> product{};
    product.alpha = T(1);
    product.beta = group_begun[group] ? T(1) : T(0);
    group_begun[group] = true;
    product.c_row_stride = static_cast<int64_t>(offsets_.size());
    product.c = sums + group * shape_.out_channels_of_group() * product.c_row_stride;
    product.b = input;
    product.b_segment_stride = plan_.staged ? layout_.image_size : shape_.groups * in_size;
    if (plan_.way == Way::adjacent) return multiply_adjacent(unit, grad_output, product);
    if (plan_.way == Way::spread) return multiply_spread(unit, grad_output, *buffers.grad_output, product);
    return multiply_packed(unit, grad_output, buffers, product);
  }

  struct Unit {
    int64_t image;
    int64_t images;
    Extent begin;    // the first result along each dimension
    Extent results;  // how many
    bool is_last_band;
  };

  int64_t grad_image_size() const { return shape_.out_channels * product_of(shape_.output); }

  void multiply_adjacent(const Unit& unit, const T* grad_output, vector::InnerProducts<T> product) const {
    product.a = grad_output;
    product.a_row_stride = product_of(shape_.output);
    product.length = unit.results[1] * unit.results[2];
    if (unit.results[0] == 1) {
      product.segments = unit.images;
      product.a_segment_stride = grad_image_size();
      return multiply(product, offsets_.data());
    }
    // Rows follow each other within one depth only.
    const T* input = product.b;
    const int64_t input_image_stride = product.b_segment_stride;
    product.segments = unit.results[0];
    product.a_segment_stride = product.length;
    product.b_segment_stride = layout_.size[1] * layout_.size[2];
    for (int64_t image = 0; image < unit.images; ++image) {
      product.a = grad_output + image * grad_image_size();
      product.b = input + image * input_image_stride;
      multiply(product, offsets_.data());
      product.beta = T(1);
    }
  }

  void multiply_spread(const Unit& unit, const T* grad_output, Workspace<T>& spread,
                       vector::InnerProducts<T> product) const {
    spread_grad_output(unit, grad_output, spread.data());
    product.segments = unit.images;
    product.length = spread_length();
    product.a = spread.data();
    product.a_row_stride = copied_row();
    product.a_segment_stride = shape_.out_channels_of_group() * copied_row();
    product.mask = unit.is_last_band ? last_mask_.data() : mask_.data();
    multiply(product, offsets_.data());
  }

  void multiply_packed(const Unit& unit, const T* grad_output, Buffers& buffers,
                       vector::InnerProducts<T> product) const {
    pack_input(unit, *buffers.input, *buffers.packed);
    const int64_t pixels = product_of(unit.results);
    for (int64_t channel = 0; channel < shape_.out_channels_of_group(); ++channel) {
      for (int64_t image = 0; image < unit.images; ++image) {
        const T* source = grad_output + image * grad_image_size() + channel * product_of(shape_.output);
        std::copy_n(source, pixels, buffers.grad_output->data() + channel * copied_row() + image * pixels);
      }
    }
    std::vector<int64_t> packed_offsets(offsets_.size());
    for (size_t tap = 0; tap < packed_offsets.size(); ++tap) {
      packed_offsets[tap] = static_cast<int64_t>(tap) * copied_row();
    }
    product.segments = 1;
    product.length = unit.images * pixels;
    product.a = buffers.grad_output->data();
    product.a_row_stride = copied_row();
    product.b = buffers.packed->data();
    multiply(product, packed_offsets.data());
  }

  // From the first result's staged position to behind the last one's, in whole vectors.
  int64_t spread_length() const {
    const Extent results = plan_.results(shape_);
    const int64_t lines = (results[0] - 1) * layout_.size[1] + results[1] - 1;
    return round_up(lines * layout_.size[2] + results[2], kernels_.products.lanes);
  }

  // Elements from one channel of the copied output gradient to the next, and of a packed tap.
  int64_t copied_row() const {
    const int64_t lanes = kernels_.products.lanes;
    const Extent results = plan_.results(shape_);
    if (plan_.way == Way::packed) return round_up(plan_.images * product_of(results), lanes);
    return spread_length() + layout_.size[2] + lanes;
  }

  // All ones where a staged position is one of the results.
  std::vector<Word> mask_of(const Extent& results) const {
    std::vector<Word> mask(spread_length(), Word(0));
    for (int64_t depth = 0; depth < results[0]; ++depth) {
      for (int64_t height = 0; height < results[1]; ++height) {
        const int64_t line = (depth * layout_.size[1] + height) * layout_.size[2];
        std::fill_n(mask.begin() + line, results[2], ~Word(0));
      }
    }
    return mask;
  }

  // The output's gradient with the pitch of the staged input, zeros between and behind.
  void spread_grad_output(const Unit& unit, const T* grad_output, T* target) const {
    const int64_t plane = shape_.output[1] * shape_.output[2];
    const Extent whole = plan_.results(shape_);
    vector::PlaneCopy<T> copy{};
    copy.planes = 1;
    copy.source_columns = shape_.output[2];
    copy.row_step = 1;
    copy.column_step = 1;
    copy.target_columns = layout_.size[2];
    const int64_t written = ((whole[0] - 1) * layout_.size[1] + whole[1]) * layout_.size[2];
    for (int64_t image = 0; image < unit.images; ++image) {
      for (int64_t channel = 0; channel < shape_.out_channels_of_group(); ++channel) {
        const T* source = grad_output + image * grad_image_size() + channel * product_of(shape_.output);
        T* row = target + (image * shape_.out_channels_of_group() + channel) * copied_row();
        for (int64_t depth = 0; depth < whole[0]; ++depth) {
          const bool inside = depth < unit.results[0];
          copy.source = source + (inside ? depth * plane : 0);
          copy.source_rows = inside ? unit.results[1] : 0;
          copy.target = row + depth * layout_.size[1] * layout_.size[2];
          copy.target_rows = depth + 1 < whole[0] ? layout_.size[1] : whole[1];
          kernels_.copies.copy_planes(copy);
        }
        std::fill(row + written, row + copied_row(), T(0));
      }
    }
  }

  void pack_input(const Unit& unit, Workspace<T>& staged, Workspace<T>& packed) const {
    std::vector<vector::PixelRun> runs;
    int64_t column = 0;
    for (int64_t image = 0; image < unit.images; ++image) {
      for (int64_t depth = 0; depth < unit.results[0]; ++depth) {
        for (int64_t height = 0; height < unit.results[1]; ++height) {
          const int64_t line = (depth * layout_.size[1] + height) * layout_.size[2];
          runs.push_back({image * layout_.image_size + line, column, 0, unit.results[2]});
          column += unit.results[2];
        }
      }
    }
    vector::RunPacking<T> packing{};
    packing.source = staged.data();
    packing.offsets = offsets_.data();
    packing.depth = static_cast<int64_t>(offsets_.size());
    packing.runs = runs.data();
    packing.run_count = static_cast<int64_t>(runs.size());
    packing.panel = packed.data();
    packing.panel_width = copied_row();
    packing.reads_behind = true;
    kernels_.copies.pack_runs(packing);
  }

  // C[channel][tap] (+)= the inner products, tile by tile.
  void multiply(vector::InnerProducts<T> product, const int64_t* offsets) const {
    const vector::MatmulFunctions<T>& functions = kernels_.products;
    const auto& table = product.mask ? functions.masked_inner : functions.inner;
    const int64_t rows = shape_.out_channels_of_group();
    const int64_t columns = product.c_row_stride;
    const int64_t row_blocks = ceil_divide(rows, functions.inner_rows);
    const int64_t column_blocks = ceil_divide(columns, functions.inner_columns);
    const T* a = product.a;
    T* c = product.c;
    for (int64_t row_block = 0; row_block < row_blocks; ++row_block) {
      const int64_t row = rows * row_block / row_blocks;
      const int64_t row_count = rows * (row_block + 1) / row_blocks - row;
      product.a = a + row * product.a_row_stride;
      for (int64_t column_block = 0; column_block < column_blocks; ++column_block) {
        const int64_t column = columns * column_block / column_blocks;
        const int64_t column_count = columns * (column_block + 1) / column_blocks - column;
        product.b_offsets = offsets + column;
        product.c = c + row * columns;
        product.c_offsets = weight_offsets_.data() + column;
        table[row_count][column_count](product);
      }
    }
  }

  const ConvolutionKernels<T>& kernels_;
  const ConvolutionShape& shape_;
  const T* input_;
  const T* grad_output_;
  const Plan plan_;
  const StagedLayout layout_;
  std::vector<int64_t> offsets_;         // of each (channel, tap) in the staged input
  std::vector<int64_t> weight_offsets_;  // of the same in the weight of an output channel
  std::vector<Word> mask_;
  std::vector<Word> last_mask_;  // of the last band, which may be shorter
};

}  // namespace

template <typename T>
std::unique_ptr<WeightGradient<T>> weight_gradient_over_pixels(const ConvolutionKernels<T>& kernels,
                                                               const ConvolutionShape& shape, const T* input,
                                                               const T* grad_output, int64_t threads) {
  return std::make_unique<OverPixels<T>>(kernels, shape, input, grad_output, threads);
}

template std::unique_ptr<WeightGradient<float>> weight_gradient_over_pixels(const ConvolutionKernels<float>&,
                                                                            const ConvolutionShape&,
                                                                            const float*, const float*,
                                                                            int64_t);
template std::unique_ptr<WeightGradient<double>> weight_gradient_over_pixels(
    const ConvolutionKernels<double>&, const ConvolutionShape&, const double*, const double*, int64_t);

}  // namespace lampas::cpu
