// The ways in which a reduction folds many elements into one, and the dtype it does so in.
#pragma once

#include <stdint.h>

namespace lampas {

enum class Fold : uint8_t {
  sum,
  product,
  maximum,
  minimum,
  // Sums of the elements' squares and absolute values, and of those that are not NaN: of real floating
  // dtypes.
  square_sum,
  magnitude_sum,
  number_sum,
  any,
  all,
};

// What folds the results of folds over parts.
constexpr Fold fold_of_parts(Fold fold) {
  bool is_sum = fold == Fold::square_sum || fold == Fold::magnitude_sum || fold == Fold::number_sum;
  return is_sum ? Fold::sum : fold;
}

}  // namespace lampas
