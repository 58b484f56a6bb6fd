// Levels: transforms under which a tensor may stand for others (vmap, forward mode), and those wrappers.
#pragma once

#include <functional>

#include "core/ops/seam.h"

namespace lampas::transforms {

// Grows with every level entered, is never used again: a wrapper of a level higher in the stack has the
// larger one, and lies outside of the wrappers of lower levels.
using LevelIdentity = uint64_t;

// What stands behind a wrapper tensor.
struct Wrapper : TensorExtension {
  explicit Wrapper(LevelIdentity level) : level(level) {}
  // The same wrapper around other values. Each value passes through `change`, which keeps its dims or
  // puts one new dim in front (`added`: 1) or takes the one in front away (-1).
  using Change = std::function<Tensor(const Tensor&)>;
  virtual Tensor changed(const Change& change, int added) const = 0;
  // Visits the values it stands for.
  virtual void visit(const std::function<void(const Tensor&)>& body) const = 0;

  const LevelIdentity level;
};

// Null for a plain tensor.
inline const Wrapper* wrapper_of(const Tensor& tensor) {
  return tensor.defined() ? static_cast<const Wrapper*>(tensor.body().wrapper.get()) : nullptr;
}

// Make it just before entering it, so that identities follow the order of the stack.
class Level : public Transform {
 public:
  Level();
  const LevelIdentity identity;

  // Whether this level is the outermost that `tensor` is wrapped for.
  bool wraps(const Tensor& tensor) const {
    const Wrapper* wrapper = wrapper_of(tensor);
    return wrapper && wrapper->level == identity;
  }
  // Whether it is wrapped for this level, under the wrappers of higher levels or not.
  bool reaches(const Tensor& tensor) const;
};

// A wrapper tensor with the sizes, strides and dtype of `shown`.
Tensor make_wrapper(const Tensor& shown, std::unique_ptr<Wrapper> wrapper);

// Enters a transform: it becomes the active one until it is left. They are left in reverse order.
void enter(Transform& transform);
void leave(Transform& transform);

// Takes a transform out of the stack for as long as the guard lives.
class Paused {
 public:
  explicit Paused(Transform& transform) : transform_(transform), before_(transform.paused) {
    transform_.paused = true;
  }
  ~Paused() { transform_.paused = before_; }
  Paused(const Paused&) = delete;

 private:
  Transform& transform_;
  bool before_;
};

// The active levels that are not paused, the highest first.
std::vector<Level*> active_levels();

// The plain tensors that a tensor stands for: itself, or what lies at the bottom of its wrappers.
void for_each_plain(const Tensor& tensor, const std::function<void(const Tensor&)>& body);
bool any_requires_grad(const Tensor& tensor);
// Whether the plain tensors of two tensors lie in one storage: what an op that makes views gives.
bool share_memory(const Tensor& left, const Tensor& right);
// t_(), squeeze_() and their kin under a transform: a wrapper gets the shape and the values of another.
void become(const Tensor& target, const Tensor& view);
// The same values without history, wrappers (and tangents) kept.
Tensor detached(const Tensor& tensor);

}  // namespace lampas::transforms
