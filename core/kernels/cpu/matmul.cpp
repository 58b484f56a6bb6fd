// Products of matrices through the vector kernels: half types as float, small integers as int32, complex
// numbers as four real products.
#include "core/kernels/matmul.h"

#include <algorithm>

#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/matrix_product.h"
#include "core/kernels/dense.h"
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

// The real (part 0) or imaginary (part 1) numbers of a complex tensor, as a batch of matrices.
template <class T>
struct PartOfComplex {
  PartOfComplex(const Tensor& tensor, int64_t part)
      : data(static_cast<T*>(tensor.data()) + part),
        matrix(2 * tensor.strides()[0]),
        row(2 * tensor.strides()[1]),
        column(2 * tensor.strides()[2]) {}
  T* data;
  int64_t matrix, row, column;
};

// (a + bi)(c + di) = (ac - bd) + (ad + bc)i: four products of real matrices.
template <class T>
void multiply_complex(const vector::MatmulFunctions<T>& functions, const Tensor& input, const Tensor& other,
                      double alpha, double beta, const Tensor& output) {
  cpu::MatrixProduct<T> product{};
  product.rows = output.sizes()[1];
  product.columns = output.sizes()[2];
  product.depth = input.sizes()[2];
  const auto multiply_parts = [&](int64_t left_part, int64_t right_part, int64_t result_part, double sign,
                                  double keep) {
    const PartOfComplex<T> a(input, left_part), b(other, right_part), c(output, result_part);
    product.a_row_stride = a.row;
    product.a_column_stride = a.column;
    product.b_row_stride = b.row;
    product.b_column_stride = b.column;
    product.c_row_stride = c.row;
    product.c_column_stride = c.column;
    product.alpha = static_cast<T>(sign * alpha);
    product.beta = static_cast<T>(keep);
    for (int64_t index = 0; index < output.sizes()[0]; ++index) {
      product.a = a.data + index * a.matrix;
      product.b = b.data + index * b.matrix;
      product.c = c.data + index * c.matrix;
      cpu::multiply(functions, product);
    }
  };
  multiply_parts(0, 0, 0, 1, beta);
  multiply_parts(1, 1, 0, -1, 1);
  multiply_parts(0, 1, 1, 1, beta);
  multiply_parts(1, 0, 1, 1, 1);
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
    Tensor sum = beta == 0 ? new_tensor(output.sizes(), DType::float32) : converted(output, DType::float32);
    multiply_batch<float>(table().float32, converted(input, DType::float32), converted(other, DType::float32),
                          converted(bias, DType::float32), alpha, beta, sum);
    kernels::copy(output.device(), sum, output);
  } else {
    if (bias.defined()) {
      add_bias_rows(bias, output);
      beta = 1;
    }
    switch (dtype) {
      case DType::int64:
        return multiply_batch<int64_t>(table().int64, input, other, Tensor(), alpha, beta, output);
      case DType::int32:
        return multiply_batch<int32_t>(table().int32, input, other, Tensor(), alpha, beta, output);
      case DType::uint8:
      case DType::int8:
      case DType::int16: {
        // The low bits of a sum do not depend on its high ones.
        Tensor sum = beta == 0 ? new_tensor(output.sizes(), DType::int32) : converted(output, DType::int32);
        multiply_batch<int32_t>(table().int32, converted(input, DType::int32), converted(other, DType::int32),
                                Tensor(), alpha, beta, sum);
        return kernels::copy(output.device(), sum, output);
      }
      case DType::complex64:
        return multiply_complex<float>(table().float32, input, other, alpha, beta, output);
      case DType::complex128:
        return multiply_complex<double>(table().float64, input, other, alpha, beta, output);
      default:
        fail(ErrorKind::not_implemented, "\"addmm_impl_cpu_\" not implemented for '", scalar_type_name(dtype),
             "'");
    }
  }
}

const Implement implement_matmul(kernels::matmul, DeviceKind::cpu, matmul_on_cpu);

}  // namespace
}  // namespace lampas
