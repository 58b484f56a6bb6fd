// Entering and leaving levels, and looking through wrappers.
#include "core/transforms/level.h"

#include <atomic>

#include "core/ops/op.h"

namespace lampas::transforms {
namespace {

LevelIdentity next_identity() {
  static std::atomic<LevelIdentity> last{0};
  return ++last;
}

}  // namespace

Level::Level() : identity(next_identity()) {}

bool Level::reaches(const Tensor& tensor) const {
  const Wrapper* wrapper = wrapper_of(tensor);
  if (!wrapper || wrapper->level < identity) return false;
  if (wrapper->level == identity) return true;
  bool found = false;
  wrapper->visit([&](const Tensor& value) { found |= reaches(value); });
  return found;
}

Tensor make_wrapper(const Tensor& shown, std::unique_ptr<Wrapper> wrapper) {
  Tensor tensor = wrapper_tensor(shown.sizes(), shown.dtype(), shown.device(), std::move(wrapper));
  TensorBody& body = tensor.body();
  // The same geometry too, so that composites choose between view and copy as they should.
  body.strides = shown.strides();
  body.offset = shown.offset();
  body.contiguous = shown.is_contiguous();
  return tensor;
}

void enter(Transform& transform) {
  transform.below = active_transform;
  active_transform = &transform;
}

void leave(Transform& transform) {
  check(active_transform == &transform,
        "transforms must be left in the reverse order of entering them, on the thread that entered them");
  active_transform = transform.below;
  transform.below = nullptr;
}

std::vector<Level*> active_levels() {
  std::vector<Level*> levels;
  for (Transform* transform = active_transform; transform; transform = transform->below)
    if (auto* level = dynamic_cast<Level*>(transform); level && !level->paused) levels.push_back(level);
  return levels;
}

void for_each_plain(const Tensor& tensor, const std::function<void(const Tensor&)>& body) {
  if (const Wrapper* wrapper = wrapper_of(tensor))
    wrapper->visit([&](const Tensor& value) { for_each_plain(value, body); });
  else if (tensor.defined())
    body(tensor);
}

Tensor detached(const Tensor& tensor) {
  if (const Wrapper* wrapper = wrapper_of(tensor)) return wrapper->changed(detached, 0);
  return tensor.defined() ? alias(tensor) : tensor;
}

bool share_memory(const Tensor& left, const Tensor& right) {
  const Storage* storage = nullptr;
  for_each_plain(left, [&](const Tensor& plain) { storage = plain.body().storage.get(); });
  bool shared = false;
  for_each_plain(right, [&](const Tensor& plain) { shared |= plain.body().storage.get() == storage; });
  return storage && shared;
}

void become(const Tensor& target, const Tensor& view) {
  TensorBody &body = target.body(), &shown = view.body();
  std::swap(body.wrapper, shown.wrapper);
  body.sizes = shown.sizes;
  body.strides = shown.strides;
  body.offset = shown.offset;
  body.count = shown.count;
  body.contiguous = shown.contiguous;
}

bool any_requires_grad(const Tensor& tensor) {
  bool found = false;
  for_each_plain(tensor, [&](const Tensor& plain) { found |= plain.requires_grad(); });
  return found;
}

}  // namespace lampas::transforms
