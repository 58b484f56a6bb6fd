// The largest element of every window: max_pool, adaptive_max_pool, fractional_max_pool, and max_unpool.
#include <optional>

#include "core/kernels/dense.h"
#include "core/ops/batching.h"
#include "core/ops/indexing.h"
#include "core/ops/pooling.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

using kernels::Pooling;
using WithIndices = std::tuple<Tensor, Tensor>;
using OptionalShape = std::optional<Shape>;

using PutInPlanes = Op<Tensor(const Tensor&, const Tensor&, int64_t, const Shape&)>;
extern const PutInPlanes max_pool_backward;

// The last `dims` dims as one.
Tensor flat_planes(const Tensor& tensor, size_t dims) {
  Shape sizes(tensor.sizes().begin(), tensor.sizes().end() - dims);
  int64_t volume = 1;
  for (size_t i = sizes.size(); i < tensor.sizes().size(); ++i) volume *= tensor.sizes()[i];
  sizes.push_back(volume);
  return reshape(tensor, sizes);
}

// What lies at `indices` in each plane of `tensor`.
Tensor take_from_planes(const Tensor& tensor, const Tensor& indices, size_t dims) {
  Tensor places = flat_planes(indices, dims);
  return reshape(gather(flat_planes(tensor, dims), -1, places), indices.sizes());
}

void record_pooling(Call& call, const char* name, const Tensor& input, const Tensor& indices, size_t dims) {
  if (Recording node = call.record(name, {input})) {
    Saved saved_indices = indices.defined() ? node.save("result1", indices) : node.save_output("result1", 1);
    Shape sizes = input.sizes();
    node.derivative([saved_indices, sizes, dims](const Gradients& grad, Wanted) {
      Shape spatial(sizes.end() - dims, sizes.end());
      return Gradients{max_pool_backward(grad[0], saved_indices(), static_cast<int64_t>(dims), spatial)};
    });
  }
}

// The windows of an inner op's arguments; without a kernel they are adaptive. Any dims may be in front.
Pooling window_of(const Shape& kernel, const Shape& stride, const Shape& padding, const Shape& dilation,
                  const Shape& output) {
  return {output.size(), kernel, stride, padding, dilation};
}

Shape with_spatial(const Tensor& input, const Shape& spatial) {
  Shape sizes(input.sizes().begin(), input.sizes().end() - spatial.size());
  for (int64_t size : spatial) sizes.push_back(size);
  return sizes;
}

const char* node_name(const Pooling& pooling) {
  if (pooling.adaptive())
    return pooling.dims == 2 ? "AdaptiveMaxPool2DBackward0" : "AdaptiveMaxPool3DBackward0";
  return pooling.dims == 2 ? "MaxPool2DWithIndicesBackward0" : "MaxPool3DWithIndicesBackward0";
}

// A kernel's integers can be compared, but PyTorch has adaptive windows over floating numbers only.
void check_dtype(const Tensor& input, const Pooling& pooling) {
  bool fits = pooling.adaptive() ? is_floating(input.dtype())
                                 : !is_complex(input.dtype()) && input.dtype() != DType::bool_;
  if (!fits)
    fail(ErrorKind::not_implemented, "\"", pooling.adaptive() ? "adaptive_" : "", "max_pool", pooling.dims,
         "d\" not implemented for '", scalar_type_name(input.dtype()), "'");
}

WithIndices pool_with_indices_rule(Call& call, const Tensor& input, const Shape& kernel, const Shape& stride,
                                   const Shape& padding, const Shape& dilation, const Shape& spatial) {
  Pooling pooling = window_of(kernel, stride, padding, dilation, spatial);
  check_dtype(input, pooling);
  Shape sizes = with_spatial(input, spatial);
  Tensor output = call.output(sizes, input.dtype(), input.device());
  Tensor indices = call.output(sizes, DType::int64, input.device());
  if (is_differentiable(input.dtype()))
    record_pooling(call, node_name(pooling), input, Tensor(), pooling.dims);
  else
    call.not_differentiable();
  kernels::max_pool(input.device(), dense(input), pooling, output, indices);
  return {output, indices};
}

// As above; the indices are found only where the derivative needs them.
Tensor pool_rule(Call& call, const Tensor& input, const Shape& kernel, const Shape& stride,
                 const Shape& padding, const Shape& dilation, const Shape& spatial) {
  Pooling pooling = window_of(kernel, stride, padding, dilation, spatial);
  check_dtype(input, pooling);
  Tensor output = call.output(with_spatial(input, spatial), input.dtype(), input.device());
  Tensor indices;
  if (grad_mode.enabled && input.requires_grad()) {
    indices = new_tensor(output.sizes(), DType::int64, input.device());
    record_pooling(call, node_name(pooling), input, indices, pooling.dims);
  } else {
    call.not_differentiable();
  }
  kernels::max_pool(input.device(), dense(input), pooling, output, indices);
  return output;
}

constexpr Traits inner{.forms = Forms{}, .batching = Batching::custom, .batching_rule = batch_in_front};
constexpr Traits inner_float32{.forms = Forms{},
                               .batching = Batching::custom,
                               .autocast = Autocast::float32,
                               .batching_rule = batch_in_front};

using Pool = Op<Tensor(const Tensor&, const Shape&, const Shape&, const Shape&, const Shape&, const Shape&)>;
using PoolWithIndices =
    Op<WithIndices(const Tensor&, const Shape&, const Shape&, const Shape&, const Shape&, const Shape&)>;

// Autocast treats pictures and volumes differently, so each has its op.
const PoolWithIndices pool2d_with_indices{
    "_max_pool2d_with_indices(Tensor input, int[] kernel_size, int[] stride, int[] padding, int[] dilation, "
    "int[] output_size) -> (Tensor, Tensor)",
    pool_with_indices_rule, inner, "Max pooling over the last two dims, and where each maximum lies."};
const PoolWithIndices pool3d_with_indices{
    "_max_pool3d_with_indices(Tensor input, int[] kernel_size, int[] stride, int[] padding, int[] dilation, "
    "int[] output_size) -> (Tensor, Tensor)",
    pool_with_indices_rule, inner, "Max pooling over the last three dims, and where each maximum lies."};
const PoolWithIndices adaptive_pool3d{
    "_adaptive_max_pool3d(Tensor input, int[] kernel_size, int[] stride, int[] padding, int[] dilation, "
    "int[] "
    "output_size) -> (Tensor, Tensor)",
    pool_with_indices_rule, inner_float32, "Adaptive max pooling over the last three dims."};
const Pool pool2d{
    "_max_pool2d(Tensor input, int[] kernel_size, int[] stride, int[] padding, int[] dilation, int[] "
    "output_size) -> Tensor",
    pool_rule, inner, "Max pooling over the last two dims."};
const Pool pool3d{
    "_max_pool3d(Tensor input, int[] kernel_size, int[] stride, int[] padding, int[] dilation, int[] "
    "output_size) -> Tensor",
    pool_rule, inner_float32, "Max pooling over the last three dims."};

template <size_t dims>
const Pool& pool() {
  return dims == 3 ? pool3d : pool2d;
}
template <size_t dims>
const PoolWithIndices& pool_with_indices() {
  return dims == 3 ? pool3d_with_indices : pool2d_with_indices;
}

// The derivative of max pooling adds up what meets at one place; unpooling keeps the last.
template <bool accumulate>
Tensor put_in_planes_rule(Call& call, const Tensor& values, const Tensor& indices, int64_t dims,
                          const Shape& spatial) {
  Tensor output = call.output(with_spatial(values, spatial), values.dtype(), values.device());
  auto count = static_cast<size_t>(dims);
  const char* name = accumulate   ? "MaxPoolBackwardBackward0"
                     : count == 2 ? "MaxUnpool2DBackward0"
                                  : "MaxUnpool3DBackward0";
  if (Recording node = call.record(name, {values})) {
    Saved saved_indices = node.save("indices", indices);
    node.derivative([saved_indices, count](const Gradients& grad, Wanted) {
      return Gradients{take_from_planes(grad[0], saved_indices(), count)};
    });
  }
  kernels::put_in_planes(values.device(), dense(values), dense(indices), count, accumulate, output);
  return output;
}

const PutInPlanes max_pool_backward{
    "_max_pool_backward(Tensor grad_output, Tensor indices, int dims, int[] input_size) -> Tensor",
    put_in_planes_rule<true>, inner, "The gradient of max pooling."};
const PutInPlanes unpool{"_max_unpool(Tensor input, Tensor indices, int dims, int[] output_size) -> Tensor",
                         put_in_planes_rule<false>, inner_float32,
                         "Put values at their indices in planes of zeros."};

template <size_t dims>
constexpr const char* max_pool_name = dims == 1   ? "max_pool1d"
                                      : dims == 2 ? "max_pool2d"
                                                  : "max_pool3d";

Shape last_sizes(const Shape& sizes, size_t dims) { return Shape(sizes.end() - dims, sizes.end()); }

// Calls run(input, kernel, stride, padding, dilation, output sizes) for windows of over two or three dims.
template <size_t dims, class Run>
auto with_window(const Tensor& input, const Shape& kernel_size, const OptionalShape& stride,
                 const Shape& padding, const Shape& dilation, bool ceil_mode, Run&& run) {
  Pooling pooling = pooling_window(max_pool_name<dims>, dims, kernel_size, stride, padding, dilation);
  check_pooling_input(input, dims);
  Shape sizes = pooled_sizes(input, pooling, ceil_mode);
  return run(input, pooling.kernel, pooling.stride, pooling.padding, pooling.dilation,
             last_sizes(sizes, dims));
}

template <size_t dims>
Tensor max_pool_rule(Call&, const Tensor& input, const Shape& kernel_size, const OptionalShape& stride,
                     const Shape& padding, const Shape& dilation, bool ceil_mode) {
  return with_window<dims>(input, kernel_size, stride, padding, dilation, ceil_mode, pool<dims>());
}
template <size_t dims>
WithIndices max_pool_with_indices_rule(Call&, const Tensor& input, const Shape& kernel_size,
                                       const OptionalShape& stride, const Shape& padding,
                                       const Shape& dilation, bool ceil_mode) {
  return with_window<dims>(input, kernel_size, stride, padding, dilation, ceil_mode,
                           pool_with_indices<dims>());
}

// A line is a picture of height 1.
Shape behind_one(const Shape& values, int64_t one = 1) {
  Shape both = values;
  if (!both.empty()) both.insert(0, one);
  return both;
}

void check_one(const char* name, const Shape& values) {
  check(values.size() == 1, "max_pool1d() argument '", name, "' should contain one int (got ", values.size(),
        ")");
}

void check_line_pooling(const Tensor& input, const Shape& kernel_size, const OptionalShape& stride,
                        const Shape& padding, const Shape& dilation) {
  if (input.dim() != 2 && input.dim() != 3)
    fail(ErrorKind::runtime,
         "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but "
         "got:",
         input.sizes());
  if (!is_floating(input.dtype()))
    fail(ErrorKind::not_implemented, "\"max_pool1d_impl\" not implemented for '",
         scalar_type_name(input.dtype()), "'");
  auto one = [](const char* name, const Shape& values, int64_t least, const char* what) {
    check(values.size() == 1, "max_pool1d() ", name,
          " must be an int, list of ints or tuple of ints of size 1 but got size ", values.size());
    check(values[0] >= least, "max_pool1d() ", name, " must be ", what, ", but got ", values[0]);
  };
  one("kernel_size", kernel_size, 1, "greater than zero");
  if (stride && !stride->empty()) one("stride", *stride, 1, "greater than zero");
  one("padding", padding, 0, "non-negative");
  check(padding[0] <= kernel_size[0] / 2,
        "max_pool1d() padding should be at most half of kernel size, but got padding=", padding[0],
        " and kernel_size=", kernel_size[0]);
  one("dilation", dilation, 1, "greater than zero");
  int64_t length = input.sizes()[input.dim() - 1] + 2 * padding[0];
  check(length > dilation[0] * (kernel_size[0] - 1), "max_pool1d() Invalid computed output size: 0");
}

template <class Run>
auto with_line_window(const Tensor& input, const Shape& kernel_size, const OptionalShape& stride,
                      const Shape& padding, const Shape& dilation, bool ceil_mode, Run&& run) {
  check(input.dim() == 2 || input.dim() == 3, "Expected 2 to 3 dimensions, but got ", input.dim(),
        "-dimensional tensor for argument #1 'self' (while checking arguments for max_pool1d)");
  check_one("kernel_size", kernel_size);
  if (stride && !stride->empty()) check_one("stride", *stride);
  check_one("padding", padding);
  check_one("dilation", dilation);
  OptionalShape step = stride ? OptionalShape(behind_one(*stride)) : std::nullopt;
  return with_window<2>(unsqueeze(input, -2), behind_one(kernel_size), step, behind_one(padding, 0),
                        behind_one(dilation), ceil_mode, run);
}

Tensor max_pool1d_rule(Call&, const Tensor& input, const Shape& kernel_size, const OptionalShape& stride,
                       const Shape& padding, const Shape& dilation, bool ceil_mode) {
  check_line_pooling(input, kernel_size, stride, padding, dilation);
  return squeeze_dim(with_line_window(input, kernel_size, stride, padding, dilation, ceil_mode, pool2d), -2);
}
WithIndices max_pool1d_with_indices_rule(Call&, const Tensor& input, const Shape& kernel_size,
                                         const OptionalShape& stride, const Shape& padding,
                                         const Shape& dilation, bool ceil_mode) {
  auto [values, indices] =
      with_line_window(input, kernel_size, stride, padding, dilation, ceil_mode, pool2d_with_indices);
  return {squeeze_dim(values, -2), squeeze_dim(indices, -2)};
}

template <size_t dims>
WithIndices adaptive_max_pool_rule(Call&, const Tensor& input, const Shape& output_size) {
  const char* name = dims == 2 ? "adaptive_max_pool2d" : "adaptive_max_pool3d";
  check(output_size.size() == dims, name, "(): internal error: output_size.size() must be ", dims);
  auto rank = static_cast<int64_t>(dims) + 2;
  check(input.dim() == rank || input.dim() == rank - 1, name, "(): Expected ", rank - 1, "D or ", rank,
        "D tensor, but got: ", input.sizes());
  for (int64_t dim = 1; dim < input.dim(); ++dim)
    check(input.sizes()[dim] > 0, name,
          "(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ",
          input.sizes(), " with dimension ", dim, " being empty");
  for (int64_t size : output_size)
    check(size >= 0, "Trying to create tensor with negative dimension ", size, ": ",
          with_spatial(input, output_size));
  Shape none;
  return (dims == 3 ? adaptive_pool3d : pool2d_with_indices)(input, none, none, none, none, output_size);
}

WithIndices adaptive_max_pool1d_rule(Call& call, const Tensor& input, const Shape& output_size) {
  check(output_size.size() == 1, "adaptive_max_pool1d() argument 'output_size' should contain one int (got ",
        output_size.size(), ")");
  check(input.dim() == 2 || input.dim() == 3, "Expected 2 to 3 dimensions, but got ", input.dim(),
        "-dimensional tensor for argument #1 'self' (while checking arguments for adaptive_max_pool1d)");
  auto [values, indices] = adaptive_max_pool_rule<2>(call, unsqueeze(input, -2), behind_one(output_size));
  return {squeeze_dim(values, -2), squeeze_dim(indices, -2)};
}

template <size_t dims>
Tensor max_unpool_rule(const Tensor& input, const Tensor& indices, const Shape& output_size) {
  const char* name = dims == 2 ? "max_unpooling2d" : "max_unpooling3d";
  check(indices.dtype() == DType::int64, "elements in indices should be type int64",
        dims == 2 ? text(" but got: ", scalar_type_name(indices.dtype())) : "");
  check(output_size.size() == dims, "There should be exactly ", dims,
        " elements (height, width) in output_size, ", "but got ", output_size.size(), " elements.");
  auto rank = static_cast<int64_t>(dims) + 2;
  check(input.dim() == rank || input.dim() == rank - 1, "Input to ", name, " should be a ", rank - 1, "d or ",
        rank, "d Tensor, but got tensor with dimension: ", input.dim());
  check(input.sizes() == indices.sizes(),
        "Expected shape of indices to be same as that of the input tensor (", input.sizes(),
        ") but got indices tensor with shape: ", indices.sizes());
  for (int64_t dim = 1; dim < input.dim(); ++dim)
    check(input.sizes()[dim] > 0, name,
          "(): Expected input to have non-zero size for non-batch dimensions, but got ", input.sizes(),
          " with dimension ", dim, " being empty.");
  if (!is_floating(input.dtype()))
    fail(ErrorKind::not_implemented, "\"", name, "\" not implemented for '", scalar_type_name(input.dtype()),
         "'");
  return unpool(input, indices, static_cast<int64_t>(dims), output_size);
}

Tensor max_unpool2d_rule(Call&, const Tensor& input, const Tensor& indices, const Shape& output_size) {
  return max_unpool_rule<2>(input, indices, output_size);
}
Tensor max_unpool3d_rule(Call&, const Tensor& input, const Tensor& indices, const Shape& output_size,
                         const Shape& stride, const Shape& padding) {
  check(stride.size() == 3,
        "There should be exactly three elements (depth, height, width) in stride, but got: ", stride.size(),
        " elements.");
  check(padding.size() == 3,
        "There should be exactly three elements (depth, height, width) in padding, but got: ", padding.size(),
        " elements.");
  for (int64_t step : stride)
    check(step > 0, "strides should be greater than zero, but got stride: ", stride);
  return max_unpool_rule<3>(input, indices, output_size);
}

constexpr Traits composite{.forms = function, .composite = true};

using MaxPool =
    Op<Tensor(const Tensor&, const Shape&, const OptionalShape&, const Shape&, const Shape&, bool)>;
using MaxPoolWithIndices =
    Op<WithIndices(const Tensor&, const Shape&, const OptionalShape&, const Shape&, const Shape&, bool)>;

const MaxPool max_pool1d{
    "max_pool1d(Tensor input, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, int[1] dilation=1, "
    "bool "
    "ceil_mode=False) -> Tensor",
    max_pool1d_rule, composite,
    R"(Take the largest element of every window along the last dim of (batch, channels, length).

    >>> lampas.max_pool1d(lampas.tensor([[1., 3., 2., 4.]]), 2)
    tensor([[3., 4.]])
)"};
const MaxPool max_pool2d{
    "max_pool2d(Tensor input, int[2] kernel_size, int[2]? stride=None, int[2] padding=0, int[2] dilation=1, "
    "bool "
    "ceil_mode=False) -> Tensor",
    max_pool_rule<2>, composite,
    R"(Take the largest element of every window of pictures.

    Args:
        input: (batch, channels, height, width), or without the batch.
        kernel_size: the window; a number or (height, width).
        stride: from one window to the next; the window's size where it is None.
        padding: how far windows reach over each border; what lies there is never the largest.
        dilation: from one element of a window to the next.
        ceil_mode: whether a window that does not lie wholly inside counts.

    Returns (batch, channels, out_height, out_width). Raises RuntimeError where no window fits.

    >>> lampas.max_pool2d(lampas.tensor([[[1., 3.], [4., 2.]]]), 2)
    tensor([[[4.]]])
)"};
const MaxPool max_pool3d{
    "max_pool3d(Tensor input, int[3] kernel_size, int[3]? stride=None, int[3] padding=0, int[3] dilation=1, "
    "bool "
    "ceil_mode=False) -> Tensor",
    max_pool_rule<3>, composite,
    R"(Take the largest element of every window of volumes (batch, channels, depth, height, width).

    >>> lampas.max_pool3d(lampas.ones(1, 2, 2, 2), 2).shape
    torch.Size([1, 1, 1, 1])
)"};

const MaxPoolWithIndices max_pool1d_with_indices{
    "max_pool1d_with_indices(Tensor input, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, int[1] "
    "dilation=1, bool ceil_mode=False) -> (Tensor, Tensor)",
    max_pool1d_with_indices_rule, composite, "max_pool1d, and where in its line each maximum lies."};
const MaxPoolWithIndices max_pool2d_with_indices{
    "max_pool2d_with_indices(Tensor input, int[2] kernel_size, int[2]? stride=None, int[2] padding=0, int[2] "
    "dilation=1, bool ceil_mode=False) -> (Tensor, Tensor)",
    max_pool_with_indices_rule<2>, composite, "max_pool2d, and where in its plane each maximum lies."};
const MaxPoolWithIndices max_pool3d_with_indices{
    "max_pool3d_with_indices(Tensor input, int[3] kernel_size, int[3]? stride=None, int[3] padding=0, int[3] "
    "dilation=1, bool ceil_mode=False) -> (Tensor, Tensor)",
    max_pool_with_indices_rule<3>, composite, "max_pool3d, and where in its volume each maximum lies."};

using AdaptiveMaxPool = Op<WithIndices(const Tensor&, const Shape&)>;
const AdaptiveMaxPool adaptive_max_pool1d{
    "adaptive_max_pool1d(Tensor input, int[1] output_size) -> (Tensor, Tensor)", adaptive_max_pool1d_rule,
    composite,
    R"(Take the largest element of `output_size` windows that cover the last dim, and where each lies.

    >>> lampas.adaptive_max_pool1d(lampas.tensor([[1., 3., 2., 4.]]), 1)[0]
    tensor([[4.]])
)"};
const AdaptiveMaxPool adaptive_max_pool2d{
    "adaptive_max_pool2d(Tensor input, int[2] output_size) -> (Tensor, Tensor)", adaptive_max_pool_rule<2>,
    composite, "adaptive_max_pool1d over pictures."};
const AdaptiveMaxPool adaptive_max_pool3d{
    "adaptive_max_pool3d(Tensor input, int[3] output_size) -> (Tensor, Tensor)", adaptive_max_pool_rule<3>,
    composite, "adaptive_max_pool1d over volumes."};

const Op<Tensor(const Tensor&, const Tensor&, const Shape&)> max_unpool2d{
    "max_unpool2d(Tensor input, Tensor indices, int[2] output_size) -> Tensor", max_unpool2d_rule, composite,
    R"(Put the results of max_pool2d back where they came from, in planes of zeros.

    >>> lampas.max_unpool2d(lampas.tensor([[[5.]]]), lampas.tensor([[[3]]]), (2, 2))
    tensor([[[0., 0.],
             [0., 5.]]])
)"};
const Op<Tensor(const Tensor&, const Tensor&, const Shape&, const Shape&, const Shape&)> max_unpool3d{
    "max_unpool3d(Tensor input, Tensor indices, int[3] output_size, int[3] stride, int[3] padding) -> Tensor",
    max_unpool3d_rule, composite, "max_unpool2d over volumes; stride and padding are only checked."};

template <size_t dims>
WithIndices fractional_rule(Call& call, const Tensor& input, const Shape& kernel_size,
                            const Shape& output_size, const Tensor& samples) {
  const char* name = dims == 2 ? "fractional_max_pool2d" : "fractional_max_pool3d";
  check(kernel_size.size() == dims, name, ": kernel_size must either be a single int or tuple of Ints");
  check(output_size.size() == dims, name, ": output_size must either be a single int or tuple of Ints");
  auto rank = static_cast<int64_t>(dims);
  check(input.dim() >= rank + 1, name, "(): Expected ", rank + 1, "D or ", rank + 2,
        "D tensor, but got: ", input.sizes());
  Shape sizes = with_spatial(input, output_size);
  int64_t planes = 1, sampled = 1;
  for (int64_t dim = 0; dim < input.dim(); ++dim) {
    check(dim == 0 || input.sizes()[dim] > 0, name,
          "(): Expected input to have non-zero size for non-batch dimensions, but got ", input.sizes(),
          " with dimension ", dim, " being empty.");
    if (dim < input.dim() - rank) planes *= input.sizes()[dim];
  }
  for (int64_t dim = 0; dim < rank; ++dim) {
    static constexpr const char* names[] = {"time", "height", "width"};
    const char* along = names[3 - rank + dim];
    const int64_t size = input.size(dim - rank);
    const auto reach = static_cast<__int128>(output_size[dim]) + kernel_size[dim] - 1;
    check(output_size[dim] > 0 && kernel_size[dim] > 0, name, "(): windows and their count must be positive");
    // PyTorch leaves a row to spare where there are three dims.
    check(dims == 2 ? reach <= size : reach < size, name, dims == 2 ? "(): pool " : "_out(): pool ", along,
          " ", kernel_size[dim], " too large relative to input ", along, " ", size);
  }
  for (int64_t dim = 0; dim + 1 < samples.dim(); ++dim) sampled *= samples.sizes()[dim];
  check(
      samples.dim() > 0 && samples.size(-1) == rank && sampled >= planes && samples.dtype() == input.dtype(),
      name, "(): _random_samples of shape ", samples.sizes(), " does not fit an input of shape ",
      input.sizes());
  if (!is_floating(input.dtype()))
    fail(ErrorKind::not_implemented, "\"", name, "\" not implemented for '", scalar_type_name(input.dtype()),
         "'");
  Tensor output = call.output(sizes, input.dtype(), input.device());
  Tensor indices = call.output(sizes, DType::int64, input.device());
  record_pooling(call, dims == 2 ? "FractionalMaxPool2DBackward0" : "FractionalMaxPool3DBackward0", input,
                 Tensor(), dims);
  kernels::fractional_max_pool(input.device(), dense(input), dense(samples), kernel_size, output, indices);
  return {output, indices};
}

constexpr Traits fractional{.forms = function,
                            .batching = Batching::custom,
                            .autocast = Autocast::float32,
                            .batching_rule = batch_in_front};
using FractionalMaxPool = Op<WithIndices(const Tensor&, const Shape&, const Shape&, const Tensor&)>;
const FractionalMaxPool fractional_max_pool2d{
    "fractional_max_pool2d(Tensor input, int[2] kernel_size, int[2] output_size, Tensor random_samples) -> "
    "(Tensor, Tensor)",
    fractional_rule<2>, fractional,
    R"(Take the largest element of windows that lie at random steps, and where each lies.

    Args:
        input: (batch, channels, height, width), or without the batch.
        kernel_size: the window.
        output_size: how many windows.
        random_samples: (batch, channels, 2) in [0, 1), of the input's dtype; they choose the steps.

    Source: Graham, Fractional max-pooling, 2014.

    >>> lampas.fractional_max_pool2d(lampas.ones(1, 4, 4), 2, 2, lampas.zeros(1, 1, 2))[0].shape
    torch.Size([1, 2, 2])
)"};
const FractionalMaxPool fractional_max_pool3d{
    "fractional_max_pool3d(Tensor input, int[3] kernel_size, int[3] output_size, Tensor random_samples) -> "
    "(Tensor, Tensor)",
    fractional_rule<3>, fractional, "fractional_max_pool2d over volumes."};

}  // namespace
}  // namespace lampas
