// The gradient of a convolution's weight: inner products of the output's gradient with staged input pixels.
#include <algorithm>
#include <optional>
#include <type_traits>
#include <vector>

#include "core/kernels/cpu/convolve.h"
#include "core/kernels/cpu/staged_planes.h"
#include "core/kernels/cpu/workspace.h"
#include "core/parallel/thread_pool.h"

namespace lampas::cpu {
namespace {

// Images are staged together up to so much memory, so that sums over lanes are seldom made.
constexpr int64_t staged_bytes = 1 << 17;
constexpr double work_worth_a_thread = 4e6;

int64_t ceil_divide(int64_t value, int64_t divisor) { return (value + divisor - 1) / divisor; }
int64_t round_up(int64_t value, int64_t multiple) { return ceil_divide(value, multiple) * multiple; }

// How the inner products meet their operands.
enum class Way {
  in_place,  // both where they are: nothing is padded, skipped or stepped over
  gaps,      // both staged with the input's pitch; a mask leaves out what lies between the output's rows
  packed,    // both without gaps, the input once for each tap
};

struct Plan {
  Way way;
  int64_t images;     // staged together
  int64_t band_size;  // output rows (or depths) staged together
  int64_t bands;
  int band_dim;
};

template <typename T>
class WeightGradient {
 public:
  WeightGradient(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape, const T* input,
                 const T* grad_output)
      : kernels_(kernels),
        shape_(shape),
        input_(input),
        grad_output_(grad_output),
        axes_{axis_over_input(shape, 0), axis_over_input(shape, 1), axis_over_input(shape, 2)},
        plan_(make_plan()),
        layout_(axes_, staged_results()) {
    for (int64_t channel = 0; channel < shape.in_channels_of_group(); ++channel) {
      for (int64_t depth = 0; depth < shape.kernel[0]; ++depth) {
        for (int64_t height = 0; height < shape.kernel[1]; ++height) {
          for (int64_t width = 0; width < shape.kernel[2]; ++width) {
            offsets_.push_back(channel * layout_.channel_size +
                               layout_.tap_offset(axes_, depth, height, width));
          }
        }
      }
    }
    if (plan_.way == Way::gaps) {
      Extent last = staged_results();
      last[plan_.band_dim] = shape.output[plan_.band_dim] - (plan_.bands - 1) * plan_.band_size;
      mask_ = mask_of(staged_results());
      last_mask_ = mask_of(last);
    }
  }

  int64_t units() const { return ceil_divide(shape_.batch, plan_.images) * plan_.bands * shape_.groups; }

  // Memory of one thread.
  struct Buffers {
    std::optional<Workspace<T>> input;
    std::optional<Workspace<T>> grad_output;
    std::optional<Workspace<T>> packed;
  };

  void make_buffers(Buffers& buffers) const {
    if (plan_.way == Way::in_place) return;
    const int64_t lanes = kernels_.products.lanes;
    const int64_t channels = shape_.in_channels_of_group();
    buffers.input.emplace(plan_.images * channels * layout_.channel_size + 2 * lanes);
    std::fill_n(buffers.input->data(), buffers.input->size(), T(0));
    buffers.grad_output.emplace(plan_.images * shape_.out_channels_of_group() * staged_row() + lanes);
    if (plan_.way == Way::packed) {
      buffers.packed.emplace(static_cast<int64_t>(offsets_.size() + 1) * packed_row() + 2 * lanes);
    }
  }

  // Adds the part of one unit to grad_weight, or writes it where `first` is set for the unit's group.
  void run(int64_t unit, Buffers& buffers, std::vector<bool>& group_begun, T* grad_weight) const {
    const int64_t band = unit % plan_.bands;
    const int64_t group = unit / plan_.bands % shape_.groups;
    const int64_t image = unit / plan_.bands / shape_.groups * plan_.images;
    const int64_t images = std::min(plan_.images, shape_.batch - image);
    Extent begin{0, 0, 0};
    Extent results = shape_.output;
    begin[plan_.band_dim] = band * plan_.band_size;
    results[plan_.band_dim] =
        std::min(plan_.band_size, shape_.output[plan_.band_dim] - begin[plan_.band_dim]);

    const int64_t in_size = shape_.in_channels_of_group() * product_of(shape_.input);
    const int64_t out_channels = shape_.out_channels_of_group();
    const int64_t out_size = out_channels * product_of(shape_.output);
    const T* input = input_ + (image * shape_.groups + group) * in_size;
    const T* grad_output = grad_output_ + (image * shape_.groups + group) * out_size;

    vector::InnerProducts<T> product{};
    product.alpha = T(1);
    product.beta = group_begun[group] ? T(1) : T(0);
    group_begun[group] = true;
    product.c_row_stride = static_cast<int64_t>(offsets_.size());
    product.c_column_stride = 1;
    T* target = grad_weight + group * out_channels * static_cast<int64_t>(offsets_.size());
    if (plan_.way == Way::in_place) {
      product.segments = images;
      product.length = product_of(shape_.output);
      product.a = grad_output;
      product.a_row_stride = product_of(shape_.output);
      product.a_segment_stride = shape_.groups * out_size;
      product.b = input;
      product.b_segment_stride = shape_.groups * in_size;
      multiply(product, offsets_.data(), target);
      return;
    }
    const int64_t image_size = shape_.in_channels_of_group() * layout_.channel_size;
    for (int64_t index = 0; index < images; ++index) {
      stage(kernels_.copies, axes_, layout_, begin, input + index * shape_.groups * in_size,
            shape_.in_channels_of_group(), buffers.input->data() + index * image_size);
    }
    if (plan_.way == Way::gaps) {
      spread_grad_output(grad_output, images, begin, results, buffers.grad_output->data());
      product.segments = images;
      product.length = spread_length();
      product.a = buffers.grad_output->data();
      product.a_row_stride = staged_row();
      product.a_segment_stride = out_channels * staged_row();
      product.b = buffers.input->data();
      product.b_segment_stride = image_size;
      product.mask = band + 1 < plan_.bands ? mask_.data() : last_mask_.data();
      multiply(product, offsets_.data(), target);
      return;
    }
    const int64_t pixels = images * product_of(results);
    pack_input(images, results, *buffers.input, *buffers.packed);
    pack_grad_output(grad_output, images, begin, results, buffers.grad_output->data());
    std::vector<int64_t> packed_offsets(offsets_.size());
    for (size_t tap = 0; tap < packed_offsets.size(); ++tap) {
      packed_offsets[tap] = static_cast<int64_t>(tap) * packed_row();
    }
    product.segments = 1;
    product.length = pixels;
    product.a = buffers.grad_output->data();
    product.a_row_stride = packed_row();
    product.b = buffers.packed->data();
    multiply(product, packed_offsets.data(), target);
  }

 private:
  using Word = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;

  Plan make_plan() const {
    Plan plan{};
    const int64_t lanes = kernels_.products.lanes;
    bool as_it_is = true;
    for (const StagedAxis& axis : axes_) as_it_is &= axis.shows_source_as_it_is();
    const int64_t taps = product_of(shape_.kernel);
    plan.band_dim = shape_.output[0] > 1 ? 0 : 1;
    plan.band_size = shape_.output[plan.band_dim];
    plan.bands = 1;
    plan.images = shape_.batch;
    if (as_it_is && taps == 1) {
      plan.way = Way::in_place;
      const int64_t image_elements = product_of(shape_.output) * (shape_.in_channels + shape_.out_channels);
      const int64_t most =
          staged_bytes / static_cast<int64_t>(sizeof(T)) / std::max<int64_t>(image_elements, 1);
      plan.images = std::clamp<int64_t>(most, 1, shape_.batch);
      return plan;
    }
    const StagedLayout whole(axes_, shape_.output);
    const int64_t lines = shape_.output[0] * shape_.output[1];
    const int64_t spread = ceil_divide((lines - 1) * whole.size[2] + shape_.output[2], lanes);
    const int64_t close = ceil_divide(lines * shape_.output[2], lanes) + 1;
    // Clock cycles for one tap: a multiply-add for each output channel, two a cycle, and packing.
    const double channels = static_cast<double>(shape_.out_channels_of_group());
    const double packing = 2.0 * static_cast<double>(lines * ceil_divide(shape_.output[2], lanes));
    const bool packs =
        0.5 * channels * static_cast<double>(spread) > 0.5 * channels * static_cast<double>(close) + packing;
    plan.way = packs ? Way::packed : Way::gaps;

    int64_t image_elements = shape_.in_channels_of_group() * whole.channel_size +
                             shape_.out_channels_of_group() * lines * whole.size[2];
    if (packs) image_elements += shape_.in_channels_of_group() * taps * product_of(shape_.output);
    const int64_t image_bytes = image_elements * static_cast<int64_t>(sizeof(T));
    plan.images = std::clamp<int64_t>(staged_bytes / image_bytes, 1, shape_.batch);
    if (plan.images == 1) {
      const int64_t positions = shape_.output[plan.band_dim];
      const int64_t least = std::max<int64_t>(1, 2 * axes_[plan.band_dim].largest_shift);
      const int64_t bands = ceil_divide(image_bytes, 4 * staged_bytes);
      plan.band_size = std::min(positions, std::max(least, ceil_divide(positions, bands)));
      plan.bands = ceil_divide(positions, plan.band_size);
    }
    // Enough units for all threads.
    if (plan.bands == 1) plan.images = std::min(plan.images, ceil_divide(shape_.batch, thread_count()));
    return plan;
  }

  Extent staged_results() const {
    Extent results = shape_.output;
    results[plan_.band_dim] = plan_.band_size;
    return results;
  }

  // From the first result's staged position to behind the last one's.
  int64_t spread_length() const {
    const Extent results = staged_results();
    const int64_t length =
        ((results[0] - 1) * layout_.size[1] + results[1] - 1) * layout_.size[2] + results[2];
    return round_up(length, kernels_.products.lanes);
  }
  int64_t packed_row() const {
    return round_up(plan_.images * product_of(staged_results()), kernels_.products.lanes);
  }
  // Elements of one channel of the staged output gradient.
  int64_t staged_row() const {
    if (plan_.way == Way::packed) return packed_row();
    const Extent results = staged_results();
    return round_up(((results[0] - 1) * layout_.size[1] + results[1]) * layout_.size[2],
                    kernels_.products.lanes) +
           kernels_.products.lanes;
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

  // The output's gradient with the pitch of the staged input, zeros between.
  void spread_grad_output(const T* grad_output, int64_t images, const Extent& begin, const Extent& results,
                          T* target) const {
    const int64_t plane = shape_.output[1] * shape_.output[2];
    const Extent whole = staged_results();
    vector::PlaneCopy<T> copy{};
    copy.source_columns = shape_.output[2];
    copy.row_step = 1;
    copy.column_step = 1;
    copy.target_columns = layout_.size[2];
    const int64_t row = staged_row();
    for (int64_t index = 0; index < images; ++index) {
      for (int64_t channel = 0; channel < shape_.out_channels_of_group(); ++channel) {
        const T* source = grad_output + (index * shape_.out_channels + channel) * plane * shape_.output[0];
        T* target_row = target + (index * shape_.out_channels_of_group() + channel) * row;
        for (int64_t depth = 0; depth < whole[0]; ++depth) {
          const bool inside = depth < results[0];
          copy.source = source + (inside ? begin[0] + depth : 0) * plane + begin[1] * shape_.output[2];
          copy.source_rows = inside ? results[1] : 0;
          copy.target = target_row + depth * layout_.size[1] * layout_.size[2];
          copy.target_rows = depth + 1 < whole[0] ? layout_.size[1] : whole[1];
          kernels_.copies.copy_plane(copy);
        }
        const int64_t written = ((whole[0] - 1) * layout_.size[1] + whole[1]) * layout_.size[2];
        std::fill(target_row + written, target_row + row, T(0));
      }
    }
  }

  void pack_input(int64_t images, const Extent& results, Workspace<T>& staged, Workspace<T>& packed) const {
    const int64_t image_size = shape_.in_channels_of_group() * layout_.channel_size;
    std::vector<vector::PixelRun> runs;
    int64_t column = 0;
    for (int64_t index = 0; index < images; ++index) {
      for (int64_t depth = 0; depth < results[0]; ++depth) {
        for (int64_t height = 0; height < results[1]; ++height) {
          const int64_t source = index * image_size + (depth * layout_.size[1] + height) * layout_.size[2];
          runs.push_back({source, column, 0, results[2]});
          column += results[2];
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
    packing.panel_width = packed_row();
    packing.reads_behind = true;
    kernels_.copies.pack_runs(packing);
  }

  // grad_output of several images as [out_channel][image][pixel].
  void pack_grad_output(const T* grad_output, int64_t images, const Extent& begin, const Extent& results,
                        T* target) const {
    const int64_t size = product_of(shape_.output);
    const int64_t pixels = product_of(results);
    const int64_t skipped = (begin[0] * shape_.output[1] + begin[1]) * shape_.output[2];
    for (int64_t channel = 0; channel < shape_.out_channels_of_group(); ++channel) {
      for (int64_t index = 0; index < images; ++index) {
        const T* source = grad_output + (index * shape_.out_channels + channel) * size + skipped;
        std::copy_n(source, pixels, target + channel * packed_row() + index * pixels);
      }
    }
  }

  // target[channel][tap] (+)= the inner products, tile by tile.
  void multiply(vector::InnerProducts<T> product, const int64_t* offsets, T* target) const {
    const vector::MatmulFunctions<T>& functions = kernels_.products;
    const int64_t rows = shape_.out_channels_of_group();
    const auto columns = static_cast<int64_t>(offsets_.size());
    const auto& table = product.mask ? functions.masked_inner : functions.inner;
    const int64_t row_blocks = ceil_divide(rows, functions.inner_rows);
    const int64_t column_blocks = ceil_divide(columns, functions.inner_columns);
    const T* a = product.a;
    for (int64_t row_block = 0; row_block < row_blocks; ++row_block) {
      const int64_t row = rows * row_block / row_blocks;
      const int64_t row_count = rows * (row_block + 1) / row_blocks - row;
      product.a = a + row * product.a_row_stride;
      for (int64_t column_block = 0; column_block < column_blocks; ++column_block) {
        const int64_t column = columns * column_block / column_blocks;
        const int64_t column_count = columns * (column_block + 1) / column_blocks - column;
        product.b_offsets = offsets + column;
        product.c = target + row * columns + column;
        table[row_count][column_count](product);
      }
    }
  }

  const ConvolutionKernels<T>& kernels_;
  const ConvolutionShape& shape_;
  const T* input_;
  const T* grad_output_;
  const std::array<StagedAxis, 3> axes_;
  const Plan plan_;
  const StagedLayout layout_;
  std::vector<int64_t> offsets_;  // of each (channel, tap) in the staged input
  std::vector<Word> mask_;
  std::vector<Word> last_mask_;  // of the last band, which may be shorter
};

}  // namespace

template <typename T>
void convolve_backward_weight(const ConvolutionKernels<T>& kernels, const ConvolutionShape& shape,
                              const T* input, const T* grad_output, T* grad_weight) {
  const int64_t weight_size = shape.out_channels * shape.in_channels_of_group() * product_of(shape.kernel);
  if (weight_size == 0) return;
  if (shape.batch == 0 || product_of(shape.output) == 0) {
    std::fill_n(grad_weight, weight_size, T(0));
    return;
  }
  const WeightGradient<T> gradient(kernels, shape, input, grad_output);
  const int64_t units = gradient.units();
  const double worthy_parts = std::min(shape.work() / work_worth_a_thread, 1e6);
  const int64_t parts =
      std::clamp<int64_t>(static_cast<int64_t>(worthy_parts), 1, std::min<int64_t>(thread_count(), units));

  // Each part sums into memory of its own; the first one into the result.
  Workspace<T> sums((parts - 1) * weight_size);
  parallel_for(0, parts, 1, [&](int64_t first, int64_t last) {
    typename WeightGradient<T>::Buffers buffers;
    gradient.make_buffers(buffers);
    for (int64_t part = first; part < last; ++part) {
      T* target = part == 0 ? grad_weight : sums.data() + (part - 1) * weight_size;
      std::vector<bool> group_begun(shape.groups, false);
      for (int64_t unit = units * part / parts; unit < units * (part + 1) / parts; ++unit) {
        gradient.run(unit, buffers, group_begun, target);
      }
      for (int64_t group = 0; group < shape.groups; ++group) {
        const int64_t group_size = weight_size / shape.groups;
        if (!group_begun[group]) std::fill_n(target + group * group_size, group_size, T(0));
      }
    }
  });
  for (int64_t part = 1; part < parts; ++part) {
    const T* sum = sums.data() + (part - 1) * weight_size;
    for (int64_t index = 0; index < weight_size; ++index) grad_weight[index] += sum[index];
  }
}

template void convolve_backward_weight(const ConvolutionKernels<float>&, const ConvolutionShape&,
                                       const float*, const float*, float*);
template void convolve_backward_weight(const ConvolutionKernels<double>&, const ConvolutionShape&,
                                       const double*, const double*, double*);

}  // namespace lampas::cpu
