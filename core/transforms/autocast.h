// AutocastTransform: ops run in a lower precision, or in float32, by their trait.
#pragma once

#include <unordered_map>

#include "core/ops/op.h"

namespace lampas::transforms {

class AutocastTransform final : public Transform {
 public:
  AutocastTransform(DeviceKind device, DType dtype, bool enabled, bool cache_enabled)
      : device(device), dtype(dtype), enabled(enabled), cache_enabled_(cache_enabled) {}
  Value process(const OpBase& op, Values& arguments, Mode mode, TensorList& targets) override;
  bool converts_composites(const Values& arguments) const override;

  const DeviceKind device;
  const DType dtype;
  const bool enabled;

 private:
  struct Cast {
    Tensor source, result;
    uint32_t version;
  };
  Tensor converted(const Tensor& tensor, DType to);
  bool is_eligible(const Tensor& tensor) const;

  bool cache_enabled_;
  // A weight that several ops of one forward pass use is cast once.
  std::unordered_map<const TensorBody*, Cast> cache_;
};

// The innermost autocast for a device; null where there is none.
const AutocastTransform* current_autocast(DeviceKind device);

}  // namespace lampas::transforms
