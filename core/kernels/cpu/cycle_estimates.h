// What the planners of convolutions and products reckon with: clock cycles by estimate, and how work is cut.
#pragma once

#include <algorithm>
#include <cstdint>

namespace lampas::cpu {

inline int64_t ceil_divide(int64_t value, int64_t divisor) { return (value + divisor - 1) / divisor; }
inline int64_t round_up(int64_t value, int64_t multiple) { return ceil_divide(value, multiple) * multiple; }

// Multiplications and additions of a convolution that are worth waking a thread for.
constexpr double work_worth_a_thread = 4e6;

// Clock cycles to copy a vector, and what a row takes besides.
constexpr double copying_cycles_a_vector = 4;
constexpr double copying_cycles_a_row = 2;

// Cycles to copy `rows` rows of `length` elements.
inline double copying_cycles(int64_t rows, int64_t length, int64_t lanes) {
  return static_cast<double>(rows) *
         (copying_cycles_a_vector * static_cast<double>(ceil_divide(length, lanes)) + copying_cycles_a_row);
}

// Clock cycles that a tile takes for one step in depth: two multiply-adds and two loads a cycle, and a sum
// can be added to every fourth cycle. `rows` are the factors that are broadcast.
inline double tile_cycles(int64_t rows, int64_t vectors) {
  return std::max(
      {0.5 * static_cast<double>(rows * vectors), 0.5 * static_cast<double>(rows + vectors), 4.0});
}

}  // namespace lampas::cpu
