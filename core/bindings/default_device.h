// The device of tensors whose maker names none: the CPU, unless set_default_device or a `with` block says
// else.
#pragma once

#include "core/tensor/device.h"

namespace lampas::python {

inline thread_local constinit Device default_device_ = {};
inline Device default_device() { return default_device_; }
inline void set_default_device(Device device) { default_device_ = device; }

}  // namespace lampas::python
