// A recorded sparse linear map along the last dims of a tensor: what average pooling, interpolation, borders
// and unfolding are made of. It is linear, so its derivative is the transposed map.
#pragma once

#include <vector>

#include "core/kernels/line_map.h"
#include "core/ops/op.h"

namespace lampas {

LineMap transposed(const LineMap& map);

// How the op made of such a map appears to others.
struct LineMapNode {
  const char* name;                         // of its node
  const char* backward_name;                // of the node of its gradient
  Autocast autocast = Autocast::unchanged;  // or float32
  bool takes_halves = true;                 // PyTorch has a few only for float32 and float64
};

// Applies one map to each of the last dims. `node` must live as long as the process.
Tensor map_lines(const Tensor& input, std::vector<LineMap> maps, const LineMapNode& node);

}  // namespace lampas
