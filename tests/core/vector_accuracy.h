// What tests of vector functions measure accuracy with: inputs of all kinds, and errors in last places.
#pragma once

#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace lampas::testing {

inline constexpr float infinity = std::numeric_limits<float>::infinity();
inline constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

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
inline std::vector<float> all_kinds_of_floats() {
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

}  // namespace lampas::testing
