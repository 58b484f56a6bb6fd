// Measures the special functions of floats in every instruction set against the same functions in double.
#include <algorithm>
#include <cstdio>
#include <random>

#include "core/kernels/cpu/vector/special.h"
#include "core/kernels/special/elementary.h"
#include "core/kernels/special/error_functions.h"
#include "tests/core/check.h"
#include "tests/core/vector_accuracy.h"
#include "tests/core/vector_sets.h"

namespace lampas {
namespace {

using testing::all_kinds_of_floats;
using testing::error_in_last_places;
using testing::infinity;
using testing::not_a_number;
using vector::SpecialTable;

struct Set {
  const char* name;
  const SpecialTable& table;
};

std::vector<Set> special_tables() {
  const SpecialTable* tables[] = {&vector::baseline::special, &vector::avx2::special,
                                  &vector::avx512::special};
  std::vector<Set> sets;
  for (const auto& runnable : testing::runnable_sets())
    sets.push_back({name_of(runnable.set), *tables[static_cast<int>(runnable.set)]});
  return sets;
}

void measure(const char* name, vector::FloatLoops<UnaryLoop> SpecialTable::*row, double (*exact)(double),
             const std::vector<float>& inputs, double bound) {
  std::vector<float> outputs(inputs.size());
  for (const Set& set : special_tables()) {
    (set.table.*row)
        .float32(inputs.data(), outputs.data(), static_cast<int64_t>(inputs.size()), 1, 1, nullptr);
    double worst = 0;
    float worst_input = 0;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const double error = error_in_last_places(outputs[i], exact(inputs[i]));
      if (error > worst) worst = error, worst_input = inputs[i];
    }
    std::printf("  %s %s: largest error %.3f last places, at %.9g\n", name, set.name, worst,
                static_cast<double>(worst_input));
    CHECK(worst <= bound);
  }
}

// Half a last place is the rounding to float; what double computes before adds next to nothing.
TEST(special_functions_of_floats_are_accurate) {
  const std::vector<float> inputs = all_kinds_of_floats();
#define LAMPAS_MEASURE(name) measure(#name, &SpecialTable::name, special::name, inputs, 0.52);
  LAMPAS_FLOAT_UNARY_ROWS(LAMPAS_MEASURE)
#undef LAMPAS_MEASURE
  measure("exp2", &SpecialTable::exp2, special::exp2, inputs, 1.0);
  measure("expm1", &SpecialTable::expm1, special::expm1, inputs, 1.5);
}

// Pairs of all kinds: each edge with each, numbers near each other, quotients near integers.
std::vector<std::pair<float, float>> pairs() {
  const float edges[] = {0.0f,    -0.0f,   infinity, -infinity,   not_a_number, 1.0f,   -1.0f,
                         2.0f,    -2.0f,   0.5f,     3.0f,        -3.0f,        1e-45f, -1e-45f,
                         FLT_MIN, FLT_MAX, -FLT_MAX, 16777216.0f, 16777217.0f};
  std::vector<std::pair<float, float>> all;
  for (float first : edges)
    for (float second : edges) all.emplace_back(first, second);
  std::mt19937 random(5);
  std::normal_distribution<float> number(0, 5);
  for (int i = 0; i < 200000; ++i) {
    const float first = number(random), second = number(random);
    all.emplace_back(first, second);
    all.emplace_back(first, std::round(second));
    all.emplace_back(std::round(first) * second, second);
    all.emplace_back(std::bit_cast<float>(static_cast<uint32_t>(random())),
                     std::bit_cast<float>(static_cast<uint32_t>(random())));
  }
  return all;
}

// What a result is held against besides the exact one.
struct Leniency {
  bool beside_inputs = false;  // it may be the difference of larger numbers: an error counts beside those
  bool either_zero = false;    // of 0 and -0 it may be any
};
void measure(const char* name, vector::FloatLoops<BinaryLoop> SpecialTable::*row,
             double (*exact)(double, double), double bound, Leniency leniency = {}) {
  const auto inputs = pairs();
  std::vector<float> first, second, outputs(inputs.size());
  for (const auto& [x, y] : inputs) {
    first.push_back(x);
    second.push_back(y);
  }
  for (const Set& set : special_tables()) {
    (set.table.*row)
        .float32(first.data(), second.data(), outputs.data(), static_cast<int64_t>(outputs.size()), 1, 1, 1,
                 nullptr);
    double worst = 0;
    size_t worst_place = 0;
    for (size_t i = 0; i < outputs.size(); ++i) {
      const double wanted = exact(first[i], second[i]);
      double error = error_in_last_places(outputs[i], wanted);
      if (leniency.beside_inputs && std::fabs(wanted) < std::max(std::fabs(first[i]), std::fabs(second[i])))
        error = std::fabs(static_cast<double>(outputs[i]) - wanted) /
                std::max(std::fabs(first[i]), std::fabs(second[i])) * 0x1p23;
      if (wanted == 0 && !leniency.either_zero && std::signbit(outputs[i]) != std::signbit(wanted))
        error = 1e30;
      if (error > worst) worst = error, worst_place = i;
    }
    std::printf("  %s %s: largest error %.3f last places, at %.9g, %.9g\n", name, set.name, worst,
                static_cast<double>(first[worst_place]), static_cast<double>(second[worst_place]));
    CHECK(worst <= bound);
  }
}

TEST(special_functions_of_two_floats_are_accurate) {
#define LAMPAS_MEASURE(name) measure(#name, &SpecialTable::name, special::name, 0.52);
  LAMPAS_MEASURE(atan2)
  LAMPAS_MEASURE(hypot)
  LAMPAS_MEASURE(fmod)
  LAMPAS_MEASURE(remainder)
  LAMPAS_MEASURE(floor_divide)
  LAMPAS_MEASURE(xlogy)
  LAMPAS_MEASURE(xlog1py)
  LAMPAS_MEASURE(copysign)
  LAMPAS_MEASURE(heaviside)
#undef LAMPAS_MEASURE
  measure("logaddexp", &SpecialTable::logaddexp, special::logaddexp, 0.6, {.beside_inputs = true});
  measure("logaddexp2", &SpecialTable::logaddexp2, special::logaddexp2, 0.6, {.beside_inputs = true});
  measure("fmax", &SpecialTable::fmax, special::fmax, 0, {.either_zero = true});
  measure("fmin", &SpecialTable::fmin, special::fmin, 0, {.either_zero = true});
}

// pow stands among the ordinary rows.
TEST(power_of_floats_is_accurate) {
  const auto inputs = pairs();
  std::vector<float> first, second, outputs(inputs.size());
  for (const auto& [x, y] : inputs) {
    first.push_back(x);
    second.push_back(y);
  }
  for (const auto& set : testing::runnable_sets()) {
    set.loop(BinaryFunction::pow, vector::HotType::float32)(
        first.data(), second.data(), outputs.data(), static_cast<int64_t>(outputs.size()), 1, 1, 1, nullptr);
    double worst = 0;
    for (size_t i = 0; i < outputs.size(); ++i) {
      const double wanted = std::pow(static_cast<double>(first[i]), static_cast<double>(second[i]));
      worst = std::max(worst, error_in_last_places(outputs[i], wanted));
      if (wanted == 0) CHECK(std::signbit(outputs[i]) == std::signbit(wanted));
    }
    std::printf("  pow %s: largest error %.3f last places\n", name_of(set.set), worst);
    CHECK(worst <= 0.52);
  }
}

}  // namespace
}  // namespace lampas
