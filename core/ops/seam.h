// The seam: the one place every op call passes. Where no transform is active it costs one comparison.
#pragma once

#include "core/ops/value.h"

namespace lampas {

class OpBase;

enum class Mode : uint8_t { functional, in_place, out };

// Something that changes what every op call means while it is active: vmap, forward mode, autocast, …
// Transforms form a stack; while one processes a call, only those below it are active.
class Transform {
 public:
  virtual ~Transform() = default;
  // `targets` are the tensors to write for Mode::out; for Mode::in_place the first argument is the target.
  virtual Value process(const OpBase& op, Values& arguments, Mode mode, TensorList& targets) = 0;
  // Ops made of other ops pass by, but for one with an autocast trait: autocast converts its arguments.
  virtual bool converts_composites(const Values&) const { return false; }
  Transform* below = nullptr;
  bool paused = false;  // calls go past it
};

inline thread_local constinit Transform* active_transform = nullptr;

// Makes `transform` the active one until the guard goes.
class ActiveTransform {
 public:
  explicit ActiveTransform(Transform* transform) : before_(active_transform) { active_transform = transform; }
  ~ActiveTransform() { active_transform = before_; }
  ActiveTransform(const ActiveTransform&) = delete;

 private:
  Transform* before_;
};

// Hands a call to the active transform; a composite one to the first that converts its arguments.
Value process_through_transforms(const OpBase& op, Values& arguments, Mode mode, TensorList& targets);
Value process_composite(const OpBase& op, Values& arguments, Mode mode, TensorList& targets);

}  // namespace lampas
