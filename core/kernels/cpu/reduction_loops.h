// Which loop folds rows or columns of a dtype: the chosen instruction set's, or the one compiled once.
// Callers turn any dims into rows and columns and split them over threads.
#pragma once

#include "core/kernels/cpu/vector/reduction.h"
#include "core/kernels/reduction.h"

namespace lampas::cpu {

using kernels::fold_dtype;

// Null where the fold has no meaning: maximum and minimum of complex numbers.
FoldRows fold_rows(Fold fold, DType dtype);
FoldColumns fold_columns(Fold fold, DType dtype);
ExtremeOfRows maximum_of_rows(DType dtype);
ExtremeOfRows minimum_of_rows(DType dtype);
ExtremeOfColumns maximum_of_columns(DType dtype);
ExtremeOfColumns minimum_of_columns(DType dtype);

}  // namespace lampas::cpu
