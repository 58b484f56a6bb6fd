// Contract: sparse linear maps along the last dims of a tensor. Average pooling, interpolation, borders and
// unfolding all are such maps: what they do to a picture is what they do to its columns, then to its rows.
#pragma once

#include <vector>

#include "core/kernels/kernel.h"

namespace lampas {

// Output o of a line is the sum of weights[i] * input[columns[i]] for i in starts[o] … starts[o + 1] - 1.
struct LineMap {
  int64_t in_size = 0;
  std::vector<int64_t> starts{0}, columns;
  std::vector<double> weights;
  // Of averages of integers: weights count as 1 and output o is divided by divisors[o], rounded to zero.
  std::vector<int64_t> divisors;

  int64_t out_size() const { return static_cast<int64_t>(starts.size()) - 1; }
  void add(int64_t column, double weight) {
    columns.push_back(column);
    weights.push_back(weight);
  }
  void finish_row() { starts.push_back(static_cast<int64_t>(columns.size())); }
};

namespace kernels {

// input (planes..., in...), output (planes..., out...): contiguous, one dtype; `maps` has one map for each of
// the last dims.
inline constinit Kernel<void(const Tensor& input, const std::vector<LineMap>& maps, const Tensor& output)>
    map_lines{"map_lines"};

}  // namespace kernels
}  // namespace lampas
