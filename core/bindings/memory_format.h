// memory_format arguments: the order of dims in memory that a caller asks for.
#pragma once

#include "core/bindings/value_types.h"
#include "core/ops/value.h"

namespace lampas::python {

MemoryFormat format_in(const Value& argument, MemoryFormat otherwise);
// Whether the elements of `tensor` lie without gaps in the order of `format`.
bool lies_in(const Tensor& tensor, MemoryFormat format);
// `tensor` where it lies in `format`, which may be `preserve`, else a recorded copy that does.
Tensor in_format(const Tensor& tensor, MemoryFormat format);

}  // namespace lampas::python
