// The loops of unary rows.
#include "core/kernels/cpu/vector/unary_loop.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

LAMPAS_UNARY_ROWS(LAMPAS_UNARY_FORMULA)

}  // namespace

#define LAMPAS_TABLE_ENTRY(name, row_domain, row_parameter_count)                         \
  {unary_loop_or_null<name##_row, float>(), unary_loop_or_null<name##_row, double>(),     \
   unary_loop_or_null<name##_row, BFloat16>(), unary_loop_or_null<name##_row, int32_t>(), \
   unary_loop_or_null<name##_row, int64_t>()},
constinit const UnaryTable unary = {{LAMPAS_UNARY_ROWS(LAMPAS_TABLE_ENTRY)}};

}  // namespace lampas::vector::LAMPAS_SET
