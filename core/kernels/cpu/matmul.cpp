// Products of matrices: float and double through the vector kernels, half types through float, others
// plainly.
#include "core/kernels/matmul.h"

#include <algorithm>
#include <complex>

#include "core/kernels/copy.h"
#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/matrix_product.h"
#include "core/parallel/thread_pool.h"

namespace lampas {
namespace {

constexpr int64_t multiplications_per_grain = 500'000;  // about 50 microseconds of one thread

const vector::MatmulTable& table() {
  static const vector::MatmulTable& chosen =
      choose(vector::baseline::matmul, vector::avx2::matmul, vector::avx512::matmul);
  return chosen;
}

template <class T>
cpu::MatrixProduct<T> product_of(const Tensor& input, const Tensor& other, const Tensor& bias, double alpha,
                                 double beta, const Tensor& output) {
  cpu::MatrixProduct<T> product;
  product.rows = output.sizes()[1];
  product.columns = output.sizes()[2];
  product.depth = input.sizes()[2];
  product.a = input.data<T>();
  product.a_row_stride = input.strides()[1];
  product.a_column_stride = input.strides()[2];
  product.b = other.data<T>();
  product.b_row_stride = other.strides()[1];
  product.b_column_stride = other.strides()[2];
  product.c = output.data<T>();
  product.c_row_stride = output.strides()[1];
  product.c_column_stride = output.strides()[2];
  product.alpha = static_cast<T>(alpha);
  product.beta = static_cast<T>(beta);
  product.bias = bias.defined() ? bias.data<T>() : nullptr;
  return product;
}

template <class T>
void multiply_batch(const vector::MatmulFunctions<T>& functions, const Tensor& input, const Tensor& other,
                    const Tensor& bias, double alpha, double beta, const Tensor& output) {
  const cpu::MatrixProduct<T> first = product_of<T>(input, other, bias, alpha, beta, output);
  int64_t batch = output.sizes()[0];
  if (batch == 1) {
    cpu::multiply(functions, first);
    return;
  }
  int64_t work = std::max<int64_t>(1, first.rows * first.columns * first.depth);
  parallel_for(0, batch, std::max<int64_t>(1, multiplications_per_grain / work),
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) {
                   cpu::MatrixProduct<T> product = first;
                   product.a += i * input.strides()[0];
                   product.b += i * other.strides()[0];
                   product.c += i * output.strides()[0];
                   cpu::multiply(functions, product);
                 }
               });
}

// Integers wrap around, so that their sums are made without sign.
template <class T>
struct Accumulator {
  using Type = T;
};
template <class T>
requires std::is_integral_v<T>
struct Accumulator<T> {
  using Type = uint64_t;
};

template <class T>
void multiply_plainly(const Tensor& input, const Tensor& other, double alpha, double beta,
                      const Tensor& output) {
  using Sum = typename Accumulator<T>::Type;
  auto weight = [](double value) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<Sum>(static_cast<int64_t>(value));
    else
      return Sum(static_cast<typename T::value_type>(value));
  };
  const Sum scale = weight(alpha), keep = weight(beta);
  const Shape &a = input.strides(), &b = other.strides(), &c = output.strides();
  int64_t rows = output.sizes()[1], columns = output.sizes()[2], depth = input.sizes()[2];
  int64_t work = std::max<int64_t>(1, columns * depth);
  auto all_rows = output.sizes()[0] * rows;
  parallel_for(0, all_rows, std::max<int64_t>(1, 50'000 / work), [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index) {
      int64_t matrix = index / rows, row = index % rows;
      const T* left = input.data<T>() + matrix * a[0] + row * a[1];
      const T* right = other.data<T>() + matrix * b[0];
      T* result = output.data<T>() + matrix * c[0] + row * c[1];
      for (int64_t column = 0; column < columns; ++column) {
        Sum sum{};
        for (int64_t k = 0; k < depth; ++k)
          sum += static_cast<Sum>(left[k * a[2]]) * static_cast<Sum>(right[k * b[1] + column * b[2]]);
        T& element = result[column * c[2]];
        element = static_cast<T>(beta == 0 ? scale * sum : scale * sum + keep * static_cast<Sum>(element));
      }
    }
  });
}

Tensor converted_to(const Tensor& tensor, DType dtype) {
  Tensor result = new_tensor(tensor.sizes(), dtype);
  kernels::copy(tensor.device(), tensor, result);
  return result;
}

void add_bias_rows(const Tensor& bias, const Tensor& output) {
  Tensor rows = alias(bias, output.sizes(), {0, 0, bias.strides()[0]}, bias.offset());
  kernels::copy(output.device(), rows, output);
}

void matmul_on_cpu(const Tensor& input, const Tensor& other, const Tensor& bias, double alpha, double beta,
                   const Tensor& output) {
  if (output.numel() == 0) return;
  DType dtype = output.dtype();
  if (dtype == DType::float32) {
    multiply_batch<float>(table().float32, input, other, bias, alpha, beta, output);
  } else if (dtype == DType::float64) {
    multiply_batch<double>(table().float64, input, other, bias, alpha, beta, output);
  } else if (is_floating(dtype)) {
    Tensor sum =
        beta == 0 ? new_tensor(output.sizes(), DType::float32) : converted_to(output, DType::float32);
    multiply_batch<float>(table().float32, converted_to(input, DType::float32),
                          converted_to(other, DType::float32),
                          bias.defined() ? converted_to(bias, DType::float32) : Tensor(), alpha, beta, sum);
    kernels::copy(output.device(), sum, output);
  } else {
    if (bias.defined()) {
      add_bias_rows(bias, output);
      beta = 1;
    }
    switch (dtype) {
      case DType::uint8:
        return multiply_plainly<uint8_t>(input, other, alpha, beta, output);
      case DType::int8:
        return multiply_plainly<int8_t>(input, other, alpha, beta, output);
      case DType::int16:
        return multiply_plainly<int16_t>(input, other, alpha, beta, output);
      case DType::int32:
        return multiply_plainly<int32_t>(input, other, alpha, beta, output);
      case DType::int64:
        return multiply_plainly<int64_t>(input, other, alpha, beta, output);
      case DType::complex64:
        return multiply_plainly<std::complex<float>>(input, other, alpha, beta, output);
      case DType::complex128:
        return multiply_plainly<std::complex<double>>(input, other, alpha, beta, output);
      default:
        fail(ErrorKind::not_implemented, "\"addmm_impl_cpu_\" not implemented for '", scalar_type_name(dtype),
             "'");
    }
  }
}

const Implement implement_matmul(kernels::matmul, DeviceKind::cpu, matmul_on_cpu);

}  // namespace
}  // namespace lampas
