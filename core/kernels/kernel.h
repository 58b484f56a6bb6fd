// A kernel contract: one function per device, filling memory it is handed. It knows no autograd.
#pragma once

#include <type_traits>

#include "core/tensor/tensor.h"

namespace lampas {

template <class Signature>
class Kernel;

// Declared in a contract header, documented there by shapes; implemented by `Implement` in cpu/, cuda/.
template <class... Args>
class Kernel<void(Args...)> {
 public:
  using Function = void (*)(Args...);

  constexpr explicit Kernel(const char* name) : name_(name) {}

  // The function for a device. Meta has shapes only, so there every kernel does nothing; shadow
  // translates addresses and calls the CPU's.
  void operator()(Device device, Args... args) const {
    if (device.kind == DeviceKind::cpu) [[likely]]
      return functions_[0](args...);
    if (device.kind == DeviceKind::meta) return;
    if (device.kind == DeviceKind::shadow) return functions_[0](on_cpu(args)...);
    if (Function function = functions_[static_cast<int>(device.kind)]) return function(args...);
    fail(ErrorKind::not_implemented, "Could not run '", name_, "' on the device '", name_of(device.kind),
         "'");
  }

  const char* name() const { return name_; }

 private:
  template <class T>
  static decltype(auto) on_cpu(T&& value) {
    if constexpr (std::is_same_v<std::remove_cvref_t<T>, Tensor>)
      return shadow_to_cpu(value);
    else
      return std::forward<T>(value);
  }

  template <class>
  friend struct Implement;

  const char* name_;
  Function functions_[device_kind_count] = {};
};

// A CPU tensor on the memory that a shadow tensor's address stands for; throws for one that lives elsewhere.
Tensor shadow_to_cpu(const Tensor& tensor);

// `static const Implement implement_fill(kernels::fill, DeviceKind::cpu, fill_cpu);`
template <class KernelType>
struct Implement {
  Implement(KernelType& kernel, DeviceKind device, typename KernelType::Function function) {
    kernel.functions_[static_cast<int>(device)] = function;
  }
};

}  // namespace lampas
