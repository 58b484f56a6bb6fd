// The loops of comparisons: two operands in, bool out.
#include "core/kernels/cpu/vector/binary_loop.h"

namespace lampas::vector::LAMPAS_SET {
namespace {
LAMPAS_COMPARISON_ROWS(LAMPAS_BINARY_FORMULA)
}  // namespace

constinit const ComparisonTable comparison = {{LAMPAS_COMPARISON_ROWS(LAMPAS_BINARY_TABLE_ENTRY)}};

}  // namespace lampas::vector::LAMPAS_SET
