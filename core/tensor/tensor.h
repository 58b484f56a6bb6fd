// Tensor: sizes, strides and an offset into a shared storage, and what autograd and transforms hang on it.
#pragma once

#include <memory>

#include "core/tensor/device.h"
#include "core/tensor/dtype.h"
#include "core/tensor/reference.h"
#include "core/tensor/scalar.h"
#include "core/tensor/shape.h"
#include "core/tensor/storage.h"

namespace lampas {

// What the layers above hang on a tensor; each derives its own. Allocated only where needed.
struct TensorExtension {
  virtual ~TensorExtension() = default;
  static void* operator new(size_t bytes);
  static void operator delete(void* pointer, size_t bytes) noexcept;
};

// A version counter apart from the storage's: what `.data` gives, whose writes autograd does not see.
struct VersionCounter {
  ReferenceCount references;
  std::atomic<uint32_t> value{0};
};
inline void destroy(VersionCounter* counter) noexcept { delete counter; }

struct TensorBody {
  ReferenceCount references;
  DType dtype = DType::float32;
  Device device;
  bool contiguous = true;
  bool requires_grad = false;   // a leaf that asks for a gradient, or the result of a recorded op
  bool wrapped_number = false;  // made from a Python number: weak in type promotion
  bool inference = false;       // made in inference mode: autograd may never see it
  bool wrapped = false;         // has a wrapper: stands for others while a transform is active
  bool object_owned = false;    // this body keeps its Python object alive (see bindings/tensor_object)
  int64_t count = 0;            // elements
  int64_t offset = 0;           // elements into the storage
  Shape sizes;
  Shape strides;
  StorageReference storage;
  Reference<VersionCounter> own_version;
  std::unique_ptr<TensorExtension> autograd;  // AutogradState
  std::unique_ptr<TensorExtension> wrapper;   // transforms::Wrapper
  void* object = nullptr;                     // the Python object, while there is one
};
void destroy(TensorBody* body) noexcept;
// Set by the bindings: called instead of the destruction when a body that owns its Python object loses its
// last owner in the core. The object becomes the body's owner again; whether both go, Python decides.
extern void (*release_object)(TensorBody* body) noexcept;

class Tensor {
 public:
  Tensor() noexcept = default;
  explicit Tensor(Reference<TensorBody> body) noexcept : body_(std::move(body)) {}

  bool defined() const noexcept { return static_cast<bool>(body_); }
  TensorBody& body() const noexcept { return *body_; }
  TensorBody* body_pointer() const noexcept { return body_.get(); }
  const Reference<TensorBody>& reference() const noexcept { return body_; }
  bool same_as(const Tensor& other) const noexcept { return body_.get() == other.body_.get(); }

  DType dtype() const noexcept { return body_->dtype; }
  Device device() const noexcept { return body_->device; }
  int64_t dim() const noexcept { return static_cast<int64_t>(body_->sizes.size()); }
  const Shape& sizes() const noexcept { return body_->sizes; }
  const Shape& strides() const noexcept { return body_->strides; }
  int64_t size(int64_t dim) const { return body_->sizes[wrap_dim(dim, this->dim(), false)]; }
  int64_t stride(int64_t dim) const { return body_->strides[wrap_dim(dim, this->dim(), false)]; }
  int64_t numel() const noexcept { return body_->count; }
  int64_t offset() const noexcept { return body_->offset; }
  bool is_contiguous() const noexcept { return body_->contiguous; }
  bool requires_grad() const noexcept { return body_->requires_grad; }
  bool is_wrapped() const noexcept { return body_->wrapped; }

  // The first element's address; null for meta and for tensors without memory.
  void* data() const noexcept {
    const TensorBody& body = *body_;
    if (!body.storage || !body.storage->data) return nullptr;
    return static_cast<char*>(body.storage->data) + body.offset * static_cast<int64_t>(item_size(body.dtype));
  }
  template <class T>
  T* data() const noexcept {
    return static_cast<T*>(data());
  }

  uint32_t version() const noexcept;
  void bump_version() const noexcept;

 private:
  Reference<TensorBody> body_;
};

// Allocates; contents are whatever the memory holds.
Tensor new_tensor(const Shape& sizes, DType dtype, Device device = {});
// Throws the allocator's error where the memory cannot hold `count` numbers: called before a loop that would
// run through an absurd count for hours first.
inline void check_fits_in_memory(int64_t count) { new_tensor({count}, DType::float64); }
// A tensor of these sizes and strides over `storage`; checks that every element lies inside it.
Tensor tensor_over(StorageReference storage, DType dtype, const Shape& sizes, const Shape& strides,
                   int64_t offset);
// Another tensor on the same memory, with the same version counter and no history.
Tensor alias(const Tensor& source, const Shape& sizes, const Shape& strides, int64_t offset);
Tensor alias(const Tensor& source);
// Makes `target` show what `source` shows (memory, sizes, type); identity and history stay.
void set_contents(const Tensor& target, const Tensor& source);
void resize(const Tensor& target, const Shape& sizes);
// A tensor without memory of its own that stands for others while a transform is active.
Tensor wrapper_tensor(const Shape& sizes, DType dtype, Device device,
                      std::unique_ptr<TensorExtension> wrapper);
// A zero-dimensional CPU tensor, weak in type promotion.
Tensor number_tensor(const Scalar& value);
// The value of a one-element CPU tensor.
Scalar read_scalar(const Tensor& tensor);

// unknown: the ranges meet but a tensor has gaps (x[::2] and x[1::2]); PyTorch lets these pass.
enum class Overlap { none, full, partial, unknown };
Overlap memory_overlap(const Tensor& left, const Tensor& right);

}  // namespace lampas
