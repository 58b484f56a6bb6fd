// Mapping files, and moving storages into memory that a descriptor names.
#include "core/tensor/mapped_memory.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "core/tensor/error.h"

namespace lampas {
namespace {

struct Mapping {
  int descriptor = -1;
  void* start = nullptr;  // page-aligned
  size_t bytes = 0;
  StorageReference replaced;  // owns memory that NumPy or DLPack still know by its address

  ~Mapping() {
    if (start) munmap(start, bytes);
    if (descriptor >= 0) close(descriptor);
  }
};

void release_mapping(void* context) { delete static_cast<Mapping*>(context); }

[[noreturn]] void fail_with_errno(const char* action) {
  fail(ErrorKind::runtime, "unable to ", action, ": ", std::strerror(errno), " (", errno, ")");
}

// Takes over the descriptor.
std::unique_ptr<Mapping> map_pages(int descriptor, int64_t bytes, int64_t offset, bool shared) {
  auto mapping = std::make_unique<Mapping>();
  mapping->descriptor = descriptor;
  if (bytes == 0) return mapping;
  int64_t inside_page = offset % sysconf(_SC_PAGESIZE);
  mapping->bytes = static_cast<size_t>(bytes + inside_page);
  void* start = mmap(nullptr, mapping->bytes, PROT_READ | PROT_WRITE, shared ? MAP_SHARED : MAP_PRIVATE,
                     descriptor, offset - inside_page);
  if (start == MAP_FAILED) fail_with_errno("mmap a file");
  mapping->start = start;
  return mapping;
}

}  // namespace

StorageReference map_file(int descriptor, int64_t bytes, int64_t offset, bool shared, StorageKind kind) {
  struct stat status {};
  if (fstat(descriptor, &status) < 0) fail_with_errno("stat a file");
  // Touching pages behind the end of a file would kill the process.
  if (bytes < 0 || offset < 0 || offset > status.st_size || bytes > status.st_size - offset)
    fail(ErrorKind::runtime, "unable to map ", bytes, " bytes from ", offset, " on: the file has ",
         status.st_size, " bytes");
  int own = dup(descriptor);
  if (own < 0) fail_with_errno("duplicate a file descriptor");
  std::unique_ptr<Mapping> mapping = map_pages(own, bytes, offset, shared);
  void* data = mapping->start ? static_cast<char*>(mapping->start) + offset % sysconf(_SC_PAGESIZE) : nullptr;
  return adopt_memory(data, bytes, release_mapping, mapping.release(), kind);
}

void share_memory(Storage& storage) {
  if (storage.kind == StorageKind::shared_memory) return;
  check(storage.device.kind == DeviceKind::cpu, "only memory of the CPU can be shared among processes");
  int descriptor = memfd_create("lampas", MFD_CLOEXEC);
  if (descriptor < 0) fail_with_errno("open shared memory");
  if (ftruncate(descriptor, storage.bytes) < 0) {
    close(descriptor);
    fail_with_errno("resize shared memory");
  }
  std::unique_ptr<Mapping> mapping = map_pages(descriptor, storage.bytes, 0, true);
  if (storage.bytes > 0) std::memcpy(mapping->start, storage.data, static_cast<size_t>(storage.bytes));
  if (!storage.data_is_inside()) {  // else what NumPy or DLPack know stays as long as the storage
    StorageReference old =
        adopt_memory(storage.data, storage.bytes, storage.deleter, storage.context, storage.kind);
    if (storage.exported) mapping->replaced = std::move(old);
  }
  storage.kind = StorageKind::shared_memory;
  storage.data = mapping->start;
  storage.deleter = release_mapping;
  storage.context = mapping.release();
}

int descriptor_of(const Storage& storage) {
  if (storage.deleter != release_mapping) return -1;
  return static_cast<const Mapping*>(storage.context)->descriptor;
}

}  // namespace lampas
