// Large blocks that were given back, kept for reuse.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>

#include "core/tensor/size_classes.h"

namespace lampas::allocation {

struct CachedBlock;

// The newest block of a class is reused first, the oldest of all is freed first.
class LargeBlockCache {
 public:
  std::mutex mutex;  // held over a fork too

  // A block of the class, or null.
  void* take(int size_class);
  void give(void* pointer, int size_class) noexcept;
  void set_limit(int64_t limit) noexcept;
  void empty() noexcept;
  int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  void insert(CachedBlock* block, int size_class);
  void remove(CachedBlock* block);
  CachedBlock* evict(int64_t limit);

  CachedBlock* newest_in_class_[all_classes] = {};
  CachedBlock* newest_ = nullptr;
  CachedBlock* oldest_ = nullptr;
  std::atomic<int64_t> bytes_{0};
  int64_t limit_ = -1;  // negative until it is first needed
};

}  // namespace lampas::allocation
