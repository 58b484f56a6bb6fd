// The caching allocator behind every CPU storage: 64-byte aligned blocks, reused before they are returned.
#pragma once
#include <cstddef>
#include <cstdint>
#include <new>

namespace lampas {

constexpr size_t allocation_alignment = 64;

// Thrown when the system refuses the memory; the bindings give it PyTorch's wording.
class OutOfMemory : public std::bad_alloc {
 public:
  explicit OutOfMemory(size_t bytes) noexcept;
  size_t bytes() const noexcept { return bytes_; }
  const char* what() const noexcept override { return message_; }

 private:
  size_t bytes_;
  char message_[80];
};

// A block of at least `bytes` bytes with undefined content; null for 0 bytes. Throws OutOfMemory.
void* allocate(size_t bytes);

// Gives back a block, on any thread; `bytes` is what it was asked for with.
void deallocate(void* pointer, size_t bytes) noexcept;

// Sizes count whole blocks. The peak may miss up to 64 KiB for each thread, which counts small blocks by
// itself.
struct AllocatorStatistics {
  int64_t bytes_in_use = 0;
  int64_t bytes_cached = 0;
  int64_t peak_bytes_in_use = 0;
};
AllocatorStatistics allocator_statistics();
void reset_peak_bytes_in_use();

// Returns to the system what the shared caches and the calling thread's lists hold.
void empty_cache();

// Bounds the bytes kept for reuse in blocks above the small sizes; a quarter of available memory at first.
void set_cache_limit(uint64_t bytes);

}  // namespace lampas
