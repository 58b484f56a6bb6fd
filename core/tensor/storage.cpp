// Making, resizing and freeing storages.
#include "core/tensor/storage.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "core/tensor/allocator.h"
#include "core/tensor/error.h"

namespace lampas {
namespace {

[[noreturn]] void fail_missing(Device device) {
  if (device.kind == DeviceKind::cuda)
    fail(ErrorKind::assertion,
         "Torch not compiled with CUDA enabled\nLampas computes on the CPU; a script for both says: "
         "device = \"cuda\" if torch.cuda.is_available() else \"cpu\"");
  if (device.kind == DeviceKind::xpu) fail(ErrorKind::assertion, "Torch not compiled with XPU enabled");
  fail(ErrorKind::runtime, "PyTorch is not linked with support for ", name_of(device.kind), " devices");
}

// Up to here one block holds header and memory; the allocator hardly rounds such sizes up.
constexpr int64_t greatest_room = 1024 - sizeof(Storage);

void* allocate_on(Device device, int64_t bytes) {
  bool exists =
      device.kind == DeviceKind::cpu || device.kind == DeviceKind::meta || device.kind == DeviceKind::shadow;
  if (!exists) fail_missing(device);
  if (bytes == 0 || device.kind == DeviceKind::meta) return nullptr;
  void* data = allocate(static_cast<size_t>(bytes));
  return device.kind == DeviceKind::shadow ? shadow_address(data) : data;
}

void deallocate_on(Device device, void* data, int64_t bytes) noexcept {
  if (!data) return;
  if (device.kind == DeviceKind::shadow) data = shadow_address(data);
  deallocate(data, static_cast<size_t>(bytes));
}

// Lets the memory go; where it is part of the header's block, it goes with that.
void release_memory(Storage& storage) noexcept {
  if (storage.data_is_inside()) return;
  if (storage.kind == StorageKind::cached)
    deallocate_on(storage.device, storage.data, storage.bytes);
  else if (storage.deleter)
    storage.deleter(storage.context);
}

}  // namespace

StorageReference make_storage(int64_t bytes, Device device) {
  bool together = device.kind == DeviceKind::cpu && bytes <= greatest_room;
  uint32_t room = together ? static_cast<uint32_t>(bytes) : 0;
  void* apart = together ? nullptr : allocate_on(device, bytes);
  auto* storage = new (allocate(sizeof(Storage) + room)) Storage;
  storage->device = device;
  storage->room = room;
  storage->data = room > 0 ? storage + 1 : apart;
  storage->bytes = bytes;
  return StorageReference::adopt(storage);
}

StorageReference adopt_memory(void* data, int64_t bytes, void (*deleter)(void*), void* context,
                              StorageKind kind) {
  auto* storage = new (allocate(sizeof(Storage))) Storage;
  storage->kind = kind;
  storage->data = data;
  storage->bytes = bytes;
  storage->deleter = deleter;
  storage->context = context;
  return StorageReference::adopt(storage);
}

void destroy(Storage* storage) noexcept {
  size_t block_bytes = sizeof(Storage) + storage->room;
  release_memory(*storage);
  storage->~Storage();
  deallocate(storage, block_bytes);
}

void resize(Storage& storage, int64_t bytes) {
  if (storage.kind != StorageKind::cached || storage.exported)
    fail(ErrorKind::runtime, "Trying to resize storage that is not resizable");
  void* data = allocate_on(storage.device, bytes);
  auto readable = [&](void* address) {
    return storage.device.kind == DeviceKind::shadow ? shadow_address(address) : address;
  };
  if (data && storage.data)
    std::memcpy(readable(data), readable(storage.data), static_cast<size_t>(std::min(bytes, storage.bytes)));
  release_memory(storage);
  storage.data = data;
  storage.bytes = bytes;
}

}  // namespace lampas
