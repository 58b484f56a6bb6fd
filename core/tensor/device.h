// Where a tensor lives. Every device PyTorch names can be written; kernels exist for few of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lampas {

enum class DeviceKind : uint8_t {
  cpu,
  meta,    // shapes without memory
  shadow,  // for tests: memory that CPU code cannot address
  cuda,
  mkldnn,
  opengl,
  opencl,
  ideep,
  hip,
  ve,
  fpga,
  maia,
  xla,
  lazy,
  vulkan,
  mps,
  hpu,
  mtia,
  xpu,
  ipu,
  privateuseone,
};
inline constexpr int device_kind_count = static_cast<int>(DeviceKind::privateuseone) + 1;

struct Device {
  DeviceKind kind = DeviceKind::cpu;
  int8_t index = -1;  // -1: the current one

  friend bool operator==(Device, Device) = default;
};

const char* name_of(DeviceKind kind);
std::string name_of(Device device);          // "cuda:0", "cpu"
Device parse_device(std::string_view text);  // throws PyTorch's messages

}  // namespace lampas
