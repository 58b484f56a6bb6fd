// convolution and its gradients as one op; conv1d, conv2d and conv3d are made of it.
#include "core/ops/convolution.h"

#include "core/kernels/convolution.h"
#include "core/kernels/dense.h"
#include "core/ops/binary.h"
#include "core/ops/convolution_batching.h"
#include "core/ops/creation.h"
#include "core/ops/padding.h"
#include "core/ops/promotion.h"
#include "core/ops/view_dims.h"

namespace lampas {
namespace {

using kernels::Window;

extern const Op<std::tuple<Tensor, Tensor, Tensor>(const Tensor&, const Tensor&, const Tensor&, const Shape&,
                                                   const Shape&, const Shape&, bool, const Shape&, int64_t,
                                                   const Shape&)>
    convolution_backward;

bool any_below(const Shape& values, int64_t least) {
  for (int64_t value : values)
    if (value < least) return true;
  return false;
}

// "(2 x 2)", as PyTorch writes sizes here.
std::string joined(const Shape& sizes) {
  std::string result;
  for (size_t i = 0; i < sizes.size(); ++i) result += (i ? " x " : "") + std::to_string(sizes[i]);
  return result;
}

void check_window(const Shape& stride, const Shape& padding, const Shape& dilation, int64_t groups) {
  check(groups > 0, "non-positive groups is not supported");
  check(!any_below(padding, 0), "negative padding is not supported");
  check(!any_below(stride, 1), "non-positive stride is not supported");
  check(!any_below(dilation, 1), "non-positive dilation is not supported");
}

void check_weight_rank(const Tensor& weight) {
  check(weight.dim() > 2, "weight should have at least three dimensions");
}

// PyTorch says it in the words of the library that it would hand these dtypes to.
void check_dtypes(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  DType dtype = input.dtype();
  auto must_match = [dtype](const char* name, const Tensor& parameter) {
    const char* end = is_complex(dtype) ? "" : " or input should be a MKLDNN tensor and ";
    fail(ErrorKind::runtime, "Input type (", legacy_type_name(dtype), ") and ", name, " type (",
         legacy_type_name(parameter.dtype()), ") should be the same", end,
         *end ? text(name, " is a dense tensor") : "");
  };
  if (weight.dtype() != dtype) {
    bool is_native = dtype != DType::float32 && dtype != DType::bfloat16 && !is_complex(dtype);
    if (!is_native) must_match("weight", weight);
    if (dtype == DType::bool_)
      fail(ErrorKind::not_implemented, "\"slow_conv2d_cpu\" not implemented for 'Bool'");
    fail(ErrorKind::runtime, "expected scalar type ", scalar_type_name(dtype), " but found ",
         scalar_type_name(weight.dtype()));
  }
  if (bias.defined() && bias.dtype() != dtype) must_match("bias", bias);
}

void check_channels(const Tensor& input, const Tensor& weight, const Tensor& bias, bool transposed,
                    int64_t groups) {
  const Shape& sizes = weight.sizes();
  if (input.dim() != weight.dim())
    fail(ErrorKind::runtime, "Expected ", weight.dim(), "-dimensional input for ", weight.dim(),
         "-dimensional weight ", sizes, ", but got ", input.dim(), "-dimensional input of size ",
         input.sizes(), " instead");
  if (sizes[0] < groups)
    fail(ErrorKind::runtime, "Given groups=", groups, ", expected weight to be at least ", groups,
         " at dimension 0, but got weight of size ", sizes, " instead");
  if (sizes[0] % groups != 0)
    fail(ErrorKind::runtime, "Given groups=", groups, ", expected weight to be divisible by ", groups,
         " at dimension 0, but got weight of size [", sizes, "] instead");
  int64_t expected = transposed ? sizes[0] : sizes[1] * groups;
  if (input.sizes()[1] != expected)
    fail(ErrorKind::runtime, "Given ", transposed ? "transposed=1" : text("groups=", groups),
         ", weight of size ", sizes, ", expected input", input.sizes(), " to have ", expected,
         " channels, but got ", input.sizes()[1], " channels instead");
  int64_t out_channels = transposed ? sizes[1] * groups : sizes[0];
  if (bias.defined() && (bias.dim() != 1 || bias.sizes()[0] != out_channels))
    fail(ErrorKind::runtime, "Given ", transposed ? "transposed=1, " : "", "weight of size ", sizes,
         ", expected bias to be 1-dimensional with ", out_channels, " elements, but got bias of size ",
         bias.sizes(), " instead");
}

Shape output_sizes(const Tensor& input, const Tensor& weight, const Window& window, bool transposed,
                   const Shape& output_padding) {
  const Shape &in = input.sizes(), &kernel = weight.sizes();
  Shape sizes{in[0], transposed ? kernel[1] * window.groups : kernel[0]};
  Shape padded, reach;
  bool fits = true;
  for (size_t dim = 0; dim < window.stride.size(); ++dim) {
    int64_t span = window.dilation[dim] * (kernel[dim + 2] - 1) + 1;
    if (transposed) {
      sizes.push_back((in[dim + 2] - 1) * window.stride[dim] - 2 * window.padding[dim] + span +
                      output_padding[dim]);
    } else {
      padded.push_back(in[dim + 2] + 2 * window.padding[dim]);
      reach.push_back(span);
      fits &= padded.back() >= span;
      sizes.push_back((padded.back() - span) / window.stride[dim] + 1);
    }
  }
  if (!fits)
    fail(ErrorKind::runtime, "Calculated padded input size per channel: (", joined(padded),
         "). Kernel size: (", joined(reach), "). Kernel size can't be greater than actual input size");
  if (transposed && any_below(sizes, 0))
    fail(ErrorKind::runtime, "Given input size per channel: ", in,
         ". Calculated output size per channel: ", sizes, ". Output size is too small");
  return sizes;
}

Tensor convolution_rule(Call& call, const Tensor& input, const Tensor& weight, const Tensor& bias,
                        const Shape& stride, const Shape& padding, const Shape& dilation, bool transposed,
                        const Shape& output_padding, int64_t groups) {
  check_window(stride, padding, dilation, groups);
  check_channels(input, weight, bias, transposed, groups);
  check_dtypes(input, weight, bias);
  Window window{stride, padding, dilation, groups};
  Tensor output = call.output(output_sizes(input, weight, window, transposed, output_padding), input.dtype(),
                              input.device());
  if (Recording node = call.record("ConvolutionBackward0", {input, weight, bias})) {
    Saved saved_input = node.save("input", input), saved_weight = node.save("weight", weight);
    bool has_bias = bias.defined();
    node.derivative([=](const Gradients& grad, Wanted wanted) {
      Shape mask{wanted[0], wanted[1], has_bias && wanted[2]};
      auto [grad_input, grad_weight, grad_bias] =
          convolution_backward(grad[0], saved_input(), saved_weight(), window.stride, window.padding,
                               window.dilation, transposed, output_padding, window.groups, mask);
      return Gradients{grad_input, grad_weight, grad_bias};
    });
  }
  if (transposed)
    kernels::convolution_transposed(input.device(), dense(input), dense(weight), dense(bias), window, output);
  else
    kernels::convolution(input.device(), dense(input), dense(weight), dense(bias), window, output);
  return output;
}

// mask: which of the gradients of input, weight and bias to compute; the others are undefined.
std::tuple<Tensor, Tensor, Tensor> convolution_backward_rule(Call& call, const Tensor& grad_output,
                                                             const Tensor& input, const Tensor& weight,
                                                             const Shape& stride, const Shape& padding,
                                                             const Shape& dilation, bool transposed,
                                                             const Shape& output_padding, int64_t groups,
                                                             const Shape& mask) {
  Window window{stride, padding, dilation, groups};
  auto output_where = [&](bool wanted, const Shape& sizes) {
    Tensor tensor = new_tensor(wanted ? sizes : Shape{0}, grad_output.dtype(), grad_output.device());
    return wanted ? tensor : Tensor();
  };
  Tensor grad_input = output_where(mask[0], input.sizes());
  Tensor grad_weight = output_where(mask[1], weight.sizes());
  Tensor grad_bias = output_where(mask[2], {grad_output.sizes()[1]});
  if (Recording node = call.record("ConvolutionBackwardBackward0", {grad_output, input, weight})) {
    Saved saved_grad = node.save("grad_output", grad_output);
    Saved saved_input = node.save("input", input), saved_weight = node.save("weight", weight);
    // A convolution is linear in its input and in its weight, and so is each of its gradients.
    node.derivative([=](const Gradients& grad, Wanted wanted) {
      auto forward = [&](const Tensor& input, const Tensor& weight, const Tensor& bias) {
        return convolution(input, weight, bias, window.stride, window.padding, window.dilation, transposed,
                           output_padding, window.groups);
      };
      auto backward = [&](const Tensor& input, const Tensor& weight, const Shape& mask) {
        return convolution_backward(saved_grad(), input, weight, window.stride, window.padding,
                                    window.dilation, transposed, output_padding, window.groups, mask);
      };
      const Tensor &to_input = grad[0], &to_weight = grad[1], &to_bias = grad[2];
      Gradients result(3);
      if (wanted[0]) {
        Tensor sum;
        auto include = [&](const Tensor& part) { sum = sum.defined() ? add(sum, part, 1) : part; };
        if (to_input.defined()) include(forward(to_input, saved_weight(), Tensor()));
        if (to_weight.defined()) include(forward(saved_input(), to_weight, Tensor()));
        if (to_bias.defined()) {
          Tensor spread = to_bias;
          for (size_t dim = 0; dim < window.stride.size(); ++dim) spread = unsqueeze(spread, -1);
          include(add(zeros_like(saved_grad()), spread, 1));
        }
        result[0] = sum;
      }
      if (wanted[1] && to_weight.defined())
        result[1] = std::get<0>(backward(saved_input(), to_weight, {1, 0, 0}));
      if (wanted[2] && to_input.defined())
        result[2] = std::get<1>(backward(to_input, saved_weight(), {0, 1, 0}));
      return result;
    });
  }
  Tensor grad = dense(grad_output), dense_input = dense(input), dense_weight = dense(weight);
  Device device = grad.device();
  if (!transposed) {
    kernels::convolution_backward(device, grad, dense_input, dense_weight, window, grad_input, grad_weight,
                                  grad_bias);
  } else {
    // A transposed convolution is the gradient of a convolution from its output to its input.
    if (mask[0]) kernels::convolution(device, grad, dense_weight, Tensor(), window, grad_input);
    if (mask[1])
      kernels::convolution_backward(device, dense_input, grad, dense_weight, window, Tensor(), grad_weight,
                                    Tensor());
    if (mask[2]) {
      Tensor none;
      kernels::convolution_backward(device, grad, grad, dense_weight, window, none, none, grad_bias);
    }
  }
  return {grad_input, grad_weight, grad_bias};
}

const Op<std::tuple<Tensor, Tensor, Tensor>(const Tensor&, const Tensor&, const Tensor&, const Shape&,
                                            const Shape&, const Shape&, bool, const Shape&, int64_t,
                                            const Shape&)>
    convolution_backward{
        "_convolution_backward(Tensor grad_output, Tensor input, Tensor weight, int[] stride, int[] padding, "
        "int[] "
        "dilation, bool transposed, int[] output_padding, int groups, int[] output_mask) -> (Tensor, Tensor, "
        "Tensor)",
        convolution_backward_rule,
        {.forms = Forms{}, .batching = Batching::custom, .batching_rule = batched_convolution_backward},
        "The gradients of a convolution's input, weight and bias."};

// One number for each spatial dim.
Shape for_each_dim(const Shape& values, size_t dims, const char* name) {
  if (values.size() == 1) return Shape(dims, values[0]);
  if (values.size() != dims)
    fail(ErrorKind::runtime, "expected ", name, " to be a single integer value or a list of ", dims,
         " values to match the convolution dimensions, but got ", name, "=", values);
  return values;
}

void check_bias_dtype(const Tensor& input, const Tensor& bias) {
  if (bias.defined() && bias.dtype() != input.dtype())
    fail(ErrorKind::runtime, "Input type (", compiler_name(input.dtype()), ") and bias type (",
         compiler_name(bias.dtype()), ") should be the same");
}

// conv1d to conv3d: an input without a batch gets one.
Tensor convolve(size_t dims, const Tensor& input, const Tensor& weight, const Tensor& bias,
                const Shape& stride, const Shape& padding, const Shape& dilation, int64_t groups) {
  check_bias_dtype(input, bias);
  auto rank = static_cast<int64_t>(dims) + 2;
  if (input.dim() != rank && input.dim() != rank - 1)
    fail(ErrorKind::runtime, "Expected ", rank - 1, "D (unbatched) or ", rank, "D (batched) input to conv",
         dims, "d, but got input of size: ", input.sizes());
  check_weight_rank(weight);
  size_t spatial = static_cast<size_t>(weight.dim() - 2);
  Tensor batch = input.dim() == rank ? input : unsqueeze(input, 0);
  Shape each_stride = for_each_dim(stride, spatial, "stride");
  Shape each_padding = for_each_dim(padding, spatial, "padding");
  Shape each_dilation = for_each_dim(dilation, spatial, "dilation");
  Tensor output = convolution(batch, weight, bias, each_stride, each_padding, each_dilation, false,
                              Shape(spatial, 0), groups);
  return input.dim() == rank ? output : squeeze_dim(output, 0);
}

// " stride_height: 1 stride_width: 1"; a line is a picture of height 1, for which `of_height` counts.
std::string named_sizes(const char* name, const Shape& sizes, int64_t of_height) {
  static constexpr const char* dims[] = {"depth", "height", "width"};
  Shape all = sizes;
  if (all.size() == 1) all.insert(0, of_height);
  std::string result;
  for (size_t i = 0; i < all.size(); ++i)
    result += text(" ", name, "_", dims[3 - all.size() + i], ": ", all[i]);
  return result;
}

// conv_transpose1d to conv_transpose3d: the shape of a convolution undone.
template <size_t dims>
Tensor conv_transpose_rule(Call&, const Tensor& input, const Tensor& weight, const Tensor& bias,
                           const Shape& stride, const Shape& padding, const Shape& output_padding,
                           int64_t groups, const Shape& dilation) {
  auto rank = static_cast<int64_t>(dims) + 2;
  if (input.dim() != rank && input.dim() != rank - 1)
    fail(ErrorKind::runtime, "Expected ", rank - 1, "D (unbatched) or ", rank,
         "D (batched) input to conv_transpose", dims, "d, but got input of size: ", input.sizes());
  check_weight_rank(weight);
  Tensor batch = input.dim() == rank ? input : unsqueeze(input, 0);
  Shape each_stride = for_each_dim(stride, dims, "stride");
  Shape each_padding = for_each_dim(padding, dims, "padding");
  Shape each_dilation = for_each_dim(dilation, dims, "dilation");
  Shape behind = for_each_dim(output_padding, dims, "output_padding");
  check(!any_below(behind, 0), "negative output_padding is not supported");
  bool fits = true;
  for (size_t dim = 0; dim < dims; ++dim)
    fits &= behind[dim] < each_stride[dim] || behind[dim] < each_dilation[dim];
  check(fits, "output padding must be smaller than either stride or dilation, but got",
        named_sizes("output_padding", behind, 0), named_sizes("stride", each_stride, 1),
        named_sizes("dilation", each_dilation, 1));
  Tensor output =
      convolution(batch, weight, bias, each_stride, each_padding, each_dilation, true, behind, groups);
  return input.dim() == rank ? output : squeeze_dim(output, 0);
}

// 'same': as many pixels out as in. Where an odd number of zeros is needed the extra one goes behind.
Tensor convolve_named(size_t dims, const Tensor& input, const Tensor& weight, const Tensor& bias,
                      const Shape& stride, const std::string& padding, const Shape& dilation,
                      int64_t groups) {
  if (padding == "valid")
    return convolve(dims, input, weight, bias, stride, Shape(dims, 0), dilation, groups);
  check(padding == "same", "Invalid padding string: '", padding, "'");
  check_weight_rank(weight);
  if (weight.dim() != static_cast<int64_t>(dims) + 2) check_channels(input, weight, bias, false, groups);
  for (int64_t step : stride) check(step == 1, "padding='same' is not supported for strided convolutions");
  Shape each = for_each_dim(dilation, dims, "dilation"), before, border(2 * dims, 0);
  bool uneven = false;
  for (size_t dim = 0; dim < dims; ++dim) {
    int64_t total = each[dim] * (weight.size(static_cast<int64_t>(dim) + 2) - 1);
    before.push_back(total / 2);
    if (total % 2 == 0) continue;
    border[2 * (dims - 1 - dim) + 1] = 1;  // behind; the last dim's numbers come first
    uneven = true;
  }
  Tensor padded = uneven ? constant_pad_nd(input, border, 0) : input;
  return convolve(dims, padded, weight, bias, stride, before, each, groups);
}

template <size_t dims>
Tensor conv_rule(Call&, const Tensor& input, const Tensor& weight, const Tensor& bias, const Shape& stride,
                 const Shape& padding, const Shape& dilation, int64_t groups) {
  return convolve(dims, input, weight, bias, stride, padding, dilation, groups);
}

template <size_t dims>
Tensor conv_named_rule(Call&, const Tensor& input, const Tensor& weight, const Tensor& bias,
                       const Shape& stride, const std::string& padding, const Shape& dilation,
                       int64_t groups) {
  return convolve_named(dims, input, weight, bias, stride, padding, dilation, groups);
}

using Conv = Op<Tensor(const Tensor&, const Tensor&, const Tensor&, const Shape&, const Shape&, const Shape&,
                       int64_t)>;
using ConvNamed = Op<Tensor(const Tensor&, const Tensor&, const Tensor&, const Shape&, const std::string&,
                            const Shape&, int64_t)>;
constexpr Traits composite{.forms = function, .autocast = Autocast::lower, .composite = true};

const Conv conv1d{
    "conv1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] padding=0, int[1] "
    "dilation=1, int "
    "groups=1) -> Tensor",
    conv_rule<1>, composite,
    R"(Convolve `input` (batch, channels, length) with `weight` (out_channels, channels / groups, kernel).

    >>> lampas.conv1d(lampas.ones(1, 1, 4), lampas.ones(1, 1, 2))
    tensor([[[2., 2., 2.]]])
)"};
const ConvNamed conv1d_padding{
    "conv1d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, str padding='valid', "
    "int[1] "
    "dilation=1, int groups=1) -> Tensor",
    conv_named_rule<1>, composite, "conv1d with padding 'same' or 'valid'."};

const Conv conv2d{
    "conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] "
    "dilation=1, int "
    "groups=1) -> Tensor",
    conv_rule<2>, composite,
    R"(Convolve pictures with a set of filters.

    Args:
        input: (batch, channels, height, width), or without the batch.
        weight: (out_channels, channels / groups, kernel_height, kernel_width).
        bias: (out_channels) or None.
        stride: pixels from one position of the filter to the next; a number or (height, width).
        padding: zeros around the picture, in pixels, or 'same' or 'valid'.
        dilation: pixels from one element of the filter to the next.
        groups: channels are convolved in so many separate groups.

    Returns (batch, out_channels, out_height, out_width). Raises RuntimeError where shapes do not fit.

    >>> lampas.conv2d(lampas.ones(1, 1, 3, 3), lampas.ones(1, 1, 2, 2))
    tensor([[[[4., 4.],
              [4., 4.]]]])
)"};
const ConvNamed conv2d_padding{
    "conv2d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, str padding='valid', "
    "int[2] "
    "dilation=1, int groups=1) -> Tensor",
    conv_named_rule<2>, composite, "conv2d with padding 'same' or 'valid'."};

const Conv conv3d{
    "conv3d(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] padding=0, int[3] "
    "dilation=1, int "
    "groups=1) -> Tensor",
    conv_rule<3>, composite,
    R"(Convolve volumes (batch, channels, depth, height, width) with a set of filters.

    >>> lampas.conv3d(lampas.ones(1, 1, 2, 2, 2), lampas.ones(1, 1, 2, 2, 2)).item()
    8.0
)"};
const ConvNamed conv3d_padding{
    "conv3d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, str padding='valid', "
    "int[3] "
    "dilation=1, int groups=1) -> Tensor",
    conv_named_rule<3>, composite, "conv3d with padding 'same' or 'valid'."};

using ConvTranspose = Op<Tensor(const Tensor&, const Tensor&, const Tensor&, const Shape&, const Shape&,
                                const Shape&, int64_t, const Shape&)>;
const ConvTranspose conv_transpose1d{
    "conv_transpose1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] padding=0, "
    "int[1] "
    "output_padding=0, int groups=1, int[1] dilation=1) -> Tensor",
    conv_transpose_rule<1>, composite,
    R"(Put a filter, times each element, at its place and add up: the gradient of conv1d as an op of its own.

    >>> lampas.conv_transpose1d(lampas.tensor([[[1., 2.]]]), lampas.ones(1, 1, 2), stride=2)
    tensor([[[1., 1., 2., 2.]]])
)"};
const ConvTranspose conv_transpose2d{
    "conv_transpose2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, "
    "int[2] "
    "output_padding=0, int groups=1, int[2] dilation=1) -> Tensor",
    conv_transpose_rule<2>, composite,
    R"(Put a filter, times each pixel, at its place and add up.

    Args:
        input: (batch, channels, height, width), or without the batch.
        weight: (channels, out_channels / groups, kernel_height, kernel_width).
        bias: (out_channels) or None.
        stride: pixels of the result from one place of the filter to the next.
        padding: pixels that are cut off at each border.
        output_padding: pixels that the result has more at its far borders; less than the stride.
        groups: channels are convolved in so many separate groups.
        dilation: pixels from one element of the filter to the next.

    >>> lampas.conv_transpose2d(lampas.ones(1, 1, 2), lampas.ones(1, 1, 2, 2)).shape
    torch.Size([1, 2, 3])
)"};
const ConvTranspose conv_transpose3d{
    "conv_transpose3d(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] padding=0, "
    "int[3] "
    "output_padding=0, int groups=1, int[3] dilation=1) -> Tensor",
    conv_transpose_rule<3>, composite,
    "conv_transpose2d of volumes (batch, channels, depth, height, width)."};

}  // namespace

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, const Shape&, const Shape&, const Shape&, bool,
                const Shape&, int64_t)>
    convolution{
        "convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, "
        "bool "
        "transposed, int[] output_padding, int groups) -> Tensor",
        convolution_rule,
        {.forms = function,
         .batching = Batching::custom,
         .autocast = Autocast::lower,
         .batching_rule = batched_convolution},
        R"(Convolve, or with `transposed` undo the shape of a convolution, over one to three spatial dims.

    >>> lampas.convolution(lampas.ones(1, 1, 3), lampas.ones(1, 1, 3), None, [1], [0], [1], False, [0], 1)
    tensor([[[3.]]])
)"};

}  // namespace lampas
