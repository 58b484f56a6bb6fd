// A reference-counted block of memory that tensors share.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/tensor/device.h"
#include "core/tensor/reference.h"

namespace lampas {

enum class StorageKind : uint8_t { cached, external, mapped, shared_memory };

struct alignas(64) Storage {
  ReferenceCount references;
  StorageKind kind = StorageKind::cached;
  bool exported = false;  // NumPy or DLPack hold its address: it cannot be resized any more
  Device device;
  std::atomic<uint32_t> version{0};  // in-place writes so far; see SavedTensor
  uint32_t room = 0;                 // bytes behind this header in the same block, for small tensors
  void* data = nullptr;
  int64_t bytes = 0;
  // For memory that the allocator does not own: called once with `context` when the storage goes.
  void (*deleter)(void* context) = nullptr;
  void* context = nullptr;

  bool data_is_inside() const noexcept { return room > 0 && data == this + 1; }
};

void destroy(Storage* storage) noexcept;
using StorageReference = Reference<Storage>;

StorageReference make_storage(int64_t bytes, Device device);
StorageReference adopt_memory(void* data, int64_t bytes, void (*deleter)(void*), void* context,
                              StorageKind kind = StorageKind::external);
// Grows or shrinks in place, keeping the contents; throws where the memory is not the allocator's own.
void resize(Storage& storage, int64_t bytes);

// The shadow device stores addresses that fault when a CPU kernel follows them (x86-64 addresses are
// sign-extended from bit 47, so this one is non-canonical).
inline constexpr uint64_t shadow_bits = uint64_t{1} << 62;
inline void* shadow_address(void* address) {
  return address ? reinterpret_cast<void*>(reinterpret_cast<uint64_t>(address) ^ shadow_bits) : nullptr;
}

}  // namespace lampas
