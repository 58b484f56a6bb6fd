// softmax and log_softmax along one dim.
#pragma once

#include "core/ops/op.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, int64_t, std::optional<DType>)> softmax;
extern const Op<Tensor(const Tensor&, int64_t, std::optional<DType>)> log_softmax;

}  // namespace lampas
