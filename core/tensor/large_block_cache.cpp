// Two lists through the blocks themselves: one for each class, and one of all by age.
#include "core/tensor/large_block_cache.h"

#include <new>

#include "core/parallel/machine.h"
#include "core/tensor/system_memory.h"

namespace lampas::allocation {

// The header kept inside a cached large block.
struct CachedBlock {
  CachedBlock* previous_in_class;
  CachedBlock* next_in_class;
  CachedBlock* newer;
  CachedBlock* older;
  int size_class;
};

namespace {

int64_t default_limit() noexcept {
  try {
    return int64_t(available_memory() / 4);
  } catch (const std::bad_alloc&) {
    return int64_t(64) << 20;
  }
}

// Blocks chained through `older`.
void release(CachedBlock* chain) noexcept {
  while (chain) {
    CachedBlock* block = chain;
    chain = block->older;
    return_to_system(block, class_bytes(block->size_class));
  }
}

}  // namespace

void* LargeBlockCache::take(int size_class) {
  const std::lock_guard lock(mutex);
  CachedBlock* block = newest_in_class_[size_class];
  if (block) remove(block);
  return block;
}

void LargeBlockCache::give(void* pointer, int size_class) noexcept {
  CachedBlock* evicted = nullptr;
  {
    const std::lock_guard lock(mutex);
    insert(static_cast<CachedBlock*>(pointer), size_class);
    if (limit_ < 0) limit_ = default_limit();
    evicted = evict(limit_);
  }
  release(evicted);
}

void LargeBlockCache::set_limit(int64_t limit) noexcept {
  CachedBlock* evicted = nullptr;
  {
    const std::lock_guard lock(mutex);
    limit_ = limit;
    evicted = evict(limit_);
  }
  release(evicted);
}

void LargeBlockCache::empty() noexcept {
  CachedBlock* evicted = nullptr;
  {
    const std::lock_guard lock(mutex);
    evicted = evict(0);
  }
  release(evicted);
}

void LargeBlockCache::insert(CachedBlock* block, int size_class) {
  block->size_class = size_class;
  block->previous_in_class = nullptr;
  block->next_in_class = newest_in_class_[size_class];
  if (block->next_in_class) block->next_in_class->previous_in_class = block;
  newest_in_class_[size_class] = block;
  block->newer = nullptr;
  block->older = newest_;
  (newest_ ? newest_->newer : oldest_) = block;
  newest_ = block;
  bytes_.fetch_add(int64_t(class_bytes(size_class)), std::memory_order_relaxed);
}

void LargeBlockCache::remove(CachedBlock* block) {
  (block->previous_in_class ? block->previous_in_class->next_in_class : newest_in_class_[block->size_class]) =
      block->next_in_class;
  if (block->next_in_class) block->next_in_class->previous_in_class = block->previous_in_class;
  (block->newer ? block->newer->older : newest_) = block->older;
  (block->older ? block->older->newer : oldest_) = block->newer;
  bytes_.fetch_sub(int64_t(class_bytes(block->size_class)), std::memory_order_relaxed);
}

// Unlinks the oldest blocks until at most `limit` bytes stay; returns them chained through `older`.
CachedBlock* LargeBlockCache::evict(int64_t limit) {
  CachedBlock* evicted = nullptr;
  while (oldest_ && bytes() > limit) {
    CachedBlock* block = oldest_;
    remove(block);
    block->older = evicted;
    evicted = block;
  }
  return evicted;
}

}  // namespace lampas::allocation
