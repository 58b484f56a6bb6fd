// Convolution and its gradients against loops in double, on every instruction set that this machine runs.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "core/kernels/cpu/convolve.h"
#include "core/parallel/thread_pool.h"
#include "tests/core/check.h"
#include "tests/core/instruction_sets.h"

namespace {

using lampas::InstructionSet;
using lampas::cpu::ConvolutionKernels;
using lampas::cpu::ConvolutionShape;
using lampas::cpu::Extent;
using lampas::cpu::product_of;
using lampas::testing::runnable_instruction_sets;
using lampas::testing::table_of;

template <typename T>
ConvolutionKernels<T> kernels_of(InstructionSet set) {
  namespace sets = lampas::vector;
  const auto& products = table_of(set, sets::baseline::matmul, sets::avx2::matmul, sets::avx512::matmul);
  const auto& copies =
      table_of(set, sets::baseline::convolution, sets::avx2::convolution, sets::avx512::convolution);
  if constexpr (sizeof(T) == 4) {
    return {products.float32, copies.float32};
  } else {
    return {products.float64, copies.float64};
  }
}

void set_output_size(ConvolutionShape& shape) {
  for (int dim = 0; dim < 3; ++dim) {
    const int64_t reach = shape.dilation[dim] * (shape.kernel[dim] - 1) + 1;
    shape.output[dim] = (shape.input[dim] + 2 * shape.padding[dim] - reach) / shape.stride[dim] + 1;
  }
}

std::string describe(const ConvolutionShape& shape) {
  std::ostringstream text;
  const auto extent = [&](const char* name, const Extent& value) {
    text << " " << name << " " << value[0] << "," << value[1] << "," << value[2];
  };
  text << "batch " << shape.batch << " channels " << shape.in_channels << "->" << shape.out_channels
       << " groups " << shape.groups;
  extent("input", shape.input);
  extent("kernel", shape.kernel);
  extent("stride", shape.stride);
  extent("padding", shape.padding);
  extent("dilation", shape.dilation);
  return text.str();
}

// Calls visit(input index, weight index, output index) for every product of the convolution.
void for_each_product(const ConvolutionShape& shape,
                      const std::function<void(int64_t, int64_t, int64_t)>& visit) {
  const int64_t in_group = shape.in_channels_of_group(), out_group = shape.out_channels_of_group();
  const Extent &in = shape.input, &out = shape.output, &kernel = shape.kernel;
  for (int64_t n = 0; n < shape.batch; ++n)
    for (int64_t oc = 0; oc < shape.out_channels; ++oc)
      for (int64_t ic = 0; ic < in_group; ++ic)
        for (int64_t od = 0; od < out[0]; ++od)
          for (int64_t oh = 0; oh < out[1]; ++oh)
            for (int64_t ow = 0; ow < out[2]; ++ow)
              for (int64_t kd = 0; kd < kernel[0]; ++kd)
                for (int64_t kh = 0; kh < kernel[1]; ++kh)
                  for (int64_t kw = 0; kw < kernel[2]; ++kw) {
                    const int64_t d = od * shape.stride[0] + kd * shape.dilation[0] - shape.padding[0];
                    const int64_t h = oh * shape.stride[1] + kh * shape.dilation[1] - shape.padding[1];
                    const int64_t w = ow * shape.stride[2] + kw * shape.dilation[2] - shape.padding[2];
                    if (d < 0 || d >= in[0] || h < 0 || h >= in[1] || w < 0 || w >= in[2]) continue;
                    const int64_t channel = oc / out_group * in_group + ic;
                    visit((((n * shape.in_channels + channel) * in[0] + d) * in[1] + h) * in[2] + w,
                          (((oc * in_group + ic) * kernel[0] + kd) * kernel[1] + kh) * kernel[2] + kw,
                          (((n * shape.out_channels + oc) * out[0] + od) * out[1] + oh) * out[2] + ow);
                  }
}

template <typename T>
std::vector<T> random_values(int64_t count, std::mt19937& random) {
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<T> values(count);
  for (T& value : values) value = static_cast<T>(uniform(random));
  return values;
}

// Rounding errors of a sum grow at most with its length; they stay far below for random values.
constexpr double allowed_error = 16;

// `expected` and the sum of the magnitudes of what was added, element by element.
template <typename T>
void check_close(const char* what, InstructionSet set, const ConvolutionShape& shape,
                 const std::vector<T>& actual, const std::vector<double>& expected,
                 const std::vector<double>& magnitude) {
  double worst = 0;
  for (size_t index = 0; index < actual.size(); ++index) {
    const double unit = std::numeric_limits<T>::epsilon() * (1 + magnitude[index]);
    const double error = std::fabs(actual[index] - expected[index]) / unit;
    worst = std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(worst, error);
  }
  if (worst <= allowed_error) return;
  std::ostringstream message;
  message << what << " on " << name_of(set) << " sizeof(T)=" << sizeof(T) << " " << describe(shape)
          << ": error of " << worst;
  lampas::testing::fail(__FILE__, __LINE__, message.str());
}

template <typename T>
void check_on_every_set(ConvolutionShape shape) {
  set_output_size(shape);
  const int64_t input_size = shape.batch * shape.in_channels * product_of(shape.input);
  const int64_t output_size = shape.batch * shape.out_channels * product_of(shape.output);
  const int64_t weight_size = shape.out_channels * shape.in_channels_of_group() * product_of(shape.kernel);
  std::mt19937 random(static_cast<unsigned>(input_size * 31 + output_size * 7 + weight_size));
  const std::vector<T> input = random_values<T>(input_size, random);
  const std::vector<T> weight = random_values<T>(weight_size, random);
  const std::vector<T> bias = random_values<T>(shape.out_channels, random);
  const std::vector<T> grad = random_values<T>(output_size, random);

  struct Sums {
    explicit Sums(int64_t count) : values(count), magnitudes(count) {}
    void add(int64_t index, double value) {
      values[index] += value;
      magnitudes[index] += std::fabs(value);
    }
    std::vector<double> values, magnitudes;
  };
  Sums output(output_size), grad_input(input_size), grad_weight(weight_size), grad_bias(shape.out_channels);
  for_each_product(shape, [&](int64_t x, int64_t w, int64_t y) {
    output.add(y, static_cast<double>(input[x]) * weight[w]);
    grad_input.add(x, static_cast<double>(grad[y]) * weight[w]);
    grad_weight.add(w, static_cast<double>(grad[y]) * input[x]);
  });
  for (int64_t index = 0; index < output_size; ++index) {
    const int64_t channel = index / product_of(shape.output) % shape.out_channels;
    output.add(index, bias[channel]);
    grad_bias.add(channel, grad[index]);
  }

  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (InstructionSet set : runnable_instruction_sets()) {
    const ConvolutionKernels<T> kernels = kernels_of<T>(set);
    std::vector<T> result(output_size, nan);
    convolve(kernels, shape, input.data(), weight.data(), bias.data(), result.data());
    check_close("forward", set, shape, result, output.values, output.magnitudes);
    result.assign(input_size, nan);
    convolve_backward_input<T>(kernels, shape, grad.data(), weight.data(), nullptr, result.data());
    check_close("grad_input", set, shape, result, grad_input.values, grad_input.magnitudes);
    result.assign(weight_size, nan);
    convolve_backward_weight(kernels, shape, input.data(), grad.data(), result.data());
    check_close("grad_weight", set, shape, result, grad_weight.values, grad_weight.magnitudes);
    result.assign(shape.out_channels, nan);
    convolve_backward_bias(kernels, shape, grad.data(), result.data());
    check_close("grad_bias", set, shape, result, grad_bias.values, grad_bias.magnitudes);
  }
}

ConvolutionShape flat(int64_t batch, int64_t in_channels, int64_t out_channels, int64_t height, int64_t width,
                      int64_t kernel_height, int64_t kernel_width) {
  ConvolutionShape shape;
  shape.batch = batch;
  shape.in_channels = in_channels;
  shape.out_channels = out_channels;
  shape.input = {1, height, width};
  shape.kernel = {1, kernel_height, kernel_width};
  return shape;
}

ConvolutionShape random_shape(std::mt19937& random, bool with_depth) {
  const auto between = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  ConvolutionShape shape;
  shape.batch = between(1, 5);
  shape.groups = between(0, 3) ? 1 : between(1, 4);
  shape.in_channels = shape.groups * between(1, 7);
  shape.out_channels = shape.groups * between(1, 9);
  for (int dim = with_depth ? 0 : 1; dim < 3; ++dim) {
    shape.kernel[dim] = between(1, with_depth ? 3 : 5);
    shape.stride[dim] = between(0, 1) ? 1 : between(1, 4);
    shape.dilation[dim] = between(0, 1) ? 1 : between(1, 3);
    shape.padding[dim] = between(0, 1) ? 0 : between(0, 4);
    const int64_t reach = shape.dilation[dim] * (shape.kernel[dim] - 1) + 1;
    const int64_t least = std::max<int64_t>(1, reach - 2 * shape.padding[dim]);
    shape.input[dim] = least + between(0, with_depth ? 6 : dim == 2 ? 40 : 14);
  }
  return shape;
}

}  // namespace

TEST(convolution_plain) {
  check_on_every_set<float>(flat(3, 3, 6, 32, 32, 5, 5));
  check_on_every_set<float>(flat(3, 6, 16, 14, 14, 5, 5));
  check_on_every_set<double>(flat(2, 6, 16, 14, 14, 5, 5));
  check_on_every_set<float>(flat(2, 1, 1, 1, 1, 1, 1));
  check_on_every_set<float>(flat(5, 4, 20, 7, 7, 7, 7));
}

TEST(convolution_one_by_one_kernels_read_the_input_where_it_is) {
  check_on_every_set<float>(flat(3, 5, 7, 9, 11, 1, 1));
  check_on_every_set<float>(flat(1, 1, 3, 1, 2, 1, 1));
  check_on_every_set<double>(flat(2, 9, 30, 13, 3, 1, 1));
  ConvolutionShape grouped = flat(2, 6, 4, 5, 5, 1, 1);
  grouped.groups = 2;
  check_on_every_set<float>(grouped);
}

TEST(convolution_random_sizes) {
  std::mt19937 random(1);
  for (int round = 0; round < 150; ++round) check_on_every_set<float>(random_shape(random, false));
  for (int round = 0; round < 40; ++round) check_on_every_set<double>(random_shape(random, false));
}

TEST(convolution_random_sizes_with_depth) {
  std::mt19937 random(2);
  for (int round = 0; round < 60; ++round) check_on_every_set<float>(random_shape(random, true));
}

// Many channels and narrow rows: most of these run with lanes along the channels.
TEST(convolution_random_sizes_of_many_channels) {
  std::mt19937 random(3);
  for (int round = 0; round < 80; ++round) {
    ConvolutionShape shape = random_shape(random, round % 4 == 0);
    shape.in_channels = shape.groups * std::uniform_int_distribution<int64_t>(10, 34)(random);
    shape.out_channels = shape.groups * std::uniform_int_distribution<int64_t>(12, 40)(random);
    shape.input[2] = std::min<int64_t>(shape.input[2], shape.dilation[2] * (shape.kernel[2] - 1) + 9);
    check_on_every_set<float>(shape);
    if (round % 8 == 0) check_on_every_set<double>(shape);
  }
}

TEST(convolution_depthwise) {
  for (int64_t stride : {1, 2}) {
    ConvolutionShape shape = flat(2, 8, 16, 17, 19, 3, 3);
    shape.groups = 8;
    shape.padding = {0, 1, 1};
    shape.stride = {1, stride, stride};
    check_on_every_set<float>(shape);
  }
}

TEST(convolution_deep_enough_for_blocks) {
  ConvolutionShape shape = flat(2, 80, 70, 9, 10, 3, 3);
  shape.padding = {0, 1, 1};
  check_on_every_set<float>(shape);
}

TEST(convolution_bands_of_a_large_image) {
  ConvolutionShape shape = flat(1, 20, 3, 150, 160, 3, 3);
  shape.padding = {0, 1, 1};
  check_on_every_set<float>(shape);
  shape.stride = {1, 2, 3};
  check_on_every_set<float>(shape);
}

TEST(convolution_splits_among_threads) {
  const int threads = lampas::thread_count();
  for (int count : {1, 2, 3}) {
    lampas::set_thread_count(count);
    check_on_every_set<float>(flat(9, 6, 16, 14, 14, 5, 5));
    check_on_every_set<float>(flat(1, 8, 8, 64, 64, 3, 3));
  }
  lampas::set_thread_count(threads);
}

// What is computed beside the image, and thrown away or masked, must not leak into results.
TEST(convolution_keeps_infinities_where_they_are) {
  ConvolutionShape shape = flat(2, 2, 3, 6, 9, 3, 3);
  set_output_size(shape);
  const int64_t input_size = shape.batch * shape.in_channels * product_of(shape.input);
  const int64_t output_size = shape.batch * shape.out_channels * product_of(shape.output);
  const int64_t weight_size = shape.out_channels * shape.in_channels * product_of(shape.kernel);
  const float infinity = std::numeric_limits<float>::infinity();
  for (int64_t where : {int64_t(0), int64_t(8), int64_t(40), input_size - 1}) {
    std::vector<float> input(input_size, 1), weight(weight_size, 1), grad(output_size, 1);
    input[where] = infinity;
    std::vector<float> output(output_size, 0), grad_weight(weight_size, 0);
    std::vector<bool> output_touched(output_size), weight_touched(weight_size);
    for_each_product(shape, [&](int64_t x, int64_t w, int64_t y) {
      if (x == where) output_touched[y] = weight_touched[w] = true;
    });
    for (InstructionSet set : runnable_instruction_sets()) {
      const ConvolutionKernels<float> kernels = kernels_of<float>(set);
      convolve<float>(kernels, shape, input.data(), weight.data(), nullptr, output.data());
      for (int64_t index = 0; index < output_size; ++index) {
        CHECK_EQUAL(output[index], output_touched[index] ? infinity : 18.0f);
      }
      convolve_backward_weight(kernels, shape, input.data(), grad.data(), grad_weight.data());
      for (int64_t index = 0; index < weight_size; ++index) {
        CHECK_EQUAL(grad_weight[index], weight_touched[index] ? infinity : 56.0f);
      }
    }
  }
}

TEST(convolution_with_a_stride_beyond_the_image) {
  ConvolutionShape shape = flat(2, 3, 2, 7, 9, 2, 3);
  shape.stride = {1, 1'000'000, 2'000'000};
  check_on_every_set<float>(shape);
}

TEST(convolution_of_an_empty_batch) {
  ConvolutionShape shape = flat(0, 2, 3, 6, 9, 3, 3);
  set_output_size(shape);
  std::vector<float> grad_weight(54, 7);
  const ConvolutionKernels<float> kernels = kernels_of<float>(InstructionSet::baseline);
  convolve<float>(kernels, shape, nullptr, grad_weight.data(), nullptr, nullptr);
  convolve_backward_input<float>(kernels, shape, nullptr, grad_weight.data(), nullptr, nullptr);
  convolve_backward_weight<float>(kernels, shape, nullptr, nullptr, grad_weight.data());
  for (float value : grad_weight) CHECK_EQUAL(value, 0.0f);
}
