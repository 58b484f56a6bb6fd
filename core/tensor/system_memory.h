// Memory from the system, which the allocator cuts up or keeps for reuse.
#pragma once
#include <cstddef>

namespace lampas::allocation {

// Address space aligned to a power of two, or null.
void* map_memory(size_t bytes, size_t alignment);
void unmap_memory(void* pointer, size_t bytes) noexcept;

// A large block, aligned for the allocator, or null. It goes back with the same size.
void* take_from_system(size_t bytes);
void return_to_system(void* pointer, size_t bytes) noexcept;

}  // namespace lampas::allocation
