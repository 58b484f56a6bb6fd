// The convolution contracts on the CPU: float and double directly, half types through float, others plainly.
#include "core/kernels/convolution.h"

#include <algorithm>
#include <complex>

#include "core/kernels/cpu/convolve.h"
#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/dense.h"
#include "core/parallel/thread_pool.h"

namespace lampas {
namespace {

using kernels::Window;

const vector::MatmulTable& products() {
  static const vector::MatmulTable& chosen =
      choose(vector::baseline::matmul, vector::avx2::matmul, vector::avx512::matmul);
  return chosen;
}

const vector::ConvolutionTable& copies() {
  static const vector::ConvolutionTable& chosen =
      choose(vector::baseline::convolution, vector::avx2::convolution, vector::avx512::convolution);
  return chosen;
}

template <class T>
cpu::ConvolutionKernels<T> functions() {
  if constexpr (std::is_same_v<T, float>)
    return {products().float32, copies().float32};
  else
    return {products().float64, copies().float64};
}

// The spatial entries of `shape` from position `first` on, behind as many ones as make three.
cpu::Extent extent(const Shape& shape, size_t first, int64_t filling) {
  cpu::Extent result{filling, filling, filling};
  size_t dims = shape.size() - first;
  for (size_t i = 0; i < dims; ++i) result[3 - dims + i] = shape[first + i];
  return result;
}

cpu::ConvolutionShape shape_of(const Shape& input, const Shape& weight, const Shape& output,
                               const Window& window) {
  cpu::ConvolutionShape shape;
  shape.batch = input[0];
  shape.in_channels = input[1];
  shape.out_channels = output[1];
  shape.groups = window.groups;
  shape.input = extent(input, 2, 1);
  shape.kernel = extent(weight, 2, 1);
  shape.output = extent(output, 2, 1);
  shape.stride = extent(window.stride, 0, 1);
  shape.padding = extent(window.padding, 0, 0);
  shape.dilation = extent(window.dilation, 0, 1);
  return shape;
}

template <class T>
const T* data_or_null(const Tensor& tensor) {
  return tensor.defined() ? tensor.data<T>() : nullptr;
}

// Integers wrap around, so their sums are made without sign.
template <class T>
using Sum = std::conditional_t<std::is_integral_v<T>, uint64_t, T>;

// The definition, for dtypes that no network is trained in.
template <class T>
void convolve_plainly(const cpu::ConvolutionShape& shape, const T* input, const T* weight, const T* bias,
                      T* output) {
  int64_t in_group = shape.in_channels_of_group(), out_group = shape.out_channels_of_group();
  const auto& [depth, height, width] = shape.output;
  parallel_for(0, shape.batch * shape.out_channels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      int64_t image = plane / shape.out_channels, channel = plane % shape.out_channels;
      int64_t first_channel = channel / out_group * in_group;
      T* result = output + plane * cpu::product_of(shape.output);
      for (int64_t z = 0; z < depth; ++z)
        for (int64_t y = 0; y < height; ++y)
          for (int64_t x = 0; x < width; ++x) {
            Sum<T> sum = bias ? static_cast<Sum<T>>(bias[channel]) : Sum<T>{};
            const T* factor = weight + channel * in_group * cpu::product_of(shape.kernel);
            for (int64_t c = 0; c < in_group; ++c) {
              const T* source =
                  input + (image * shape.in_channels + first_channel + c) * cpu::product_of(shape.input);
              for (int64_t kz = 0; kz < shape.kernel[0]; ++kz)
                for (int64_t ky = 0; ky < shape.kernel[1]; ++ky)
                  for (int64_t kx = 0; kx < shape.kernel[2]; ++kx, ++factor) {
                    int64_t sz = z * shape.stride[0] + kz * shape.dilation[0] - shape.padding[0];
                    int64_t sy = y * shape.stride[1] + ky * shape.dilation[1] - shape.padding[1];
                    int64_t sx = x * shape.stride[2] + kx * shape.dilation[2] - shape.padding[2];
                    bool inside = sz >= 0 && sz < shape.input[0] && sy >= 0 && sy < shape.input[1] &&
                                  sx >= 0 && sx < shape.input[2];
                    if (inside)
                      sum += static_cast<Sum<T>>(*factor) *
                             static_cast<Sum<T>>(source[(sz * shape.input[1] + sy) * shape.input[2] + sx]);
                  }
            }
            *result++ = static_cast<T>(sum);
          }
    }
  });
}

template <class T>
void convolve_exactly(const Tensor& input, const Tensor& weight, const Tensor& bias, const Window& window,
                      const Tensor& output) {
  cpu::ConvolutionShape shape = shape_of(input.sizes(), weight.sizes(), output.sizes(), window);
  if constexpr (std::is_floating_point_v<T>)
    cpu::convolve(functions<T>(), shape, input.data<T>(), weight.data<T>(), data_or_null<T>(bias),
                  output.data<T>());
  else
    convolve_plainly(shape, input.data<T>(), weight.data<T>(), data_or_null<T>(bias), output.data<T>());
}

void convolution_on_cpu(const Tensor& input, const Tensor& weight, const Tensor& bias, const Window& window,
                        const Tensor& output) {
  if (output.numel() == 0) return;
  switch (output.dtype()) {
    case DType::float32:
      return convolve_exactly<float>(input, weight, bias, window, output);
    case DType::float64:
      return convolve_exactly<double>(input, weight, bias, window, output);
    case DType::int64:
      return convolve_exactly<int64_t>(input, weight, bias, window, output);
    case DType::int32:
      return convolve_exactly<int32_t>(input, weight, bias, window, output);
    case DType::int16:
      return convolve_exactly<int16_t>(input, weight, bias, window, output);
    case DType::int8:
      return convolve_exactly<int8_t>(input, weight, bias, window, output);
    case DType::uint8:
      return convolve_exactly<uint8_t>(input, weight, bias, window, output);
    case DType::complex64:
      return convolve_exactly<std::complex<float>>(input, weight, bias, window, output);
    case DType::complex128:
      return convolve_exactly<std::complex<double>>(input, weight, bias, window, output);
    case DType::float16:
    case DType::bfloat16: {
      Tensor wide = new_tensor(output.sizes(), DType::float32);
      convolve_exactly<float>(converted(input, DType::float32), converted(weight, DType::float32),
                              converted(bias, DType::float32), window, wide);
      return kernels::copy(output.device(), wide, output);
    }
    default:
      fail(ErrorKind::not_implemented, "\"slow_conv2d_cpu\" not implemented for '",
           scalar_type_name(output.dtype()), "'");
  }
}

template <class T>
void backward_exactly(const Tensor& grad_output, const Tensor& input, const Tensor& weight,
                      const Window& window, const Tensor& grad_input, const Tensor& grad_weight,
                      const Tensor& grad_bias) {
  cpu::ConvolutionShape shape = shape_of(input.sizes(), weight.sizes(), grad_output.sizes(), window);
  const T* grad = grad_output.data<T>();
  if (grad_input.defined())
    cpu::convolve_backward_input<T>(functions<T>(), shape, grad, weight.data<T>(), nullptr,
                                    grad_input.data<T>());
  if (grad_weight.defined())
    cpu::convolve_backward_weight(functions<T>(), shape, input.data<T>(), grad, grad_weight.data<T>());
  if (grad_bias.defined()) cpu::convolve_backward_bias(functions<T>(), shape, grad, grad_bias.data<T>());
}

void clear(const Tensor& tensor) {
  if (tensor.defined()) kernels::fill(tensor.device(), 0, tensor);
}

Tensor wide_like(const Tensor& tensor) {
  return tensor.defined() ? new_tensor(tensor.sizes(), DType::float32) : Tensor();
}

void narrow_into(const Tensor& wide, const Tensor& target) {
  if (target.defined()) kernels::copy(target.device(), wide, target);
}

void convolution_backward_on_cpu(const Tensor& grad_output, const Tensor& input, const Tensor& weight,
                                 const Window& window, const Tensor& grad_input, const Tensor& grad_weight,
                                 const Tensor& grad_bias) {
  if (grad_output.numel() == 0) {
    clear(grad_input);
    clear(grad_weight);
    clear(grad_bias);
    return;
  }
  switch (grad_output.dtype()) {
    case DType::float32:
      return backward_exactly<float>(grad_output, input, weight, window, grad_input, grad_weight, grad_bias);
    case DType::float64:
      return backward_exactly<double>(grad_output, input, weight, window, grad_input, grad_weight, grad_bias);
    case DType::float16:
    case DType::bfloat16: {
      Tensor wide_input = wide_like(grad_input), wide_weight = wide_like(grad_weight),
             wide_bias = wide_like(grad_bias);
      backward_exactly<float>(converted(grad_output, DType::float32), converted(input, DType::float32),
                              converted(weight, DType::float32), window, wide_input, wide_weight, wide_bias);
      narrow_into(wide_input, grad_input);
      narrow_into(wide_weight, grad_weight);
      narrow_into(wide_bias, grad_bias);
      return;
    }
    default:
      fail(ErrorKind::not_implemented, "\"slow_conv2d_cpu_grad_input\" not implemented for '",
           scalar_type_name(grad_output.dtype()), "'");
  }
}

// As convolve_plainly. shape: of the convolution from `output` to `input`.
template <class T>
void convolve_transposed_plainly(const cpu::ConvolutionShape& shape, const T* input, const T* weight,
                                 const T* bias, T* output) {
  int64_t in_group = shape.in_channels_of_group(), out_group = shape.out_channels_of_group();
  int64_t kernel = cpu::product_of(shape.kernel), pixels = cpu::product_of(shape.output);
  int64_t area = cpu::product_of(shape.input);
  parallel_for(0, shape.batch * shape.in_channels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      int64_t image = plane / shape.in_channels, channel = plane % shape.in_channels;
      int64_t group = channel / in_group;
      T* result = output + plane * area;
      std::fill_n(result, area, bias ? bias[channel] : T{});
      for (int64_t c = group * out_group; c < (group + 1) * out_group; ++c)
        for (int64_t pixel = 0; pixel < pixels; ++pixel)
          for (int64_t tap = 0; tap < kernel; ++tap) {
            int64_t place = 0, rest_pixel = pixel, rest_tap = tap, step = 1;
            bool inside = true;
            for (int64_t dim = 2; dim >= 0; --dim) {
              int64_t at = rest_pixel % shape.output[dim] * shape.stride[dim] +
                           rest_tap % shape.kernel[dim] * shape.dilation[dim] - shape.padding[dim];
              inside &= at >= 0 && at < shape.input[dim];
              place += at * step;
              step *= shape.input[dim];
              rest_pixel /= shape.output[dim];
              rest_tap /= shape.kernel[dim];
            }
            T factor = weight[(c * in_group + channel % in_group) * kernel + tap];
            T value = input[(image * shape.out_channels + c) * pixels + pixel];
            if (inside)
              result[place] = static_cast<T>(static_cast<Sum<T>>(result[place]) +
                                             static_cast<Sum<T>>(factor) * static_cast<Sum<T>>(value));
          }
    }
  });
}

template <class T>
void transposed_exactly(const Tensor& grad_output, const Tensor& weight, const Tensor& bias,
                        const Window& window, const Tensor& output) {
  cpu::ConvolutionShape shape = shape_of(output.sizes(), weight.sizes(), grad_output.sizes(), window);
  if constexpr (std::is_floating_point_v<T>)
    cpu::convolve_backward_input<T>(functions<T>(), shape, grad_output.data<T>(), weight.data<T>(),
                                    data_or_null<T>(bias), output.data<T>());
  else
    convolve_transposed_plainly(shape, grad_output.data<T>(), weight.data<T>(), data_or_null<T>(bias),
                                output.data<T>());
}

void convolution_transposed_on_cpu(const Tensor& grad_output, const Tensor& weight, const Tensor& bias,
                                   const Window& window, const Tensor& output) {
  if (output.numel() == 0) return;
  switch (output.dtype()) {
    case DType::float32:
      return transposed_exactly<float>(grad_output, weight, bias, window, output);
    case DType::float64:
      return transposed_exactly<double>(grad_output, weight, bias, window, output);
    case DType::int64:
      return transposed_exactly<int64_t>(grad_output, weight, bias, window, output);
    case DType::complex64:
      return transposed_exactly<std::complex<float>>(grad_output, weight, bias, window, output);
    case DType::complex128:
      return transposed_exactly<std::complex<double>>(grad_output, weight, bias, window, output);
    case DType::float16:
    case DType::bfloat16: {
      Tensor wide = wide_like(output);
      transposed_exactly<float>(converted(grad_output, DType::float32), converted(weight, DType::float32),
                                converted(bias, DType::float32), window, wide);
      return narrow_into(wide, output);
    }
    default:
      fail(ErrorKind::not_implemented, "\"slow_conv_transpose2d_out_cpu\" not implemented for '",
           scalar_type_name(output.dtype()), "'");
  }
}

const Implement implement_convolution(kernels::convolution, DeviceKind::cpu, convolution_on_cpu);
const Implement implement_convolution_backward(kernels::convolution_backward, DeviceKind::cpu,
                                               convolution_backward_on_cpu);
const Implement implement_convolution_transposed(kernels::convolution_transposed, DeviceKind::cpu,
                                                 convolution_transposed_on_cpu);

}  // namespace
}  // namespace lampas
