// The arguments of Tensor.to and Module.to: a device, a dtype, or another tensor to be like.
#pragma once

#include <optional>

#include "core/bindings/arguments.h"
#include "core/bindings/value_types.h"

namespace lampas::python {

struct ToArguments {
  std::optional<Device> device;
  std::optional<DType> dtype;
  bool non_blocking = false;
  bool copy = false;
  MemoryFormat format = MemoryFormat::preserve;
};

ToArguments parse_to_arguments(const Arguments& arguments);

// Adds `_parse_to`, which Module.to uses.
void register_to_arguments(PyObject* module);

}  // namespace lampas::python
