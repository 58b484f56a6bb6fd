// Workspace: scratch memory of a kernel call, from the caching allocator, given back at the end of its scope.
#pragma once

#include <utility>

#include "core/tensor/allocator.h"

namespace lampas::cpu {

// `count` elements with undefined content, aligned to allocation_alignment.
template <typename T>
class Workspace {
 public:
  explicit Workspace(int64_t count)
      : bytes_(static_cast<size_t>(count) * sizeof(T)), data_(static_cast<T*>(allocate(bytes_))) {}
  ~Workspace() { deallocate(data_, bytes_); }
  Workspace(Workspace&& other) noexcept
      : bytes_(std::exchange(other.bytes_, 0)), data_(std::exchange(other.data_, nullptr)) {}
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  T* data() { return data_; }
  int64_t size() const { return static_cast<int64_t>(bytes_ / sizeof(T)); }
  T& operator[](int64_t index) { return data_[index]; }

 private:
  size_t bytes_;
  T* data_;
};

}  // namespace lampas::cpu
