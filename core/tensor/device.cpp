// Device names as PyTorch writes and reads them.
#include "core/tensor/device.h"

#include "core/tensor/error.h"

namespace lampas {
namespace {

constexpr const char* names[device_kind_count] = {
    "cpu",  "meta", "shadow", "cuda",   "mkldnn", "opengl", "opencl", "ideep", "hip", "ve",           "fpga",
    "maia", "xla",  "lazy",   "vulkan", "mps",    "hpu",    "mtia",   "xpu",   "ipu", "privateuseone"};

[[noreturn]] void bad_device(std::string_view text) {
  fail(ErrorKind::runtime, "Invalid device string: '", text, "'");
}

}  // namespace

const char* name_of(DeviceKind kind) { return names[static_cast<int>(kind)]; }

std::string name_of(Device device) {
  std::string name = name_of(device.kind);
  if (device.index >= 0) name += ":" + std::to_string(device.index);
  return name;
}

Device parse_device(std::string_view text) {
  if (text.empty()) fail(ErrorKind::runtime, "Device string must not be empty");
  size_t colon = text.find(':');
  std::string_view kind = text.substr(0, colon);
  int index = -1;
  if (colon != std::string_view::npos) {
    std::string_view digits = text.substr(colon + 1);
    if (digits.empty() || digits.size() > 3) bad_device(text);
    index = 0;
    for (char digit : digits) {
      if (digit < '0' || digit > '9') bad_device(text);
      index = index * 10 + (digit - '0');
    }
    if (index > 127 || (digits.size() > 1 && digits[0] == '0')) bad_device(text);
  }
  for (int i = 0; i < device_kind_count; ++i)
    if (kind == names[i]) return Device{static_cast<DeviceKind>(i), static_cast<int8_t>(index)};
  fail(ErrorKind::runtime,
       "Expected one of cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, "
       "lazy, vulkan, mps, meta, hpu, mtia, privateuseone device type at start of device string: ",
       kind);
}

}  // namespace lampas
