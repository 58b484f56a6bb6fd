// Contract: the gradient of looking rows up in a table.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// rows (count, width), places (count) int64, table (size, width): floating, contiguous. Each row is added to
// the table's row that its place names; rows whose place is `skipped` are left out. `by_frequency`: divided
// by how often their place occurs.
inline constinit Kernel<void(const Tensor& rows, const Tensor& places, int64_t skipped, bool by_frequency,
                             const Tensor& table)>
    embedding_backward{"embedding_backward"};

}  // namespace lampas::kernels
