// A slab is a piece of memory of one size and alignment: rounding a block's address down finds its slab.
#include "core/tensor/slab_pool.h"

#include "core/tensor/allocator.h"
#include "core/tensor/system_memory.h"

namespace lampas::allocation {
namespace {

constexpr size_t slab_bytes = size_t(256) << 10;
constexpr int empty_slabs_kept = 64;

}  // namespace

// The header at the start of each slab. Blocks are cut one after another as they are first needed.
struct alignas(64) Slab {
  Slab* previous;
  Slab* next;
  FreeBlock* free_blocks;
  int size_class;
  int capacity;
  int cut;         // blocks cut so far
  int handed_out;  // blocks that threads hold, in use or in their lists
};
static_assert(sizeof(Slab) == 64);

FreeBlock* SlabPool::take(int size_class, int wanted, int& count) {
  const std::lock_guard lock(mutex);
  Slab* slab = listed_[size_class];
  if (!slab) slab = new_slab(size_class);
  FreeBlock* chain = nullptr;
  for (count = 0; count < wanted && slab->handed_out < slab->capacity; ++count) {
    FreeBlock* block = slab->free_blocks;
    if (block) {
      slab->free_blocks = block->next;
    } else {
      const size_t offset = sizeof(Slab) + size_t(slab->cut++) * class_bytes(size_class);
      block = reinterpret_cast<FreeBlock*>(reinterpret_cast<char*>(slab) + offset);
    }
    ++slab->handed_out;
    block->next = chain;
    chain = block;
  }
  if (slab->handed_out == slab->capacity) unlist(slab);
  return chain;
}

void SlabPool::give(FreeBlock* chain) noexcept {
  const std::lock_guard lock(mutex);
  while (chain) {
    FreeBlock* block = chain;
    chain = block->next;
    const uintptr_t address = reinterpret_cast<uintptr_t>(block);
    Slab* slab = reinterpret_cast<Slab*>(address / slab_bytes * slab_bytes);
    block->next = slab->free_blocks;
    slab->free_blocks = block;
    if (slab->handed_out-- == slab->capacity) list(slab);
    if (slab->handed_out == 0) retire(slab);
  }
}

void SlabPool::release_empty_slabs() noexcept {
  const std::lock_guard lock(mutex);
  while (empty_) {
    Slab* slab = empty_;
    empty_ = slab->next;
    unmap(slab);
  }
  empty_count_ = 0;
}

Slab* SlabPool::new_slab(int size_class) {
  Slab* slab = empty_;
  if (slab) {
    empty_ = slab->next;
    --empty_count_;
  } else {
    slab = static_cast<Slab*>(map_memory(slab_bytes, slab_bytes));
    if (!slab) throw OutOfMemory(class_bytes(size_class));
    mapped_bytes_.fetch_add(slab_bytes, std::memory_order_relaxed);
  }
  slab->free_blocks = nullptr;
  slab->size_class = size_class;
  slab->capacity = int((slab_bytes - sizeof(Slab)) / class_bytes(size_class));
  slab->cut = 0;
  slab->handed_out = 0;
  list(slab);
  return slab;
}

void SlabPool::list(Slab* slab) {
  Slab*& first = listed_[slab->size_class];
  slab->previous = nullptr;
  slab->next = first;
  if (first) first->previous = slab;
  first = slab;
}

void SlabPool::unlist(Slab* slab) {
  if (slab->previous) {
    slab->previous->next = slab->next;
  } else {
    listed_[slab->size_class] = slab->next;
  }
  if (slab->next) slab->next->previous = slab->previous;
}

void SlabPool::retire(Slab* slab) {
  unlist(slab);
  if (empty_count_ == empty_slabs_kept) {
    unmap(slab);
    return;
  }
  slab->next = empty_;
  empty_ = slab;
  ++empty_count_;
}

void SlabPool::unmap(Slab* slab) {
  unmap_memory(slab, slab_bytes);
  mapped_bytes_.fetch_sub(slab_bytes, std::memory_order_relaxed);
}

}  // namespace lampas::allocation
