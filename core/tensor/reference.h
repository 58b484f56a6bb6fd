// Intrusive reference counting: the count lives in the object, a Reference is one pointer.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace lampas {

class ReferenceCount {
 public:
  void increment() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  // True when the last owner let go. A sole owner needs no atomic write: nobody else can add one.
  bool decrement() noexcept {
    if (count_.load(std::memory_order_acquire) == 1) return true;
    return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  // Lets go unless that would be the last owner; false then.
  bool decrement_unless_last() noexcept {
    uint32_t count = count_.load(std::memory_order_acquire);
    while (count != 1)
      if (count_.compare_exchange_weak(count, count - 1, std::memory_order_acq_rel)) return true;
    return false;
  }
  // Makes the caller the sole owner of what was about to be destroyed.
  void revive() noexcept { count_.store(1, std::memory_order_release); }
  uint32_t value() const noexcept { return count_.load(std::memory_order_acquire); }

 protected:
  std::atomic<uint32_t> count_{1};
};

// A count that a weak holder may try to raise; letting go then always needs the atomic write.
class WeakableReferenceCount : public ReferenceCount {
 public:
  // Called by the maker of the object, before a second thread knows it.
  void allow_weak_holder() noexcept { weak_holder_ = true; }
  bool decrement() noexcept {
    if (!weak_holder_) return ReferenceCount::decrement();
    return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  bool increment_unless_zero() noexcept {
    uint32_t count = count_.load(std::memory_order_relaxed);
    while (count != 0)
      if (count_.compare_exchange_weak(count, count + 1, std::memory_order_acq_rel)) return true;
    return false;
  }

 private:
  bool weak_holder_ = false;
};

// T has a `ReferenceCount references` and a function `void destroy(T*) noexcept` found by its name.
template <class T>
class Reference {
 public:
  Reference() noexcept = default;
  Reference(std::nullptr_t) noexcept {}
  static Reference adopt(T* pointer) noexcept {  // takes over a count that the caller holds
    Reference reference;
    reference.pointer_ = pointer;
    return reference;
  }
  static Reference share(T* pointer) noexcept {
    if (pointer) pointer->references.increment();
    return adopt(pointer);
  }
  Reference(const Reference& other) noexcept : pointer_(other.pointer_) {
    if (pointer_) pointer_->references.increment();
  }
  Reference(Reference&& other) noexcept : pointer_(std::exchange(other.pointer_, nullptr)) {}
  Reference& operator=(Reference other) noexcept {
    std::swap(pointer_, other.pointer_);
    return *this;
  }
  ~Reference() {
    if (pointer_ && pointer_->references.decrement()) destroy(pointer_);
  }

  T* get() const noexcept { return pointer_; }
  T* operator->() const noexcept { return pointer_; }
  T& operator*() const noexcept { return *pointer_; }
  explicit operator bool() const noexcept { return pointer_ != nullptr; }
  T* release() noexcept { return std::exchange(pointer_, nullptr); }
  friend bool operator==(const Reference& left, const Reference& right) = default;

 private:
  T* pointer_ = nullptr;
};

}  // namespace lampas
