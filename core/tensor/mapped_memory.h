// Storages whose memory is a file, or is shared with other processes through a file descriptor.
#pragma once

#include "core/tensor/storage.h"

namespace lampas {

// `bytes` bytes of a file from `offset` on. `shared`: writes reach the file and its other mappings; else
// they stay private. Keeps a duplicate of the descriptor; throws where the file is too short to be mapped.
StorageReference map_file(int descriptor, int64_t bytes, int64_t offset, bool shared, StorageKind kind);

// Moves the memory of a CPU storage where other processes can map it; once there, it stays.
void share_memory(Storage& storage);

// The descriptor behind a mapped storage; -1 for others.
int descriptor_of(const Storage& storage);

}  // namespace lampas
