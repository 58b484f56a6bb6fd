// Every elementwise row, hot dtype and instruction set against the scalar loops: contiguous, broadcast,
// strided, in place, every tail, and nothing touched beyond the ends.
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "core/kernels/cpu/elementwise_loops.h"
#include "core/kernels/cpu/scalar_loops.h"
#include "tests/core/check.h"
#include "tests/core/vector_sets.h"

namespace lampas {
namespace {

using namespace cpu;
using testing::runnable_sets;
using vector::HotType;

#define LAMPAS_NAME(name, domain, parameters) #name,
constexpr const char* unary_names[] = {LAMPAS_UNARY_ROWS(LAMPAS_NAME)};
constexpr const char* binary_names[] = {LAMPAS_BINARY_ROWS(LAMPAS_NAME)};
constexpr const char* comparison_names[] = {LAMPAS_COMPARISON_ROWS(LAMPAS_NAME)};
constexpr const char* ternary_names[] = {LAMPAS_TERNARY_ROWS(LAMPAS_NAME)};

// What the scalar loops say, for dtype S.
#define LAMPAS_UNARY(name, domain, parameters) \
  scalar_loops::unary_loop_or_null<scalar_loops::name##_row, S>(),
#define LAMPAS_BINARY(name, domain, parameters) \
  scalar_loops::binary_loop_or_null<scalar_loops::name##_row, S>(),
#define LAMPAS_TERNARY(name, domain, parameters) \
  scalar_loops::ternary_loop_or_null<scalar_loops::name##_row, S>(),
template <class S>
constexpr UnaryLoop expected_unary[] = {LAMPAS_UNARY_ROWS(LAMPAS_UNARY)};
template <class S>
constexpr BinaryLoop expected_binary[] = {LAMPAS_BINARY_ROWS(LAMPAS_BINARY)};
template <class S>
constexpr BinaryLoop expected_comparison[] = {LAMPAS_COMPARISON_ROWS(LAMPAS_BINARY)};
template <class S>
constexpr TernaryLoop expected_ternary[] = {LAMPAS_TERNARY_ROWS(LAMPAS_TERNARY)};

constexpr int64_t counts[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 255, 256, 257, 600};
constexpr int64_t longest = 600;
constexpr int64_t widest_stride = 3;
const Parameter parameters[3] = {{-0.75, 0, -2}, {1.5, 0, 3}, {0.5, 0, 1}};

template <class S>
std::vector<S> random_elements(uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<S> elements;
  for (int64_t i = 0; i < longest * widest_stride; ++i) {
    if constexpr (std::is_integral_v<S>) {
      // Small ones, so that comparisons meet equal values, and some whose product overflows.
      const int64_t small = static_cast<int64_t>(random() % 9) - 4;
      const uint64_t large = (static_cast<uint64_t>(random()) << 32) | random();
      elements.push_back(static_cast<S>(i % 3 == 0 ? large : static_cast<uint64_t>(small)));
    } else {
      constexpr float special[] = {0.0f,  -0.0f, std::numeric_limits<float>::infinity(),
                                   -1.0f, 2.0f,  -std::numeric_limits<float>::infinity(),
                                   1.0f,  0.5f,  std::numeric_limits<float>::quiet_NaN()};
      const float drawn = std::uniform_real_distribution<float>(-6, 6)(random);
      elements.push_back(S(i % 5 == 0 ? special[random() % 9] : drawn));
    }
  }
  return elements;
}

// How large the operands of a formula's roundings may be where sets may round differently: the result for
// polynomials, a product that may cancel where multiply_add is fused in some sets only. Zero: to the bit.
double rounding_scale(const std::string& name) {
  for (const char* polynomial : {"exp", "log", "log1p", "tanh", "sigmoid", "erf", "sin", "cos", "silu",
                                 "gelu", "gelu_by_tanh", "mish", "log_sigmoid", "softplus", "elu",
                                 "soft_margin", "binary_cross_entropy", "binary_cross_entropy_with_logits"}) {
    if (name == polynomial) return 1;
  }
  return name == "add_scaled" || name == "lerp" || name == "addcmul" ? 16 : 0;
}

template <class S>
bool agrees(S actual, S expected, double scale) {
  if constexpr (std::is_integral_v<S>) {
    return actual == expected;
  } else {
    const double a = static_cast<double>(actual), e = static_cast<double>(expected);
    if (std::isnan(a) || std::isnan(e)) return std::isnan(a) && std::isnan(e);
    if (a == e) return std::signbit(a) == std::signbit(e);
    const double last_place = std::is_same_v<S, float>    ? 0x1p-23
                              : std::is_same_v<S, double> ? 0x1p-52
                                                          : 0x1p-7;
    return scale > 0 && std::fabs(a - e) <= 4 * last_place * std::fmax(std::fabs(e), scale);
  }
}

template <class Result>
void compare(const std::string& what, const std::vector<Result>& actual, const std::vector<Result>& expected,
             double scale) {
  for (size_t i = 0; i < actual.size(); ++i) {
    if (agrees(actual[i], expected[i], scale)) continue;
    testing::fail(__FILE__, __LINE__,
                  what + " at " + std::to_string(i) + ": " + std::to_string(static_cast<double>(actual[i])) +
                      ", expected " + std::to_string(static_cast<double>(expected[i])));
    return;
  }
}

// Bytes that no formula writes by chance into every gap, so that stray writes are seen.
template <class Result>
std::vector<Result> untouched() {
  std::vector<Result> elements(longest * widest_stride + 64);
  std::memset(static_cast<void*>(elements.data()), 0x5a, elements.size() * sizeof(Result));
  return elements;
}

template <class Result, class S>
void check_unary(const std::string& what, UnaryLoop loop, UnaryLoop reference, double scale) {
  const std::vector<S> input = random_elements<S>(1);
  struct Layout {
    int64_t input, output;
  };
  for (const auto& [input_stride, output_stride] : {Layout{1, 1}, {0, 1}, {2, 1}, {-1, 1}, {1, 3}, {3, 2}}) {
    const S* start = input_stride < 0 ? input.data() + longest : input.data();
    for (int64_t count : counts) {
      std::vector<Result> actual = untouched<Result>(), expected = untouched<Result>();
      loop(start, actual.data(), count, input_stride, output_stride, parameters);
      reference(start, expected.data(), count, input_stride, output_stride, parameters);
      compare(what + " strides " + std::to_string(input_stride) + ", " + std::to_string(output_stride) +
                  " count " + std::to_string(count),
              actual, expected, scale);
    }
  }
  if constexpr (std::is_same_v<Result, S>) {
    std::vector<S> in_place = input, expected = input;
    loop(in_place.data(), in_place.data(), longest, 1, 1, parameters);
    reference(input.data(), expected.data(), longest, 1, 1, parameters);
    compare(what + " in place", in_place, expected, scale);
  }
}

template <class Result, class S>
void check_binary(const std::string& what, BinaryLoop loop, BinaryLoop reference, double scale) {
  const std::vector<S> a = random_elements<S>(2), b = random_elements<S>(3);
  struct Layout {
    int64_t a, b, output;
  };
  for (const auto& [a_stride, b_stride, output_stride] :
       {Layout{1, 1, 1}, {0, 1, 1}, {1, 0, 1}, {0, 0, 1}, {2, 1, 1}, {1, 3, 1}, {3, 0, 2}, {-1, 2, 3}}) {
    const S* a_start = a_stride < 0 ? a.data() + longest : a.data();
    for (int64_t count : counts) {
      std::vector<Result> actual = untouched<Result>(), expected = untouched<Result>();
      loop(a_start, b.data(), actual.data(), count, a_stride, b_stride, output_stride, parameters);
      reference(a_start, b.data(), expected.data(), count, a_stride, b_stride, output_stride, parameters);
      compare(what + " strides " + std::to_string(a_stride) + ", " + std::to_string(b_stride) + ", " +
                  std::to_string(output_stride) + " count " + std::to_string(count),
              actual, expected, scale);
    }
  }
  if constexpr (std::is_same_v<Result, S>) {
    std::vector<S> in_place = a, expected = a;
    loop(in_place.data(), b.data(), in_place.data(), longest, 1, 1, 1, parameters);
    reference(a.data(), b.data(), expected.data(), longest, 1, 1, 1, parameters);
    compare(what + " in place", in_place, expected, scale);
  }
}

template <class S>
void check_ternary(const std::string& what, TernaryLoop loop, TernaryLoop reference, double scale) {
  const std::vector<S> a = random_elements<S>(4), b = random_elements<S>(5), c = random_elements<S>(6);
  struct Layout {
    int64_t a, b, c, output;
  };
  for (const auto& [a_stride, b_stride, c_stride, output_stride] :
       {Layout{1, 1, 1, 1}, {0, 1, 1, 1}, {1, 0, 1, 1}, {1, 1, 0, 1}, {2, 1, 3, 1}, {1, 0, 2, 2}}) {
    for (int64_t count : counts) {
      std::vector<S> actual = untouched<S>(), expected = untouched<S>();
      loop(a.data(), b.data(), c.data(), actual.data(), count, a_stride, b_stride, c_stride, output_stride,
           parameters);
      reference(a.data(), b.data(), c.data(), expected.data(), count, a_stride, b_stride, c_stride,
                output_stride, parameters);
      compare(what + " count " + std::to_string(count), actual, expected, scale);
    }
  }
}

template <class S>
void check_all_rows(HotType type, const char* type_name) {
  for (const auto& set : runnable_sets()) {
    const std::string suffix = std::string(" ") + type_name + " " + name_of(set.set);
    const int column = static_cast<int>(type);
    for (int row = 0; row < unary_function_count; ++row) {
      const UnaryLoop loop = set.unary.loops[row][column];
      const UnaryLoop reference = expected_unary<S>[row];
      const std::string name = unary_names[row];
      if (reference == nullptr || loop == nullptr) {
        CHECK(reference == nullptr && loop == nullptr);
      } else if (name == "isnan" || name == "logical_not") {
        check_unary<uint8_t, S>(name + suffix, loop, reference, 0);
      } else {
        check_unary<S, S>(name + suffix, loop, reference, rounding_scale(name));
      }
    }
    for (int row = 0; row < binary_function_count; ++row) {
      const BinaryLoop loop = set.binary.loops[row][column];
      const BinaryLoop reference = expected_binary<S>[row];
      const std::string name = binary_names[row];
      CHECK_EQUAL(loop == nullptr, reference == nullptr);
      if (loop != nullptr) {
        check_binary<S, S>(name + suffix, loop, reference, rounding_scale(name));
      }
    }
    for (int row = 0; row < comparison_function_count; ++row) {
      check_binary<uint8_t, S>(comparison_names[row] + suffix, set.comparison.loops[row][column],
                               expected_comparison<S>[row], 0);
    }
    for (int row = 0; row < ternary_function_count; ++row) {
      const TernaryLoop loop = set.ternary.loops[row][column];
      CHECK_EQUAL(loop == nullptr, expected_ternary<S>[row] == nullptr);
      if (loop != nullptr)
        check_ternary<S>(ternary_names[row] + suffix, loop, expected_ternary<S>[row],
                         rounding_scale(ternary_names[row]));
    }
  }
}

TEST(vector_elementwise_float32) { check_all_rows<float>(HotType::float32, "float32"); }
TEST(vector_elementwise_float64) { check_all_rows<double>(HotType::float64, "float64"); }
TEST(vector_elementwise_bfloat16) { check_all_rows<BFloat16>(HotType::bfloat16, "bfloat16"); }
TEST(vector_elementwise_int32) { check_all_rows<int32_t>(HotType::int32, "int32"); }
TEST(vector_elementwise_int64) { check_all_rows<int64_t>(HotType::int64, "int64"); }

template <class T>
void check_where(const std::string& what, TernaryLoop loop) {
  const std::vector<T> a = random_elements<T>(7), b = random_elements<T>(8);
  std::vector<uint8_t> conditions;
  std::mt19937 random(9);
  for (int64_t i = 0; i < longest * widest_stride; ++i) conditions.push_back(random() % 2);
  struct Layout {
    int64_t condition, a, b, output;
  };
  for (const auto& [condition_stride, a_stride, b_stride, output_stride] :
       {Layout{1, 1, 1, 1}, {0, 1, 1, 1}, {1, 0, 1, 1}, {1, 1, 0, 1}, {2, 1, 3, 1}, {3, 0, 2, 2}}) {
    for (int64_t count : counts) {
      std::vector<T> actual = untouched<T>(), expected = untouched<T>();
      loop(conditions.data(), a.data(), b.data(), actual.data(), count, condition_stride, a_stride, b_stride,
           output_stride, nullptr);
      for (int64_t i = 0; i < count; ++i) {
        expected[i * output_stride] = conditions[i * condition_stride] ? a[i * a_stride] : b[i * b_stride];
      }
      compare(what + " count " + std::to_string(count), actual, expected, 0);
    }
  }
}

TEST(vector_where) {
  for (const auto& set : runnable_sets()) {
    check_where<float>(std::string("where float32 ") + name_of(set.set), set.ternary.where_4_bytes);
    check_where<int64_t>(std::string("where int64 ") + name_of(set.set), set.ternary.where_8_bytes);
  }
  check_where<uint8_t>("where uint8", where_loop(1));
  check_where<BFloat16>("where bfloat16", where_loop(2));
  check_where<double>("where float64", where_loop(8));
}

// Memory that ends where a page without access begins: touching one byte past the end stops the test.
class EndOfMemory {
 public:
  EndOfMemory() : page_(static_cast<size_t>(sysconf(_SC_PAGESIZE))) {
    memory_ = static_cast<char*>(
        mmap(nullptr, 2 * page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(memory_ + page_, page_, PROT_NONE);
  }
  ~EndOfMemory() { munmap(memory_, 2 * page_); }
  void* last(int64_t bytes) { return memory_ + page_ - bytes; }

 private:
  size_t page_;
  char* memory_;
};

TEST(vector_tails_stay_inside_their_memory) {
  EndOfMemory first, second, result;
  constexpr int64_t item_sizes_of_hot_types[] = {4, 8, 2, 4, 8};
  for (const auto& set : runnable_sets()) {
    for (int column = 0; column < vector::hot_type_count; ++column) {
      const int64_t size = item_sizes_of_hot_types[column];
      const int add = static_cast<int>(BinaryFunction::add), less = static_cast<int>(ComparisonFunction::lt);
      const int neg = static_cast<int>(UnaryFunction::neg);
      for (int64_t count = 1; count <= 40; ++count) {
        void* a = first.last(count * size);
        void* b = second.last(count * size);
        set.binary.loops[add][column](a, b, result.last(count * size), count, 1, 1, 1, nullptr);
        set.unary.loops[neg][column](a, result.last(count * size), count, 1, 1, nullptr);
        set.comparison.loops[less][column](a, b, result.last(count), count, 1, 1, 1, nullptr);
      }
    }
    for (int64_t count = 1; count <= 40; ++count) {
      set.ternary.where_4_bytes(result.last(count), first.last(4 * count), second.last(4 * count),
                                first.last(4 * count), count, 1, 1, 1, 1, nullptr);
    }
  }
}

// The dtypes compiled once, on values that tell their arithmetic apart.
template <class T>
T binary_of(BinaryFunction function, DType dtype, T a, T b, const Parameter* parameter = nullptr) {
  T result{};
  binary_loop(function, dtype)(&a, &b, &result, 1, 1, 1, 1, parameter);
  return result;
}

TEST(scalar_loops_of_small_integers_and_bool) {
  CHECK_EQUAL(int{binary_of<uint8_t>(BinaryFunction::add, DType::uint8, 200, 100)}, 44);
  CHECK_EQUAL(int{binary_of<int8_t>(BinaryFunction::mul, DType::int8, 100, 3)}, 44);
  CHECK_EQUAL(binary_of<uint64_t>(BinaryFunction::sub, DType::uint64, 1, 2), ~uint64_t{0});
  CHECK_EQUAL(binary_of<bool>(BinaryFunction::add, DType::bool_, true, true), true);
  CHECK_EQUAL(binary_of<bool>(BinaryFunction::mul, DType::bool_, true, false), false);
  CHECK_EQUAL(binary_of<bool>(BinaryFunction::maximum, DType::bool_, false, true), true);
  CHECK(binary_loop(BinaryFunction::sub, DType::bool_) == nullptr);
  CHECK(binary_loop(BinaryFunction::div, DType::int32) == nullptr);
  CHECK(binary_loop(BinaryFunction::maximum, DType::complex64) == nullptr);
  const Parameter alpha{0, 0, 3};
  CHECK_EQUAL(int{binary_of<int16_t>(BinaryFunction::add_scaled, DType::int16, 1, 10, &alpha)}, 31);
}

TEST(scalar_loops_of_complex_numbers) {
  using C = std::complex<float>;
  CHECK(binary_of<C>(BinaryFunction::mul, DType::complex64, {1, 2}, {3, -1}) == C(5, 5));
  CHECK(std::abs(binary_of<C>(BinaryFunction::div, DType::complex64, {5, 5}, {3, -1}) - C(1, 2)) < 1e-6);
  CHECK(std::isinf(binary_of<C>(BinaryFunction::div, DType::complex64, {1, 0}, {0, 0}).real()));
  const Parameter alpha{0, 1, 0};
  CHECK(binary_of<C>(BinaryFunction::add_scaled, DType::complex64, {1, 0}, {2, 3}, &alpha) == C(-2, 2));
  const C input(3, -4);
  float magnitude = 0;
  unary_loop(UnaryFunction::abs, DType::complex64)(&input, &magnitude, 1, 1, 1, nullptr);
  CHECK_EQUAL(magnitude, 5.0f);
  bool is_zero = true;
  unary_loop(UnaryFunction::logical_not, DType::complex64)(&input, &is_zero, 1, 1, 1, nullptr);
  CHECK_EQUAL(is_zero, false);
}

TEST(scalar_loops_of_float16_round_from_float) {
  const Float16 a(1.0f), b(0x1p-11f), c(0x1.8p-10f);
  Float16 sum;
  binary_loop(BinaryFunction::add, DType::float16)(&a, &b, &sum, 1, 1, 1, 1, nullptr);
  CHECK_EQUAL(static_cast<float>(sum), 1.0f);  // halfway: to even
  binary_loop(BinaryFunction::add, DType::float16)(&a, &c, &sum, 1, 1, 1, 1, nullptr);
  CHECK_EQUAL(static_cast<float>(sum), 1 + 0x1p-9f);
}

TEST(instruction_set_choice) {
  using enum InstructionSet;
  CHECK(choose_instruction_set(nullptr, avx2).set == avx2);
  CHECK(choose_instruction_set("", avx512).problem.empty());
  CHECK(choose_instruction_set("baseline", avx512).set == baseline);
  CHECK(choose_instruction_set("baseline", avx512).problem.empty());
  CHECK(!choose_instruction_set("avx512", avx2).problem.empty());
  CHECK(choose_instruction_set("avx512", avx2).set == avx2);
  CHECK(!choose_instruction_set("sse9", avx512).problem.empty());
  CHECK(instruction_set_problem().empty());
}

}  // namespace
}  // namespace lampas
