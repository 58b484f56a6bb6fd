// The ways in which a reduction folds many elements into one, and the dtype it does so in.
#pragma once

#include <stdint.h>

namespace lampas {

enum class Fold : uint8_t { sum, product, maximum, minimum, any, all };
inline constexpr int fold_count = 6;

}  // namespace lampas
