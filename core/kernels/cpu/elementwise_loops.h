// Which loop runs an elementwise row on a dtype: of the chosen instruction set, or the one compiled once.
// Callers split ranges over threads and collapse dimensions; a loop walks one dimension.
#pragma once

#include <cstddef>

#include "core/kernels/elementwise_rows.h"
#include "core/tensor/dtype.h"

namespace lampas::cpu {

// Null where the row does not take the dtype. Operands and parameters are of `dtype`; so is the result,
// except bool for truth values and the real dtype for abs of complex numbers.
UnaryLoop unary_loop(UnaryFunction function, DType dtype);
BinaryLoop binary_loop(BinaryFunction function, DType dtype);
BinaryLoop comparison_loop(ComparisonFunction function, DType dtype);
TernaryLoop ternary_loop(TernaryFunction function, DType dtype);
// where(condition, a, b): the first operand is the condition (bool), the others have `item_size` bytes.
TernaryLoop where_loop(size_t item_size);
// Converts `from` to `to`; strides in elements.
UnaryLoop cast_loop(DType from, DType to);

const char* name_of(UnaryFunction function);
const char* name_of(BinaryFunction function);
const char* name_of(ComparisonFunction function);
const char* name_of(TernaryFunction function);

}  // namespace lampas::cpu
