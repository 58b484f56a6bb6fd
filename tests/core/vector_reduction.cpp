// Folds and extremes against plain loops: every operation, dtype, instruction set, layout and odd size.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/reduction_loops.h"
#include "tests/core/check.h"

namespace lampas {
namespace {

struct NamedTable {
  InstructionSet set;
  const vector::ReductionTable& table;
};

std::vector<NamedTable> runnable_tables() {
  std::vector<NamedTable> tables = {{InstructionSet::baseline, vector::baseline::reduction}};
  if (instruction_set() >= InstructionSet::avx2) {
    tables.push_back({InstructionSet::avx2, vector::avx2::reduction});
  }
  if (instruction_set() >= InstructionSet::avx512) {
    tables.push_back({InstructionSet::avx512, vector::avx512::reduction});
  }
  return tables;
}

template <class S>
constexpr int type_index = std::is_same_v<S, float>      ? 0
                           : std::is_same_v<S, double>   ? 1
                           : std::is_same_v<S, BFloat16> ? 2
                                                         : 3;
template <class S>
using Written = std::conditional_t<std::is_same_v<S, BFloat16>, float, S>;

// Small integers in random order: sums are exact in every type, and extremes meet ties.
template <class S>
std::vector<S> small_integers(int64_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<S> elements;
  for (int64_t i = 0; i < count; ++i) elements.push_back(S(static_cast<float>(random() % 7) - 3));
  return elements;
}

// Powers of two, few of them not 1 or -1: no order of multiplication overflows or rounds.
template <class S>
std::vector<S> factors(int64_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<S> elements;
  for (int64_t i = 0; i < count; ++i) {
    const float sign = random() % 2 ? 1.0f : -1.0f;
    const float magnitude = random() % 20 ? 1.0f : random() % 2 ? 2.0f : 0.5f;
    elements.push_back(S(std::is_integral_v<S> ? sign : sign * magnitude));
  }
  return elements;
}

template <class T>
T combine(Fold fold, T a, T b) {
  switch (fold_of_parts(fold)) {
    case Fold::sum:
      return a + b;
    case Fold::product:
      return a * b;
    case Fold::maximum:
      return std::max(a, b);
    default:
      return std::min(a, b);
  }
}

// What a fold takes an element for.
template <class T>
T taken(Fold fold, T element) {
  if (fold == Fold::square_sum) return element * element;
  if (fold == Fold::magnitude_sum) return element < 0 ? -element : element;
  return element;
}

constexpr int64_t sizes[] = {1, 2, 3, 5, 7, 8, 15, 16, 17, 33, 64, 100, 255, 513, 2048, 2049, 5000};

template <class S>
void check_folds() {
  using T = Written<S>;
  for (const auto& [set, table] : runnable_tables()) {
    for (Fold fold : {Fold::sum, Fold::product, Fold::maximum, Fold::minimum, Fold::square_sum,
                      Fold::magnitude_sum, Fold::number_sum}) {
      const FoldRows fold_rows = table.rows[static_cast<int>(fold)][type_index<S>];
      const FoldColumns fold_columns = table.columns[static_cast<int>(fold)][type_index<S>];
      for (int64_t size : sizes) {
        for (int64_t others : {1, 3, 20}) {
          const int64_t count = size * others;
          const std::vector<S> input =
              fold == Fold::product ? factors<S>(count, 1) : small_integers<S>(count, 2);
          const auto element = [&](int64_t i) { return taken(fold, static_cast<T>(input[i])); };
          // `others` rows of `size`, along the rows and then with the roles of rows and columns exchanged.
          std::vector<T> by_rows(2 * others), by_strided_rows(2 * others), by_columns(size);
          fold_rows(input.data(), by_rows.data(), others, size, size, 1, 2);
          fold_rows(input.data(), by_strided_rows.data(), others, size, 1, others, 2);
          fold_columns(input.data(), by_columns.data(), others, size, size);
          for (int64_t row = 0; row < others; ++row) {
            T expected = element(row * size), strided = element(row);
            for (int64_t column = 1; column < size; ++column) {
              expected = combine(fold, expected, element(row * size + column));
              strided = combine(fold, strided, element(row + column * others));
            }
            CHECK_EQUAL(by_rows[2 * row], expected);
            CHECK_EQUAL(by_strided_rows[2 * row], strided);
          }
          for (int64_t column = 0; column < size; ++column) {
            T expected = element(column);
            for (int64_t row = 1; row < others; ++row) {
              expected = combine(fold, expected, element(row * size + column));
            }
            CHECK_EQUAL(by_columns[column], expected);
          }
        }
      }
    }
  }
}

TEST(vector_folds_float32) { check_folds<float>(); }
TEST(vector_folds_float64) { check_folds<double>(); }
TEST(vector_folds_bfloat16) { check_folds<BFloat16>(); }
TEST(vector_folds_int64) { check_folds<int64_t>(); }

// Many rows exercise the splitting of the rows of columns.
TEST(vector_fold_columns_of_many_rows) {
  constexpr int64_t rows = 3001, columns = 600;
  const std::vector<float> input = small_integers<float>(rows * columns, 3);
  std::vector<float> expected(columns, 0.0f);
  for (int64_t i = 0; i < rows * columns; ++i) expected[i % columns] += input[i];
  for (const auto& [set, table] : runnable_tables()) {
    std::vector<float> sums(columns);
    table.columns[0][0](input.data(), sums.data(), rows, columns, columns);
    CHECK(sums == expected);
  }
}

// 0.1 repeated: a running float sum is off by more than one percent, a pairwise one by a few last places.
TEST(vector_sums_are_pairwise) {
  constexpr int64_t count = 10'000'000;
  const std::vector<float> input(count, 0.1f);
  const double exact = static_cast<double>(0.1f) * count;
  for (const auto& [set, table] : runnable_tables()) {
    float along_row = 0;
    std::vector<float> down_columns(10);
    table.rows[0][0](input.data(), &along_row, 1, count, count, 1, 1);
    table.columns[0][0](input.data(), down_columns.data(), count / 10, 10, 10);
    CHECK_NEAR(along_row, exact, exact * 1e-6);
    for (float sum : down_columns) CHECK_NEAR(sum, exact / 10, exact / 10 * 2e-6);
  }
}

// Short rows are folded many at a time; a row's result, to the last bit, does not depend on its company.
TEST(vector_short_rows_fold_as_they_do_alone) {
  constexpr int64_t rows = 37;
  std::mt19937 random(4);
  std::uniform_real_distribution<float> number(-1, 1);
  for (const auto& [set, table] : runnable_tables()) {
    for (int fold = 0; fold < hot_fold_count; ++fold) {
      for (int64_t columns : {0, 1, 3, 10, 16, 33, 100, 300}) {
        std::vector<float> input(rows * columns), together(rows);
        for (float& element : input) element = number(random);
        if (columns > 0) input[5 * columns + columns / 2] = std::numeric_limits<float>::quiet_NaN();
        table.rows[fold][0](input.data(), together.data(), rows, columns, columns, 1, 1);
        for (int64_t row = 0; row < rows; ++row) {
          float alone = 0;
          table.rows[fold][0](input.data() + row * columns, &alone, 1, columns, columns, 1, 1);
          CHECK(alone == together[row] || (std::isnan(alone) && std::isnan(together[row])));
        }
      }
    }
  }
}

TEST(vector_folds_of_nothing_and_of_nan) {
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinity = std::numeric_limits<float>::infinity();
  const float identities[] = {0, 1, -infinity, infinity, 0, 0, 0};
  for (const auto& [set, table] : runnable_tables()) {
    for (int fold = 0; fold < hot_fold_count; ++fold) {
      float result = 5;
      table.rows[fold][0](nullptr, &result, 1, 0, 0, 1, 1);
      CHECK_EQUAL(result, identities[fold]);
      for (int64_t size : sizes) {
        std::vector<float> input(size, 1.0f);
        input[size / 2] = nan;
        table.rows[fold][0](input.data(), &result, 1, size, size, 1, 1);
        if (static_cast<Fold>(fold) == Fold::number_sum)
          CHECK_EQUAL(result, static_cast<float>(size - 1));
        else
          CHECK(std::isnan(result));
      }
    }
    int64_t least = 0;
    table.rows[static_cast<int>(Fold::maximum)][3](nullptr, &least, 1, 0, 0, 1, 1);
    CHECK_EQUAL(least, std::numeric_limits<int64_t>::min());
  }
}

// The place of the winner by PyTorch's rules: NaN first, then the value, then the lower place.
template <class S>
int64_t expected_place(const S* source, int64_t count, int64_t stride, bool maximum) {
  int64_t best = 0;
  for (int64_t i = 1; i < count; ++i) {
    const double old = static_cast<double>(source[best * stride]),
                 candidate = static_cast<double>(source[i * stride]);
    if (std::isnan(old)) break;
    if (std::isnan(candidate) || (maximum ? candidate > old : candidate < old)) best = i;
  }
  return best;
}

template <class S>
void check_extremes(double nan_share) {
  std::mt19937 random(5);
  for (const auto& [set, table] : runnable_tables()) {
    for (int row_of_table = 0; row_of_table < 2; ++row_of_table) {
      const bool maximum = row_of_table == 0;
      for (int64_t size : sizes) {
        for (int64_t others : {1, 3, 20}) {
          std::vector<S> input = small_integers<S>(size * others, static_cast<uint32_t>(random()));
          if constexpr (!std::is_integral_v<S>) {
            for (S& element : input) {
              if (random() < nan_share * 4294967296.0) element = S(std::numeric_limits<float>::quiet_NaN());
            }
          }
          std::vector<int64_t> places(others), strided_places(others), column_places(size);
          std::vector<S> values(others), strided_values(others), column_values(size);
          const ExtremeOfRows rows = table.extreme_of_rows[row_of_table][type_index<S>];
          const ExtremeOfColumns columns = table.extreme_of_columns[row_of_table][type_index<S>];
          rows(input.data(), values.data(), places.data(), others, size, size, 1);
          rows(input.data(), strided_values.data(), strided_places.data(), others, size, 1, others);
          columns(input.data(), column_values.data(), column_places.data(), others, size, size);
          const auto same = [](S a, S b) {
            return static_cast<double>(a) == static_cast<double>(b) ||
                   (std::isnan(static_cast<double>(a)) && std::isnan(static_cast<double>(b)));
          };
          for (int64_t row = 0; row < others; ++row) {
            CHECK_EQUAL(places[row], expected_place(&input[row * size], size, 1, maximum));
            CHECK(same(values[row], input[row * size + places[row]]));
            CHECK_EQUAL(strided_places[row], expected_place(&input[row], size, others, maximum));
            CHECK(same(strided_values[row], input[row + strided_places[row] * others]));
          }
          for (int64_t column = 0; column < size; ++column) {
            CHECK_EQUAL(column_places[column], expected_place(&input[column], others, size, maximum));
            CHECK(same(column_values[column], input[column + column_places[column] * size]));
          }
        }
      }
    }
  }
}

TEST(vector_extremes) {
  for (double nan_share : {0.0, 0.001, 0.2}) {
    check_extremes<float>(nan_share);
    check_extremes<double>(nan_share);
    check_extremes<BFloat16>(nan_share);
  }
  check_extremes<int64_t>(0);
}

TEST(folds_of_the_dtypes_compiled_once) {
  using cpu::fold_rows;
  const uint8_t bytes[] = {200, 100, 7};
  int64_t sum = 0;
  fold_rows(Fold::sum, DType::uint8)(bytes, &sum, 1, 3, 3, 1, 1);
  CHECK_EQUAL(sum, 307);
  uint8_t largest = 0;
  fold_rows(Fold::maximum, DType::uint8)(bytes, &largest, 1, 3, 3, 1, 1);
  CHECK_EQUAL(int{largest}, 200);
  const bool flags[] = {false, true, false, false};
  bool results[2] = {};
  fold_rows(Fold::any, DType::bool_)(flags, results, 2, 2, 2, 1, 1);
  CHECK(results[0] && !results[1]);
  fold_rows(Fold::all, DType::bool_)(flags, results, 2, 2, 2, 1, 1);
  CHECK(!results[0] && !results[1]);
  fold_rows(Fold::sum, DType::bool_)(flags, &sum, 1, 4, 4, 1, 1);
  CHECK_EQUAL(sum, 1);
  const float numbers[] = {0.0f, std::numeric_limits<float>::quiet_NaN()};
  fold_rows(Fold::any, DType::float32)(numbers, results, 1, 2, 2, 1, 1);
  CHECK(results[0]);  // NaN counts as true
  const std::complex<float> complex_numbers[] = {{1, 2}, {3, -1}};
  std::complex<float> product;
  fold_rows(Fold::product, DType::complex64)(complex_numbers, &product, 1, 2, 2, 1, 1);
  CHECK(product == std::complex<float>(5, 5));
  CHECK(fold_rows(Fold::maximum, DType::complex64) == nullptr);
  const int16_t words[] = {4, -9, 4, -9};
  int64_t place = 0;
  int16_t value = 0;
  cpu::minimum_of_rows(DType::int16)(words, &value, &place, 1, 4, 4, 1);
  CHECK_EQUAL(place, 1);
  CHECK_EQUAL(value, -9);
  CHECK(cpu::fold_dtype(Fold::sum, DType::bool_) == DType::int64);
  CHECK(cpu::fold_dtype(Fold::maximum, DType::bfloat16) == DType::float32);
}

}  // namespace
}  // namespace lampas
