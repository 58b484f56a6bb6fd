// Small blocks, cut from slabs: what all threads share, and take from and give to in chains.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>

#include "core/tensor/size_classes.h"

namespace lampas::allocation {

struct FreeBlock {
  FreeBlock* next;
};

struct Slab;

// All slabs, by class. A slab is listed while it has a block to give.
class SlabPool {
 public:
  std::mutex mutex;  // held over a fork too

  // Up to `wanted` blocks as a chain, at least one; `count` says how many. Throws OutOfMemory.
  FreeBlock* take(int size_class, int wanted, int& count);
  void give(FreeBlock* chain) noexcept;
  void release_empty_slabs() noexcept;
  int64_t mapped_bytes() const { return mapped_bytes_.load(std::memory_order_relaxed); }

 private:
  Slab* new_slab(int size_class);
  void list(Slab* slab);
  void unlist(Slab* slab);
  void retire(Slab* slab);
  void unmap(Slab* slab);

  Slab* listed_[small_classes] = {};
  Slab* empty_ = nullptr;
  int empty_count_ = 0;
  std::atomic<int64_t> mapped_bytes_{0};
};

}  // namespace lampas::allocation
