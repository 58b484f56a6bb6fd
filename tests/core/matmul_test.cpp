// Products of matrices against sums in double, on every instruction set that this machine runs.
#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <random>
#include <vector>

#include "core/kernels/cpu/matrix_product.h"
#include "core/kernels/matmul.h"
#include "core/parallel/thread_pool.h"
#include "tests/core/check.h"
#include "tests/core/instruction_sets.h"

namespace {

using lampas::InstructionSet;
using lampas::cpu::MatrixProduct;
using lampas::testing::runnable_instruction_sets;
using lampas::testing::table_of;
using lampas::vector::MatmulFunctions;

template <typename T>
const MatmulFunctions<T>& functions_of(InstructionSet set) {
  namespace sets = lampas::vector;
  const auto& table = table_of(set, sets::baseline::matmul, sets::avx2::matmul, sets::avx512::matmul);
  if constexpr (sizeof(T) == 4) {
    return table.float32;
  } else {
    return table.float64;
  }
}

// A matrix laid out with gaps: the element (i, j) lies at i * row_stride + j * column_stride.
template <typename T>
struct Matrix {
  enum class Layout { rows, columns, gaps };

  Matrix(int64_t rows, int64_t columns, Layout layout, std::mt19937& random) {
    const int64_t step = layout == Layout::gaps ? 2 : 1;
    row_stride = layout == Layout::columns ? 1 : columns * step + (layout == Layout::gaps ? 3 : 0);
    column_stride = layout == Layout::columns ? std::max<int64_t>(rows, 1) : step;
    // No element to spare: the address sanitizer sees a read past the last one.
    const int64_t last =
        std::max<int64_t>(rows - 1, 0) * row_stride + std::max<int64_t>(columns - 1, 0) * column_stride;
    values.resize(rows == 0 || columns == 0 ? 0 : last + 1);
    std::uniform_real_distribution<double> uniform(-1, 1);
    for (T& value : values) value = static_cast<T>(uniform(random));
  }

  T& at(int64_t i, int64_t j) { return values[i * row_stride + j * column_stride]; }

  int64_t row_stride;
  int64_t column_stride;
  std::vector<T> values;
};

template <typename T>
using Layout = typename Matrix<T>::Layout;

template <typename T>
struct Case {
  int64_t rows, columns, depth;
  Layout<T> a = Layout<T>::rows, b = Layout<T>::rows, c = Layout<T>::rows;
  double alpha = 1, beta = 0;
  bool bias = false;
};

// The largest error of a case in units of the error that sums of this depth may have.
template <typename T>
double worst_error(const MatmulFunctions<T>& functions, const Case<T>& given) {
  std::mt19937 random(static_cast<unsigned>(given.rows * 10007 + given.columns * 101 + given.depth));
  Matrix<T> a(given.rows, given.depth, given.a, random);
  Matrix<T> b(given.depth, given.columns, given.b, random);
  Matrix<T> c(given.rows, given.columns, given.c, random);
  if (given.beta == 0) std::fill(c.values.begin(), c.values.end(), std::numeric_limits<T>::quiet_NaN());
  std::vector<T> bias(given.columns);
  for (int64_t j = 0; j < given.columns; ++j) bias[j] = static_cast<T>(j % 7) - 3;
  Matrix<T> before = c;

  MatrixProduct<T> product{};
  product.rows = given.rows;
  product.columns = given.columns;
  product.depth = given.depth;
  product.a = a.values.data();
  product.a_row_stride = a.row_stride;
  product.a_column_stride = a.column_stride;
  product.b = b.values.data();
  product.b_row_stride = b.row_stride;
  product.b_column_stride = b.column_stride;
  product.c = c.values.data();
  product.c_row_stride = c.row_stride;
  product.c_column_stride = c.column_stride;
  product.alpha = static_cast<T>(given.alpha);
  product.beta = static_cast<T>(given.beta);
  product.bias = given.bias ? bias.data() : nullptr;
  lampas::cpu::multiply(functions, product);

  const double unit = std::numeric_limits<T>::epsilon();
  double worst = 0;
  for (int64_t i = 0; i < given.rows; ++i) {
    for (int64_t j = 0; j < given.columns; ++j) {
      double sum = 0, magnitude = 1;
      for (int64_t k = 0; k < given.depth; ++k) {
        sum += static_cast<double>(a.at(i, k)) * b.at(k, j);
        magnitude += std::fabs(static_cast<double>(a.at(i, k)) * b.at(k, j));
      }
      double expected = given.alpha * sum;
      if (given.bias) expected += bias[j];
      if (given.beta != 0) expected += given.beta * before.at(i, j);
      const double error = std::fabs(c.at(i, j) - expected) / (unit * (magnitude + std::fabs(expected)));
      worst = std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(worst, error);
      c.at(i, j) = before.at(i, j);
    }
  }
  // What lies between the elements of C is not written.
  for (size_t index = 0; index < c.values.size(); ++index) {
    const bool same = c.values[index] == before.values[index] ||
                      (std::isnan(c.values[index]) && std::isnan(before.values[index]));
    if (!same) worst = std::numeric_limits<double>::infinity();
  }
  return worst;
}

// Rounding errors of a sum grow at most with its length; they stay far below for random values.
constexpr double allowed_error = 16;

template <typename T>
void check_on_every_set(const Case<T>& given) {
  for (InstructionSet set : runnable_instruction_sets()) {
    const double error = worst_error<T>(functions_of<T>(set), given);
    if (!(error <= allowed_error)) {
      std::ostringstream message;
      message << name_of(set) << " sizeof(T)=" << sizeof(T) << " " << given.rows << "x" << given.depth << "x"
              << given.columns << " layouts " << int(given.a) << int(given.b) << int(given.c) << " alpha "
              << given.alpha << " beta " << given.beta << " bias " << given.bias << ": error of " << error;
      lampas::testing::fail(__FILE__, __LINE__, message.str());
    }
  }
}

template <typename T>
void check_sizes_and_layouts() {
  const Layout<T> layouts[] = {Layout<T>::rows, Layout<T>::columns, Layout<T>::gaps};
  const int64_t sizes[] = {1, 2, 5, 16, 17, 33};
  for (int64_t rows : sizes) {
    for (int64_t columns : sizes) {
      for (int64_t depth : {0, 1, 3, 16, 40}) {
        for (Layout<T> a : layouts) {
          for (Layout<T> b : layouts) check_on_every_set<T>({rows, columns, depth, a, b});
        }
      }
    }
  }
  for (Layout<T> a : layouts) {
    for (Layout<T> b : layouts) {
      for (Layout<T> c : layouts) {
        check_on_every_set<T>({7, 21, 9, a, b, c, 0.5, -2, true});
        check_on_every_set<T>({130, 150, 300, a, b, c, 0.5, -2, true});
        check_on_every_set<T>({4, 5, 700, a, b, c, 2, 1, true});
        check_on_every_set<T>({1, 37, 70, a, b, c, 1, 0, true});
        check_on_every_set<T>({37, 1, 70, a, b, c, 1, 1, true});
      }
    }
  }
}

}  // namespace

TEST(matmul_float_sizes_and_layouts) { check_sizes_and_layouts<float>(); }
TEST(matmul_double_sizes_and_layouts) { check_sizes_and_layouts<double>(); }

TEST(matmul_every_tile_shape) {
  for (int64_t rows = 1; rows <= 30; ++rows) {
    for (int64_t columns = 1; columns <= 70; columns += 3) check_on_every_set<float>({rows, columns, 21});
  }
}

TEST(matmul_blocks_of_every_loop) {
  for (Layout<float> a : {Layout<float>::rows, Layout<float>::columns}) {
    for (Layout<float> b : {Layout<float>::rows, Layout<float>::columns}) {
      check_on_every_set<float>({500, 140, 600, a, b});
      check_on_every_set<float>({100, 1030, 300, a, b, Layout<float>::rows, 1, 1, true});
    }
  }
}

TEST(matmul_splits_among_threads_without_changing_results) {
  const int threads = lampas::thread_count();
  for (int count : {1, 2, 3}) {
    lampas::set_thread_count(count);
    check_on_every_set<float>({400, 300, 300});
    check_on_every_set<float>({300, 401, 300, Layout<float>::columns, Layout<float>::columns});
    check_on_every_set<double>({3, 5000, 900, Layout<double>::rows, Layout<double>::rows});
  }
  lampas::set_thread_count(threads);
}

TEST(matmul_of_integers_wraps_around) {
  using Unsigned = uint64_t;
  for (InstructionSet set : runnable_instruction_sets()) {
    namespace sets = lampas::vector;
    const auto& table = table_of(set, sets::baseline::matmul, sets::avx2::matmul, sets::avx512::matmul);
    for (const auto& [rows, columns, depth] : {std::array<int64_t, 3>{3, 5, 7}, {1, 40, 9}, {33, 70, 300}}) {
      for (int64_t c_column_stride : {1, 2}) {
        std::mt19937_64 random(5);
        std::vector<int64_t> a(rows * depth), b(depth * columns), c(rows * columns * 2), before;
        for (auto* values : {&a, &b, &c}) {
          for (int64_t& value : *values) value = static_cast<int64_t>(random());
        }
        before = c;
        const int64_t c_row_stride = columns * c_column_stride;
        // B is read as a transpose.
        lampas::cpu::multiply<int64_t>(table.int64, {rows, columns, depth, a.data(), depth, 1, b.data(), 1,
                                                     depth, c.data(), c_row_stride, c_column_stride, 3, 5});
        int64_t wrong = 0;
        for (int64_t i = 0; i < rows; ++i) {
          for (int64_t j = 0; j < columns; ++j) {
            const int64_t place = i * c_row_stride + j * c_column_stride;
            Unsigned sum = 0;
            for (int64_t k = 0; k < depth; ++k) {
              sum += static_cast<Unsigned>(a[i * depth + k]) * static_cast<Unsigned>(b[j * depth + k]);
            }
            wrong += static_cast<Unsigned>(c[place]) != 3 * sum + 5 * static_cast<Unsigned>(before[place]);
          }
        }
        CHECK_EQUAL(wrong, 0);
      }
    }
  }
}

// The contract, for dtypes that are computed as others: batches, a transposed operand, alpha and beta.
template <typename T>
void check_contract() {
  using lampas::Tensor;
  const lampas::DType dtype = lampas::DTypeOf<T>::dtype;
  const int64_t batch = 2, rows = 5, columns = 6, depth = 7;
  const Tensor input = lampas::new_tensor({batch, rows, depth}, dtype);
  const Tensor other = lampas::new_tensor({batch, columns, depth}, dtype);
  const Tensor output = lampas::new_tensor({batch, rows, columns}, dtype);
  const auto number = [](int64_t index) {
    if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(index * 37 % 251);
    } else {
      return T(static_cast<float>(index % 7) - 3, static_cast<float>(index % 5) - 1);
    }
  };
  for (const Tensor& tensor : {input, other, output}) {
    for (int64_t index = 0; index < tensor.numel(); ++index) tensor.data<T>()[index] = number(index);
  }
  const Tensor turned = lampas::alias(other, {batch, depth, columns}, {columns * depth, 1, depth}, 0);
  lampas::kernels::matmul(lampas::Device{}, input, turned, Tensor(), 2, 3, output);
  int64_t wrong = 0;
  for (int64_t index = 0; index < output.numel(); ++index) {
    const int64_t n = index / (rows * columns), i = index / columns % rows, j = index % columns;
    T expected = static_cast<T>(T(3) * number(index));
    for (int64_t k = 0; k < depth; ++k) {
      expected = static_cast<T>(expected + T(2) * number((n * rows + i) * depth + k) *
                                               number((n * columns + j) * depth + k));
    }
    wrong += output.data<T>()[index] != expected;
  }
  CHECK_EQUAL(wrong, 0);
}

TEST(matmul_contract_of_small_integers_and_complex_numbers) {
  check_contract<uint8_t>();
  check_contract<int8_t>();
  check_contract<int16_t>();
  check_contract<int32_t>();
  check_contract<int64_t>();
  check_contract<std::complex<float>>();
  check_contract<std::complex<double>>();
}

TEST(matmul_nothing_to_sum_scales_c) {
  float c[] = {1, 2};
  const float bias[] = {10, 20};
  for (InstructionSet set : runnable_instruction_sets()) {
    c[0] = 1, c[1] = 2;
    lampas::cpu::multiply<float>(functions_of<float>(set),
                                 {1, 2, 0, nullptr, 1, 1, nullptr, 1, 1, c, 2, 1, 1, 0.5f, bias});
    CHECK_EQUAL(c[0], 10.5f);
    CHECK_EQUAL(c[1], 21.0f);
  }
}

TEST(matmul_carries_infinities_and_nan_where_they_are) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (InstructionSet set : runnable_instruction_sets()) {
    float a[4] = {1, 2, 3, infinity};
    float b[4] = {1, 2, 3, NAN};
    float c[4];
    lampas::cpu::multiply<float>(functions_of<float>(set), {2, 2, 2, a, 2, 1, b, 2, 1, c, 2, 1});
    CHECK_EQUAL(c[0], 7.0f);
    CHECK(std::isnan(c[1]));
    CHECK_EQUAL(c[2], infinity);
    CHECK(std::isnan(c[3]));
  }
}
