// Softmax, log-softmax and their derivatives against the formulas in long double.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/vector/softmax.h"
#include "core/tensor/dtype.h"
#include "tests/core/check.h"

namespace lampas {
namespace {

std::vector<const vector::SoftmaxTable*> runnable_tables() {
  std::vector<const vector::SoftmaxTable*> tables = {&vector::baseline::softmax};
  if (instruction_set() >= InstructionSet::avx2) tables.push_back(&vector::avx2::softmax);
  if (instruction_set() >= InstructionSet::avx512) tables.push_back(&vector::avx512::softmax);
  return tables;
}

template <class S>
constexpr int type_index = std::is_same_v<S, float>      ? 0
                           : std::is_same_v<S, double>   ? 1
                           : std::is_same_v<S, BFloat16> ? 2
                                                         : 3;
// Half a unit in the last place of 1: in the type that elements are computed in, and as they are stored.
template <class S>
constexpr double computing_error = std::is_same_v<S, double> ? 0x1p-53 : 0x1p-24;
template <class S>
constexpr double storing_error = std::is_same_v<S, BFloat16>  ? 0x1p-8
                                 : std::is_same_v<S, Float16> ? 0x1p-11
                                                              : computing_error<S>;
// Roundings of a sum that show: at most 64 terms a lane and a few more, which mostly cancel.
constexpr double sum_errors = 16;
// float16 rounds small numbers to multiples of 2^-24.
template <class S>
constexpr double smallest_step = std::is_same_v<S, Float16> ? 0x1p-24 : 0;

template <class S>
std::vector<S> random_elements(int64_t count, float range) {
  std::mt19937 random(static_cast<uint32_t>(count));
  std::uniform_real_distribution<float> uniform(-range, range);
  std::vector<S> elements;
  for (int64_t i = 0; i < count; ++i) elements.push_back(S(uniform(random)));
  return elements;
}

constexpr int64_t widths[] = {1, 2, 3, 4, 7, 8, 10, 15, 16, 17, 33, 100, 1000, 2048, 2049, 5000};
constexpr int64_t rows = 3;

template <class S>
void check_softmax() {
  for (const vector::SoftmaxTable* table : runnable_tables()) {
    for (int64_t width : widths) {
      // Rows are two elements further apart than they are long; the gap must stay as it was.
      const int64_t row_stride = width + 2;
      const std::vector<S> input = random_elements<S>(rows * row_stride, 12);
      std::vector<S> plain(rows * row_stride, S(7.0f)), logarithmic = plain, in_place = input;
      table->softmax[type_index<S>](input.data(), plain.data(), rows, width, row_stride, row_stride);
      table->softmax[type_index<S>](in_place.data(), in_place.data(), rows, width, row_stride, row_stride);
      table->log_softmax[type_index<S>](input.data(), logarithmic.data(), rows, width, row_stride,
                                        row_stride);
      for (int64_t row = 0; row < rows; ++row) {
        const S* x = &input[row * row_stride];
        long double sum = 0, largest = -INFINITY;
        for (int64_t i = 0; i < width; ++i) {
          sum += std::exp(static_cast<long double>(x[i]));
          largest = std::max(largest, static_cast<long double>(x[i]));
        }
        for (int64_t i = 0; i < width; ++i) {
          const long double element = x[i];
          const double exact = static_cast<double>(std::exp(element) / sum);
          const double exact_log = static_cast<double>(element - std::log(sum));
          // Rounding x - m changes its exponential in proportion to its size.
          const double depth = static_cast<double>(largest - element);
          const double computing = computing_error<S> * (depth + sum_errors);
          CHECK_NEAR(plain[row * row_stride + i], exact,
                     exact * (computing + storing_error<S>)+smallest_step<S>);
          CHECK_NEAR(in_place[row * row_stride + i], plain[row * row_stride + i], 0.0);
          CHECK_NEAR(logarithmic[row * row_stride + i], exact_log,
                     2 * computing + std::fabs(exact_log) * storing_error<S>);
        }
        for (int64_t i = width; i < row_stride; ++i) {
          CHECK_NEAR(plain[row * row_stride + i], 7.0, 0.0);
          CHECK_NEAR(logarithmic[row * row_stride + i], 7.0, 0.0);
        }
      }
    }
  }
}

TEST(vector_softmax_float32) { check_softmax<float>(); }
TEST(vector_softmax_float64) { check_softmax<double>(); }
TEST(vector_softmax_bfloat16) { check_softmax<BFloat16>(); }
TEST(vector_softmax_float16) { check_softmax<Float16>(); }

template <class S>
void check_backward() {
  for (const vector::SoftmaxTable* table : runnable_tables()) {
    for (int64_t width : widths) {
      const std::vector<S> grad = random_elements<S>(rows * width, 2);
      const std::vector<S> input = random_elements<S>(rows * width, 3);
      std::vector<S> plain(rows * width), logarithmic(rows * width), from_plain(rows * width),
          from_logarithmic(rows * width);
      table->softmax[type_index<S>](input.data(), plain.data(), rows, width, width, width);
      table->log_softmax[type_index<S>](input.data(), logarithmic.data(), rows, width, width, width);
      table->softmax_backward[type_index<S>](grad.data(), plain.data(), from_plain.data(), rows, width);
      table->log_softmax_backward[type_index<S>](grad.data(), logarithmic.data(), from_logarithmic.data(),
                                                 rows, width);
      for (int64_t row = 0; row < rows; ++row) {
        const int64_t start = row * width;
        long double weighted = 0, total = 0, size = 0;
        for (int64_t i = start; i < start + width; ++i) {
          const long double product = static_cast<long double>(grad[i]) * static_cast<long double>(plain[i]);
          weighted += product;
          total += static_cast<long double>(grad[i]);
          size += std::fabs(static_cast<long double>(grad[i]));
        }
        for (int64_t i = start; i < start + width; ++i) {
          const double g = static_cast<double>(grad[i]), y = static_cast<double>(plain[i]);
          const double share = std::exp(static_cast<double>(logarithmic[i]));
          const double computing = sum_errors * computing_error<S>;
          const double exact_plain = (g - static_cast<double>(weighted)) * y;
          const double exact_log = g - share * static_cast<double>(total);
          CHECK_NEAR(from_plain[i], exact_plain,
                     y * computing + std::fabs(exact_plain) * storing_error<S> + smallest_step<S>);
          CHECK_NEAR(from_logarithmic[i], exact_log,
                     (std::fabs(g) + share * static_cast<double>(size)) * computing +
                         std::fabs(exact_log) * storing_error<S> + smallest_step<S>);
        }
      }
    }
  }
}

TEST(vector_softmax_backward) {
  check_backward<float>();
  check_backward<double>();
  check_backward<BFloat16>();
  check_backward<Float16>();
}

TEST(vector_softmax_of_infinities) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const vector::SoftmaxTable* table : runnable_tables()) {
    float output[3];
    const float masked[] = {0, -infinity, 0};
    table->softmax[0](masked, output, 1, 3, 3, 3);
    CHECK(output[0] == 0.5f && output[1] == 0 && output[2] == 0.5f);
    const float nothing_left[] = {-infinity, -infinity, -infinity};
    table->softmax[0](nothing_left, output, 1, 3, 3, 3);
    CHECK(std::isnan(output[0]) && std::isnan(output[2]));  // as PyTorch
    const float large[] = {1000, 999, -1000};
    table->log_softmax[0](large, output, 1, 3, 3, 3);
    CHECK_NEAR(output[0], -std::log1p(std::exp(-1.0)), 1e-6);
    CHECK_NEAR(output[2], -2000 - std::log1p(std::exp(-1.0)), 2e-4);
  }
}

}  // namespace
}  // namespace lampas
