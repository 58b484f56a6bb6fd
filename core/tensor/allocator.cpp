// Three tiers: lists of small blocks owned by each thread, slabs that feed those lists, and a shared
// cache of large blocks. Nothing here is ever destroyed, so storages may outlive static destruction.
#include "core/tensor/allocator.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

#ifndef LAMPAS_ALLOCATOR_WITHOUT_CACHE
#include <pthread.h>

#include <algorithm>
#include <mutex>

#include "core/tensor/large_block_cache.h"
#include "core/tensor/slab_pool.h"
#include "core/tensor/system_memory.h"
#endif

namespace lampas {

OutOfMemory::OutOfMemory(size_t bytes) noexcept : bytes_(bytes) {
  std::snprintf(message_, sizeof message_, "can't allocate memory: you tried to allocate %zu bytes", bytes);
}

#ifdef LAMPAS_ALLOCATOR_WITHOUT_CACHE

namespace {

std::atomic<int64_t> bytes_in_use{0}, peak_bytes{0};

int64_t whole_blocks(size_t bytes) {
  return static_cast<int64_t>((bytes + allocation_alignment - 1) / allocation_alignment *
                              allocation_alignment);
}

}  // namespace

// Sanitizers see each block's own life only if none is reused.
void* allocate(size_t bytes) {
  if (bytes == 0) return nullptr;
  if (bytes > size_t(PTRDIFF_MAX) - allocation_alignment) throw OutOfMemory(bytes);
  const int64_t rounded = whole_blocks(bytes);
  void* pointer = std::aligned_alloc(allocation_alignment, static_cast<size_t>(rounded));
  if (!pointer) throw OutOfMemory(bytes);
  const int64_t now = bytes_in_use += rounded;
  int64_t peak = peak_bytes;
  while (now > peak && !peak_bytes.compare_exchange_weak(peak, now)) continue;
  return pointer;
}

void deallocate(void* pointer, size_t bytes) noexcept {
  if (pointer) bytes_in_use -= whole_blocks(bytes);
  std::free(pointer);
}

AllocatorStatistics allocator_statistics() { return {bytes_in_use, 0, peak_bytes}; }
void reset_peak_bytes_in_use() { peak_bytes = bytes_in_use.load(); }
void empty_cache() {}
void set_cache_limit(uint64_t) {}

#else

namespace {

using namespace allocation;

constexpr int64_t uncounted_limit = 64 << 10;  // bytes a thread may leave out of the shared count

// How many blocks a thread keeps of one class; half of them move to or from the slabs at a time.
constexpr int thread_list_capacity(int size_class) {
  return int(std::min((size_t(64) << 10) / class_bytes(size_class), size_t(256)));
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

constinit SlabPool slab_pool;

// What one thread keeps for itself. Only its thread touches the lists; any thread may read `uncounted`.
struct ThreadCache {
  struct List {  // with what a call needs to know of its class, all in one line of the processor's cache
    FreeBlock* first = nullptr;
    int16_t count = 0;
    int16_t capacity = 0;
    int32_t block_bytes = 0;
  };
  List lists[small_classes];
  std::atomic<int64_t> uncounted{0};
  ThreadCache* previous = nullptr;
  ThreadCache* next = nullptr;

  ThreadCache() {
    for (int size_class = 0; size_class < small_classes; ++size_class) {
      lists[size_class].capacity = int16_t(thread_list_capacity(size_class));
      lists[size_class].block_bytes = int32_t(class_bytes(size_class));
    }
  }

  void count_bytes(int64_t bytes) {
    const int64_t sum = uncounted.load(std::memory_order_relaxed) + bytes;
    uncounted.store(sum, std::memory_order_relaxed);
    if (sum > uncounted_limit || sum < -uncounted_limit) [[unlikely]]
      settle();
  }

  [[gnu::noinline]] void settle() {
    counted_small_bytes.fetch_add(uncounted.exchange(0, std::memory_order_relaxed),
                                  std::memory_order_relaxed);
    raise_peak();
  }

  // Gives all but `kept` blocks of one list back to the slabs.
  [[gnu::noinline]] void shrink(int size_class, int kept) noexcept {
    List& list = lists[size_class];
    if (list.count <= kept) return;
    FreeBlock* surplus = list.first;
    FreeBlock* last = surplus;
    for (int step = list.count - kept; step > 1; --step) last = last->next;
    list.first = last->next;
    list.count = int16_t(kept);
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

constinit LargeBlockCache large_cache;

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
    list.first = slab_pool.take(size_class, list.capacity / 2, count);
    list.count = int16_t(count);
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

[[gnu::noinline]] void* allocate_large(size_t bytes) {
  if (bytes > largest_request) throw OutOfMemory(bytes);
  const int size_class = allocation::size_class(bytes);
  void* pointer = large_cache.take(size_class);
  if (!pointer) pointer = take_from_system(class_bytes(size_class));
  if (!pointer) {
    empty_cache();
    pointer = take_from_system(class_bytes(size_class));
  }
  if (!pointer) throw OutOfMemory(bytes);
  large_bytes.fetch_add(int64_t(class_bytes(size_class)), std::memory_order_relaxed);
  raise_peak();
  return pointer;
}

[[gnu::noinline]] void deallocate_large(void* pointer, size_t bytes) noexcept {
  const int size_class = allocation::size_class(bytes);
  large_bytes.fetch_sub(int64_t(class_bytes(size_class)), std::memory_order_relaxed);
  large_cache.give(pointer, size_class);
}

}  // namespace

void* allocate(size_t bytes) {
  if (bytes - 1 >= small_limit) [[unlikely]]
    return bytes == 0 ? nullptr : allocate_large(bytes);
  const int size_class = allocation::size_class(bytes);
  ThreadCache* cache = thread_cache;
  if (!cache) return allocate_small_slowly(size_class);
  ThreadCache::List& list = cache->lists[size_class];
  FreeBlock* block = list.first;
  if (!block) return allocate_small_slowly(size_class);
  list.first = block->next;
  --list.count;
  cache->count_bytes(list.block_bytes);
  return block;
}

void deallocate(void* pointer, size_t bytes) noexcept {
  if (!pointer) return;
  if (bytes > small_limit) [[unlikely]]
    return deallocate_large(pointer, bytes);
  const int size_class = allocation::size_class(bytes);
  ThreadCache* cache = thread_cache;
  if (!cache) return deallocate_small_slowly(pointer, size_class);
  ThreadCache::List& list = cache->lists[size_class];
  FreeBlock* block = static_cast<FreeBlock*>(pointer);
  block->next = list.first;
  list.first = block;
  cache->count_bytes(-list.block_bytes);
  if (++list.count > list.capacity) [[unlikely]]
    cache->shrink(size_class, list.capacity / 2);
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
