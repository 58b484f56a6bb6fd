// Where tensors are made whose maker does not say it: on the CPU, unless set_default_device says else.
#pragma once

#include "core/tensor/device.h"
#include "core/tensor/error.h"

namespace lampas::python {

inline thread_local constinit Device default_device_ = {};
inline Device default_device() { return default_device_; }
inline void set_default_device(Device device) { default_device_ = device; }

inline void check_not_pinned(bool pin_memory) {
  check(
      !pin_memory,
      "pin_memory=True requires a CUDA or other accelerator backend; no pinned memory allocator is available "
      "on this system.");
}

}  // namespace lampas::python
