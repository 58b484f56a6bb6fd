// Three tiers: lists of small blocks owned by each thread, slabs that feed those lists, and a shared
// cache of large blocks. Nothing here is ever destroyed, so storages may outlive static destruction.
#include "core/tensor/allocator.h"

#include <cstdio>
#include <cstdlib>

#ifndef LAMPAS_ALLOCATOR_WITHOUT_CACHE
#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <mutex>

#include "core/parallel/machine.h"
#endif

namespace lampas {

OutOfMemory::OutOfMemory(size_t bytes) noexcept : bytes_(bytes) {
  std::snprintf(message_, sizeof message_, "can't allocate memory: you tried to allocate %zu bytes", bytes);
}

#ifdef LAMPAS_ALLOCATOR_WITHOUT_CACHE

// Sanitizers see each block's own life only if none is reused.
void* allocate(size_t bytes) {
  if (bytes == 0) return nullptr;
  if (bytes > size_t(PTRDIFF_MAX) - allocation_alignment) throw OutOfMemory(bytes);
  const size_t rounded = (bytes + allocation_alignment - 1) / allocation_alignment * allocation_alignment;
  void* pointer = std::aligned_alloc(allocation_alignment, rounded);
  if (!pointer) throw OutOfMemory(bytes);
  return pointer;
}

void deallocate(void* pointer, size_t) noexcept { std::free(pointer); }
AllocatorStatistics allocator_statistics() { return {}; }
void reset_peak_bytes_in_use() {}
void empty_cache() {}
void set_cache_limit(uint64_t) {}

#else

namespace {

constexpr size_t small_limit = size_t(16) << 10;  // larger blocks skip the threads' lists
constexpr size_t slab_bytes = size_t(256)
                              << 10;  // small blocks are cut from slabs of this size and alignment
constexpr size_t mapped_limit = size_t(1)
                                << 20;  // from here on blocks are mapped, so that freeing returns them
constexpr size_t map_alignment = size_t(64) << 10;  // a multiple of every page size in use
constexpr size_t huge_page_bytes = size_t(2) << 20;
constexpr size_t largest_request = size_t(1) << 47;
constexpr int64_t uncounted_limit = 64 << 10;  // bytes a thread may leave out of the shared count
constexpr int empty_slabs_kept = 64;

// Size classes: multiples of 64 up to 1024, then eight steps to each power of two.
constexpr int linear_classes = 16;
constexpr int steps_per_doubling = 8;

constexpr int size_class(size_t bytes) {
  if (bytes <= 1024) return int((bytes + 63) / 64) - 1;
  const int exponent = std::bit_width(bytes - 1) - 1;
  const int step = int((bytes - 1) >> (exponent - 3)) - steps_per_doubling;
  return linear_classes + (exponent - 10) * steps_per_doubling + step;
}

constexpr size_t class_bytes(int size_class) {
  if (size_class < linear_classes) return size_t(size_class + 1) * 64;
  const int exponent = 10 + (size_class - linear_classes) / steps_per_doubling;
  const int step = (size_class - linear_classes) % steps_per_doubling;
  return size_t(steps_per_doubling + step + 1) << (exponent - 3);
}

constexpr int small_classes = size_class(small_limit) + 1;
constexpr int all_classes = size_class(largest_request) + 1;
static_assert(class_bytes(size_class(1025)) == 1152 && class_bytes(size_class(2048)) == 2048);
static_assert(class_bytes(small_classes - 1) == small_limit);

// How many blocks a thread keeps of one class; half of them move to or from the slabs at a time.
constexpr int thread_list_capacity(int size_class) {
  const size_t count = (size_t(64) << 10) / class_bytes(size_class);
  return count > 256 ? 256 : int(count);
}

// Address space aligned to a power of two, or null.
void* map_memory(size_t bytes, size_t alignment) {
  const size_t span = bytes + alignment;
  void* mapped = mmap(nullptr, span, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  const uintptr_t first = reinterpret_cast<uintptr_t>(mapped);
  const uintptr_t aligned = (first + alignment - 1) / alignment * alignment;
  if (aligned > first) munmap(mapped, aligned - first);
  if (first + span > aligned + bytes) {
    munmap(reinterpret_cast<void*>(aligned + bytes), first + span - aligned - bytes);
  }
  return reinterpret_cast<void*>(aligned);
}

// Bytes in use. Threads count small blocks in their own `uncounted` and settle here now and then.
std::atomic<int64_t> counted_small_bytes{0};
std::atomic<int64_t> large_bytes{0};
std::atomic<int64_t> peak_bytes{0};

void raise_peak() {
  const int64_t total =
      counted_small_bytes.load(std::memory_order_relaxed) + large_bytes.load(std::memory_order_relaxed);
  int64_t peak = peak_bytes.load(std::memory_order_relaxed);
  while (total > peak && !peak_bytes.compare_exchange_weak(peak, total, std::memory_order_relaxed)) {
  }
}

struct FreeBlock {
  FreeBlock* next;
};

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

// All slabs, by class. A slab is listed while it has a block to give.
class SlabPool {
 public:
  std::mutex mutex;

  // Up to `wanted` blocks as a chain, at least one; `count` says how many. Throws OutOfMemory.
  FreeBlock* take(int size_class, int wanted, int& count) {
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

  void give(FreeBlock* chain) noexcept {
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

  void release_empty_slabs() noexcept {
    const std::lock_guard lock(mutex);
    while (empty_) {
      Slab* slab = empty_;
      empty_ = slab->next;
      unmap(slab);
    }
    empty_count_ = 0;
  }

  int64_t mapped_bytes() const { return mapped_bytes_.load(std::memory_order_relaxed); }

 private:
  Slab* new_slab(int size_class) {
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

  void list(Slab* slab) {
    Slab*& first = listed_[slab->size_class];
    slab->previous = nullptr;
    slab->next = first;
    if (first) first->previous = slab;
    first = slab;
  }

  void unlist(Slab* slab) {
    if (slab->previous) {
      slab->previous->next = slab->next;
    } else {
      listed_[slab->size_class] = slab->next;
    }
    if (slab->next) slab->next->previous = slab->previous;
  }

  void retire(Slab* slab) {
    unlist(slab);
    if (empty_count_ == empty_slabs_kept) {
      unmap(slab);
      return;
    }
    slab->next = empty_;
    empty_ = slab;
    ++empty_count_;
  }

  void unmap(Slab* slab) {
    munmap(slab, slab_bytes);
    mapped_bytes_.fetch_sub(slab_bytes, std::memory_order_relaxed);
  }

  Slab* listed_[small_classes] = {};
  Slab* empty_ = nullptr;
  int empty_count_ = 0;
  std::atomic<int64_t> mapped_bytes_{0};
};
constinit SlabPool slab_pool;

// What one thread keeps for itself. Only its thread touches the lists; any thread may read `uncounted`.
struct ThreadCache {
  struct List {
    FreeBlock* first = nullptr;
    int count = 0;
  };
  List lists[small_classes];
  std::atomic<int64_t> uncounted{0};
  ThreadCache* previous = nullptr;
  ThreadCache* next = nullptr;

  void count_bytes(int64_t bytes) {
    const int64_t sum = uncounted.load(std::memory_order_relaxed) + bytes;
    if (sum > uncounted_limit || sum < -uncounted_limit) {
      uncounted.store(0, std::memory_order_relaxed);
      counted_small_bytes.fetch_add(sum, std::memory_order_relaxed);
      raise_peak();
    } else {
      uncounted.store(sum, std::memory_order_relaxed);
    }
  }

  // Gives all but `kept` blocks of one list back to the slabs.
  void shrink(int size_class, int kept) noexcept {
    List& list = lists[size_class];
    if (list.count <= kept) return;
    FreeBlock* surplus = list.first;
    FreeBlock* last = surplus;
    for (int step = list.count - kept; step > 1; --step) last = last->next;
    list.first = last->next;
    list.count = kept;
    last->next = nullptr;
    slab_pool.give(surplus);
  }

  void shrink_all() noexcept {
    for (int size_class = 0; size_class < small_classes; ++size_class) shrink(size_class, 0);
  }
};

// Every living thread's cache, so that statistics can add up what is uncounted.
struct ThreadCacheRegistry {
  std::mutex mutex;
  ThreadCache* first = nullptr;

  void add(ThreadCache* cache) {
    const std::lock_guard lock(mutex);
    cache->next = first;
    if (first) first->previous = cache;
    first = cache;
  }

  void remove(ThreadCache* cache) {
    const std::lock_guard lock(mutex);
    if (cache->previous) {
      cache->previous->next = cache->next;
    } else {
      first = cache->next;
    }
    if (cache->next) cache->next->previous = cache->previous;
    counted_small_bytes.fetch_add(cache->uncounted.load(std::memory_order_relaxed),
                                  std::memory_order_relaxed);
  }
};
constinit ThreadCacheRegistry thread_caches;

// A plain pointer in static thread storage: reading it costs one load, without a guard or a call.
__attribute__((tls_model("initial-exec"))) constinit thread_local ThreadCache* thread_cache = nullptr;
constinit thread_local bool thread_has_exited = false;

struct ThreadExit {
  bool armed = false;
  ~ThreadExit() {
    thread_has_exited = true;
    ThreadCache* cache = thread_cache;
    if (!cache) return;
    thread_cache = nullptr;
    cache->shrink_all();
    thread_caches.remove(cache);
    delete cache;
  }
};
thread_local ThreadExit thread_exit;

// The header kept inside a cached large block.
struct CachedBlock {
  CachedBlock* previous_in_class;
  CachedBlock* next_in_class;
  CachedBlock* newer;
  CachedBlock* older;
  int size_class;
};

// Large blocks kept for reuse: the newest of the class is reused first, the oldest of all is freed first.
class LargeCache {
 public:
  std::mutex mutex;

  void* take(int size_class) {
    const std::lock_guard lock(mutex);
    CachedBlock* block = newest_in_class_[size_class];
    if (block) remove(block);
    return block;
  }

  void give(void* pointer, int size_class) noexcept {
    CachedBlock* evicted = nullptr;
    {
      const std::lock_guard lock(mutex);
      insert(static_cast<CachedBlock*>(pointer), size_class);
      if (limit_ < 0) limit_ = default_limit();
      evicted = evict(limit_);
    }
    release(evicted);
  }

  void set_limit(int64_t limit) noexcept {
    CachedBlock* evicted = nullptr;
    {
      const std::lock_guard lock(mutex);
      limit_ = limit;
      evicted = evict(limit_);
    }
    release(evicted);
  }

  void empty() noexcept {
    CachedBlock* evicted = nullptr;
    {
      const std::lock_guard lock(mutex);
      evicted = evict(0);
    }
    release(evicted);
  }

  int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  static int64_t default_limit() noexcept {
    try {
      return int64_t(available_memory() / 4);
    } catch (const std::bad_alloc&) {
      return int64_t(64) << 20;
    }
  }

  void insert(CachedBlock* block, int size_class) {
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

  void remove(CachedBlock* block) {
    (block->previous_in_class ? block->previous_in_class->next_in_class
                              : newest_in_class_[block->size_class]) = block->next_in_class;
    if (block->next_in_class) block->next_in_class->previous_in_class = block->previous_in_class;
    (block->newer ? block->newer->older : newest_) = block->older;
    (block->older ? block->older->newer : oldest_) = block->newer;
    bytes_.fetch_sub(int64_t(class_bytes(block->size_class)), std::memory_order_relaxed);
  }

  // Unlinks the oldest blocks until at most `limit` bytes stay; returns them chained through `older`.
  CachedBlock* evict(int64_t limit) {
    CachedBlock* evicted = nullptr;
    while (oldest_ && bytes() > limit) {
      CachedBlock* block = oldest_;
      remove(block);
      block->older = evicted;
      evicted = block;
    }
    return evicted;
  }

  static void release(CachedBlock* chain) noexcept {
    while (chain) {
      CachedBlock* block = chain;
      chain = block->older;
      const size_t bytes = class_bytes(block->size_class);
      if (bytes >= mapped_limit) {
        munmap(block, bytes);
      } else {
        std::free(block);
      }
    }
  }

  CachedBlock* newest_in_class_[all_classes] = {};
  CachedBlock* newest_ = nullptr;
  CachedBlock* oldest_ = nullptr;
  std::atomic<int64_t> bytes_{0};
  int64_t limit_ = -1;  // negative until it is first needed
};
constinit LargeCache large_cache;

// After a fork only the forking thread lives on: it holds the locks, and the other threads' lists are lost.
bool register_fork_handlers() {
  const auto lock_all = [] {
    thread_caches.mutex.lock();
    slab_pool.mutex.lock();
    large_cache.mutex.lock();
  };
  const auto unlock_all = [] {
    large_cache.mutex.unlock();
    slab_pool.mutex.unlock();
    thread_caches.mutex.unlock();
  };
  const auto forget_other_threads = [] {
    large_cache.mutex.unlock();
    slab_pool.mutex.unlock();
    for (ThreadCache* cache = thread_caches.first; cache; cache = cache->next) {
      if (cache != thread_cache) {
        counted_small_bytes.fetch_add(cache->uncounted.load(std::memory_order_relaxed),
                                      std::memory_order_relaxed);
      }
    }
    thread_caches.first = thread_cache;
    if (thread_cache) thread_cache->previous = thread_cache->next = nullptr;
    thread_caches.mutex.unlock();
  };
  return pthread_atfork(lock_all, unlock_all, forget_other_threads) == 0;
}
[[maybe_unused]] const bool fork_handlers_registered = register_fork_handlers();

// Null in a thread whose cache has already been returned.
ThreadCache* make_thread_cache() {
  if (thread_has_exited) return nullptr;
  ThreadCache* cache = new ThreadCache;
  thread_caches.add(cache);
  thread_exit.armed = true;  // the first use makes its destructor run at thread exit
  thread_cache = cache;
  return cache;
}

[[gnu::noinline]] void* allocate_small_slowly(int size_class) {
  const int64_t bytes = int64_t(class_bytes(size_class));
  int count = 0;
  ThreadCache* cache = thread_cache ? thread_cache : make_thread_cache();
  if (!cache) {
    FreeBlock* block = slab_pool.take(size_class, 1, count);
    counted_small_bytes.fetch_add(bytes, std::memory_order_relaxed);
    return block;
  }
  ThreadCache::List& list = cache->lists[size_class];
  if (!list.first) {
    list.first = slab_pool.take(size_class, thread_list_capacity(size_class) / 2, count);
    list.count = count;
  }
  FreeBlock* block = list.first;
  list.first = block->next;
  --list.count;
  cache->count_bytes(bytes);
  return block;
}

[[gnu::noinline]] void deallocate_small_slowly(void* pointer, int size_class) noexcept {
  FreeBlock* block = static_cast<FreeBlock*>(pointer);
  block->next = nullptr;
  slab_pool.give(block);
  counted_small_bytes.fetch_sub(int64_t(class_bytes(size_class)), std::memory_order_relaxed);
}

void* allocate_from_system(size_t bytes) {
  if (bytes < mapped_limit) return std::aligned_alloc(allocation_alignment, bytes);
  const bool huge = bytes >= 2 * huge_page_bytes;
  void* pointer = map_memory(bytes, huge ? huge_page_bytes : map_alignment);
#ifdef MADV_HUGEPAGE
  // Advice only: fewer page faults where the system allows it.
  if (pointer && huge) madvise(pointer, bytes, MADV_HUGEPAGE);
#endif
  return pointer;
}

void* allocate_large(size_t bytes) {
  if (bytes > largest_request) throw OutOfMemory(bytes);
  const int size_class = lampas::size_class(bytes);
  void* pointer = large_cache.take(size_class);
  if (!pointer) pointer = allocate_from_system(class_bytes(size_class));
  if (!pointer) {
    empty_cache();
    pointer = allocate_from_system(class_bytes(size_class));
  }
  if (!pointer) throw OutOfMemory(bytes);
  large_bytes.fetch_add(int64_t(class_bytes(size_class)), std::memory_order_relaxed);
  raise_peak();
  return pointer;
}

}  // namespace

void* allocate(size_t bytes) {
  if (bytes > small_limit) return allocate_large(bytes);
  if (bytes == 0) return nullptr;
  const int size_class = lampas::size_class(bytes);
  ThreadCache* cache = thread_cache;
  if (!cache) return allocate_small_slowly(size_class);
  ThreadCache::List& list = cache->lists[size_class];
  FreeBlock* block = list.first;
  if (!block) return allocate_small_slowly(size_class);
  list.first = block->next;
  --list.count;
  cache->count_bytes(int64_t(class_bytes(size_class)));
  return block;
}

void deallocate(void* pointer, size_t bytes) noexcept {
  if (!pointer) return;
  const int size_class = lampas::size_class(bytes);
  if (bytes > small_limit) {
    large_bytes.fetch_sub(int64_t(class_bytes(size_class)), std::memory_order_relaxed);
    large_cache.give(pointer, size_class);
    return;
  }
  ThreadCache* cache = thread_cache;
  if (!cache) return deallocate_small_slowly(pointer, size_class);
  ThreadCache::List& list = cache->lists[size_class];
  FreeBlock* block = static_cast<FreeBlock*>(pointer);
  block->next = list.first;
  list.first = block;
  cache->count_bytes(-int64_t(class_bytes(size_class)));
  const int capacity = thread_list_capacity(size_class);
  if (++list.count > capacity) cache->shrink(size_class, capacity / 2);
}

AllocatorStatistics allocator_statistics() {
  int64_t small_bytes = counted_small_bytes.load(std::memory_order_relaxed);
  {
    const std::lock_guard lock(thread_caches.mutex);
    for (const ThreadCache* cache = thread_caches.first; cache; cache = cache->next) {
      small_bytes += cache->uncounted.load(std::memory_order_relaxed);
    }
  }
  AllocatorStatistics statistics;
  statistics.bytes_in_use = small_bytes + large_bytes.load(std::memory_order_relaxed);
  statistics.bytes_cached = slab_pool.mapped_bytes() - small_bytes + large_cache.bytes();
  statistics.peak_bytes_in_use =
      std::max(peak_bytes.load(std::memory_order_relaxed), statistics.bytes_in_use);
  return statistics;
}

void reset_peak_bytes_in_use() {
  peak_bytes.store(0, std::memory_order_relaxed);
  raise_peak();
}

void empty_cache() {
  if (ThreadCache* cache = thread_cache) cache->shrink_all();
  slab_pool.release_empty_slabs();
  large_cache.empty();
}

void set_cache_limit(uint64_t bytes) { large_cache.set_limit(int64_t(std::min<uint64_t>(bytes, INT64_MAX))); }

#endif  // LAMPAS_ALLOCATOR_WITHOUT_CACHE

}  // namespace lampas
