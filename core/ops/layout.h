// How results lie in memory: in the order of dims in which the inputs lie.
#pragma once

#include <initializer_list>

#include "core/ops/call.h"

namespace lampas {

// The strides of an elementwise result of `sizes`: what all inputs have where they agree and are dense, else
// dense strides in the order of dims that the inputs' strides suggest.
Shape elementwise_strides(std::initializer_list<InputReference> inputs, const Shape& sizes);

}  // namespace lampas
