// Large blocks are mapped, so that freeing returns them to the system; huge ones ask for huge pages.
#include "core/tensor/system_memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

#include "core/tensor/allocator.h"

namespace lampas::allocation {
namespace {

constexpr size_t mapped_limit = size_t(1) << 20;    // from here on blocks are mapped
constexpr size_t map_alignment = size_t(64) << 10;  // a multiple of every page size in use
constexpr size_t huge_page_bytes = size_t(2) << 20;

}  // namespace

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

void unmap_memory(void* pointer, size_t bytes) noexcept { munmap(pointer, bytes); }

void* take_from_system(size_t bytes) {
  if (bytes < mapped_limit) return std::aligned_alloc(allocation_alignment, bytes);
  const bool huge = bytes >= 2 * huge_page_bytes;
  void* pointer = map_memory(bytes, huge ? huge_page_bytes : map_alignment);
#ifdef MADV_HUGEPAGE
  // Advice only: fewer page faults where the system allows it.
  if (pointer && huge) madvise(pointer, bytes, MADV_HUGEPAGE);
#endif
  return pointer;
}

void return_to_system(void* pointer, size_t bytes) noexcept {
  if (bytes >= mapped_limit) {
    unmap_memory(pointer, bytes);
  } else {
    std::free(pointer);
  }
}

}  // namespace lampas::allocation
