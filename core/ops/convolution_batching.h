// How vmap runs convolutions on a whole batch.
#pragma once

#include "core/ops/op.h"

namespace lampas {

// For `convolution`: examples of one weight are a longer batch, examples with their own are more groups.
BatchedValue batched_convolution(const OpBase& op, BatchedValues& arguments, int64_t batch_size);
// For its gradients.
BatchedValue batched_convolution_backward(const OpBase& op, BatchedValues& arguments, int64_t batch_size);

}  // namespace lampas
