// Random numbers on the CPU: the distributions of core/random, on tensors of any strides.
#include "core/kernels/random.h"

#include <algorithm>
#include <tuple>

#include "core/kernels/copy.h"
#include "core/random/counts.h"
#include "core/random/distributions.h"

namespace lampas {
namespace {

// `tensor` with its dims in the order of `order`.
Tensor reordered(const Tensor& tensor, const Shape& order) {
  Shape sizes, strides;
  for (int64_t dim : order) {
    sizes.push_back(tensor.sizes()[dim]);
    strides.push_back(tensor.strides()[dim]);
  }
  return alias(tensor, sizes, strides, tensor.offset());
}

// The dims by falling stride: the order in which PyTorch walks a tensor.
Shape memory_order(const Tensor& tensor) {
  Shape order;
  for (int64_t dim = 0; dim < tensor.dim(); ++dim) order.push_back(dim);
  std::stable_sort(order.begin(), order.end(), [&](int64_t left, int64_t right) {
    return tensor.strides()[left] > tensor.strides()[right];
  });
  return order;
}

// Calls fill(memory, dtype, count) on contiguous memory; a complex tensor counts as pairs of real numbers.
template <class Fill>
void fill_contiguous(const Tensor& output, Fill&& fill) {
  if (output.numel() == 0) return;
  Tensor target = output.is_contiguous() ? output : reordered(output, memory_order(output));
  bool direct = target.is_contiguous();
  Tensor drawn = direct ? output : new_tensor(target.sizes(), output.dtype());
  bool complex = is_complex(output.dtype());
  fill(drawn.data(), real_dtype(output.dtype()), output.numel() * (complex ? 2 : 1));
  if (!direct) kernels::copy(output.device(), drawn, target);
}

Tensor contiguous_copy(const Tensor& tensor) {
  if (tensor.is_contiguous()) return tensor;
  Tensor copy = new_tensor(tensor.sizes(), tensor.dtype());
  kernels::copy(tensor.device(), tensor, copy);
  return copy;
}

void require_floating(const Tensor& output, const char* kernel, bool complex_too = false) {
  if (is_floating(output.dtype()) || (complex_too && is_complex(output.dtype()))) return;
  fail(ErrorKind::not_implemented, "\"", kernel, "\" not implemented for '", scalar_type_name(output.dtype()),
       "'");
}

void require_real(const Tensor& output, const char* kernel) {
  if (!is_complex(output.dtype())) return;
  fail(ErrorKind::not_implemented, "\"", kernel, "\" not implemented for '", scalar_type_name(output.dtype()),
       "'");
}

void uniform(double from, double to, Generator& generator, const Tensor& output) {
  require_floating(output, "check_uniform_bounds", true);
  fill_contiguous(output, [&](void* memory, DType dtype, int64_t count) {
    fill_uniform(memory, dtype, count, from, to, generator);
  });
}

void normal(double mean, double std, Generator& generator, const Tensor& output) {
  require_floating(output, "normal_kernel_cpu", true);
  bool in_blocks = output.is_contiguous() && output.numel() * (is_complex(output.dtype()) ? 2 : 1) >= 16;
  fill_contiguous(output, [&](void* memory, DType dtype, int64_t count) {
    fill_normal(memory, dtype, count, mean, std, in_blocks, generator);
  });
}

void exponential(double rate, Generator& generator, const Tensor& output) {
  require_floating(output, "exponential_cpu");
  fill_contiguous(output, [&](void* memory, DType dtype, int64_t count) {
    fill_exponential(memory, dtype, count, rate, generator);
  });
}

void cauchy(double median, double sigma, Generator& generator, const Tensor& output) {
  require_floating(output, "cauchy_cpu");
  fill_contiguous(output, [&](void* memory, DType dtype, int64_t count) {
    fill_cauchy(memory, dtype, count, median, sigma, generator);
  });
}

void log_normal(double mean, double std, Generator& generator, const Tensor& output) {
  require_floating(output, "log_normal_cpu");
  fill_contiguous(output, [&](void* memory, DType dtype, int64_t count) {
    fill_log_normal(memory, dtype, count, mean, std, generator);
  });
}

void geometric(double p, Generator& generator, const Tensor& output) {
  require_real(output, "geometric_cpu");
  if (output.dtype() == DType::bool_)
    fail(ErrorKind::not_implemented, "\"geometric_cpu\" not implemented for 'Bool'");
  fill_contiguous(output, [&](void* memory, DType dtype, int64_t count) {
    fill_geometric(memory, dtype, count, p, generator);
  });
}

void bernoulli(double p, Generator& generator, const Tensor& output) {
  require_real(output, "bernoulli_scalar_cpu_");
  fill_contiguous(output, [&](void* memory, DType dtype, int64_t count) {
    fill_bernoulli(memory, dtype, count, p, generator);
  });
}

void bernoulli_each(const Tensor& p, Generator& generator, const Tensor& output) {
  require_real(output, "bernoulli_tensor_cpu_self_");
  // In the order of the draws.
  Tensor ordered = output.is_contiguous() ? p : reordered(p, memory_order(output));
  Tensor probabilities = contiguous_copy(ordered);
  visit(p.dtype(), [&]<class T>() {
    if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>) {
      const T* values = probabilities.data<T>();
      for (int64_t i = 0; i < p.numel(); ++i)
        check(values[i] >= 0 && values[i] <= 1,
              "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  ",
              "(Could this error message be improved?  If so, please report an enhancement request to ",
              "PyTorch.)");
      fill_contiguous(output, [&](void* memory, DType dtype, int64_t count) {
        fill_bernoulli(memory, dtype, count, values, generator);
      });
    }
  });
}

void random_range(uint64_t range, int64_t base, Generator& generator, const Tensor& output) {
  require_real(output, "random_from_to_kernel_cpu");
  fill_contiguous(output, [&](void* memory, DType dtype, int64_t count) {
    fill_random_range(memory, dtype, count, range, base, generator);
  });
}

void random_full(bool all_bits, Generator& generator, const Tensor& output) {
  require_real(output, "random_kernel_cpu");
  fill_contiguous(output, [&](void* memory, DType dtype, int64_t count) {
    if (all_bits)
      fill_random_64_bits(memory, dtype, count, generator);
    else
      fill_random(memory, dtype, count, generator);
  });
}

void permutation(Generator& generator, const Tensor& output) {
  require_real(output, "randperm");
  fill_contiguous(output, [&](void* memory, DType dtype, int64_t count) {
    fill_permutation(memory, dtype, count, generator);
  });
}

void rrelu_noise(double lower, double upper, Generator& generator, const Tensor& input,
                 const Tensor& output) {
  visit(output.dtype(), [&]<class T>() {
    if constexpr (std::is_floating_point_v<T> || std::is_same_v<T, BFloat16>) {
      Tensor values = new_tensor(input.sizes(), input.dtype()),
             noise = new_tensor(input.sizes(), output.dtype());
      kernels::copy(input.device(), input, values);
      for (int64_t i = 0; i < values.numel(); ++i) {
        bool positive = static_cast<float>(values.data<T>()[i]) > 0;
        double unit = positive ? 0 : generator.random_unit();
        noise.data<T>()[i] = T(positive ? 1 : unit * (upper - lower) + lower);
      }
      kernels::copy(output.device(), noise, output);
    } else {
      fail(ErrorKind::not_implemented, "\"rrelu_with_noise_out_cpu\" not implemented for '",
           scalar_type_name(output.dtype()), "'");
    }
  });
}

// Writes one draw for each element of inputs of the output's dtype and sizes; the output is contiguous.
template <class Draw, class... Inputs>
void draw_counts(const Tensor& output, Draw&& draw, const Inputs&... inputs) {
  visit(output.dtype(), [&]<class T>() {
    if constexpr (std::is_floating_point_v<T> || std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>) {
      using Drawn = std::conditional_t<std::is_floating_point_v<T>, T, float>;
      auto values = std::make_tuple(contiguous_copy(inputs)...);
      T* target = output.data<T>();
      for (int64_t i = 0; i < output.numel(); ++i)
        target[i] = std::apply(
            [&](const auto&... each) {
              return T(static_cast<Drawn>(draw(static_cast<double>(each.template data<T>()[i])...)));
            },
            values);
    }
  });
}

void poisson(Generator& generator, const Tensor& rates, const Tensor& output) {
  draw_counts(
      output,
      [&](double rate) {
        check(rate >= 0, "invalid Poisson rate, expected rate to be non-negative");
        return draw_poisson(rate, generator);
      },
      rates);
}

void binomial(Generator& generator, const Tensor& counts, const Tensor& probabilities, const Tensor& output) {
  draw_counts(
      output, [&](double count, double probability) { return draw_binomial(count, probability, generator); },
      counts, probabilities);
}

const Implement implement_poisson(kernels::poisson, DeviceKind::cpu, poisson);
const Implement implement_binomial(kernels::binomial, DeviceKind::cpu, binomial);
const Implement implement_rrelu_noise(kernels::rrelu_noise, DeviceKind::cpu, rrelu_noise);
const Implement implement_uniform(kernels::uniform, DeviceKind::cpu, uniform);
const Implement implement_normal(kernels::normal, DeviceKind::cpu, normal);
const Implement implement_exponential(kernels::exponential, DeviceKind::cpu, exponential);
const Implement implement_cauchy(kernels::cauchy, DeviceKind::cpu, cauchy);
const Implement implement_log_normal(kernels::log_normal, DeviceKind::cpu, log_normal);
const Implement implement_geometric(kernels::geometric, DeviceKind::cpu, geometric);
const Implement implement_bernoulli(kernels::bernoulli, DeviceKind::cpu, bernoulli);
const Implement implement_bernoulli_each(kernels::bernoulli_each, DeviceKind::cpu, bernoulli_each);
const Implement implement_random_range(kernels::random_range, DeviceKind::cpu, random_range);
const Implement implement_random_full(kernels::random_full, DeviceKind::cpu, random_full);
const Implement implement_permutation(kernels::permutation, DeviceKind::cpu, permutation);

}  // namespace
}  // namespace lampas
