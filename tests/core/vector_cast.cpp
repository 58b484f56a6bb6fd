// Conversions between dtypes: PyTorch's results at the edges, and every instruction set's loops against
// conversions of single elements.
#include <bit>
#include <cmath>
#include <complex>
#include <limits>
#include <random>
#include <vector>

#include "core/kernels/cpu/elementwise_loops.h"
#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/number_conversion.h"
#include "core/kernels/cpu/vector/cast.h"
#include "tests/core/check.h"

namespace lampas {
namespace {

template <class To, class From>
To cast(From value) {
  To result{};
  cpu::cast_loop(DTypeOf<From>::dtype, DTypeOf<To>::dtype)(&value, &result, 1, 1, 1, nullptr);
  return result;
}

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// The values that PyTorch 2.13 gives on x86-64.
template <class From>
void check_integers() {
  const auto value = [](double number) { return static_cast<From>(number); };
  CHECK_EQUAL(int{cast<uint8_t>(value(300))}, 44);
  CHECK_EQUAL(int{cast<uint8_t>(value(-1))}, 255);
  CHECK_EQUAL(int{cast<uint8_t>(value(1e10))}, 0);
  CHECK_EQUAL(int{cast<int8_t>(value(-300))}, -44);
  CHECK_EQUAL(cast<int16_t>(value(nan)), 0);
  CHECK_EQUAL(cast<uint16_t>(value(-1)), 65535);
  CHECK_EQUAL(cast<uint16_t>(value(4.2e9)), 0);
  CHECK_EQUAL(cast<int32_t>(value(-2.75)), -2);
  for (double outside : {3e9, -1e19, infinity, nan}) {
    CHECK_EQUAL(cast<int32_t>(value(outside)), std::numeric_limits<int32_t>::min());
  }
  CHECK_EQUAL(cast<int64_t>(value(-1e10)), -10000000000);
  for (double outside : {1e19, -1e19, infinity, -infinity, nan}) {
    CHECK_EQUAL(cast<int64_t>(value(outside)), std::numeric_limits<int64_t>::min());
  }
  CHECK_EQUAL(cast<uint32_t>(value(3e9)), 3000000000u);
  CHECK_EQUAL(cast<uint32_t>(value(-1)), 4294967295u);
  CHECK_EQUAL(cast<uint64_t>(value(-1)), ~uint64_t{0});
  CHECK_EQUAL(cast<uint64_t>(value(0x1p63)), uint64_t{1} << 63);
  CHECK_EQUAL(cast<uint64_t>(value(1e20)), uint64_t{0});
  CHECK_EQUAL(cast<uint64_t>(value(nan)), uint64_t{1} << 63);
  CHECK_EQUAL(cast<bool>(value(nan)), true);
  CHECK_EQUAL(cast<bool>(value(-0.0)), false);
}

TEST(cast_of_floats_to_integers) {
  check_integers<float>();
  check_integers<double>();
}

TEST(cast_of_halves_and_complex_numbers) {
  using C = std::complex<float>;
  CHECK_EQUAL(cast<float>(C(1, 2)), 1.0f);
  CHECK_EQUAL(cast<bool>(C(0, 2)), true);
  CHECK(cast<std::complex<double>>(3) == std::complex<double>(3, 0));
  CHECK_EQUAL(static_cast<float>(cast<BFloat16>(1.0f + 0x1p-8f)), 1.0f);
  CHECK_EQUAL(static_cast<float>(cast<BFloat16>(1.0f + 0x1.8p-7f)), 1.0f + 0x1p-6f);
  CHECK(std::isnan(static_cast<float>(cast<BFloat16>(std::bit_cast<float>(0x7f800001u)))));
  CHECK_EQUAL(cast<int64_t>(Float16(-2.5f)), -2);
  CHECK_EQUAL(static_cast<float>(cast<Float16>(int64_t{65520})), std::numeric_limits<float>::infinity());
}

TEST(cast_strides) {
  const std::vector<float> input = {1.5f, -2.5f, 3.5f, -4.5f};
  std::vector<int32_t> output(7, 9);
  const UnaryLoop loop = cpu::cast_loop(DType::float32, DType::int32);
  loop(input.data(), output.data(), 3, 1, 3, nullptr);
  CHECK(output == (std::vector<int32_t>{1, 9, 9, -2, 9, 9, 3}));
  loop(input.data() + 1, output.data(), 5, 0, 1, nullptr);
  CHECK(output == (std::vector<int32_t>{-2, -2, -2, -2, -2, 9, 3}));
}

std::vector<const vector::CastTable*> runnable_tables() {
  std::vector<const vector::CastTable*> tables = {&vector::baseline::cast};
  if (instruction_set() >= InstructionSet::avx2) tables.push_back(&vector::avx2::cast);
  if (instruction_set() >= InstructionSet::avx512) tables.push_back(&vector::avx512::cast);
  return tables;
}

// Same bits, where every NaN counts as the same.
template <class T>
bool same(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return a == b;
  } else {
    const float x = static_cast<float>(a), y = static_cast<float>(b);
    return (std::isnan(x) && std::isnan(y)) || (a == b && std::signbit(x) == std::signbit(y));
  }
}

// Every float16, every bfloat16, floats of all kinds, each from a run of odd length.
template <class From, class To, class Convert>
void check_run(vector::CastRun vector::CastTable::*run, const std::vector<From>& inputs, Convert convert) {
  for (const vector::CastTable* table : runnable_tables()) {
    for (size_t begin = 0; begin + 37 <= inputs.size(); begin += 37) {
      To outputs[37];
      (table->*run)(&inputs[begin], outputs, 37);
      for (size_t i = 0; i < 37; ++i) CHECK(same<To>(outputs[i], convert(inputs[begin + i])));
    }
  }
}

template <class T>
std::vector<T> every_half() {
  std::vector<T> halves(65536 + 37);
  for (size_t i = 0; i < halves.size(); ++i) halves[i].bits = static_cast<uint16_t>(i);
  return halves;
}

template <class T>
std::vector<T> numbers_of_all_kinds() {
  std::mt19937_64 random(11);
  std::vector<T> result;
  for (int i = 0; i < 37 * 2000; ++i) {
    if constexpr (std::is_integral_v<T>) {
      result.push_back(static_cast<T>(random() >> (random() % 64)));
    } else if (i % 2) {
      result.push_back(static_cast<T>(std::bit_cast<float>(static_cast<uint32_t>(random()))));
    } else {
      result.push_back(static_cast<T>(static_cast<int64_t>(random()) >> (random() % 64)) / 8);
    }
  }
  return result;
}

TEST(vector_cast_of_halves) {
  using vector::CastTable;
  check_run<BFloat16, float>(&CastTable::bfloat16_to_float32, every_half<BFloat16>(),
                             [](BFloat16 x) { return static_cast<float>(x); });
  check_run<Float16, float>(&CastTable::float16_to_float32, every_half<Float16>(),
                            [](Float16 x) { return static_cast<float>(x); });
  std::vector<float> inputs = numbers_of_all_kinds<float>();
  // What lies just beside, and half way between, neighbouring float16 numbers.
  for (Float16 half : every_half<Float16>()) {
    Float16 next;
    next.bits = static_cast<uint16_t>(half.bits + 1);
    const float middle = (static_cast<float>(half) + static_cast<float>(next)) / 2;
    inputs.insert(inputs.end(), {middle, std::nextafter(middle, 0.0f), std::nextafter(middle, 1e9f)});
  }
  check_run<float, BFloat16>(&CastTable::float32_to_bfloat16, inputs, [](float x) { return BFloat16(x); });
  check_run<float, Float16>(&CastTable::float32_to_float16, inputs, [](float x) { return Float16(x); });
}

template <class From, class To>
void check_numbers(vector::CastRun vector::CastTable::*run) {
  check_run<From, To>(run, numbers_of_all_kinds<From>(), [](From x) { return numbers::convert<To>(x); });
}

TEST(vector_cast_of_numbers) {
  using vector::CastTable;
  check_numbers<float, double>(&CastTable::float32_to_float64);
  check_numbers<double, float>(&CastTable::float64_to_float32);
  check_numbers<float, int32_t>(&CastTable::float32_to_int32);
  check_numbers<float, int64_t>(&CastTable::float32_to_int64);
  check_numbers<double, int64_t>(&CastTable::float64_to_int64);
  check_numbers<int32_t, float>(&CastTable::int32_to_float32);
  check_numbers<int64_t, float>(&CastTable::int64_to_float32);
  check_numbers<int64_t, double>(&CastTable::int64_to_float64);
  check_numbers<uint8_t, float>(&CastTable::uint8_to_float32);
  check_numbers<uint8_t, int64_t>(&CastTable::uint8_to_int64);
  check_numbers<float, uint8_t>(&CastTable::float32_to_uint8);
  check_numbers<int32_t, int64_t>(&CastTable::int32_to_int64);
  check_numbers<int64_t, int32_t>(&CastTable::int64_to_int32);
}

}  // namespace
}  // namespace lampas
