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
#include "tests/core/vector_accuracy.h"
#include "tests/core/vector_sets.h"

namespace lampas {
namespace {

using testing::runnable_sets;
using vector::HotType;

using testing::all_kinds_of_floats;
using testing::error_in_last_places;
using testing::infinity;
using testing::not_a_number;

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
             Wide (*exact)(Wide), double bound, const Parameter* parameters = nullptr) {
  std::vector<Wide> expected;
  expected.reserve(inputs.size());
  for (T input : inputs) expected.push_back(exact(static_cast<Wide>(input)));
  std::vector<T> outputs(inputs.size());
  for (const auto& set : runnable_sets()) {
    set.loop(function, type)(inputs.data(), outputs.data(), static_cast<int64_t>(inputs.size()), 1, 1,
                             parameters);
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

// elu of negative numbers is expm1, which has no row of doubles of its own.
TEST(vector_expm1_of_doubles_is_accurate) {
  std::vector<double> negative;
  for (double input : all_kinds_of_doubles()) {
    negative.push_back(-std::fabs(input));
    negative.push_back(-std::fabs(std::fmod(input, 1.0)));
  }
  const Parameter ones[3] = {{1, 0, 1}, {1, 0, 1}, {1, 0, 1}};
  measure<double, long double>("expm1", UnaryFunction::elu, HotType::float64, negative, std::expm1, 1.2,
                               ones);
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
