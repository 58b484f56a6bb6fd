// batch_norm, instance_norm and group_norm: statistics over channels.
#include "core/kernels/normalization.h"

#include "core/kernels/dense.h"
#include "core/ops/binary.h"
#include "core/ops/creation.h"
#include "core/ops/normalization.h"
#include "core/ops/reduction.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"
#include "core/ops/view_parts.h"

namespace lampas {
namespace {

using namespace normalization;

// (batch, channels, length). `turned`: of a batch of single elements (1, channels, batch), so that a
// channel's elements lie together.
struct ChannelShape {
  int64_t batch, channels, length;
  bool turned;

  ChannelShape(const Tensor& input, int64_t groups) : batch(input.sizes()[0]), channels(input.sizes()[1]) {
    length = 1;
    for (int64_t dim = 2; dim < input.dim(); ++dim) length *= input.sizes()[dim];
    turned = groups == 0 && length == 1 && batch > 1;
  }
  Shape sizes() const { return turned ? Shape{1, channels, batch} : Shape{batch, channels, length}; }

  // A dense tensor of the same elements, for a kernel to read.
  Tensor read(const Tensor& tensor) const {
    Tensor source = dense(tensor);
    if (!turned) return alias(source, sizes(), contiguous_strides(sizes()), source.offset());
    return dense(alias(source, sizes(), {channels, 1, channels}, source.offset()));
  }
  // For a kernel to write what `finish` brings into a contiguous `target`.
  Tensor write(const Tensor& target) const {
    if (!target.defined()) return target;
    if (turned) return new_tensor(sizes(), target.dtype(), target.device());
    return alias(target, sizes(), contiguous_strides(sizes()), target.offset());
  }
  void finish(const Tensor& written, const Tensor& target) const {
    if (turned && target.defined())
      kernels::copy(target.device(), written,
                    alias(target, sizes(), {channels, 1, channels}, target.offset()));
  }
};

// mask: which of the gradients of input, weight and bias to compute; the others are undefined.
Three channel_backward_rule(Call& call, const Tensor& grad, const Tensor& input, const Tensor& weight,
                            const Tensor& mean_value, const Tensor& inverse, int64_t groups, bool constant,
                            const Shape& mask) {
  call.not_differentiable();
  ChannelShape shape(input, groups);
  Device device = input.device();
  DType parameter_dtype = weight.defined() ? weight.dtype() : input.dtype();
  Tensor to_input = new_or_none(mask[0], input.sizes(), input.dtype(), device);
  Tensor to_weight = new_or_none(mask[1], {shape.channels}, parameter_dtype, device);
  Tensor to_bias = new_or_none(mask[2], {shape.channels}, parameter_dtype, device);
  Tensor written = shape.write(to_input);
  kernels::channel_normalize_backward(device, shape.read(grad), shape.read(input), groups, mean_value,
                                      inverse, dense(weight), constant, written, to_weight, to_bias);
  shape.finish(written, to_input);
  return {to_input, to_weight, to_bias};
}

const Op<Three(const Tensor&, const Tensor&, const Tensor&, const Tensor&, const Tensor&, int64_t, bool,
               const Shape&)>
    channel_backward{
        "_channel_norm_backward(Tensor grad_output, Tensor input, Tensor? weight, Tensor mean, Tensor "
        "inverse, "
        "int groups, bool constant, int[] output_mask) -> (Tensor, Tensor, Tensor)",
        channel_backward_rule,
        {.forms = Forms{}, .forward = Forward::none},
        "The gradients of batch norm and group norm."};

Shape dims_but_channels(int64_t rank) {
  Shape dims{0};
  for (int64_t dim = 2; dim < rank; ++dim) dims.push_back(dim);
  return dims;
}

// (channels) so that it broadcasts with an input of this rank.
Shape beside_channels(int64_t channels, int64_t rank) {
  Shape sizes(static_cast<size_t>(rank) - 1, 1);
  sizes[0] = channels;
  return sizes;
}

Three batch_norm_backward(const Tensor& grad, const Tensor& input, const Tensor& weight,
                          const Tensor& mean_value, const Tensor& inverse, bool training, double eps,
                          const Shape& mask) {
  if (!needs_ops({grad, input, weight}))
    return channel_backward(grad, input, weight, mean_value, inverse, 0, !training, mask);
  Shape sizes = beside_channels(input.size(1), input.dim()), dims = dims_but_channels(input.dim());
  return backward_in_ops(grad, input, reshaped_or_none(weight, sizes),
                         training ? Tensor() : reshape(mean_value, sizes),
                         training ? Tensor() : reshape(inverse, sizes), eps, {dims, dims});
}

void check_channel_count(const char* name, const Tensor& parameter, int64_t channels) {
  check(!parameter.defined() || parameter.numel() == channels, name, " should contain ", channels,
        " elements not ", parameter.defined() ? parameter.numel() : 0);
}

Three native_batch_norm_rule(Call& call, const Tensor& input, const Tensor& weight, const Tensor& bias,
                             const Tensor& running_mean, const Tensor& running_var, bool training,
                             double momentum, double eps) {
  int64_t channels = input.dim() > 1 ? input.sizes()[1] : 0;
  check_channel_count("running_mean", running_mean, channels);
  check_channel_count("running_var", running_var, channels);
  check(training || (running_mean.defined() && running_var.defined()),
        running_mean.defined() ? "running_var" : "running_mean", " must be defined in evaluation mode");
  check_channel_count("weight", weight, channels);
  check_channel_count("bias", bias, channels);
  check(input.dim() > 1, "batch_norm(): expected an input of at least 2 dimensions, but got ", input.sizes());
  check_dtype(input, "batch_norm");
  check_parameter_dtypes(input, {weight, bias, running_mean, running_var});
  ChannelShape shape(input, 0);
  Device device = input.device();
  DType computed = statistics_dtype(input);
  Tensor output = call.output(input.sizes(), input.dtype(), device);
  Tensor values = shape.read(input), mean_value, inverse;
  if (training) {
    mean_value = new_tensor({channels}, computed, device);
    Tensor variance = new_tensor({channels}, computed, device);
    inverse = new_tensor({channels}, computed, device);
    kernels::channel_moments(device, values, 0, eps, mean_value, variance, inverse);
    if (running_mean.defined() || running_var.defined()) {
      kernels::update_running_statistics(device, mean_value, variance, momentum, shape.batch * shape.length,
                                         running_mean, running_var);
      for (const Tensor& running : {running_mean, running_var})
        if (running.defined()) running.bump_version();
    }
  } else {
    GradModeGuard unrecorded(false);
    mean_value = dense(converted(running_mean, computed));
    inverse = rsqrt(add(converted(running_var, computed), number_like(input, eps), 1));
  }
  if (Recording node = call.record("NativeBatchNormBackward0", {input, weight, bias})) {
    Saved saved_input = node.save("input", input), saved_weight = node.save("weight", weight);
    Saved saved_mean = node.save("result1", mean_value), saved_inverse = node.save("result2", inverse);
    bool has_weight = weight.defined(), has_bias = bias.defined();
    node.derivative([=](const Gradients& grad, Wanted wanted) {
      if (!grad[0].defined()) return Gradients(3);
      Shape mask = mask_of(wanted, has_weight, has_bias);
      return masked(batch_norm_backward(grad[0], saved_input(), saved_weight(), saved_mean(), saved_inverse(),
                                        training, eps, mask),
                    mask);
    });
  }
  Tensor written = shape.write(output);
  kernels::channel_normalize(device, values, 0, mean_value, inverse, dense(weight), dense(bias), written);
  shape.finish(written, output);
  DType shown = weight.defined() ? weight.dtype() : input.dtype();
  Shape sizes{training ? channels : 0};
  return {output, reported(call, mean_value, sizes, shown), reported(call, inverse, sizes, shown)};
}

const Op<Three(const Tensor&, const Tensor&, const Tensor&, const Tensor&, const Tensor&, bool, double,
               double)>
    native_batch_norm{
        "native_batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? "
        "running_var, bool training, float momentum, float eps) -> (Tensor, Tensor, Tensor)",
        native_batch_norm_rule,
        {.forms = function | out},
        "batch_norm with the mean and the inverse deviation that it used."};

Tensor batch_norm_rule(Call&, const Tensor& input, const Tensor& weight, const Tensor& bias,
                       const Tensor& running_mean, const Tensor& running_var, bool training, double momentum,
                       double eps, bool) {
  if (input.numel() == 0) {
    Tensor output = clone(input);
    if (weight.defined()) output = mul(output, select(weight, 0, 0));
    return bias.defined() ? add(output, select(bias, 0, 0), 1) : output;
  }
  bool plain = !training || running_mean.defined() || running_var.defined();
  if (plain || !is_wrapped({input, weight, bias}))
    return std::get<0>(
        native_batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps));
  Shape sizes = beside_channels(input.size(1), input.dim());
  return forward_in_ops(input, reshaped_or_none(weight, sizes), reshaped_or_none(bias, sizes), eps,
                        dims_but_channels(input.dim()));
}

Three group_norm_backward(const Tensor& grad, const Tensor& input, const Tensor& weight,
                          const Tensor& mean_value, const Tensor& inverse, const Shape& grouped, double eps,
                          const Shape& mask) {
  if (!needs_ops({grad, input, weight}))
    return channel_backward(grad, input, weight, mean_value, inverse, grouped[1], false, mask);
  Three gradients = backward_in_ops(reshape(grad, grouped), reshape(input, grouped),
                                    reshaped_or_none(weight, {grouped[1], grouped[2], 1}), Tensor(), Tensor(),
                                    eps, {{2, 3}, {0, 3}});
  Shape channels{grouped[1] * grouped[2]};
  return {reshape(std::get<0>(gradients), input.sizes()), reshape(std::get<1>(gradients), channels),
          reshape(std::get<2>(gradients), channels)};
}

// What reaches the input from the statistics: d mean / dx = 1 / m, d inverse / dx = -inverse^3 (x - mean) /
// m.
Tensor through_statistics(const Tensor& input, const Tensor& to_mean, const Tensor& to_inverse,
                          const Shape& grouped, double eps) {
  Shape statistics{2, 3}, each{grouped[0], grouped[1], 1, 1};
  Tensor values = reshape(input, grouped);
  Tensor centered = sub(values, mean(values, statistics, true, std::nullopt), 1);
  Tensor variance = mean(mul(centered, centered), statistics, true, std::nullopt);
  Tensor inverse = rsqrt(add(variance, number_like(input, eps), 1));
  Tensor sum = zeros_like(values);
  if (to_mean.defined()) sum = add(sum, reshape(to_mean, each), 1);
  if (to_inverse.defined()) {
    Tensor cubed = mul(mul(inverse, inverse), mul(inverse, reshape(to_inverse, each)));
    sum = sub(sum, mul(centered, cubed), 1);
  }
  Scalar share(1.0 / static_cast<double>(grouped[2] * grouped[3]));
  return reshape(scaled(sum, share), input.sizes());
}

Three native_group_norm_rule(Call& call, const Tensor& input, const Tensor& weight, const Tensor& bias,
                             int64_t batch, int64_t channels, int64_t length, int64_t groups, double eps) {
  check(groups > 0 && channels % groups == 0,
        "Expected number of channels in input to be divisible by num_groups, but got input of shape ",
        input.sizes(), " and num_groups=", groups);
  check(input.dim() > 1 && batch * channels * length == input.numel() && input.sizes()[0] == batch &&
            input.sizes()[1] == channels,
        "native_group_norm(): N, C and HxW do not fit an input of shape ", input.sizes());
  check_parameter_dtypes(input, {weight, bias});
  check_dtype(input, "GroupNormKernelImpl");
  Device device = input.device();
  DType computed = statistics_dtype(input);
  Tensor output = call.output(input.sizes(), input.dtype(), device);
  Tensor mean_value = new_tensor({batch * groups}, computed, device);
  Tensor variance = new_tensor({batch * groups}, computed, device);
  Tensor inverse = new_tensor({batch * groups}, computed, device);
  if (Recording node = call.record("NativeGroupNormBackward0", {input, weight, bias})) {
    Saved saved_input = node.save("input", input), saved_weight = node.save("weight", weight);
    Saved saved_mean = node.save("result1", mean_value), saved_inverse = node.save("result2", inverse);
    bool has_weight = weight.defined(), has_bias = bias.defined();
    Shape grouped{batch, groups, channels / groups, length};
    node.derivative([=](const Gradients& grad, Wanted wanted) {
      Shape mask = mask_of(wanted, has_weight, has_bias);
      Gradients result(3);
      if (grad[0].defined())
        result = masked(group_norm_backward(grad[0], saved_input(), saved_weight(), saved_mean(),
                                            saved_inverse(), grouped, eps, mask),
                        mask);
      if (wanted[0] && (grad[1].defined() || grad[2].defined())) {
        Tensor part = through_statistics(saved_input(), grad[1], grad[2], grouped, eps);
        result[0] = result[0].defined() ? add(result[0], part, 1) : part;
      }
      return result;
    });
  }
  ChannelShape shape(input, groups);
  Tensor values = shape.read(input);
  kernels::channel_moments(device, values, groups, eps, mean_value, variance, inverse);
  kernels::channel_normalize(device, values, groups, mean_value, inverse, dense(weight), dense(bias),
                             shape.write(output));
  DType shown = weight.defined() ? weight.dtype() : input.dtype();
  Shape sizes{batch, groups};
  return {output, reported(call, mean_value, sizes, shown), reported(call, inverse, sizes, shown)};
}

const Op<Three(const Tensor&, const Tensor&, const Tensor&, int64_t, int64_t, int64_t, int64_t, double)>
    native_group_norm{
        "native_group_norm(Tensor input, Tensor? weight, Tensor? bias, int N, int C, int HxW, int group, "
        "float "
        "eps) -> (Tensor, Tensor, Tensor)",
        native_group_norm_rule,
        {.forms = function},
        "group_norm with the means and the inverse deviations that it used."};

void check_vector_of_channels(const char* name, const Tensor& parameter, const Tensor& input) {
  check(!parameter.defined() || (parameter.dim() == 1 && parameter.numel() == input.sizes()[1]), "Expected ",
        name, " to be a vector of size equal to the number of channels in input, but got ", name,
        " of shape ", parameter.defined() ? parameter.sizes() : Shape(), " and input of shape ",
        input.sizes());
}

Tensor group_norm_rule(Call&, const Tensor& input, int64_t groups, const Tensor& weight, const Tensor& bias,
                       double eps, bool) {
  check(groups > 0, "Expected num groups to be greater than 0, got ", groups);
  wrap_dim(1, input.dim());
  int64_t batch = input.sizes()[0], channels = input.sizes()[1], length = 1;
  for (int64_t dim = 2; dim < input.dim(); ++dim) length *= input.sizes()[dim];
  check(channels % groups == 0,
        "Expected number of channels in input to be divisible by num_groups, but got input of shape ",
        input.sizes(), " and num_groups=", groups);
  check_vector_of_channels("weight", weight, input);
  check_vector_of_channels("bias", bias, input);
  if (!is_wrapped({input, weight, bias}))
    return std::get<0>(native_group_norm(input, weight, bias, batch, channels, length, groups, eps));
  Shape each{groups, channels / groups, 1};
  Tensor output = forward_in_ops(reshape(input, {batch, groups, channels / groups, length}),
                                 reshaped_or_none(weight, each), reshaped_or_none(bias, each), eps, {2, 3});
  return reshape(output, input.sizes());
}

// Each channel of each batch entry is a channel of a batch of one.
Tensor instance_norm_rule(Call&, const Tensor& input, const Tensor& weight, const Tensor& bias,
                          const Tensor& running_mean, const Tensor& running_var, bool use_input_stats,
                          double momentum, double eps, bool) {
  check(use_input_stats || (running_mean.defined() && running_var.defined()),
        "Expected running_mean and running_var to be defined when use_input_stats is false");
  check(input.dim() > 1, "instance_norm(): expected an input of at least 2 dimensions, but got ",
        input.sizes());
  int64_t batch = input.sizes()[0], channels = input.sizes()[1];
  auto repeated = [&](const Tensor& parameter) {
    if (!parameter.defined()) return parameter;
    return reshape(expand(unsqueeze(parameter, 0), {batch, channels}), {batch * channels});
  };
  check_channel_count("weight", weight, channels);
  check_channel_count("bias", bias, channels);
  check_channel_count("running_mean", running_mean, channels);
  check_channel_count("running_var", running_var, channels);
  Tensor means, variances;
  {
    GradModeGuard unrecorded(false);
    means = running_mean.defined() ? clone(repeated(running_mean)) : running_mean;
    variances = running_var.defined() ? clone(repeated(running_var)) : running_var;
  }
  Shape joined = input.sizes();
  joined[0] = 1;
  joined[1] = batch * channels;
  Tensor values = view(input.is_wrapped() ? input : as_contiguous(input), joined);
  Tensor output = std::get<0>(native_batch_norm(values, repeated(weight), repeated(bias), means, variances,
                                                use_input_stats, momentum, eps));
  if (use_input_stats) {
    GradModeGuard unrecorded(false);
    auto averaged = [&](const Tensor& target, const Tensor& all) {
      if (target.defined()) copy_(target, mean(view(all, {batch, channels}), Shape{0}, false, std::nullopt));
    };
    averaged(running_mean, means);
    averaged(running_var, variances);
  }
  return view(output, input.sizes());
}

constexpr Traits composite{.forms = function, .composite = true};

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, const Tensor&, const Tensor&, bool, double,
                double, bool)>
    batch_norm{
        "batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, "
        "bool "
        "training, float momentum, float eps, bool cudnn_enabled) -> Tensor",
        batch_norm_rule, composite,
        R"(Give every channel mean 0 and variance 1, then scale and shift it.

    Args:
        input: (batch, channels, ...), floating.
        weight, bias: (channels) or None.
        running_mean, running_var: (channels) or None; updated in training, used otherwise.
        training: whether the statistics are those of this batch.
        momentum: how far the running statistics move towards those of this batch.
        eps: added to the variance.
        cudnn_enabled: without effect.

    Source: Ioffe and Szegedy, Batch normalization, 2015.

    >>> lampas.batch_norm(lampas.tensor([[1.], [3.]]), None, None, None, None, True, 0.1, 0.0, False)
    tensor([[-1.],
            [ 1.]])
)"};

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, const Tensor&, const Tensor&, bool, double,
                double, bool)>
    instance_norm{
        "instance_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? "
        "running_var, "
        "bool use_input_stats, float momentum, float eps, bool cudnn_enabled) -> Tensor",
        instance_norm_rule, composite,
        "batch_norm of each entry of the batch by itself. Source: Ulyanov et al., Instance normalization, "
        "2016."};

const Op<Tensor(const Tensor&, int64_t, const Tensor&, const Tensor&, double, bool)> group_norm{
    "group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, bool "
    "cudnn_enabled=True) -> Tensor",
    group_norm_rule, composite,
    R"(Give every group of channels of each batch entry mean 0 and variance 1, then scale and shift channels.

    Args:
        input: (batch, channels, ...), floating.
        num_groups: in how many groups of neighbours the channels fall.
        weight, bias: (channels) or None.
        eps: added to the variance.

    Source: Wu and He, Group normalization, 2018.

    >>> lampas.group_norm(lampas.tensor([[1., 3., 0., 4.]]), 2, eps=0.0)
    tensor([[-1.,  1., -1.,  1.]])
)"};

}  // namespace
}  // namespace lampas
