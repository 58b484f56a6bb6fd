// The mean of every window: avg_pool and adaptive_avg_pool, as linear maps along each dim.
#include "core/ops/line_map.h"
#include "core/ops/pooling.h"
#include "core/ops/reduction.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"

namespace lampas {
namespace {

using kernels::Pooling;
using OptionalShape = std::optional<Shape>;

// A row for each window along one dim. `divisor`: 0 to divide by the window's length, in which the padding
// counts or not.
LineMap averages(int64_t size, int64_t count, const Pooling& pooling, size_t dim, bool count_include_pad,
                 int64_t divisor) {
  LineMap map;
  map.in_size = size;
  for (int64_t o = 0; o < count; ++o) {
    int64_t padding = pooling.padding[dim], begin = o * pooling.stride[dim] - padding;
    int64_t end = std::min(begin + pooling.kernel[dim], size + padding);
    int64_t first = std::max<int64_t>(begin, 0), last = std::min(end, size);
    int64_t length = divisor ? divisor : count_include_pad ? end - begin : last - first;
    for (int64_t i = first; i < last; ++i) map.add(i, 1.0 / static_cast<double>(length));
    map.divisors.push_back(length);
    map.finish_row();
  }
  return map;
}

LineMap adaptive_averages(int64_t size, int64_t count) {
  check_fits_in_memory(count);
  LineMap map;
  map.in_size = size;
  for (int64_t o = 0; o < count; ++o) {
    int64_t begin = o * size / count, end = ((o + 1) * size + count - 1) / count;
    for (int64_t i = begin; i < end; ++i) map.add(i, 1.0 / static_cast<double>(end - begin));
    map.finish_row();
  }
  return map;
}

constexpr const char* average_names[] = {"avg_pool1d", "avg_pool2d", "avg_pool3d"};

constexpr LineMapNode avg_pool2d_node{"AvgPool2DBackward0", "AvgPool2DBackwardBackward0"};
constexpr LineMapNode avg_pool3d_node{"AvgPool3DBackward0", "AvgPool3DBackwardBackward0", Autocast::float32,
                                      false};
constexpr LineMapNode adaptive_avg_pool2d_node{"AdaptiveAvgPool2DBackward0",
                                               "AdaptiveAvgPool2DBackwardBackward0"};
constexpr LineMapNode adaptive_avg_pool3d_node{"AdaptiveAvgPool3DBackward0",
                                               "AdaptiveAvgPool3DBackwardBackward0", Autocast::float32};

void check_average_dtype(const Tensor& input, size_t dims) {
  if (!is_floating(input.dtype()) && input.dtype() != DType::int64)
    fail(ErrorKind::not_implemented, "\"", average_names[dims - 1], "\" not implemented for '",
         scalar_type_name(input.dtype()), "'");
}

void check_volume_fits(const Tensor& input, const Pooling& pooling) {
  bool fits = true;
  auto size = [&](int64_t dim) { return input.size(dim - 3); };
  for (int64_t dim = 0; dim < 3; ++dim) fits &= size(dim) + 2 * pooling.padding[dim] >= pooling.kernel[dim];
  const Shape& kernel = pooling.kernel;
  check(fits, "input image (T: ", size(0), " H: ", size(1), " W: ", size(2),
        ") smaller than kernel size (kT: ", kernel[0], " kH: ", kernel[1], " kW: ", kernel[2], ")");
}

template <size_t dims>
Tensor avg_pool(const Tensor& input, const Shape& kernel_size, const OptionalShape& stride,
                const Shape& padding, bool ceil_mode, bool count_include_pad,
                std::optional<int64_t> divisor_override) {
  Pooling pooling =
      pooling_window(average_names[dims - 1], dims, kernel_size, stride, padding, Shape(dims, 1));
  check(!divisor_override || *divisor_override != 0, "divisor must be not zero");
  if (dims == 2) wrap_dim(-3, input.dim());
  check_pooling_input(input, dims);
  if (dims == 3) check_volume_fits(input, pooling);
  Shape sizes = pooled_sizes(input, pooling, ceil_mode);
  check_average_dtype(input, dims);
  std::vector<LineMap> maps;
  size_t lead = sizes.size() - dims;
  for (size_t dim = 0; dim < dims; ++dim) {
    int64_t divisor = !divisor_override ? 0 : dim == 0 ? *divisor_override : 1;
    maps.push_back(
        averages(input.sizes()[lead + dim], sizes[lead + dim], pooling, dim, count_include_pad, divisor));
  }
  return map_lines(input, std::move(maps), dims == 3 ? avg_pool3d_node : avg_pool2d_node);
}

template <size_t dims>
Tensor avg_pool_rule(Call&, const Tensor& input, const Shape& kernel_size, const OptionalShape& stride,
                     const Shape& padding, bool ceil_mode, bool count_include_pad,
                     std::optional<int64_t> divisor_override) {
  return avg_pool<dims>(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);
}

// A line is a picture of height 1.
Tensor avg_pool1d_rule(Call&, const Tensor& input, const Shape& kernel_size, const OptionalShape& stride,
                       const Shape& padding, bool ceil_mode, bool count_include_pad) {
  check(input.dim() == 2 || input.dim() == 3, "Expected 2 to 3 dimensions, but got ", input.dim(),
        "-dimensional tensor for argument #1 'self' (while checking arguments for avg_pool1d)");
  auto behind = [](const char* name, const Shape& values, int64_t one) {
    check(values.size() == 1, "avg_pool1d() argument '", name, "' should contain one int (got ",
          values.size(), ")");
    return Shape{one, values[0]};
  };
  OptionalShape step;
  if (stride && !stride->empty()) step = behind("stride", *stride, 1);
  return squeeze_dim(avg_pool<2>(unsqueeze(input, -2), behind("kernel_size", kernel_size, 1), step,
                                 behind("padding", padding, 0), ceil_mode, count_include_pad, std::nullopt),
                     -2);
}

template <size_t dims>
Tensor adaptive_avg_pool(const Tensor& input, const Shape& output_size) {
  const char* name = dims == 2 ? "adaptive_avg_pool2d" : "adaptive_avg_pool3d";
  check(output_size.size() == dims, name, ": output_size must be ", dims);
  for (int64_t size : output_size)
    check(size >= 0, name, ": elements of output_size must be greater than or equal to 0 but received {",
          output_size[0], ", ", output_size[1], dims == 3 ? text(",", output_size[dims - 1]) : "", "}");
  auto rank = static_cast<int64_t>(dims) + 2;
  check(input.dim() == rank || input.dim() == rank - 1, name, "(): Expected ", rank - 1, "D or ", rank,
        "D tensor, but got ", input.sizes());
  size_t lead = input.sizes().size() - dims;
  bool of_all = true;
  for (size_t dim = 0; dim < dims; ++dim) {
    of_all &= output_size[dim] == 1;
    check(input.sizes()[lead + dim] > 0, name,
          "(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ",
          input.sizes(), " with dimension ", lead + dim, " being empty");
  }
  if (!is_floating(input.dtype()))
    fail(ErrorKind::not_implemented, "\"", name, "\" not implemented for '", scalar_type_name(input.dtype()),
         "'");
  if (of_all) {
    Shape last;
    for (size_t dim = 0; dim < dims; ++dim) last.push_back(-1 - static_cast<int64_t>(dim));
    return mean(input, last, true, std::nullopt);
  }
  std::vector<LineMap> maps;
  for (size_t dim = 0; dim < dims; ++dim)
    maps.push_back(adaptive_averages(input.sizes()[lead + dim], output_size[dim]));
  return map_lines(input, std::move(maps), dims == 3 ? adaptive_avg_pool3d_node : adaptive_avg_pool2d_node);
}

template <size_t dims>
Tensor adaptive_avg_pool_rule(Call&, const Tensor& input, const Shape& output_size) {
  return adaptive_avg_pool<dims>(input, output_size);
}

Tensor adaptive_avg_pool1d_rule(Call&, const Tensor& input, const Shape& output_size) {
  check(output_size.size() == 1, "adaptive_avg_pool1d() argument 'output_size' should contain one int (got ",
        output_size.size(), ")");
  check(input.dim() == 2 || input.dim() == 3, "Expected 2 to 3 dimensions, but got ", input.dim(),
        "-dimensional tensor for argument #1 'self' (while checking arguments for adaptive_avg_pool1d)");
  return squeeze_dim(adaptive_avg_pool<2>(unsqueeze(input, -2), {1, output_size[0]}), -2);
}

constexpr Traits composite{.forms = function, .composite = true};
constexpr Traits composite_out{.forms = function | out, .composite = true};

const Op<Tensor(const Tensor&, const Shape&, const OptionalShape&, const Shape&, bool, bool)> avg_pool1d{
    "avg_pool1d(Tensor input, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, bool "
    "ceil_mode=False, "
    "bool count_include_pad=True) -> Tensor",
    avg_pool1d_rule, composite,
    R"(Average every window along the last dim of (batch, channels, length).

    >>> lampas.avg_pool1d(lampas.tensor([[1., 3., 2., 4.]]), 2)
    tensor([[2., 3.]])
)"};

using AvgPool = Op<Tensor(const Tensor&, const Shape&, const OptionalShape&, const Shape&, bool, bool,
                          std::optional<int64_t>)>;
const AvgPool avg_pool2d{
    "avg_pool2d(Tensor input, int[2] kernel_size, int[2]? stride=None, int[2] padding=0, bool "
    "ceil_mode=False, "
    "bool count_include_pad=True, int? divisor_override=None) -> Tensor",
    avg_pool_rule<2>, composite_out,
    R"(Average every window of pictures.

    Args:
        input: (batch, channels, height, width), or without the batch.
        kernel_size: the window; a number or (height, width).
        stride: from one window to the next; the window's size where it is None.
        padding: zeros around the picture.
        ceil_mode: whether a window that does not lie wholly inside counts.
        count_include_pad: whether those zeros count where the mean is taken.
        divisor_override: what to divide by instead of the number of elements.

    >>> lampas.avg_pool2d(lampas.tensor([[[1., 3.], [4., 2.]]]), 2)
    tensor([[[2.5000]]])
)"};
const AvgPool avg_pool3d{
    "avg_pool3d(Tensor input, int[3] kernel_size, int[3]? stride=None, int[3] padding=0, bool "
    "ceil_mode=False, "
    "bool count_include_pad=True, int? divisor_override=None) -> Tensor",
    avg_pool_rule<3>, composite_out, "avg_pool2d over volumes (batch, channels, depth, height, width)."};

using AdaptiveAvgPool = Op<Tensor(const Tensor&, const Shape&)>;
const AdaptiveAvgPool adaptive_avg_pool1d{"adaptive_avg_pool1d(Tensor input, int[1] output_size) -> Tensor",
                                          adaptive_avg_pool1d_rule, composite,
                                          R"(Average each of `output_size` windows that cover the last dim.

    >>> lampas.adaptive_avg_pool1d(lampas.tensor([[1., 3., 2., 4.]]), 2)
    tensor([[2., 3.]])
)"};
const AdaptiveAvgPool adaptive_avg_pool2d{"adaptive_avg_pool2d(Tensor input, int[2] output_size) -> Tensor",
                                          adaptive_avg_pool_rule<2>, composite,
                                          "adaptive_avg_pool1d over pictures."};
const AdaptiveAvgPool adaptive_avg_pool3d{"adaptive_avg_pool3d(Tensor input, int[3] output_size) -> Tensor",
                                          adaptive_avg_pool_rule<3>, composite,
                                          "adaptive_avg_pool1d over volumes."};

}  // namespace
}  // namespace lampas
