// The loops of binary rows.
#include "core/kernels/cpu/vector/binary_loop.h"

namespace lampas::vector::LAMPAS_SET {
namespace {
LAMPAS_BINARY_ROWS(LAMPAS_BINARY_FORMULA)
}  // namespace

constinit const BinaryTable binary = {{LAMPAS_BINARY_ROWS(LAMPAS_BINARY_TABLE_ENTRY)}};

}  // namespace lampas::vector::LAMPAS_SET
