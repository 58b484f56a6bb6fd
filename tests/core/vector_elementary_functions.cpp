// Measures the error of exp, log, tanh, erf, sin and cos in every instruction set, over the whole range,
// against the C library in the next wider type.
#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdio>
#include <limits>
#include <random>
#include <vector>

#include "tests/core/check.h"
#include "tests/core/vector_sets.h"

namespace lampas {
namespace {

using testing::runnable_sets;
using vector::HotType;

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

// The distance of `actual` from the exact value, in units in the last place of T at the exact value.
// An infinite `actual` counts as the first power of two that T cannot hold.
template <class T, class Wide>
double error_in_last_places(T actual, Wide exact) {
  constexpr int digits = std::numeric_limits<T>::digits;
  constexpr int lowest_exponent = std::numeric_limits<T>::min_exponent;
  constexpr int highest_exponent = std::numeric_limits<T>::max_exponent;
  if (std::isnan(actual) || std::isnan(exact)) return std::isnan(actual) && std::isnan(exact) ? 0 : 1e30;
  const Wide limit = std::ldexp(Wide(1), highest_exponent);
  const Wide clipped = std::fmin(std::fmax(exact, -limit), limit);
  const Wide value = std::isinf(actual) ? std::copysign(limit, Wide(actual)) : Wide(actual);
  int exponent = lowest_exponent;
  if (clipped != 0) std::frexp(clipped, &exponent);
  exponent = std::min(std::max(exponent, lowest_exponent), highest_exponent);
  return static_cast<double>(std::fabs(value - clipped) / std::ldexp(Wide(1), exponent - digits));
}

// Every 997th bit pattern (an odd stride meets all exponents and both signs), and the edges.
std::vector<float> all_kinds_of_floats() {
  std::vector<float> inputs = {0.0f,    -0.0f,    infinity, -infinity, not_a_number,
                               FLT_MIN, -FLT_MIN, FLT_MAX,  -FLT_MAX,  FLT_TRUE_MIN};
  for (uint64_t bits = 0; bits <= 0xffffffffu; bits += 997) {
    inputs.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
  }
  // Near multiples of pi/2, where the reduction of sin and cos cancels most.
  for (int multiple = -9000; multiple <= 9000; ++multiple) {
    const float near = static_cast<float>(multiple * 1.5707963267948966);
    inputs.insert(inputs.end(), {std::nextafter(near, -infinity), near, std::nextafter(near, infinity)});
  }
  return inputs;
}

std::vector<double> all_kinds_of_doubles() {
  std::vector<double> inputs = {0.0,     -0.0,     infinity, -infinity, not_a_number,
                                DBL_MIN, -DBL_MIN, DBL_MAX,  -DBL_MAX,  DBL_TRUE_MIN};
  std::mt19937_64 random(7);
  for (int i = 0; i < 100000; ++i) inputs.push_back(std::bit_cast<double>(random()));
  for (double range : {1.0, 30.0, 800.0, 1e6}) {
    std::uniform_real_distribution<double> uniform(-range, range);
    for (int i = 0; i < 50000; ++i) inputs.push_back(uniform(random));
  }
  for (int multiple = -20000; multiple <= 20000; ++multiple) inputs.push_back(multiple * 1.5707963267948966);
  return inputs;
}

// Checks one function in every set; `exact` is evaluated once per input.
template <class T, class Wide>
void measure(const char* name, UnaryFunction function, HotType type, const std::vector<T>& inputs,
             Wide (*exact)(Wide), double bound) {
  std::vector<Wide> expected;
  expected.reserve(inputs.size());
  for (T input : inputs) expected.push_back(exact(static_cast<Wide>(input)));
  std::vector<T> outputs(inputs.size());
  for (const auto& set : runnable_sets()) {
    set.loop(function, type)(inputs.data(), outputs.data(), static_cast<int64_t>(inputs.size()), 1, 1,
                             nullptr);
    double worst = 0;
    T worst_input = 0;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const double error = error_in_last_places(outputs[i], expected[i]);
      if (error > worst) worst = error, worst_input = inputs[i];
    }
    std::printf("  %s %s %s: largest error %.3f last places, at %.17g\n", name,
                sizeof(T) == 4 ? "float" : "double", name_of(set.set), worst,
                static_cast<double>(worst_input));
    CHECK(worst <= bound);
  }
}

// The bounds are those that elementary_functions.h states: what was measured, rounded up.
TEST(vector_float_functions_are_accurate) {
  const std::vector<float> inputs = all_kinds_of_floats();
  measure<float, double>("exp", UnaryFunction::exp, HotType::float32, inputs, std::exp, 1.0);
  measure<float, double>("log", UnaryFunction::log, HotType::float32, inputs, std::log, 0.9);
  measure<float, double>("tanh", UnaryFunction::tanh, HotType::float32, inputs, std::tanh, 1.4);
  measure<float, double>("erf", UnaryFunction::erf, HotType::float32, inputs, std::erf, 1.3);
  measure<float, double>("sin", UnaryFunction::sin, HotType::float32, inputs, std::sin, 0.9);
  measure<float, double>("cos", UnaryFunction::cos, HotType::float32, inputs, std::cos, 0.9);
}

TEST(vector_double_functions_are_accurate) {
  const std::vector<double> inputs = all_kinds_of_doubles();
  measure<double, long double>("exp", UnaryFunction::exp, HotType::float64, inputs, std::exp, 1.1);
  measure<double, long double>("log", UnaryFunction::log, HotType::float64, inputs, std::log, 0.9);
  measure<double, long double>("tanh", UnaryFunction::tanh, HotType::float64, inputs, std::tanh, 1.3);
  measure<double, long double>("erf", UnaryFunction::erf, HotType::float64, inputs, std::erf, 1.4);
  measure<double, long double>("sin", UnaryFunction::sin, HotType::float64, inputs, std::sin, 1.0);
  measure<double, long double>("cos", UnaryFunction::cos, HotType::float64, inputs, std::cos, 1.0);
}

// Values that a tolerance would blur: signs of zero, infinities, poles.
TEST(vector_functions_at_the_edges) {
  for (const auto& set : runnable_sets()) {
    const auto value = [&](UnaryFunction function, float x) {
      float y = 0;
      set.loop(function, HotType::float32)(&x, &y, 1, 1, 1, nullptr);
      return y;
    };
    CHECK_EQUAL(value(UnaryFunction::exp, -infinity), 0.0f);
    CHECK_EQUAL(value(UnaryFunction::exp, infinity), infinity);
    CHECK_EQUAL(value(UnaryFunction::exp, 0.0f), 1.0f);
    CHECK_EQUAL(value(UnaryFunction::log, 0.0f), -infinity);
    CHECK_EQUAL(value(UnaryFunction::log, -0.0f), -infinity);
    CHECK_EQUAL(value(UnaryFunction::log, infinity), infinity);
    CHECK_EQUAL(value(UnaryFunction::log, 1.0f), 0.0f);
    CHECK(std::isnan(value(UnaryFunction::log, -1.0f)));
    CHECK(std::isnan(value(UnaryFunction::log, -infinity)));
    CHECK_EQUAL(value(UnaryFunction::tanh, infinity), 1.0f);
    CHECK_EQUAL(value(UnaryFunction::tanh, -infinity), -1.0f);
    CHECK_EQUAL(value(UnaryFunction::erf, infinity), 1.0f);
    CHECK_EQUAL(value(UnaryFunction::erf, -infinity), -1.0f);
    CHECK(std::isnan(value(UnaryFunction::sin, infinity)));
    CHECK(std::isnan(value(UnaryFunction::cos, -infinity)));
    for (UnaryFunction odd : {UnaryFunction::tanh, UnaryFunction::erf, UnaryFunction::sin}) {
      CHECK(std::signbit(value(odd, -0.0f)));
      CHECK(!std::signbit(value(odd, 0.0f)));
      CHECK_EQUAL(value(odd, FLT_TRUE_MIN) > 0, true);
    }
  }
}

}  // namespace
}  // namespace lampas
